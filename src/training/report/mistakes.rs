//! The rows a model is most wrong about.

use std::ops::Range;

use crate::classifier::Explanation;
use crate::label::LabelledSample;
use crate::training::corpus::Fingerprint;
use crate::verdict::{EvidenceKind, Field, Head, PerHead, Scores};

/// Bytes of a text that are kept.
const EXCERPT: usize = 1_500;

/// Bytes kept before the strongest evidence where a text is longer.
const BEFORE: usize = 300;

/// The rows a model is most wrong about, so many of each kind.
#[derive(Clone, Debug)]
pub struct Mistakes {
    most: usize,
    hold_at: PerHead<f64>,
    lists: PerHead<Lists>,
}

/// Mistakes of one head, worst first.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Judged no by people, at or above the threshold for holding.
    pub false_positives: Vec<Mistake>,
    /// Judged yes by people, below it.
    pub false_negatives: Vec<Mistake>,
}

/// One row.
#[derive(Clone)]
pub struct Mistake {
    text: Fingerprint,
    /// Both scores.
    pub scores: Scores,
    /// People, or the model, find it toxic: not to be shown unasked.
    pub masked: bool,
    /// The file it came from.
    pub source: String,
    /// Its language tag.
    pub language: String,
    /// The text as typed, or the part of it around the strongest evidence.
    pub excerpt: String,
    /// Something was cut off before the excerpt, or after it.
    pub cut: (bool, bool),
    /// What made the score, strongest first; places are bytes of the excerpt.
    pub evidence: Vec<Clue>,
    /// Rows with this text.
    pub rows: u64,
}

/// One piece of evidence.
#[derive(Clone, PartialEq)]
pub struct Clue {
    /// The form the filter saw, or what else it is.
    pub seen: String,
    /// What kind it is of.
    pub kind: EvidenceKind,
    /// Where in the excerpt it stands, if there.
    pub place: Option<Range<usize>>,
    /// What it adds to the log-odds.
    pub log_odds: f64,
}

/// Says how many there are; texts are not printed.
impl std::fmt::Debug for Mistake {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Mistake")
            .field("scores", &self.scores)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl Mistakes {
    /// Keeps the `most` worst of each head and kind. What reaches `hold_at` counts as flagged.
    #[must_use]
    pub fn new(most: usize, hold_at: PerHead<f64>) -> Self {
        Self {
            most,
            hold_at,
            lists: PerHead::default(),
        }
    }

    /// The worst mistakes of `head`.
    #[must_use]
    pub const fn of(&self, head: Head) -> &Lists {
        self.lists.get(head)
    }

    /// Looks at a row. `explain` is asked only for rows that are kept.
    pub fn add(
        &mut self,
        sample: &LabelledSample,
        text: Fingerprint,
        scores: &Scores,
        explain: impl Fn() -> Explanation,
    ) {
        for head in Head::ALL {
            let score = scores.get(head).get();
            let flagged = score >= *self.hold_at.get(head);
            let lists = self.lists.get_mut(head);
            let (list, wrong) = match (sample.label.get(head), flagged) {
                (Some(false), true) => (&mut lists.false_positives, score),
                (Some(true), false) => (&mut lists.false_negatives, 1.0 - score),
                _ => continue,
            };
            let wrongness = |other: &Mistake| {
                let score = other.scores.get(head).get();
                if flagged { score } else { 1.0 - score }
            };
            if let Some(same) = list.iter_mut().find(|other| other.text == text) {
                same.rows += 1;
                continue;
            }
            let place = list.partition_point(|other| wrongness(other) >= wrong);
            if place >= self.most {
                continue;
            }
            let masked = sample.label.toxicity == Some(true)
                || scores.toxicity.get() >= self.hold_at.toxicity;
            let mistake = Mistake::new(sample, text, *scores, masked, head, explain());
            list.insert(place, mistake);
            list.truncate(self.most);
        }
    }
}

impl Mistake {
    fn new(
        sample: &LabelledSample,
        text: Fingerprint,
        scores: Scores,
        masked: bool,
        head: Head,
        explanation: Explanation,
    ) -> Self {
        let evidence: Vec<_> = explanation
            .into_iter()
            .filter(|piece| piece.head == head)
            .collect();
        let places = evidence.iter().filter_map(|piece| piece.span.as_ref());
        let first = places
            .filter(|span| span.field == Field::Text)
            .map(|span| span.start as usize)
            .next();
        let kept = excerpt(&sample.text, first.unwrap_or(0));
        let clues = evidence.into_iter().map(|piece| Clue {
            place: piece.span.and_then(|span| {
                let (start, end) = (span.start as usize, span.end as usize);
                let inside = span.field == Field::Text && start >= kept.start && end <= kept.end;
                inside.then(|| start - kept.start..end - kept.start)
            }),
            seen: piece.token,
            kind: piece.kind,
            log_odds: piece.log_odds,
        });
        Self {
            text,
            scores,
            masked,
            source: sample.source.clone(),
            language: sample.language.clone(),
            cut: (kept.start > 0, kept.end < sample.text.len()),
            evidence: clues.collect(),
            excerpt: sample.text[kept].to_owned(),
            rows: 1,
        }
    }
}

/// The part of `text` to keep: its beginning, unless what matters stands further on.
fn excerpt(text: &str, matters: usize) -> Range<usize> {
    let start = if matters < EXCERPT - BEFORE {
        0
    } else {
        text.floor_char_boundary(matters - BEFORE)
    };
    start..text.floor_char_boundary((start + EXCERPT).min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::Label;
    use crate::text::normalise;
    use crate::verdict::{Evidence, Probability, Span};

    fn sample(text: &str, spam: bool) -> LabelledSample {
        LabelledSample {
            text: text.into(),
            name: String::new(),
            url: String::new(),
            label: Label {
                spam: Some(spam),
                toxicity: None,
            },
            language: "en".into(),
            group: String::new(),
            source: "test".into(),
        }
    }

    fn add(mistakes: &mut Mistakes, text: &str, spam: bool, score: f64) {
        let scores = Scores {
            spam: Probability::new(score).unwrap(),
            toxicity: Probability::new(0.0).unwrap(),
        };
        let text_key = Fingerprint::of(text, &normalise(text));
        let end = u32::try_from(text.len()).unwrap();
        mistakes.add(&sample(text, spam), text_key, &scores, || {
            vec![Evidence {
                head: Head::Spam,
                kind: EvidenceKind::Word,
                token: "last".into(),
                span: Some(Span {
                    field: Field::Text,
                    start: end - 1,
                    end,
                }),
                log_odds: 1.0,
            }]
        });
    }

    #[test]
    fn keeps_the_worst_of_each_kind_and_counts_copies() {
        let hold_at = PerHead {
            spam: 0.8,
            toxicity: 0.8,
        };
        let mut mistakes = Mistakes::new(2, hold_at);
        for (text, spam, score) in [
            ("right", true, 0.9),
            ("right too", false, 0.7),
            ("a", false, 0.81),
            ("b", false, 0.99),
            ("c", false, 0.9),
            ("B", false, 0.99),
            ("missed", true, 0.79),
            ("missed by far", true, 0.01),
        ] {
            add(&mut mistakes, text, spam, score);
        }
        let lists = mistakes.of(Head::Spam);
        let told = |list: &[Mistake]| -> Vec<(String, u64)> {
            list.iter().map(|m| (m.excerpt.clone(), m.rows)).collect()
        };
        let expected = [("b".to_owned(), 2), ("c".to_owned(), 1)];
        assert_eq!(told(&lists.false_positives), expected);
        let expected = [("missed by far".to_owned(), 1), ("missed".to_owned(), 1)];
        assert_eq!(told(&lists.false_negatives), expected);
        assert!(mistakes.of(Head::Toxicity).false_positives.is_empty());
        assert!(!format!("{mistakes:?}").contains("missed"));
    }

    #[test]
    fn a_long_text_is_cut_to_where_the_evidence_stands() {
        let mut mistakes = Mistakes::new(1, PerHead::default());
        let text = "é".repeat(4_000) + "!";
        add(&mut mistakes, &text, false, 0.9);
        let [mistake] = &mistakes.of(Head::Spam).false_positives[..] else {
            panic!("{mistakes:?}");
        };
        assert!(mistake.excerpt.len() <= EXCERPT && mistake.cut == (true, false));
        let place = mistake.evidence[0].place.clone().unwrap();
        assert_eq!(&mistake.excerpt[place], "!");
    }
}
