//! Where a page ended, so that the next goes on there whatever has come or gone.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// Changes when tokens of before cannot be read any more.
const VERSION: u8 = 1;
/// How long a token is good for. A queue that was left overnight is read anew.
const LIFE_SECONDS: i64 = 24 * 3600;
const QUERY_BYTES: usize = 8;
const CHECK_BYTES: usize = 4;
const HEAD: usize = 1 + QUERY_BYTES + 8;

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPageToken {
    /// Not made here, or cut.
    #[error("expected a next_page_token as a response had it")]
    Malformed,
    /// Of a call with another filter, order or parent.
    #[error("it belongs to a call with another parent, filter or order; begin again without it")]
    Foreign,
    /// Too old, or of a version of this program that made them otherwise.
    #[error("it is stale; begin again without it")]
    Stale,
}

/// The last position of a page: what the query is sorted by, and the id of the last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// What the page is sorted by, as a number that sorts alike.
    pub key: i64,
    /// The id of the last comment.
    pub id: [u8; 16],
    /// A second key, where the first is not enough; otherwise zeros.
    pub group: [u8; 16],
}

/// What names a query: everything that decides which comments come in which order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct QueryName([u8; QUERY_BYTES]);

impl QueryName {
    /// The name of a query that prints, by `Debug`, all that it depends on.
    pub fn of(query: &impl fmt::Debug) -> Self {
        let digest = Sha256::digest(format!("{query:?}").as_bytes());
        let mut name = [0; QUERY_BYTES];
        name.copy_from_slice(&digest[..QUERY_BYTES]);
        Self(name)
    }
}

/// Writes a token.
#[must_use]
pub fn encode(query: QueryName, position: Position, now: Timestamp) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(query.0);
    bytes.extend(now.as_second().to_be_bytes());
    bytes.extend(position.key.to_be_bytes());
    bytes.extend(position.id);
    bytes.extend(position.group);
    bytes.extend(check(&bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a token of `query`.
///
/// # Errors
/// If it was not made here, or of another query, or too long ago.
pub fn decode(token: &str, query: QueryName, now: Timestamp) -> Result<Position, BadPageToken> {
    use BadPageToken::{Foreign, Malformed, Stale};
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Malformed)?;
    let (body, sum) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or(Malformed)?;
    if check(body) != *sum {
        return Err(Malformed);
    }
    if body.first() != Some(&VERSION) {
        return Err(Stale);
    }
    let (head, place) = body.split_at_checked(HEAD).ok_or(Malformed)?;
    if head[1..=QUERY_BYTES] != query.0 {
        return Err(Foreign);
    }
    let (_, made) = head.split_last_chunk().ok_or(Malformed)?;
    let age = now.as_second().saturating_sub(i64::from_be_bytes(*made));
    if age > LIFE_SECONDS {
        return Err(Stale);
    }
    let (key, place) = place.split_first_chunk().ok_or(Malformed)?;
    let (id, group) = place.split_first_chunk().ok_or(Malformed)?;
    Ok(Position {
        key: i64::from_be_bytes(*key),
        id: *id,
        group: group.try_into().map_err(|_| Malformed)?,
    })
}

/// A checksum against a token that was cut or mistyped; nothing is gained by forging
/// one.
fn check(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let digest = Sha256::digest(bytes);
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&digest[..CHECK_BYTES]);
    check
}

/// A score as a number that sorts alike, and back without loss.
#[must_use]
pub fn sortable(score: f64) -> i64 {
    // Scores are 0 to 1; the bits of positive floats sort as the floats do.
    score.max(0.0).to_bits().cast_signed()
}

/// The score that [`sortable`] was made of.
#[must_use]
pub fn score(sortable: i64) -> f64 {
    f64::from_bits(sortable.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HERE: Position = Position {
        key: -5,
        id: [7; 16],
        group: [0; 16],
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn goes_on_where_the_page_ended() {
        let query = QueryName::of(&"query");
        let token = encode(query, HERE, at(1_000));
        assert_eq!(decode(&token, query, at(2_000)), Ok(HERE));
    }

    #[test]
    fn another_querys_an_old_or_a_broken_one_is_refused() {
        let query = QueryName::of(&"query");
        let token = encode(query, HERE, at(1_000));
        let read = |token: &str, query, second| decode(token, query, at(second));
        assert_eq!(
            read(&token, QueryName::of(&"other"), 1_000),
            Err(BadPageToken::Foreign)
        );
        assert_eq!(
            read(&token, query, 1_000 + LIFE_SECONDS + 1),
            Err(BadPageToken::Stale)
        );
        for broken in [
            "",
            "a",
            "not base64!",
            &token[1..],
            &token[..token.len() - 2],
        ] {
            assert_eq!(
                read(broken, query, 1_000),
                Err(BadPageToken::Malformed),
                "{broken}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            let query = QueryName::of(&"query");
            let _ = decode(&text, query, at(0));
            let _ = decode(&URL_SAFE_NO_PAD.encode(bytes), query, at(0));
        }

        #[test]
        fn scores_sort_as_their_numbers(a in 0.0_f64..=1.0, b in 0.0_f64..=1.0) {
            prop_assert_eq!(a < b, sortable(a) < sortable(b));
            prop_assert_eq!(score(sortable(a)).to_bits(), a.to_bits());
        }
    }
}
