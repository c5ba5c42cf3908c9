//! Why a comment got its score: additive pieces, strongest first.

use super::{Classifier, Scored};
use crate::text::{Features, Token};
use crate::verdict::{Evidence, EvidenceKind, Head, PerHead};

/// Characters of a token that evidence shows.
const TOKEN_CHARS: usize = 64;

/// Evidence of a score. Per head, the `log_odds` of its pieces add up to the
/// score's, prior and remainder included.
pub type Explanation = Vec<Evidence>;

impl Scored<'_> {
    /// The strongest `most` tokens of each head, its prior, and the remainder.
    #[must_use]
    pub fn explain(&self, most: usize) -> Explanation {
        let mut evidence = Vec::with_capacity(2 * (most + 2));
        for head in Head::ALL {
            self.explain_head(head, most, &mut evidence);
        }
        evidence.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
        evidence
    }

    fn explain_head(&self, head: Head, most: usize, evidence: &mut Explanation) {
        let line = self.line(head);
        let listed = self.strongest(head, most);
        let mut rest = self.sum[head as usize];
        for &at in &listed {
            let token = &self.features.tokens()[at];
            let weight = self.weights[at][head as usize];
            rest -= weight;
            evidence.push(Evidence {
                head,
                kind: token.kind(),
                token: shortened(self.features.seen(token)),
                span: self.features.place(token),
                log_odds: weight as f64 * line.unit,
            });
        }
        evidence.push(whole(head, EvidenceKind::Prior, line.prior));
        if listed.len() < self.features.tokens().len() {
            evidence.push(whole(
                head,
                EvidenceKind::Remainder,
                rest as f64 * line.unit,
            ));
        }
    }

    /// Places of the tokens with the largest weights, zeros left out.
    fn strongest(&self, head: Head, most: usize) -> Vec<usize> {
        let strength = |at: usize| self.weights[at][head as usize].unsigned_abs();
        let mut strongest: Vec<usize> = Vec::with_capacity(most.min(self.weights.len()) + 1);
        for at in 0..self.weights.len() {
            let weakest = strongest.get(most.wrapping_sub(1));
            if strength(at) <= weakest.map_or(0, |&at| strength(at)) {
                continue;
            }
            // Of equal ones, the first stays ahead.
            let place = strongest.partition_point(|&other| strength(other) >= strength(at));
            strongest.insert(place, at);
            strongest.truncate(most);
        }
        strongest
    }
}

impl Classifier {
    /// What `token` of `features` adds to the log-odds of a comment that consists of it
    /// alone.
    #[must_use]
    pub fn worth(&self, features: &Features, token: &Token) -> PerHead<f64> {
        let known = self.table.get(token.key);
        let (weights, _) = self.weights(features, token, known);
        let size = token.size().max(1);
        PerHead::from_fn(|head| weights[head as usize] as f64 * self.unit(head, size))
    }

    /// Whether the model has an entry for `token` itself; else it judges it by pieces.
    #[must_use]
    pub fn knows(&self, token: &Token) -> bool {
        self.table.get(token.key).is_some()
    }
}

/// A token as a person needs to see it: hostile text can make one as long as itself.
fn shortened(token: &str) -> String {
    match token.char_indices().nth(TOKEN_CHARS) {
        Some((end, _)) => format!("{}…", &token[..end]),
        None => token.to_owned(),
    }
}

fn whole(head: Head, kind: EvidenceKind, log_odds: f64) -> Evidence {
    Evidence {
        head,
        kind,
        token: String::new(),
        span: None,
        log_odds,
    }
}
