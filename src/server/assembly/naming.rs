//! Names of new submissions.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use uuid::{Builder, Uuid};

/// Bits of an id that divide a millisecond.
const PART_BITS: u32 = 12;

/// The time that the last id tells, in parts.
static LAST: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// `Uuid::now_v7` asks the system for chance on each call: some 0.9 of 43 µs of a call, by its
    /// samples in a profile. This asks once a thread.
    static RANDOM: RefCell<ChaCha12Rng> = RefCell::new(ChaCha12Rng::from_seed(seed()));
}

/// A seed from the system.
fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    for half in seed.chunks_mut(16) {
        half.copy_from_slice(Uuid::new_v4().as_bytes());
    }
    seed
}

/// A UUID of version 7, above all that this process gave before: milliseconds, 12 bits of the
/// time below them (RFC 9562, section 6.2, method 3), and 62 bits of chance.
pub(super) fn submission_id() -> Uuid {
    let parts = take_turn(&LAST, parts(Timestamp::now()));
    let [a, b] = below_milliseconds(parts);
    let mut bytes = [a, b, 0, 0, 0, 0, 0, 0, 0, 0];
    RANDOM.with_borrow_mut(|random| random.fill_bytes(&mut bytes[2..]));
    Builder::from_unix_timestamp_millis(parts >> PART_BITS, &bytes).into_uuid()
}

/// A time in parts of a millisecond, of which there are 2^12; none before 1970.
fn parts(time: Timestamp) -> u64 {
    const NANOSECONDS: u64 = 1_000_000;
    let nanoseconds = u64::try_from(time.as_nanosecond()).unwrap_or_default();
    let below = ((nanoseconds % NANOSECONDS) << PART_BITS) / NANOSECONDS;
    (nanoseconds / NANOSECONDS) << PART_BITS | below
}

/// `now`, or what follows on the `last` turn where the clock stood still or went back.
fn take_turn(last: &AtomicU64, now: u64) -> u64 {
    let mut turn = now;
    let _ = last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
        turn = now.max(last + 1);
        Some(turn)
    });
    turn
}

fn below_milliseconds(parts: u64) -> [u8; 2] {
    let [.., a, b] = (parts & ((1 << PART_BITS) - 1)).to_be_bytes();
    [a, b]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_and_go_up() {
        let ids: Vec<Uuid> = std::iter::repeat_with(submission_id).take(1_000).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        assert!(
            ids.iter()
                .all(|id| id.get_variant() == uuid::Variant::RFC4122)
        );
    }

    #[test]
    fn an_id_tells_its_time() {
        let before = Timestamp::now().as_millisecond();
        let (seconds, nanoseconds) = submission_id().get_timestamp().unwrap().to_unix();
        let told = i64::try_from(seconds * 1_000 + u64::from(nanoseconds) / 1_000_000).unwrap();
        // Others that take turns may be ahead of the clock, by far less than a second.
        assert!((before..before + 60_000).contains(&told), "{told} {before}");
    }

    #[test]
    fn threads_do_not_share_their_chance() {
        let of_a_thread = || std::thread::spawn(submission_id).join().unwrap();
        let chance = |id: Uuid| id.as_u128() & ((1 << 62) - 1);
        assert_ne!(chance(of_a_thread()), chance(of_a_thread()));
    }

    #[test]
    fn turns_go_on_where_the_clock_does_not() {
        let last = AtomicU64::new(0);
        let turns = [5, 5, 3, 9].map(|now| take_turn(&last, now));
        assert_eq!(turns, [5, 6, 7, 9]);
    }

    #[test]
    fn a_millisecond_has_4096_parts() {
        let at = |nanoseconds| parts(Timestamp::from_nanosecond(nanoseconds).unwrap());
        assert_eq!(at(2_000_000), 2 << 12);
        assert_eq!(at(2_500_000), 2 << 12 | 2_048);
        assert_eq!(at(2_999_999), 2 << 12 | 4_095);
        assert_eq!(at(-1), 0);
    }
}
