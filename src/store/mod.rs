//! What outlives the process: comments, decisions, labels, events, people.
//!
//! A [`Store`] is one type over two databases: a file of SQLite, which needs nothing
//! installed, or a PostgreSQL that any number of replicas share. Every query is
//! written once; `database.rs` holds what differs. Each concern has a file with its
//! own `impl Store`; the tables are in `migrations/`.
//!
//! Records of comments go through one writer that commits them in groups
//! (`recorder.rs`), approvals of a burst packed (`packed/`); all else is a transaction of its own, from `Store::begin`.
//! `now` is passed in, and names, e-mails and addresses come hashed or not at all.

pub mod accounts;
mod audit;
mod authors;
mod batch;
mod bell;
mod blind;
mod claims;
mod comments;
mod connected;
mod database;
mod deliveries;
mod erase;
mod error;
mod events;
mod forget;
mod history;
mod ids;
mod insert;
mod kept;
mod labels;
mod migrations;
mod models;
mod notes;
mod numbers;
mod observer;
mod operations;
mod packed;
mod patience;
mod period;
mod person;
mod probe;
mod queue;
mod record;
mod recorder;
mod records;
mod retention;
mod rulings;
mod sql;
mod submissions;
mod transaction;
mod values;

use std::sync::Arc;

use sqlx::Any;
use sqlx::pool::PoolConnection;
use tokio::sync::watch;

pub use authors::HeldAuthor;
pub use blind::{
    BlindAnswer, BlindAnswered, BlindCount, BlindDifference, BlindDraw, BlindHasher, BlindId,
    BlindObstacle, BlindPair, BlindSample, BlindShares, NotABlindId,
};
pub use claims::Claim;
pub use comments::{Actor, StoredComment, StoredDecision};
pub use database::Location;
pub use deliveries::{Attempt, Delivery, DeliveryCounts, DeliveryRecord, DeliveryState};
pub use erase::{AuthorKey, Erased};
pub use error::StoreError;
pub use events::{Event, EventKind, EventPayload, EventRange};
pub use history::{Act, HistoryFilter, PastDecision};
pub use ids::{CommentId, NotACommentId};
pub use kept::{KeptComment, KeptTexts};
pub use labels::{
    ImportedLabel, LabelFilter, LabelId, LabelImport, LabelOrder, LabelPlace, LabelSource,
    LabelTexts, NotALabelId, Retracted, Retraction, StoredLabel,
};
pub use models::{
    Added, CanaryTrial, JudgedCell, ModelOrigin, ModelUse, NewPromotion, NotATrialShare, Promotion,
    PromotionKind, Removing, ScoreSums, ShadowCell, ShadowTrial, StoredModel, TrialShare,
};
pub use notes::{Complaint, Note, Report, Reporter};
pub use numbers::{DayCount, RuledComment};
pub use observer::{Nobody, Observer};
pub use operations::{
    Beat, NewOperation, NotAnOperationId, OperationEnd, OperationId, OperationKind, OperationPlace,
    OperationState, StoredOperation,
};
pub use period::{NotAPeriod, Period};
pub use person::{PersonHash, PersonHasher};
pub use probe::Probed;
pub use queue::{AuthorRecord, HeldPrint, QueueFilter, QueueOrder, QueuePlace, QueuedComment};
pub use record::{
    AuthorHashes, Content, Fingerprint, Receipt, Record, Recorded, ShadowVerdict, Status,
    SubmissionKey, Texts,
};
pub use records::{NoStore, Records};
pub use retention::{Retention, Swept};
pub use rulings::{NewReport, Obstacle, Outcome, Ruled, RuledOn, Ruling, Undoing};

use bell::Bell;
use connected::Connected;
use database::Database;
use packed::Backlog;
use recorder::Recorder;
use transaction::Transaction;

/// Everything durable. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Store {
    database: Connected,
    recorder: Recorder,
    observer: Arc<dyn Observer>,
    bell: Bell,
    backlog: Arc<Backlog>,
}

impl Store {
    /// A store at `location`. Must be called inside a Tokio runtime. Connects when it
    /// is first used; see [`Store::prepare`].
    ///
    /// # Errors
    /// If the location cannot be meant, or its folder cannot be made.
    pub fn open(location: &Location) -> Result<Self, StoreError> {
        Self::observed(location, Arc::new(Nobody))
    }

    /// The same, with somebody who is told how it does.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub fn observed(location: &Location, observer: Arc<dyn Observer>) -> Result<Self, StoreError> {
        let database = Connected::new(Database::open(location)?);
        let bell = Bell::default();
        let backlog = Arc::new(Backlog::default());
        let recorder = Recorder::start(
            database.clone(),
            Arc::clone(&observer),
            bell.clone(),
            Arc::clone(&backlog),
        );
        Ok(Self {
            database,
            recorder,
            observer,
            bell,
            backlog,
        })
    }

    /// Connects and brings the tables up to date. Every call does so if it has to, so
    /// this only finds out early.
    ///
    /// # Errors
    /// If the database cannot be reached or has tables of another kind.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        self.database.ready().await.map(drop)
    }

    /// Keeps a record, and returns once it is durable.
    ///
    /// # Errors
    /// If it could not be kept, or its `submission_id` was used for other content.
    pub async fn record(&self, record: Record) -> Result<Recorded, StoreError> {
        self.recorder.record(record).await
    }

    /// Leaves a record to be kept soon. Waits where records come faster than they can
    /// be written.
    ///
    /// # Errors
    /// If it cannot be kept now; then it never will.
    pub async fn record_behind(&self, record: Record) -> Result<(), StoreError> {
        self.recorder.record_behind(record).await
    }

    /// Writes what is still to be written, and closes all connections. What is
    /// recorded after it is refused.
    pub async fn close(&self) {
        self.recorder.finish().await;
        self.database.close().await;
    }

    /// Changes when this process has added events. Other replicas ring no bell here:
    /// look now and then as well.
    #[must_use]
    pub fn events_bell(&self) -> watch::Receiver<u64> {
        self.bell.listen()
    }

    /// Rings the bell: events were committed.
    fn events_appended(&self) {
        self.bell.ring();
    }

    /// A transaction that writes.
    async fn begin(&self) -> Result<Transaction, StoreError> {
        self.database.ready().await?.begin().await
    }

    /// A connection for what only reads.
    async fn reader(&self) -> Result<PoolConnection<Any>, StoreError> {
        Ok(self.database.ready().await?.readers.acquire().await?)
    }
}
