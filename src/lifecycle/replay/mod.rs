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

use super::threads::computed;
use super::{Lifecycle, LifecycleError};
use crate::classifier::Artefact;
use crate::pipeline::SiteTable;
use crate::site::SiteId;
use crate::store::{CommentId, KeptComment};
use deciding::Side;
use tally::Tally;

pub use report::{Flip, Groups, Replay, ReplayFigures};
pub use truth::{Mistake, Truth};

/// Comments read at once.
const PAGE: u32 = 4096;
/// Comments read at once beside a server at work, which must not wait for their rows.
const SMALL_PAGE: u32 = 512;
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

impl Lifecycle {
    /// Decides on every comment again that came since then and whose texts are kept.
    /// `on_progress` is told how many were.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn replay(
        &self,
        replaying: Replaying,
        on_progress: impl Fn(u64),
    ) -> Result<Replay, LifecycleError> {
        let Replaying {
            since,
            only,
            one_thread,
            before,
            after,
            most_flips,
        } = replaying;
        let (size, cores) = if one_thread {
            (SMALL_PAGE, 1)
        } else {
            let cores = thread::available_parallelism().map_or(1, NonZero::get);
            (PAGE, cores)
        };
        let both = computed(move || Both {
            before: Side::new(before),
            after: Side::new(after),
            most_flips,
            cores,
        });
        let both = Arc::new(both.await?);
        let mut tally = Tally::default();
        let mut page = self.store.kept_comments(since, None, size).await?;
        while let Some(last) = page.last().map(|comment| comment.id) {
            let is_last = page.len() < size as usize;
            if let Some(only) = &only {
                page.retain(|comment| only.contains(&comment.site));
            }
            let decided = computed({
                let both = Arc::clone(&both);
                move || both.decide(&page)
            });
            // The next are read while these are decided on.
            let next = async {
                if is_last {
                    return Ok(Vec::new());
                }
                self.store.kept_comments(since, Some(last), size).await
            };
            let (decided, next) = futures::join!(decided, next);
            tally.merge(decided?);
            tally.keep(both.most_flips);
            on_progress(tally.comments());
            page = next?;
        }
        Ok(tally.finish(&both.before, &both.after, since, both.most_flips))
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
    fn decide(&self, comments: &[KeptComment]) -> Tally {
        let share = comments.len().div_ceil(self.cores).max(LEAST_SHARE);
        let mut shares = comments.chunks(share);
        let own = shares.next().unwrap_or_default();
        thread::scope(|scope| {
            let others: Vec<_> = shares
                .map(|share| scope.spawn(move || self.decide_share(share)))
                .collect();
            let mut tally = self.decide_share(own);
            for other in others {
                tally.merge(
                    other
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                );
            }
            tally
        })
    }

    fn decide_share(&self, comments: &[KeptComment]) -> Tally {
        let mut tally = Tally::default();
        for comment in comments {
            deciding::decide(comment, &self.before, &self.after, &mut tally);
        }
        tally
    }
}
