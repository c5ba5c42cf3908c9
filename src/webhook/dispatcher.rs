//! Sends what happened to the sites that want to be told, beside the calls that made
//! it happen: those wait for nothing here.
//!
//! Each site has a task of its own, so a receiver that never answers holds up no
//! other. What is due stands in the store, leased to the replica that sends it; if
//! that dies, another sends it again once the lease is over.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::backoff::next_attempt;
use super::sender::{Failure, Message, Sender};
use super::settings::WebhookSettings;
use crate::site::SiteId;
use crate::store::{Attempt, Delivery, DeliveryCounts, Event, Store, StoreError};
use crate::telemetry::Metrics;

/// How often a site's events are looked for that another replica made, and what is due.
const LOOK: Duration = Duration::from_secs(1);
/// Messages to one site at once.
const AT_ONCE: u32 = 8;
/// How long a delivery is this replica's: longer than sending may take.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How long what was delivered is remembered.
const REMEMBER: SignedDuration = SignedDuration::from_hours(24);
/// How often what is remembered longer is forgotten.
const TIDY: Duration = Duration::from_hours(1);

/// How often it is counted what waits and what was given up.
const COUNT: Duration = Duration::from_mins(1);
/// How often it is counted while something is given up: counting looks at all of it, and of
/// a receiver that is gone one after the other is.
const COUNT_GIVEN_UP: Duration = Duration::from_secs(2);

/// The webhooks in force, by site.
pub type Webhooks = Arc<BTreeMap<SiteId, WebhookSettings>>;

/// What it takes to tell sites.
#[derive(Clone)]
pub struct Dispatcher {
    /// Holds what is to be told.
    pub store: Store,
    /// Sends it.
    pub sender: Sender,
    /// The webhooks in force; a reload changes them.
    pub webhooks: watch::Receiver<Webhooks>,
    /// Where deliveries are counted.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub now: fn() -> Timestamp,
    /// From 0 to 1, at random.
    pub jitter: fn() -> f64,
    /// Something was given up that is not counted yet.
    pub given_up: Arc<AtomicBool>,
}

impl Dispatcher {
    /// Tells sites until it is dropped.
    pub async fn run(mut self) {
        let mut sites: HashMap<SiteId, tokio::task::AbortHandle> = HashMap::new();
        let mut tasks = JoinSet::new();
        let mut tidy = tokio::time::interval(TIDY);
        let mut count = tokio::time::interval(COUNT);
        let mut count_given_up = tokio::time::interval(COUNT_GIVEN_UP);
        loop {
            let wanted = Arc::clone(&self.webhooks.borrow_and_update());
            sites.retain(|_, task| !task.is_finished());
            for site in wanted
                .keys()
                .filter(|site| !sites.contains_key(*site))
                .cloned()
                .collect::<Vec<_>>()
            {
                let task = tasks.spawn(self.clone().tell(site.clone()));
                sites.insert(site, task);
            }
            tokio::select! {
                changed = self.webhooks.changed() => if changed.is_err() {
                    return std::future::pending().await;
                },
                Some(_) = tasks.join_next() => {}
                _ = tidy.tick() => self.tidy().await,
                _ = count.tick() => self.count().await,
                // Somebody has to look at it; the rest can wait to be counted.
                _ = count_given_up.tick() => if self.given_up.swap(false, Ordering::Relaxed) {
                    self.count().await;
                },
            }
        }
    }

    /// Tells one site until it has no webhook any more.
    async fn tell(self, site: SiteId) {
        let mut bell = self.store.events_bell();
        let mut sending = FuturesUnordered::new();
        let mut begun = false;
        loop {
            let settings = self.webhooks.borrow().get(&site).cloned();
            let Some(settings) = settings else { return };
            bell.mark_unchanged();
            let room = AT_ONCE.saturating_sub(u32::try_from(sending.len()).unwrap_or(AT_ONCE));
            match self.take(&site, room).await {
                Ok(taken) => {
                    if !begun {
                        tracing::info!(%site, url = %settings.url, "webhook begins");
                        begun = true;
                    }
                    let send = |delivery| self.send(site.clone(), settings.clone(), delivery);
                    sending.extend(taken.into_iter().map(send));
                }
                // Who watches the store says so once; this is each second.
                Err(error) => tracing::debug!(%site, %error, "webhook: the store has no answer"),
            }
            // A receiver that takes its time holds up at most its own messages.
            tokio::select! {
                Some(()) = sending.next() => {}
                _ = timeout(LOOK, bell.changed()) => {}
            }
        }
    }

    /// What is due, at most `room` of it.
    async fn take(&self, site: &SiteId, room: u32) -> Result<Vec<Delivery>, StoreError> {
        let now = (self.now)();
        if self.store.has_undelivered(site).await? {
            while self.store.make_out_deliveries(site, now).await? {}
        }
        // Most looks find nothing; those need no lock to write.
        if room == 0 || !self.store.has_due_delivery(site, now).await? {
            return Ok(Vec::new());
        }
        let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        self.store.take_deliveries(site, room, until, now).await
    }

    async fn send(&self, site: SiteId, settings: WebhookSettings, delivery: Delivery) {
        let number = delivery.event.number;
        let message = message(&delivery.event);
        let sent = self.sender.send(&settings, &message, (self.now)()).await;
        let now = (self.now)();
        let attempt = match sent {
            Ok(answer) => Attempt::Delivered(answer.status),
            Err(failure) => self.failed(&site, &delivery, &failure, now),
        };
        self.metrics.webhook_attempted(attempt.name());
        let kept = self.store.delivery_attempted(&site, number, &attempt, now);
        match (kept.await, attempt) {
            (Ok(()), Attempt::Dead { .. }) => self.given_up.store(true, Ordering::Relaxed),
            (Ok(()), Attempt::Delivered(_) | Attempt::Retry { .. }) => {}
            (Err(error), _) => {
                tracing::warn!(%site, event = number, %error, "webhook: not recorded; it is sent again");
            }
        }
    }

    fn failed(
        &self,
        site: &SiteId,
        delivery: &Delivery,
        failure: &Failure,
        now: Timestamp,
    ) -> Attempt {
        let (status, error) = (failure.status(), failure.to_string());
        let attempts = delivery.attempts + 1;
        let wait = match failure {
            Failure::Gone => None,
            other => next_attempt(attempts, (self.jitter)(), other.retry_after()),
        };
        let number = delivery.event.number;
        if let Some(wait) = wait {
            tracing::info!(%site, event = number, attempts, %error, ?wait, "webhook failed");
            let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
            let at = now.checked_add(wait).unwrap_or(Timestamp::MAX);
            Attempt::Retry { status, error, at }
        } else {
            tracing::error!(
                %site, event = number, attempts, %error,
                "webhook given up; `moderato webhooks redeliver` sends it again"
            );
            Attempt::Dead { status, error }
        }
    }

    async fn count(&self) {
        if let Err(error) = self.try_count().await {
            tracing::debug!(%error, "webhook deliveries could not be counted");
        }
    }

    async fn try_count(&self) -> Result<(), StoreError> {
        let counted = self.store.delivery_counts().await?;
        // Of a site whose last one is done, nothing is counted any more.
        let mut counts: BTreeMap<SiteId, DeliveryCounts> = self
            .webhooks
            .borrow()
            .keys()
            .map(|site| (site.clone(), DeliveryCounts::default()))
            .collect();
        counts.extend(counted);
        for (site, DeliveryCounts { waiting, dead }) in counts {
            self.metrics.webhooks_pending(site.as_str(), waiting, dead);
        }
        Ok(())
    }

    async fn tidy(&self) {
        let before = (self.now)().checked_sub(REMEMBER).unwrap_or(Timestamp::MIN);
        if let Err(error) = self.store.forget_delivered(before).await {
            tracing::warn!(%error, "old webhook deliveries could not be forgotten");
        }
    }
}

/// The body of a message, as Standard Webhooks lays it out.
#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    cursor: u64,
    comment: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    submission_id: Option<&'a str>,
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reject_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_id: Option<&'a str>,
}

/// The message that tells of `event`; the same whenever it is sent.
fn message(event: &Event) -> Message {
    let body = Body {
        r#type: format!("comment.{}", event.kind.name()),
        timestamp: event.at.to_string(),
        data: Data {
            cursor: event.number,
            comment: event.comment.resource_name(&event.site),
            submission_id: event.payload.submission_id.as_deref(),
            state: &event.payload.status,
            reject_reason: event.payload.reject_reason.as_deref(),
            page_id: event.payload.page_id.as_deref(),
        },
    };
    Message {
        id: format!("msg_{}_{}", event.site, event.number),
        // Strings and a number: it cannot fail.
        body: serde_json::to_vec(&body).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{CommentId, EventKind, EventPayload, Location};

    #[test]
    fn a_message_is_told_alike_each_time_and_holds_nothing_personal() {
        let event = Event {
            site: SiteId::default(),
            number: 7,
            at: Timestamp::UNIX_EPOCH,
            kind: EventKind::Resolved,
            comment: CommentId::from_array([1; 16]),
            decision: 1,
            payload: EventPayload {
                status: "rejected".to_owned(),
                reject_reason: Some("spam".to_owned()),
                submission_id: Some("s-1".to_owned()),
                page_id: None,
            },
        };
        let sent = message(&event);
        assert_eq!(sent.id, "msg_default_7");
        assert_eq!(
            String::from_utf8(sent.body).unwrap(),
            "{\"type\":\"comment.resolved\",\"timestamp\":\"1970-01-01T00:00:00Z\",\"data\":\
             {\"cursor\":7,\"comment\":\"sites/default/comments/01010101010101010101010101010101\",\
             \"submission_id\":\"s-1\",\"state\":\"rejected\",\"reject_reason\":\"spam\"}}"
        );
    }

    #[tokio::test]
    async fn a_site_of_which_nothing_waits_any_more_counts_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("moderato.sqlite"));
        let settings = "url = \"https://www.example.org/hook\"\n\
                        secrets = [\"whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\"]";
        let settings = toml::from_str(settings).unwrap();
        let webhooks = Arc::new(BTreeMap::from([(SiteId::default(), settings)]));
        let dispatcher = Dispatcher {
            store: Store::open(&location).unwrap(),
            sender: Sender::new().unwrap(),
            webhooks: watch::channel(webhooks).1,
            metrics: Arc::default(),
            now: || Timestamp::UNIX_EPOCH,
            jitter: || 0.0,
            given_up: Arc::default(),
        };
        // As it was counted before.
        dispatcher.metrics.webhooks_pending("default", 2, 1);
        dispatcher.try_count().await.unwrap();
        let page = dispatcher.metrics.encode();
        for state in ["waiting", "dead"] {
            let line =
                format!("moderato_webhook_deliveries{{site=\"default\",state=\"{state}\"}} 0\n");
            assert!(page.contains(&line), "{line} {page}");
        }
    }
}
