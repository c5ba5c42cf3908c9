//! How many comments are judged at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::status::Refusal;
use crate::telemetry::Metrics;

/// What a caller who finds the server full is told to wait.
pub const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Lets a bounded number of comments in to be judged. A single call finds a
/// place or is refused, since a reader waits; an item of a stream waits its
/// turn, which slows the stream down, and streams together take at
/// most half of the places, rounded up, so that a back-scan cannot lock readers
/// out. Of a single place streams may so take all.
#[derive(Debug)]
pub struct Admission {
    places: Semaphore,
    stream_places: Semaphore,
    metrics: Arc<Metrics>,
}

/// A place; given back when dropped.
#[derive(Debug)]
pub struct Place<'a> {
    metrics: &'a Metrics,
    _permit: SemaphorePermit<'a>,
    _stream_permit: Option<SemaphorePermit<'a>>,
}

impl Admission {
    /// Room for `max_in_flight` comments at once (cut to what a semaphore can count).
    #[must_use]
    pub fn new(max_in_flight: usize, metrics: Arc<Metrics>) -> Self {
        let places = max_in_flight.min(Semaphore::MAX_PERMITS);
        Self {
            places: Semaphore::new(places),
            stream_places: Semaphore::new(places.div_ceil(2)),
            metrics,
        }
    }

    /// A place for a single call.
    ///
    /// # Errors
    /// If there is none free.
    pub fn enter(&self) -> Result<Place<'_>, Refusal> {
        if let Ok(permit) = self.places.try_acquire() {
            Ok(self.place(permit, None))
        } else {
            self.metrics.shed();
            Err(Refusal::ServerFull(RETRY_AFTER))
        }
    }

    /// A place for an item of a stream, as soon as there is one.
    ///
    /// # Errors
    /// Never while the server runs; the semaphores are not closed.
    pub async fn enter_from_stream(&self) -> Result<Place<'_>, Refusal> {
        let closed = |_| Refusal::Fault;
        let stream_permit = self.stream_places.acquire().await.map_err(closed)?;
        let permit = self.places.acquire().await.map_err(closed)?;
        Ok(self.place(permit, Some(stream_permit)))
    }

    fn place<'a>(
        &'a self,
        permit: SemaphorePermit<'a>,
        stream_permit: Option<SemaphorePermit<'a>>,
    ) -> Place<'a> {
        self.metrics.entered();
        Place {
            metrics: &self.metrics,
            _permit: permit,
            _stream_permit: stream_permit,
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.metrics.left();
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn room_for(places: usize) -> Admission {
        Admission::new(places, Arc::new(Metrics::new()))
    }

    #[test]
    fn a_full_house_refuses_and_counts_it() {
        let admission = room_for(2);
        let first = admission.enter().unwrap();
        let second = admission.enter().unwrap();
        assert_eq!(
            admission.enter().unwrap_err(),
            Refusal::ServerFull(RETRY_AFTER)
        );
        drop(first);
        let third = admission.enter().unwrap();
        let page = admission.metrics.encode();
        assert!(page.contains("moderato_shed_total 1\n"), "{page}");
        assert!(page.contains("moderato_in_flight 2\n"), "{page}");
        drop((second, third));
        assert!(
            admission
                .metrics
                .encode()
                .contains("moderato_in_flight 0\n")
        );
    }

    #[test]
    fn streams_leave_half_the_places_to_single_calls() {
        let admission = room_for(4);
        let enter = || admission.enter_from_stream().now_or_never();
        let _first = enter().expect("free").unwrap();
        let second = enter().expect("free").unwrap();
        assert!(enter().is_none(), "a third item waits");
        let _calls = (admission.enter().unwrap(), admission.enter().unwrap());
        drop(second);
        assert!(enter().is_some());
    }

    #[test]
    fn an_item_waits_where_a_call_is_refused() {
        let admission = room_for(1);
        let call = admission.enter().unwrap();
        let mut item = Box::pin(admission.enter_from_stream());
        assert!(item.as_mut().now_or_never().is_none());
        drop(call);
        assert!(item.now_or_never().is_some());
    }
}
