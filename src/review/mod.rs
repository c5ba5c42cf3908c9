//! The review of what was held: the queue, claims, decisions of people and what they
//! set going, waves, history. The one way for console, API and command line, so that
//! all three leave the same record.
//!
//! Everything here is a method of [`Review`]; `now` is passed in, and who acts is an
//! [`Actor`](crate::store::Actor). What a role may do is for the door to check; that
//! somebody sees their own sites alone, [`Review::within`] sees to.

mod authors;
mod blind;
mod claims;
mod dossier;
mod error;
mod fingerprint;
mod history;
mod list;
mod list_by_wave;
mod name;
mod near_index;
mod note;
mod numbers;
pub mod page_token;
mod reject_reason;
mod resolve;
mod settings;
mod site;
mod undo;
mod verdict_days;
mod watch;
mod wave_cache;
mod wave_list;
mod waves;
mod within;

use uuid::Uuid;

pub use blind::{BlindFigures, BlindView, Looked};
pub use dossier::Dossier;
pub use error::ReviewError;
pub use history::{HistoryPage, Resolution};
pub use list::{HeldComment, HeldOrder, HeldPage, HeldQuery, Page};
pub use name::{CommentName, NotACommentName, NotASiteName, SiteScope};
pub use numbers::{Band, Day, Numbers};
pub use reject_reason::RejectReason;
pub use resolve::{MOST_COMMENTS, Resolve, Resolved, Verdict};
pub use settings::ReviewSettings;
pub use site::{CommentRef, Tracked};
pub use watch::Watched;
pub use wave_list::{Wave, WavePage};

use crate::site::SiteAccess;
use crate::store::Store;
use verdict_days::VerdictDays;
use wave_cache::WaveCache;

/// The review of one installation. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Review {
    store: Store,
    settings: ReviewSettings,
    waves: WaveCache,
    verdict_days: VerdictDays,
    new_id: fn() -> Uuid,
    /// The sites that it is about; see [`Self::within`].
    access: SiteAccess,
}

impl Review {
    /// A review of what `store` keeps. `new_id` names notes, labels and reports; a
    /// source of UUIDs, version 7 in service.
    #[must_use]
    pub fn new(store: Store, settings: ReviewSettings, new_id: fn() -> Uuid) -> Self {
        Self {
            waves: WaveCache::new(store.clone()),
            verdict_days: VerdictDays::default(),
            store,
            settings,
            new_id,
            access: SiteAccess::All,
        }
    }

    /// How long claims last, and until when decisions can be taken back.
    #[must_use]
    pub const fn settings(&self) -> &ReviewSettings {
        &self.settings
    }
}
