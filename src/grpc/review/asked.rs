//! What moderators ask, in the review's own types, or the field that cannot be meant.

use jiff::Timestamp;
use tonic::Status;

use crate::grpc::proto::{
    self, CommentLabel, HeldCommentFilter, HeldCommentOrder, ListDecisionsRequest,
    ListHeldCommentsRequest, ListWavesRequest, ResolveCommentsRequest,
};
use crate::grpc::review_status::{comment_name, invalid};
use crate::label::Label;
use crate::review::{
    CommentName, HeldOrder, HeldQuery, MOST_COMMENTS, Page, RejectReason, Resolve, SiteScope,
    Verdict,
};
use crate::site::SiteId;
use crate::store::{HistoryFilter, PersonHash, QueueFilter};
use crate::verdict::{Head, PerHead};

/// Longest name of a moderator that is looked for, in bytes: 64 characters.
const LONGEST_MODERATOR: usize = 256;

/// Waves of one site.
pub(super) struct Waves {
    pub(super) site: SiteId,
    pub(super) smallest: usize,
}

/// The comments of these names; the review sees to it that they are not too few.
pub(super) fn comments(names: &[String]) -> Result<Vec<CommentName>, Status> {
    // Before they are read, since there may be a great many.
    if names.len() > MOST_COMMENTS {
        let found = names.len();
        return Err(invalid(
            "names",
            &format!("expected 1 to {MOST_COMMENTS} comments, found {found}"),
        ));
    }
    let one = |(index, name): (usize, &String)| comment_name(&format!("names[{index}]"), name);
    names.iter().enumerate().map(one).collect()
}

/// Which page of a list.
pub(super) fn page(size: i32, token: &str) -> Result<Page, Status> {
    Ok(Page {
        size: page_size(size)?,
        token: Some(token.to_owned()),
    })
}

fn page_size(size: i32) -> Result<u32, Status> {
    u32::try_from(size).map_err(|_| {
        invalid(
            "page_size",
            &format!("expected 0 for the default, or more; found {size}"),
        )
    })
}

/// Which held comments `moderator` asks for.
pub(super) fn held(asked: ListHeldCommentsRequest, moderator: &str) -> Result<HeldQuery, Status> {
    let order = match asked.order() {
        HeldCommentOrder::Unspecified | HeldCommentOrder::Oldest => HeldOrder::Oldest,
        HeldCommentOrder::Newest => HeldOrder::Newest,
        HeldCommentOrder::Score => HeldOrder::Score,
        HeldCommentOrder::Wave => HeldOrder::Wave,
    };
    known("order", asked.order, HeldCommentOrder::try_from)?;
    let near = asked.filter.as_ref().map(|filter| filter.near.as_str());
    let near = near.filter(|near| !near.is_empty());
    Ok(HeldQuery {
        near: near
            .map(|near| comment_name("filter.near", near))
            .transpose()?,
        filter: filter(
            asked.filter.unwrap_or_default(),
            scope(&asked.parent)?.one(),
            moderator,
        )?,
        order,
    })
}

fn filter(
    asked: HeldCommentFilter,
    site: Option<SiteId>,
    moderator: &str,
) -> Result<QueueFilter, Status> {
    known("filter.head", asked.head, proto::Head::try_from)?;
    let head = match asked.head() {
        proto::Head::Unspecified => None,
        proto::Head::Spam => Some(Head::Spam),
        proto::Head::Toxicity => Some(Head::Toxicity),
    };
    let author = given(asked.author).map(|author| {
        PersonHash::parse(&author).ok_or_else(|| {
            invalid(
                "filter.author",
                "expected the id of an author, 32 hexadecimal digits",
            )
        })
    });
    Ok(QueueFilter {
        site,
        reason_codes: asked.reason_codes,
        head,
        min_score: asked.min_score,
        max_score: asked.max_score,
        from: time("filter.create_time_from", asked.create_time_from)?,
        before: time("filter.create_time_before", asked.create_time_before)?,
        author: author.transpose()?,
        search: given(asked.search),
        page_id: given(asked.page_id),
        free_for: asked.unclaimed.then(|| moderator.to_owned()),
        ..QueueFilter::default()
    })
}

/// What is to be decided, on which comments.
pub(super) fn resolve(asked: ResolveCommentsRequest) -> Result<Resolve, Status> {
    known(
        "reject_reason",
        asked.reject_reason,
        proto::RejectReason::try_from,
    )?;
    let reason = reject_reason(asked.reject_reason());
    let verdict = match (asked.decision(), reason) {
        (proto::Decision::Approve, None) => Verdict::Approve,
        (proto::Decision::Approve, Some(_)) => {
            return Err(invalid(
                "reject_reason",
                "expected none with an approval, found one",
            ));
        }
        (proto::Decision::Reject, reason) => Verdict::Reject(reason),
        (proto::Decision::Unspecified | proto::Decision::Hold, _) => {
            return Err(invalid(
                "decision",
                "expected DECISION_APPROVE or DECISION_REJECT",
            ));
        }
    };
    let names = comments(&asked.names)?;
    Ok(Resolve {
        names,
        verdict,
        label: asked.label.map(label),
        note: Some(asked.note),
        whole_waves: asked.whole_waves,
        override_claims: asked.override_claims,
    })
}

const fn label(asked: CommentLabel) -> Label {
    PerHead {
        spam: asked.spam,
        toxicity: asked.toxicity,
    }
}

const fn reject_reason(reason: proto::RejectReason) -> Option<RejectReason> {
    match reason {
        proto::RejectReason::Unspecified => None,
        proto::RejectReason::Spam => Some(RejectReason::Spam),
        proto::RejectReason::Toxic => Some(RejectReason::Toxic),
        proto::RejectReason::OffTopic => Some(RejectReason::OffTopic),
        proto::RejectReason::PersonalData => Some(RejectReason::PersonalData),
        proto::RejectReason::Illegal => Some(RejectReason::Illegal),
        proto::RejectReason::Impersonation => Some(RejectReason::Impersonation),
        proto::RejectReason::Duplicate => Some(RejectReason::Duplicate),
        proto::RejectReason::Other => Some(RejectReason::Other),
    }
}

/// The waves of one site.
pub(super) fn waves(asked: &ListWavesRequest) -> Result<Waves, Status> {
    let SiteScope::One(site) = scope(&asked.parent)? else {
        return Err(invalid("parent", "expected one site, sites/{site}"));
    };
    Ok(Waves {
        site,
        smallest: usize::try_from(asked.min_size).unwrap_or(usize::MAX),
    })
}

/// Whose decisions, on which site.
pub(super) fn history(asked: ListDecisionsRequest) -> Result<HistoryFilter, Status> {
    if asked.moderator.len() > LONGEST_MODERATOR {
        return Err(invalid("moderator", "expected the name of a moderator"));
    }
    Ok(HistoryFilter {
        site: scope(&asked.parent)?.one(),
        moderator: given(asked.moderator),
        ..HistoryFilter::default()
    })
}

fn scope(parent: &str) -> Result<SiteScope, Status> {
    parent
        .parse()
        .map_err(|error: crate::review::NotASiteName| invalid("parent", &error.to_string()))
}

fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn time(field: &str, time: Option<prost_types::Timestamp>) -> Result<Option<Timestamp>, Status> {
    let read = |time: prost_types::Timestamp| {
        Timestamp::new(time.seconds, time.nanos)
            .map_err(|_| invalid(field, "expected a google.protobuf.Timestamp"))
    };
    time.map(read).transpose()
}

/// Refuses a number that no value of the enumeration has: a newer client means
/// something by it that would be ignored.
fn known<T, E>(field: &str, number: i32, read: impl Fn(i32) -> Result<T, E>) -> Result<(), Status> {
    let told = || invalid(field, &format!("expected a known value, found {number}"));
    read(number).map(drop).map_err(|_| told())
}
