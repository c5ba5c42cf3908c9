//! The text with the places that spoke for spam or toxicity marked.

use std::ops::Range;

use moderato::grpc::proto::{Evidence, Head};

use super::Paint;
use crate::terminal::printable;

/// Evidence below this adds too little to be pointed at, in natural-log odds.
const LEAST_LOG_ODDS: f64 = 0.5;

/// Bytes of a text that are shown.
const SHOWN: usize = 2_000;

/// The text, ready for a terminal. A span that does not fit it is left out: a
/// server may send anything.
pub(super) fn marked(text: &str, evidence: &[Evidence], paint: Paint) -> String {
    let shown = &text[..text.floor_char_boundary(SHOWN)];
    let mut places = places(shown, evidence);
    places.sort_by_key(|(place, _)| place.start);
    let (mut marked, mut at) = (String::new(), 0);
    for (place, head) in places {
        // Strong evidence may overlap, as a pair of words does with each of them.
        let start = place.start.max(at);
        if start < place.end {
            marked.push_str(&printable(&shown[at..start]));
            marked.push_str(&paint.mark(head, &shown[start..place.end]));
            at = place.end;
        }
    }
    marked.push_str(&printable(&shown[at..]));
    if shown.len() < text.len() {
        marked.push_str(&format!("… ({} more bytes)", text.len() - shown.len()));
    }
    marked
}

fn places(text: &str, evidence: &[Evidence]) -> Vec<(Range<usize>, Head)> {
    let strong = evidence
        .iter()
        .filter(|piece| piece.log_odds >= LEAST_LOG_ODDS);
    strong
        .filter_map(|piece| {
            let span = piece.span.as_ref().filter(|span| span.field == "text")?;
            let place = usize::try_from(span.start).ok()?..usize::try_from(span.end).ok()?;
            text.get(place.clone()).map(|_| (place, piece.head()))
        })
        .collect()
}
