//! What classifier, rules and policy make of a comment: one path for a submission and
//! for a comment that is decided on again.

use super::SiteRules;
use crate::classifier::Scored;
use crate::policy::{Author, Judged, Outcome, Signals};
use crate::rules::{Passage, RuleHits};
use crate::text::{Features, links, normalise};
use crate::verdict::Field;

/// What is weighed of a comment besides its text and name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// The author's own web page.
    pub url: Option<&'a str>,
    /// Milliseconds between showing the form and its submission.
    pub form_duration_ms: Option<u64>,
    /// A form field that people cannot see was filled in.
    pub honeypot_filled: bool,
    /// What the site says of the author.
    pub author: Author,
}

impl SiteRules {
    /// What is known of a comment, without remarks.
    pub(super) fn judged(
        &self,
        features: &Features,
        scored: &Scored<'_>,
        circumstances: &Circumstances<'_>,
    ) -> Judged {
        Judged {
            scores: scored.scores(),
            known_tokens: scored.known_words(),
            tokens: features.words(),
            rules: self.hits(features, circumstances.url),
            form_duration_ms: circumstances.form_duration_ms,
            honeypot_filled: circumstances.honeypot_filled,
            author: circumstances.author,
            remarks: Vec::new(),
        }
    }

    /// Decides on a comment that is within its quotas.
    #[must_use]
    pub fn decide(
        &self,
        features: &Features,
        scored: &Scored<'_>,
        circumstances: &Circumstances<'_>,
    ) -> Outcome {
        let judged = self.judged(features, scored, circumstances);
        self.policy.decide(&Signals::Judged(judged))
    }

    fn hits(&self, features: &Features, url: Option<&str>) -> RuleHits {
        let url = normalise(url.unwrap_or_default());
        let url_links = links(url.text());
        self.rules.apply(&[
            Passage {
                field: Field::Text,
                text: features.normalised(),
                links: features.links(),
            },
            Passage {
                field: Field::Name,
                text: features.name(),
                links: features.name_links(),
            },
            Passage {
                field: Field::Url,
                text: &url,
                links: &url_links,
            },
        ])
    }
}
