//! Labels over gRPC: listed, imported, exported.

use std::pin::Pin;

use futures::{Stream, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use tonic::Status;

use super::Modelling;
use super::asked::{self, Page};
use super::entering::Entered;
use crate::grpc::convert::timestamp;
use crate::grpc::model_status::status;
use crate::grpc::proto::{
    self, CommentLabel, ExportLabelsRequest, ExportLabelsResponse, Label, ListLabelsRequest,
    ListLabelsResponse, ReleaseLabelsRequest, ReleaseLabelsResponse, RetractLabelsRequest,
    RetractLabelsResponse, Retraction,
};
use crate::grpc::review_status::{ReviewRefusal, invalid, status as review_status};
use crate::lifecycle::{LabelPage, Lifecycle, Operations, Suspicion};
use crate::moderator::Permission;
use crate::review::ReviewError;
use crate::store::{LabelId, LabelOrder, LabelPlace, LabelSource, StoredLabel};

/// Characters of a text in a list. A page of the longest then stays below the 4 MB
/// that clients read.
const LISTED_CHARACTERS: usize = 2_000;
/// Labels of one message of an export; with the longest texts it is some 3 MB.
const EXPORTED: u32 = 40;

/// An export under way.
pub(super) type Exported = Pin<Box<dyn Stream<Item = Result<ExportLabelsResponse, Status>> + Send>>;

/// What a list takes. What the guard says is about people, so it is for operators.
pub(super) const fn permission(request: &ListLabelsRequest) -> Permission {
    if request.held_back {
        Permission::Operate
    } else {
        Permission::Review
    }
}

impl Modelling {
    /// A page of the labels that a caller may see. One at a time looks through the whole log.
    pub(super) async fn list_labels_for(
        &self,
        call: &Entered,
        request: ListLabelsRequest,
    ) -> Result<ListLabelsResponse, Status> {
        let filter = request.filter.as_ref();
        let reads_all = request.held_back || filter.is_some_and(|filter| !filter.domain.is_empty());
        let _turn = if reads_all {
            Some(self.whole_log.lock().await)
        } else {
            None
        };
        list(self.lifecycle(), request, call).await
    }

    pub(super) async fn retract(
        &self,
        call: &Entered,
        asked: RetractLabelsRequest,
    ) -> Result<RetractLabelsResponse, Status> {
        let query = asked::some_labels(&asked.parent, asked.filter, None)?;
        let (actor, why) = (call.actor(), asked::reason(asked.reason)?);
        let (lifecycle, _turn) = (self.lifecycle(), self.whole_log.lock().await);
        let retracted = lifecycle.retract(&query, &actor, why, call.now, asked.dry_run);
        let retracted = retracted.await.map_err(status)?;
        Ok(RetractLabelsResponse {
            label_count: retracted.labels,
            by_origin: retracted.by_origin.into_iter().collect(),
        })
    }

    pub(super) async fn release(
        &self,
        call: &Entered,
        asked: ReleaseLabelsRequest,
    ) -> Result<ReleaseLabelsResponse, Status> {
        let query = asked::some_labels(&asked.parent, asked.filter, Some(false))?;
        let (actor, why) = (call.actor(), asked::reason(asked.reason)?);
        let (lifecycle, _turn) = (self.lifecycle(), self.whole_log.lock().await);
        let released = lifecycle.release(&query, &actor, why, call.now);
        Ok(ReleaseLabelsResponse {
            label_count: released.await.map_err(status)?,
        })
    }
}

async fn list(
    lifecycle: &Lifecycle,
    request: ListLabelsRequest,
    call: &Entered,
) -> Result<ListLabelsResponse, Status> {
    let (sites, now) = (call.moderator.sites(), call.now);
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
    query.filter.not_blind = !call.moderator.may(Permission::Operate);
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
    operations: &Operations,
    request: ExportLabelsRequest,
    call: Entered,
) -> Result<Exported, Status> {
    let lifecycle = operations.lifecycle().clone();
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
    let draining = futures::stream::once(async { Err(ReviewRefusal::Draining.into()) });
    let stopping = operations.stopping().clone();
    let until = stopping.clone().cancelled_owned();
    let draining = draining.take_while(move |_| std::future::ready(stopping.is_cancelled()));
    let said = said.take_until(until).chain(draining);
    // It has its place until it ends or is dropped.
    let place = call.place;
    let said = said.map(move |message| {
        let _place = &place;
        message
    });
    Ok(Box::pin(said))
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
