//! Replay: kept history decided on again, to see what would change before it does.
//!
//! Each comment is decided on twice, by what is in force and by what might be; the
//! difference are the flips. They are held against what people decided since.

mod deciding;
mod report;
mod tally;
pub(super) mod truth;

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::threads::{computed, on_one_thread};
use super::{Lifecycle, LifecycleError};
use crate::classifier::Artefact;
use crate::pipeline::SiteTable;
use crate::site::SiteId;
use crate::store::{CommentId, KeptComment};
use deciding::Side;
use tally::Tally;

pub use report::{Change, Flip, Groups, Replay, ReplayChanges, ReplayFigures};
pub use truth::{Mistake, Truth};

/// Comments read at once.
const PAGE: u32 = 4096;
/// Fewer are not worth a thread.
const LEAST_SHARE: usize = 256;

/// A model with the policies it serves.
#[derive(Clone)]
pub struct Judges {
    /// The model.
    pub model: Artefact,
    /// Policy and rules of every site.
    pub sites: Arc<SiteTable>,
}

/// What is to be replayed.
pub struct Replaying {
    /// What is in force.
    pub before: Judges,
    /// What might be.
    pub after: Judges,
    /// From when on.
    pub since: Timestamp,
    /// Flips that are told one by one; of more, those that matter most.
    pub most_flips: usize,
    /// Only comments of these sites; `None`: of all.
    pub only: Option<BTreeSet<SiteId>>,
    /// On one thread, beside a server at work; otherwise with all cores.
    pub one_thread: bool,
}

struct Both {
    before: Side,
    after: Side,
    most_flips: usize,
    cores: usize,
}

impl Both {
    fn new(before: Judges, after: Judges, most_flips: usize, cores: usize) -> Self {
        Self {
            before: Side::new(before),
            after: Side::new(after),
            most_flips,
            cores,
        }
    }
}

/// Which comments are replayed.
struct Range {
    since: Timestamp,
    only: Option<BTreeSet<SiteId>>,
}

impl Lifecycle {
    /// Decides on every comment again that came since then and whose texts are kept.
    /// `on_progress` is told how many were. It is broken off, within a page, where nobody
    /// waits for it any more.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn replay(
        &self,
        replaying: Replaying,
        on_progress: impl Fn(u64) + Send + 'static,
    ) -> Result<Replay, LifecycleError> {
        let Replaying {
            since,
            only,
            one_thread,
            before,
            after,
            most_flips,
        } = replaying;
        let range = Range { since, only };
        if one_thread {
            let this = self.clone();
            return on_one_thread(async move |broken_off| {
                let both = Both::new(before, after, most_flips, 1);
                this.replay_here(&both, &range, on_progress, &broken_off)
                    .await
            })
            .await;
        }
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let both = computed(move || Both::new(before, after, most_flips, cores));
        self.replay_beside(Arc::new(both.await?), &range, on_progress)
            .await
    }

    /// Reads and decides by turns on the thread that it is called on.
    async fn replay_here(
        &self,
        both: &Both,
        range: &Range,
        on_progress: impl Fn(u64),
        broken_off: &CancellationToken,
    ) -> Result<Replay, LifecycleError> {
        let (mut tally, mut last) = (Tally::default(), None);
        loop {
            if broken_off.is_cancelled() {
                return Err(LifecycleError::Stopped);
            }
            let page = self.kept_page(range, last).await?;
            both.decide_on(&page, &mut tally);
            on_progress(tally.comments());
            last = page.last().map(|comment| comment.id);
            if page.len() < PAGE as usize {
                return Ok(tally.finish(both, range.since));
            }
        }
    }

    /// Reads the next comments while others are decided on with all cores.
    async fn replay_beside(
        &self,
        both: Arc<Both>,
        range: &Range,
        on_progress: impl Fn(u64),
    ) -> Result<Replay, LifecycleError> {
        let mut tally = Tally::default();
        let mut page = self.kept_page(range, None).await?;
        while let Some(last) = page.last().map(|comment| comment.id) {
            let is_last = page.len() < PAGE as usize;
            let decided = computed({
                let both = Arc::clone(&both);
                move || {
                    both.decide_on(&page, &mut tally);
                    tally
                }
            });
            let next = async {
                if is_last {
                    return Ok(Vec::new());
                }
                self.kept_page(range, Some(last)).await
            };
            let (decided, next) = futures::join!(decided, next);
            tally = decided?;
            on_progress(tally.comments());
            page = next?;
        }
        Ok(tally.finish(&both, range.since))
    }

    async fn kept_page(
        &self,
        range: &Range,
        last: Option<CommentId>,
    ) -> Result<Vec<KeptComment>, LifecycleError> {
        let Range { since, only } = range;
        let page = self.store.kept_comments(*since, only.as_ref(), last, PAGE);
        Ok(page.await?)
    }
}

impl Lifecycle {
    /// Reads the texts of the flips of a replay that was kept without them. Those that are
    /// erased, or past their retention, stay empty.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn read_texts(&self, replay: &mut Replay) -> Result<(), LifecycleError> {
        let id = |flip: &Flip| {
            let (_, id) = flip.comment.rsplit_once('/')?;
            CommentId::parse(id).ok()
        };
        let ids: Vec<_> = replay.flipped.iter().filter_map(id).collect();
        let texts = self.store.kept_texts(&ids).await?;
        for flip in &mut replay.flipped {
            if let Some(text) = id(flip).and_then(|id| texts.get(&id)) {
                flip.text = deciding::shown(text);
            }
        }
        Ok(())
    }
}

impl Both {
    /// Decides on `comments` with all its cores.
    fn decide_on(&self, comments: &[KeptComment], tally: &mut Tally) {
        let share = comments.len().div_ceil(self.cores).max(LEAST_SHARE);
        let mut shares = comments.chunks(share);
        let own = shares.next().unwrap_or_default();
        thread::scope(|scope| {
            let others: Vec<_> = shares
                .map(|share| scope.spawn(move || self.decided(share)))
                .collect();
            tally.merge(self.decided(own));
            for other in others {
                tally.merge(
                    other
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                );
            }
        });
        tally.keep(self.most_flips);
    }

    fn decided(&self, comments: &[KeptComment]) -> Tally {
        let mut tally = Tally::default();
        for comment in comments {
            deciding::decide(comment, &self.before, &self.after, &mut tally);
        }
        tally
    }
}
