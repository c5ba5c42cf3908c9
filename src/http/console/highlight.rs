//! A text in pieces, those that made its score set apart.

use crate::store::QueuedComment;
use crate::verdict::{Evidence, Field, Head, Reason, Span};

/// Log odds from which a piece speaks loudly.
const LOUD: f64 = 2.0;
/// Log odds under which a piece says nothing worth showing.
const SILENT: f64 = 0.3;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Class of the mark around it; none: it is not marked.
    pub(super) class: &'static str,
    /// What the filter saw there, and what it made of it.
    pub(super) title: String,
}

/// A place that is set apart.
struct Mark {
    start: usize,
    end: usize,
    class: &'static str,
    title: String,
    weight: f64,
}

/// One of a comment's fields in pieces: what spoke against it, and what is on a list.
pub(super) fn pieces(text: &str, field: Field, comment: &QueuedComment) -> Vec<Piece> {
    pieces_of(text, field, &comment.evidence, &comment.reasons)
}

/// The same by evidence and reasons that are not the verdict's.
pub(super) fn pieces_of(
    text: &str,
    field: Field,
    evidence: &[Evidence],
    reasons: &[Reason],
) -> Vec<Piece> {
    let in_field = |span: &Span| span.field == field;
    let evidence = evidence.iter().filter_map(|evidence| {
        let span = evidence.span.filter(in_field)?;
        (evidence.log_odds >= SILENT).then(|| mark(span, evidence))
    });
    let rules = reasons.iter().flat_map(|reason| {
        let spans = reason.spans.iter().copied().filter(in_field);
        spans.map(|span| place(span, "rule", reason.message.clone(), f64::INFINITY))
    });
    let marks: Vec<_> = evidence.chain(rules).flatten().collect();
    split(text, &marks)
}

fn mark(span: Span, evidence: &Evidence) -> Option<Mark> {
    let class = match (evidence.head, evidence.log_odds >= LOUD) {
        (Head::Spam, true) => "spam loud",
        (Head::Spam, false) => "spam",
        (Head::Toxicity, true) => "toxic loud",
        (Head::Toxicity, false) => "toxic",
    };
    let (head, token, weight) = (evidence.head, &evidence.token, evidence.log_odds);
    place(
        span,
        class,
        format!("{head}: {token} ({weight:+.1})"),
        weight,
    )
}

fn place(span: Span, class: &'static str, title: String, weight: f64) -> Option<Mark> {
    let (start, end) = (
        usize::try_from(span.start).ok()?,
        usize::try_from(span.end).ok()?,
    );
    Some(Mark {
        start,
        end,
        class,
        title,
        weight,
    })
}

/// Where marks overlap, the heaviest shows. One that does not fit the text, which may
/// have been shortened since, does not.
fn split(text: &str, marks: &[Mark]) -> Vec<Piece> {
    let fits = |mark: &&Mark| mark.start < mark.end && text.get(mark.start..mark.end).is_some();
    let marks: Vec<_> = marks.iter().filter(fits).collect();
    let mut edges: Vec<_> = marks
        .iter()
        .flat_map(|mark| [mark.start, mark.end])
        .collect();
    edges.extend([0, text.len()]);
    edges.sort_unstable();
    edges.dedup();
    let mut pieces: Vec<Piece> = Vec::new();
    for (&start, &end) in edges.iter().zip(edges.iter().skip(1)) {
        let covers = |mark: &&&Mark| mark.start <= start && end <= mark.end;
        let heaviest = marks
            .iter()
            .filter(covers)
            .max_by(|one, other| one.weight.total_cmp(&other.weight));
        let (class, title) = heaviest.map_or(("", ""), |mark| (mark.class, &mark.title));
        match pieces.last_mut() {
            Some(last) if last.class == class && last.title == title => {
                last.text.push_str(&text[start..end]);
            }
            _ => pieces.push(Piece {
                text: text[start..end].to_owned(),
                class,
                title: title.to_owned(),
            }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mark(start: usize, end: usize, class: &'static str, weight: f64) -> Mark {
        Mark {
            start,
            end,
            class,
            title: class.to_owned(),
            weight,
        }
    }

    #[test]
    fn the_heaviest_of_overlapping_marks_shows() {
        let marks = [
            mark(0, 8, "spam", 1.0),
            mark(4, 6, "toxic", 2.0),
            mark(90, 99, "x", 9.0),
        ];
        let pieces = split("buy this now", &marks);
        let shown: Vec<_> = pieces
            .iter()
            .map(|piece| (&*piece.text, piece.class))
            .collect();
        assert_eq!(
            shown,
            [
                ("buy ", "spam"),
                ("th", "toxic"),
                ("is", "spam"),
                (" now", "")
            ]
        );
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost(
            text in "\\PC{0,40}",
            spans in prop::collection::vec((0usize..60, 0usize..60, -2.0..5.0), 0..8),
        ) {
            let marks: Vec<_> = spans.into_iter().map(|(s, e, w)| mark(s, e, "spam", w)).collect();
            let pieces = split(&text, &marks);
            let whole: String = pieces.iter().map(|piece| &*piece.text).collect();
            prop_assert_eq!(whole, text);
        }
    }
}
