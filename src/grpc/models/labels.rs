//! Labels over gRPC: listed, imported, exported.

use std::pin::Pin;

use futures::{Stream, TryStreamExt as _};
use jiff::Timestamp;
use tonic::{Status, Streaming};

use super::asked::{self, Page};
use crate::grpc::convert::timestamp;
use crate::grpc::model_status::status;
use crate::grpc::proto::{
    self, CommentLabel, ExportLabelsRequest, ExportLabelsResponse, ImportLabelsRequest,
    ImportLabelsResponse, ImportedLabel, Label, LabelRefusal, ListLabelsRequest,
    ListLabelsResponse, Retraction,
};
use crate::grpc::review_status::{invalid, status as review_status};
use crate::label::LabelledSample;
use crate::lifecycle::{LabelPage, Lifecycle, NewImport, Suspicion};
use crate::review::ReviewError;
use crate::site::SiteAccess;
use crate::store::{Actor, LabelId, LabelOrder, LabelPlace, LabelSource, StoredLabel};

/// Characters of a text in a list. A page of the longest then stays below the 4 MB
/// that clients read.
const LISTED_CHARACTERS: usize = 2_000;
/// Labels of one message of an export; with the longest texts it is some 3 MB.
const EXPORTED: u32 = 40;
/// Longest text that is imported, in bytes.
const LONGEST_TEXT: usize = 64 << 10;
/// Longest other field, in bytes.
const LONGEST_FIELD: usize = 2_000;
/// Longest name of an import, in characters.
const LONGEST_ORIGIN: usize = 200;
/// Refusals that are named.
const NAMED: usize = 100;

/// An export under way.
pub(super) type Exported = Pin<Box<dyn Stream<Item = Result<ExportLabelsResponse, Status>> + Send>>;

/// A page of labels of `sites`.
pub(super) async fn list(
    lifecycle: &Lifecycle,
    request: ListLabelsRequest,
    sites: &SiteAccess,
    now: Timestamp,
) -> Result<ListLabelsResponse, Status> {
    let query = (
        &request.parent,
        format!(
            "{:?}",
            request.filter.as_ref().map(prost::Message::encode_to_vec)
        ),
        request.retracted,
        request.held_back,
    );
    let page = Page::of(&query, request.page_size, &request.page_token, now)?;
    if request.held_back && (request.filter.is_some() || request.retracted.is_some()) {
        return Err(invalid(
            "held_back",
            "expected neither filter nor retracted with it",
        ));
    }
    let mut query = asked::labels(&request.parent, request.filter, request.retracted)?;
    if let Some(site) = &query.filter.site
        && !sites.allows(site)
    {
        return Err(review_status(ReviewError::SiteNotAllowed(site.clone())));
    }
    query.filter.sites = sites.clone();
    let place = page.after.map(|after| {
        let time = Timestamp::from_microsecond(after.key).unwrap_or(Timestamp::MIN);
        LabelPlace::new(time, LabelId::from_array(after.id))
    });
    if request.held_back {
        let shown = |label: &StoredLabel| {
            let of_site = query.filter.site.as_ref();
            of_site.is_none_or(|site| label.site == *site) && sites.allows(&label.site)
        };
        return held_back(lifecycle, &page, place, shown).await;
    }
    let found = lifecycle.label_page(&query, LabelOrder::LatestFirst, place, page.limit);
    let LabelPage { labels, next } = found.await.map_err(status)?;
    Ok(ListLabelsResponse {
        labels: labels.into_iter().map(listed).collect(),
        next_page_token: next.map(|next| token(&page, next)).unwrap_or_default(),
    })
}

fn token(page: &Page, place: LabelPlace) -> String {
    let (time, id) = place.parts();
    page.token(time.as_microsecond(), id.to_bytes())
}

async fn held_back(
    lifecycle: &Lifecycle,
    page: &Page,
    place: Option<LabelPlace>,
    shown: impl Fn(&StoredLabel) -> bool,
) -> Result<ListLabelsResponse, Status> {
    let after = place.map(LabelPlace::parts);
    let all = lifecycle.held_back().await.map_err(status)?;
    let follows = |label: &StoredLabel| Some((label.labelled_at, label.id)) > after;
    let mut found = all
        .into_iter()
        .filter(|(label, _)| follows(label) && shown(label));
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let labels: Vec<_> = found.by_ref().take(limit).collect();
    let last = labels.last().map(|(label, _)| LabelPlace::from(label));
    let next = found.next().and(last);
    let told = |(label, suspicion): (StoredLabel, Suspicion)| Label {
        suspicion: suspicion.to_string(),
        ..listed(label)
    };
    Ok(ListLabelsResponse {
        labels: labels.into_iter().map(told).collect(),
        next_page_token: next.map(|next| token(page, next)).unwrap_or_default(),
    })
}

/// Every label that stands and has its text.
pub(super) fn export(
    lifecycle: Lifecycle,
    request: ExportLabelsRequest,
) -> Result<Exported, Status> {
    let query = asked::labels(&request.parent, request.filter, Some(false))?;
    let pages = futures::stream::try_unfold(Some(None), move |place| {
        let (lifecycle, query) = (lifecycle.clone(), query.clone());
        async move {
            let Some(place) = place else { return Ok(None) };
            let order = LabelOrder::OldestFirst;
            let page = lifecycle.label_page(&query, order, place, EXPORTED).await;
            let LabelPage { labels, next } = page.map_err(status)?;
            let labels = labels.into_iter().filter(|label| label.texts.is_some());
            let message = ExportLabelsResponse {
                labels: labels.map(whole).collect(),
            };
            Ok(Some((message, next.map(Some))))
        }
    });
    let said = pages.try_filter(|message| std::future::ready(!message.labels.is_empty()));
    Ok(Box::pin(said))
}

/// Adds what a stream brings.
pub(super) async fn import(
    lifecycle: &Lifecycle,
    mut messages: Streaming<ImportLabelsRequest>,
    actor: Actor,
    now: Timestamp,
) -> Result<ImportLabelsResponse, Status> {
    let expected = "expected the site in the first message, sites/{site}; found no message";
    let first = messages.message().await?;
    let mut message = first.ok_or_else(|| invalid("parent", expected))?;
    let site = asked::site("parent", &message.parent)?;
    let origin = origin(&message.origin)?;
    let mut importing = lifecycle.import(NewImport { site, actor, now });
    let mut response = ImportLabelsResponse {
        batch: importing.batch().to_owned(),
        ..ImportLabelsResponse::default()
    };
    let mut index = 0;
    loop {
        for label in message.labels {
            match sample(label, &origin) {
                Ok(sample) => importing.add(sample).await.map_err(status)?,
                Err((field, expected)) => {
                    response.refused_count += 1;
                    if response.refusals.len() < NAMED {
                        response.refusals.push(LabelRefusal {
                            index,
                            field: field.to_owned(),
                            message: expected,
                        });
                    }
                }
            }
            index += 1;
        }
        match messages.message().await {
            Ok(Some(next)) => message = next,
            Ok(None) => break,
            Err(broken) => {
                // What was added stays, and is on the record.
                importing.finish().await.map_err(status)?;
                return Err(broken);
            }
        }
    }
    response.label_count = importing.finish().await.map_err(status)?;
    Ok(response)
}

fn origin(origin: &str) -> Result<String, Status> {
    let length = origin.chars().count();
    if length > LONGEST_ORIGIN || origin.contains('\0') {
        let expected = format!("expected at most {LONGEST_ORIGIN} characters, found {length}");
        return Err(invalid("origin", &expected));
    }
    Ok(if origin.is_empty() { "api" } else { origin }.to_owned())
}

/// What can be learned from, or the field that is in the way and what was expected.
fn sample(label: ImportedLabel, origin: &str) -> Result<LabelledSample, (&'static str, String)> {
    let said = label.label.map(asked::said).unwrap_or_default();
    if label.text.trim().is_empty() {
        return Err(("text", "expected a text, found none".to_owned()));
    }
    if !said.is_judged() {
        let expected = "expected at least one of spam and toxicity, found neither";
        return Err(("label", expected.to_owned()));
    }
    for (field, value, longest) in [
        ("text", &label.text, LONGEST_TEXT),
        ("author_name", &label.author_name, LONGEST_FIELD),
        ("author_url", &label.author_url, LONGEST_FIELD),
        ("language", &label.language, LONGEST_FIELD),
        ("group", &label.group, LONGEST_FIELD),
    ] {
        let found = value.len();
        if found > longest {
            let expected = format!("expected at most {longest} bytes, found {found}");
            return Err((field, expected));
        }
    }
    Ok(LabelledSample {
        text: label.text,
        name: label.author_name,
        url: label.author_url,
        label: said,
        language: label.language,
        group: label.group,
        source: origin.to_owned(),
    })
}

/// A label in a list: the beginning of its text.
pub(super) fn listed(label: StoredLabel) -> Label {
    let mut label = whole(label);
    if let Some((end, _)) = label.text.char_indices().nth(LISTED_CHARACTERS) {
        label.text.truncate(end);
        label.text_cut = true;
    }
    label
}

fn whole(label: StoredLabel) -> Label {
    let erased = label.texts.is_none();
    let texts = label.texts.unwrap_or_default();
    let source = match label.source {
        LabelSource::Moderator => proto::LabelSource::Moderator,
        LabelSource::Report => proto::LabelSource::Report,
        LabelSource::Site => proto::LabelSource::Site,
        LabelSource::Import => proto::LabelSource::Import,
        LabelSource::Blind => proto::LabelSource::Blind,
    };
    let comment = label.comment;
    let comment = comment.map(|comment| comment.resource_name(&label.site));
    Label {
        name: format!("labels/{}", label.id),
        site: format!("sites/{}", label.site),
        comment: comment.unwrap_or_default(),
        create_time: Some(timestamp(label.labelled_at)),
        label: Some(CommentLabel {
            spam: label.label.spam,
            toxicity: label.label.toxicity,
        }),
        source: source.into(),
        moderator: label.actor.unwrap_or_default(),
        batch: label.batch.unwrap_or_default(),
        origin: label.origin.unwrap_or_default(),
        text: texts.text,
        text_cut: false,
        erased,
        author_name: texts.name,
        author_url: texts.url.unwrap_or_default(),
        language: label.language.unwrap_or_default(),
        group: label.group.unwrap_or_default(),
        retraction: label.retracted.map(|retracted| Retraction {
            retract_time: Some(timestamp(retracted.at)),
            moderator: super::told::who(&retracted.by),
            reason: retracted.why.unwrap_or_default(),
        }),
        released: label.released,
        suspicion: String::new(),
    }
}
