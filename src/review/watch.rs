//! What happens to a site's comments, as it happens.

use std::collections::VecDeque;
use std::time::Duration;

use futures::Stream;
use tokio::time::Instant;

use super::{Review, ReviewError};
use crate::site::SiteId;
use crate::store::{Event, EventRange, Store};

/// How often another replica's events are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// How long nothing may be said.
const SILENCE: Duration = Duration::from_secs(15);
/// Events read at once.
const READ: u32 = 200;

/// Something for who watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// It happened.
    Event(Box<Event>),
    /// Nothing did, for a while.
    Silence,
}

impl Review {
    /// The events of `site` after number `after`, in order and without end. Each comes
    /// at least once to who goes on from the last it dealt with. Ends with an error
    /// when the store has no answer.
    ///
    /// # Errors
    /// If there is no event `after` yet, or those that follow are past their retention.
    pub async fn watch(
        &self,
        site: SiteId,
        after: u64,
    ) -> Result<impl Stream<Item = Result<Watched, ReviewError>> + use<>, ReviewError> {
        let range = self.store.event_range(&site).await?;
        let from = starting(after, range)?;
        let watcher = Watcher {
            bell: self.store.events_bell(),
            store: self.store.clone(),
            site,
            after: from,
            read: VecDeque::new(),
        };
        Ok(futures::stream::try_unfold(watcher, |mut watcher| async {
            let next = watcher.next().await?;
            Ok(Some((next, watcher)))
        }))
    }
}

fn starting(after: u64, EventRange { oldest, last }: EventRange) -> Result<u64, ReviewError> {
    if after > last {
        return Err(ReviewError::Cursor(format!(
            "expected at most {last}, the last event of this site, found {after}"
        )));
    }
    if after == 0 {
        return Ok(oldest - 1);
    }
    if after + 1 < oldest {
        return Err(ReviewError::Cursor(format!(
            "the events after {after} are past their retention; the oldest that is kept is \
             {oldest}, and 0 begins there: ask for each comment in doubt by GetComment"
        )));
    }
    Ok(after)
}

struct Watcher {
    store: Store,
    bell: tokio::sync::watch::Receiver<u64>,
    site: SiteId,
    after: u64,
    read: VecDeque<Event>,
}

impl Watcher {
    async fn next(&mut self) -> Result<Watched, ReviewError> {
        let silent_until = Instant::now() + SILENCE;
        loop {
            if let Some(event) = self.read.pop_front() {
                self.after = event.number;
                return Ok(Watched::Event(Box::new(event)));
            }
            // Before it is read, so that what is added meanwhile rings again.
            self.bell.mark_unchanged();
            self.read = self
                .store
                .events(&self.site, self.after, READ)
                .await?
                .into();
            if self.read.is_empty() {
                if Instant::now() >= silent_until {
                    return Ok(Watched::Silence);
                }
                let _ = tokio::time::timeout(LOOK, self.bell.changed()).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_an_event_that_was_or_none() {
        let range = EventRange { oldest: 5, last: 9 };
        let told = |after| starting(after, range).map_err(|error| error.to_string());
        assert_eq!(told(0), Ok(4));
        assert_eq!(told(4), Ok(4));
        assert_eq!(told(9), Ok(9));
        assert!(told(10).unwrap_err().contains("at most 9"));
        assert!(told(3).unwrap_err().contains("oldest that is kept is 5"));
        let none = EventRange { oldest: 1, last: 0 };
        assert_eq!(starting(0, none).unwrap(), 0);
    }
}
