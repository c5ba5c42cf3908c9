//! Drawing a day's sample.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::BlindId;
use crate::site::SiteId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::ids::CommentId;
use crate::store::record::Status;
use crate::store::sql::Sql;
use crate::store::values::{Columns, micros};

/// Comments read at once.
const PART: u32 = 5_000;

const SECONDS_OF_DAY: i64 = 86_400;

/// Says by chance what is drawn: a keyed hash of comment and decision, so that replicas
/// agree, and nobody without the secret can tell or steer it.
#[derive(Clone)]
pub struct BlindHasher(Hmac<Sha256>);

impl fmt::Debug for BlindHasher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BlindHasher")
            .finish_non_exhaustive()
    }
}

/// How much is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlindShares {
    /// Of the comments that are approved, from 0 to 1.
    pub approved: f64,
    /// Of those that are rejected.
    pub rejected: f64,
    /// Most of either in a day, on each site.
    pub per_day: u32,
}

/// What is to be drawn.
#[derive(Clone, Debug)]
pub struct BlindDraw {
    /// Of which day: days since 1970, UTC. It is over.
    pub day: i64,
    /// How much.
    pub shares: BlindShares,
    /// When.
    pub now: Timestamp,
}

/// A decision's place in the order of chance, and the id of its sample. The two come of
/// different bits, so the id does not tell how likely it was to be drawn.
type Lot = (u64, BlindId);

impl BlindHasher {
    /// A hasher under `secret`, which should be random and be shared by all replicas.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        // HMAC fills a short key up to a block with zeros (RFC 2104).
        let mut block = [0; 64];
        block[..secret.len()].copy_from_slice(&secret);
        Self(Hmac::new(&block.into()))
    }

    fn lot(&self, comment: CommentId, decision: i64) -> Lot {
        let mut mac = self.0.clone();
        mac.update(b"blind-review\0");
        mac.update(comment.as_bytes());
        mac.update(&decision.to_be_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let (mut chance, mut id) = ([0; 8], [0; 16]);
        chance.copy_from_slice(&digest[..8]);
        id.copy_from_slice(&digest[16..]);
        (u64::from_be_bytes(chance), BlindId::from_array(id))
    }
}

impl BlindShares {
    /// Whether anything is ever drawn.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.per_day == 0 || (self.approved <= 0.0 && self.rejected <= 0.0)
    }

    const fn of(&self, status: Status) -> f64 {
        match status {
            Status::Approved => self.approved,
            Status::Rejected => self.rejected,
            Status::Held => 0.0,
        }
    }
}

/// What is drawn of one site and status: of those below the share, the lowest lots.
#[derive(Default)]
struct Drawn(BTreeMap<Lot, (CommentId, i64)>);

impl Drawn {
    fn offer(&mut self, lot: Lot, decision: (CommentId, i64), most: u32) {
        self.0.insert(lot, decision);
        if self.0.len() > most as usize {
            self.0.pop_last();
        }
    }
}

impl Store {
    /// The last day that was drawn from.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn last_blind_draw(&self) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT MAX(day) AS day FROM blind_draws")
            .fetch_one(&mut *self.reader().await?)
            .await?;
        Columns(&row).get("day")
    }

    /// Draws from the decisions of a day that still stand, unless that was done; then
    /// `None`. How many were drawn. Of replicas that draw at once one does.
    ///
    /// # Errors
    /// If the store cannot be reached; then nothing was drawn.
    pub async fn draw_blind(
        &self,
        draw: &BlindDraw,
        hasher: &BlindHasher,
    ) -> Result<Option<u64>, StoreError> {
        let mut drawn: HashMap<(SiteId, Status), Drawn> = HashMap::new();
        for status in [Status::Approved, Status::Rejected] {
            if draw.shares.of(status) > 0.0 {
                self.offer_day(draw, status, hasher, &mut drawn).await?;
            }
        }
        let mut transaction = self.begin().await?;
        let first = sqlx::query(
            "INSERT INTO blind_draws (day, drawn_at) VALUES ($1, $2) ON CONFLICT (day) DO NOTHING",
        )
        .bind(draw.day)
        .bind(micros(draw.now))
        .execute(&mut *transaction)
        .await?;
        if first.rows_affected() == 0 {
            transaction.commit().await?;
            return Ok(None);
        }
        let mut added = 0;
        for ((site, _), of_site) in &drawn {
            for ((_, id), (comment, number)) in &of_site.0 {
                let row = sqlx::query(
                    "INSERT INTO blind_samples (id, comment_id, decision_number, site, drawn_at, \
                     claimed_by, claimed_until) VALUES ($1, $2, $3, $4, $5, '', 0) \
                     ON CONFLICT (id) DO NOTHING",
                )
                .bind(id.to_vec())
                .bind(comment.as_bytes().to_vec())
                .bind(*number)
                .bind(site.to_string())
                .bind(micros(draw.now))
                .execute(&mut *transaction)
                .await?;
                added += row.rows_affected();
            }
        }
        transaction.commit().await?;
        Ok(Some(added))
    }

    /// Offers every decision of the day with this outcome.
    async fn offer_day(
        &self,
        draw: &BlindDraw,
        status: Status,
        hasher: &BlindHasher,
        drawn: &mut HashMap<(SiteId, Status), Drawn>,
    ) -> Result<(), StoreError> {
        let day = |day: i64| {
            let at = SignedDuration::from_secs(day.saturating_mul(SECONDS_OF_DAY));
            Timestamp::from_duration(at).map_or(i64::MAX, micros)
        };
        let (begin, end) = (day(draw.day), day(draw.day + 1));
        let below = draw.shares.of(status) * 2_f64.powi(64);
        let mut place = (begin, Vec::new());
        loop {
            let mut sql = Sql::new(
                "SELECT id, site, last_decision, settled_at FROM comments WHERE status = ",
            );
            sql.bind(status.name())
                .push(" AND texts_gone_at IS NULL AND settled_at < ")
                .bind(end);
            sql.push(" AND (settled_at, id) > (").bind(place.0);
            sql.push(", ").bind(&*place.1);
            sql.push(") ORDER BY settled_at, id LIMIT ")
                .bind(i64::from(PART));
            let rows = sql.fetch_all(&mut *self.reader().await?).await?;
            for row in &rows {
                let row = Columns(row);
                let decision = (row.comment_id("id")?, row.get("last_decision")?);
                let lot = hasher.lot(decision.0, decision.1);
                if (lot.0 as f64) < below {
                    let of_site = drawn.entry((row.site("site")?, status)).or_default();
                    of_site.offer(lot, decision, draw.shares.per_day);
                }
            }
            let Some(last) = rows.last().filter(|_| rows.len() == PART as usize) else {
                return Ok(());
            };
            let last = Columns(last);
            place = (last.get("settled_at")?, last.get("id")?);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn lots_depend_on_secret_comment_and_decision_and_fall_evenly() {
        let hasher = BlindHasher::new([7; 32]);
        let comment = |number| CommentId::new(Uuid::from_u128(number));
        let lot = hasher.lot(comment(1), 0);
        assert_eq!(lot, hasher.lot(comment(1), 0));
        assert_ne!(lot, hasher.lot(comment(1), 1));
        assert_ne!(lot, hasher.lot(comment(2), 0));
        assert_ne!(lot, BlindHasher::new([8; 32]).lot(comment(1), 0));
        let below = |share: f64| {
            let lots = (0..20_000).map(|number| hasher.lot(comment(number), 0).0 as f64);
            lots.filter(|&lot| lot < share * 2_f64.powi(64)).count()
        };
        // Of 20,000 at 0.1: 2,000, with a standard deviation of 42.
        assert!((1_800..2_200).contains(&below(0.1)), "{}", below(0.1));
        assert_eq!((below(0.0), below(1.0)), (0, 20_000));
    }

    #[test]
    fn the_bound_keeps_the_lowest_lots_in_whatever_order_they_come() {
        let hasher = BlindHasher::new([7; 32]);
        let decision = |number| (CommentId::new(Uuid::from_u128(number)), 0);
        let drawn = |numbers: &mut dyn Iterator<Item = u128>| {
            let mut drawn = Drawn::default();
            for number in numbers {
                let decision = decision(number);
                drawn.offer(hasher.lot(decision.0, 0), decision, 5);
            }
            drawn.0.into_keys().collect::<Vec<_>>()
        };
        let one_way = drawn(&mut (0..100));
        assert_eq!(one_way.len(), 5);
        assert_eq!(one_way, drawn(&mut (0..100).rev()));
    }
}
