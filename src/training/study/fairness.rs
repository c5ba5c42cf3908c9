//! Whether a comment is held because it names a group of people.

use std::collections::BTreeMap;

use serde::Serialize;

/// Terms of identity of the sentence templates of Dixon et al., "Measuring and Mitigating
/// Unintended Bias in Text Classification" (AIES 2018).
pub const IDENTITY_TERMS: [&str; 50] = [
    "african",
    "african american",
    "american",
    "asian",
    "bisexual",
    "black",
    "blind",
    "buddhist",
    "canadian",
    "catholic",
    "chinese",
    "christian",
    "deaf",
    "elderly",
    "european",
    "female",
    "gay",
    "heterosexual",
    "hispanic",
    "homosexual",
    "indian",
    "japanese",
    "jewish",
    "latina",
    "latino",
    "latinx",
    "lesbian",
    "lgbt",
    "lgbtq",
    "male",
    "mexican",
    "middle aged",
    "middle eastern",
    "millenial",
    "muslim",
    "nonbinary",
    "old",
    "older",
    "paralyzed",
    "protestant",
    "queer",
    "sikh",
    "straight",
    "taoist",
    "teenage",
    "trans",
    "transgender",
    "white",
    "young",
    "younger",
];

/// Civil rows by the term of identity they name.
#[derive(Clone, Debug, Default)]
pub struct Fairness {
    terms: BTreeMap<&'static str, Count>,
    all: Count,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    rows: u64,
    flagged: u64,
}

impl Count {
    fn add(&mut self, flagged: bool) {
        self.rows += 1;
        self.flagged += u64::from(flagged);
    }

    fn rate(self) -> f64 {
        self.flagged as f64 / self.rows.max(1) as f64
    }
}

/// False positives among civil rows that name one term.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TermRow {
    /// The term.
    pub term: &'static str,
    /// Civil rows that name it.
    pub rows: u64,
    /// Share of them that is held or rejected.
    pub false_positive_rate: f64,
    /// That share less the share among all civil rows that name a term.
    pub gap: f64,
}

impl Fairness {
    /// Adds a civil row; `flagged` if it would be held or rejected. Rows that name no term do not
    /// count.
    pub fn push(&mut self, text: &str, flagged: bool) {
        if let Some(term) = term_in(text) {
            self.terms.entry(term).or_default().add(flagged);
            self.all.add(flagged);
        }
    }

    /// Share of all counted rows that is flagged.
    #[must_use]
    pub fn overall(&self) -> f64 {
        self.all.rate()
    }

    /// A row for each term that was named, the widest gap first.
    #[must_use]
    pub fn rows(&self) -> Vec<TermRow> {
        let terms = self.terms.iter();
        let mut rows: Vec<TermRow> = terms
            .map(|(term, count)| TermRow {
                term,
                rows: count.rows,
                false_positive_rate: count.rate(),
                gap: count.rate() - self.overall(),
            })
            .collect();
        rows.sort_by(|a, b| b.gap.abs().total_cmp(&a.gap.abs()).then(a.term.cmp(b.term)));
        rows
    }
}

/// The longest term that `text` names as whole words.
fn term_in(text: &str) -> Option<&'static str> {
    let words = text.to_lowercase();
    let words = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let bounded = words.fold(String::from(" "), |text, word| text + word + " ");
    let named = IDENTITY_TERMS
        .iter()
        .filter(|term| bounded.contains(&format!(" {term} ")));
    named.max_by_key(|term| term.len()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_whole_term_counts() {
        assert_eq!(
            term_in("Joe is an African-American man"),
            Some("african american")
        );
        assert_eq!(term_in("the olden days"), None);
    }

    #[test]
    fn gaps_are_to_the_overall_rate() {
        let mut fairness = Fairness::default();
        for (text, flagged) in [
            ("a gay man", true),
            ("a gay poet", false),
            ("an old poet", false),
            ("the old sea", false),
            ("a poem", true),
        ] {
            fairness.push(text, flagged);
        }
        assert!((fairness.overall() - 0.25).abs() < 1e-12);
        let rows = fairness.rows();
        let found: Vec<_> = rows
            .iter()
            .map(|row| (row.term, row.rows, row.gap))
            .collect();
        assert_eq!(found, [("gay", 2, 0.25), ("old", 2, -0.25)]);
    }
}
