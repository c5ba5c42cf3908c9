//! The text with the places marked that rules hit or that spoke for spam or toxicity.

use std::fmt::Write as _;
use std::ops::Range;

use moderato::grpc::proto::{Head, Span, Verdict};

use super::Paint;
use crate::terminal::printable;

/// Evidence below this adds too little to be pointed at, in natural-log odds.
const LEAST_LOG_ODDS: f64 = 0.5;

/// Bytes of a text that are shown.
const SHOWN: usize = 2_000;

/// The text, ready for a terminal. A span that does not fit it is left out: a
/// server may send anything.
pub(super) fn marked(text: &str, verdict: &Verdict, paint: Paint) -> String {
    let shown = &text[..text.floor_char_boundary(SHOWN)];
    let mut places = places(shown, verdict);
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
        let _ = write!(marked, "… ({} more bytes)", text.len() - shown.len());
    }
    marked
}

/// Where to point, and on account of which head; rules have none.
fn places(text: &str, verdict: &Verdict) -> Vec<(Range<usize>, Head)> {
    let by_rules = verdict.reasons.iter().flat_map(|reason| &reason.spans);
    let by_scores = verdict
        .evidence
        .iter()
        .filter(|piece| piece.log_odds >= LEAST_LOG_ODDS)
        .filter_map(|piece| Some((piece.span.as_ref()?, piece.head())));
    by_rules
        .map(|span| (span, Head::Unspecified))
        .chain(by_scores)
        .filter_map(|(span, head)| Some((place(text, span)?, head)))
        .collect()
}

fn place(text: &str, span: &Span) -> Option<Range<usize>> {
    let place = usize::try_from(span.start).ok()?..usize::try_from(span.end).ok()?;
    (span.field == "text" && text.get(place.clone()).is_some()).then_some(place)
}
