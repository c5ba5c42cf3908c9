//! What operators ask, in the lifecycle's own types, or the field that cannot be meant.

use std::time::Duration;

use jiff::Timestamp;
use tonic::Status;

use crate::grpc::model_status::status;
use crate::grpc::proto::{
    self, ExplainTokenRequest, LabelFilter, LabelSource, OperationKind, ReplaySettings,
    TrainSettings,
};
use crate::grpc::review_status::{comment_name, invalid, status as review_status};
use crate::lifecycle::{
    LONGEST_WAIT, LabelQuery, LifecycleError, ModelRef, ReplayRequest, TrainRequest,
};
use crate::review::page_token::{Position, QueryName, decode, encode};
use crate::review::{ReviewError, SiteScope};
use crate::site::SiteId;
use crate::store::{self, LabelId, OperationId, Period};

/// Entries of a page where nothing is said, and most of them.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 200;
/// Most labels that are named.
const MOST_NAMES: usize = 500;
/// Most sites that are named, and most weights of sources.
const MOST_SITES: usize = 500;
const MOST_WEIGHTS: usize = 500;
/// Longest reason, in characters.
const LONGEST_REASON: usize = 2_000;
/// Models that a phrase is explained by.
const MOST_MODELS: usize = 10;
/// Longest phrase, in bytes.
const LONGEST_PHRASE: usize = 1_000;
/// Words of a difference where nothing is said.
const MOVED: u32 = 30;

/// How many entries, and after which.
pub(super) struct Page {
    pub(super) limit: u32,
    pub(super) after: Option<Position>,
    query: QueryName,
    now: Timestamp,
}

impl Page {
    /// The page of a list that depends on `query`.
    pub(super) fn of(
        query: &impl std::fmt::Debug,
        size: i32,
        token: &str,
        now: Timestamp,
    ) -> Result<Self, Status> {
        let query = QueryName::of(query);
        let after = (!token.is_empty()).then(|| decode(token, query, now));
        let after = after.transpose();
        Ok(Self {
            limit: limit("page_size", size, PAGE)?,
            after: after.map_err(|error| review_status(ReviewError::PageToken(error)))?,
            query,
            now,
        })
    }

    /// The token of the page after the entry at `key` and `id`.
    pub(super) fn token(&self, key: i64, id: [u8; 16]) -> String {
        let position = Position {
            key,
            id,
            group: [0; 16],
        };
        encode(self.query, position, self.now)
    }
}

fn limit(field: &str, size: i32, usual: u32) -> Result<u32, Status> {
    match u32::try_from(size) {
        Ok(0) => Ok(usual),
        Ok(size) => Ok(size.min(LARGEST_PAGE)),
        Err(_) => Err(invalid(
            field,
            &format!("expected 0 for the default, or more; found {size}"),
        )),
    }
}

/// Words of a difference.
pub(super) fn most(most: i32) -> Result<usize, Status> {
    let most = limit("most", most, MOVED)?;
    Ok(usize::try_from(most).unwrap_or(usize::MAX))
}

/// Which labels.
pub(super) fn labels(
    parent: &str,
    filter: Option<LabelFilter>,
    retracted: Option<bool>,
) -> Result<LabelQuery, Status> {
    let filter = filter.unwrap_or_default();
    if LabelSource::try_from(filter.source).is_err() {
        let found = filter.source;
        return Err(invalid(
            "filter.source",
            &format!("expected a known value, found {found}"),
        ));
    }
    if filter.names.len() > MOST_NAMES {
        let found = filter.names.len();
        return Err(invalid(
            "filter.names",
            &format!("expected at most {MOST_NAMES} labels, found {found}"),
        ));
    }
    let source = match filter.source() {
        LabelSource::Unspecified => None,
        LabelSource::Moderator => Some(store::LabelSource::Moderator),
        LabelSource::Report => Some(store::LabelSource::Report),
        LabelSource::Site => Some(store::LabelSource::Site),
        LabelSource::Import => Some(store::LabelSource::Import),
        LabelSource::Blind => Some(store::LabelSource::Blind),
    };
    let names = filter.names.iter().enumerate();
    let ids = names.map(|(index, name)| label(&format!("filter.names[{index}]"), name));
    let comment = given(filter.comment)
        .map(|name| comment_name("filter.comment", &name))
        .transpose()?;
    let domain = given(filter.domain).map(|domain| domain.parse());
    let domain = domain.transpose();
    let site = scope(parent)?.one();
    Ok(LabelQuery {
        filter: store::LabelFilter {
            ids: ids.collect::<Result<_, _>>()?,
            site: site.or_else(|| comment.as_ref().map(|name| name.site.clone())),
            source,
            actor: name("filter.moderator", filter.moderator)?,
            batch: name("filter.batch", filter.batch)?,
            comment: comment.map(|name| name.id),
            from: time("filter.create_time_from", filter.create_time_from)?,
            until: time("filter.create_time_before", filter.create_time_before)?,
            retracted,
            ..store::LabelFilter::default()
        },
        domain: domain.map_err(|_| {
            invalid(
                "filter.domain",
                "expected a domain such as pills.example.com",
            )
        })?,
    })
}

/// A name that is looked for; PostgreSQL has no NUL in text.
fn name(field: &str, name: String) -> Result<Option<String>, Status> {
    if name.contains('\0') {
        return Err(invalid(field, "expected a name without NUL"));
    }
    Ok(given(name))
}

/// Why, in their words.
pub(super) fn reason(reason: String) -> Result<Option<String>, Status> {
    let found = reason.chars().count();
    if found > LONGEST_REASON {
        let expected = format!("expected at most {LONGEST_REASON} characters, found {found}");
        return Err(invalid("reason", &expected));
    }
    Ok(given(reason))
}

/// Labels that are to be changed. A parent is where they are, and no word on which.
pub(super) fn some_labels(
    parent: &str,
    filter: Option<LabelFilter>,
    retracted: Option<bool>,
) -> Result<LabelQuery, Status> {
    let filter = filter.filter(|filter| *filter != LabelFilter::default());
    let filter = filter.ok_or_else(|| status(LifecycleError::AllLabels))?;
    labels(parent, Some(filter), retracted)
}

fn label(field: &str, name: &str) -> Result<LabelId, Status> {
    let id = name.strip_prefix("labels/").map(str::parse);
    id.and_then(Result::ok)
        .ok_or_else(|| invalid(field, "expected labels/ and 32 hexadecimal digits"))
}

/// One site, or all.
pub(super) fn scope(parent: &str) -> Result<SiteScope, Status> {
    parent
        .parse()
        .map_err(|error: crate::review::NotASiteName| invalid("parent", &error.to_string()))
}

/// One site.
pub(super) fn site(field: &str, name: &str) -> Result<SiteId, Status> {
    let one = name.parse().ok().and_then(SiteScope::one);
    one.ok_or_else(|| invalid(field, "expected one site, sites/{site}"))
}

/// Sites, by their names.
pub(super) fn sites<T: FromIterator<SiteId>>(field: &str, names: &[String]) -> Result<T, Status> {
    let found = names.len();
    if found > MOST_SITES {
        let expected = format!("expected at most {MOST_SITES} sites, found {found}");
        return Err(invalid(field, &expected));
    }
    let names = names.iter().enumerate();
    let sites = names.map(|(index, name)| site(&format!("{field}[{index}]"), name));
    sites.collect()
}

/// A model, by its name.
pub(super) fn model(field: &str, name: &str) -> Result<ModelRef, Status> {
    let model = name.strip_prefix("models/").map(str::parse);
    model.and_then(Result::ok).ok_or_else(|| {
        let expected = "expected models/live, models/base, or models/ and a model's name: m- and up \
                        to 16 hexadecimal digits";
        invalid(field, expected)
    })
}

/// An operation, by its name.
pub(super) fn operation(name: &str) -> Result<OperationId, Status> {
    let id = name.strip_prefix("operations/").map(str::parse);
    id.and_then(Result::ok)
        .ok_or_else(|| invalid("name", "expected operations/ and 32 hexadecimal digits"))
}

/// Of which kind; `None`: of any.
pub(super) fn kind(kind: i32) -> Result<Option<store::OperationKind>, Status> {
    match OperationKind::try_from(kind) {
        Ok(OperationKind::Unspecified) => Ok(None),
        Ok(OperationKind::Train) => Ok(Some(store::OperationKind::Train)),
        Ok(OperationKind::Replay) => Ok(Some(store::OperationKind::Replay)),
        Err(_) => Err(invalid(
            "kind",
            &format!("expected a known value, found {kind}"),
        )),
    }
}

/// How a candidate is trained.
pub(super) fn training(settings: TrainSettings) -> Result<TrainRequest, Status> {
    let found = settings.source_weights.len();
    if found > MOST_WEIGHTS {
        let expected = format!("expected at most {MOST_WEIGHTS} sources, found {found}");
        return Err(invalid("settings.source_weights", &expected));
    }
    Ok(TrainRequest {
        seed: settings.seed,
        source_weights: settings.source_weights.into_iter().collect(),
        forgetting_per_label: settings.forgetting_per_label,
    })
}

/// What is replayed.
pub(super) fn replay(settings: ReplaySettings) -> Result<ReplayRequest, Status> {
    let since = given(settings.since).map(|since| since.parse());
    let since = since.transpose();
    Ok(ReplayRequest {
        candidate: model("settings.candidate", &settings.candidate)?,
        policy: given(settings.policy),
        since: since
            .map_err(|error: store::NotAPeriod| invalid("settings.since", &error.to_string()))?
            .unwrap_or(Period::days(30)),
        sites: sites("settings.sites", &settings.sites)?,
    })
}

/// A phrase, and the models that it is explained by.
pub(super) fn phrase(asked: ExplainTokenRequest) -> Result<(String, Vec<ModelRef>), Status> {
    let found = asked.token.len();
    if asked.token.trim().is_empty() || found > LONGEST_PHRASE {
        return Err(invalid(
            "token",
            &format!("expected a word or phrase of at most {LONGEST_PHRASE} bytes, found {found}"),
        ));
    }
    let found = asked.models.len();
    if found > MOST_MODELS {
        return Err(invalid(
            "models",
            &format!("expected at most {MOST_MODELS}, found {found}"),
        ));
    }
    let models = asked.models.iter().enumerate();
    let models = models.map(|(index, name)| model(&format!("models[{index}]"), name));
    Ok((asked.token, models.collect::<Result<_, _>>()?))
}

/// How long to wait.
pub(super) fn wait(timeout: Option<prost_types::Duration>) -> Result<Duration, Status> {
    let Some(timeout) = timeout else {
        return Ok(LONGEST_WAIT);
    };
    let timeout = Duration::try_from(timeout).map_err(|_| {
        invalid(
            "timeout",
            "expected a google.protobuf.Duration of 0 or more",
        )
    })?;
    Ok(timeout.min(LONGEST_WAIT))
}

pub(super) fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn time(field: &str, time: Option<prost_types::Timestamp>) -> Result<Option<Timestamp>, Status> {
    let read = |time: prost_types::Timestamp| {
        Timestamp::new(time.seconds, time.nanos)
            .map_err(|_| invalid(field, "expected a google.protobuf.Timestamp"))
    };
    time.map(read).transpose()
}

/// What people say of a text, as it is sent.
pub(super) const fn said(label: proto::CommentLabel) -> crate::label::Label {
    crate::label::Label {
        spam: label.spam,
        toxicity: label.toxicity,
    }
}
