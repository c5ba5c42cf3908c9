//! The one path every submission takes: parse, classify, limit, decide.

mod quotas;
mod receipts;
mod shared_quotas;
mod site_table;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use uuid::Uuid;

use crate::classifier::Classifier;
use crate::comment::{Comment, Faults, NotASubmissionId, Parsed, Submission, SubmissionId};
use crate::policy::{Author, Judged, Signals};
use crate::rate_limit::{KeyHasher, RateLimiter};
use crate::rules::{Passage, RuleHits};
use crate::site::SiteId;
use crate::text::{Features, Typed, links, normalise};
use crate::verdict::{Evidence, Field, Reason, ReasonCode, Scores, Verdict};
use receipts::{Receipts, fingerprint};
pub use shared_quotas::{Counted, QuotaState, SharedAnswer, SharedQuestion};
pub use site_table::{SiteRules, SiteTable};

/// Tokens of evidence a verdict carries for each head.
const EVIDENCE_PER_HEAD: usize = 6;

/// Whether a submission is counted against its quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    /// Checked and charged.
    Enforce,
    /// Neither, as in a scan of comments that already exist.
    Skip,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The site used this `submission_id` for something else.
    #[error("submission_id: it was used before with different content")]
    SubmissionIdReused,
    /// The site's `submission_id` is no id.
    #[error(transparent)]
    InvalidSubmissionId(#[from] NotASubmissionId),
}

/// A verdict, and whether it was given before.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The verdict.
    pub verdict: Arc<Verdict>,
    /// The same submission was judged before, and this is that verdict.
    pub replayed: bool,
}

/// What a pipeline is made of.
pub struct Parts {
    /// The model in force.
    pub classifier: Arc<Classifier>,
    /// Counts submissions against quotas.
    pub limiter: Arc<dyn RateLimiter>,
    /// Hides what is counted.
    pub hasher: KeyHasher,
    /// Policy, rules and quotas by site.
    pub sites: SiteTable,
    /// Names a new submission; a source of UUIDs, version 7 in service.
    pub new_id: fn() -> Uuid,
    /// How long a `submission_id` is remembered.
    pub remember: Duration,
}

/// Judges submissions. Shared by all calls; model and sites can be replaced while
/// it runs, and a submission under way keeps those it began with.
pub struct Pipeline {
    classifier: ArcSwap<Classifier>,
    limiter: Arc<dyn RateLimiter>,
    hasher: KeyHasher,
    sites: ArcSwap<SiteTable>,
    receipts: Receipts,
    new_id: fn() -> Uuid,
}

impl Pipeline {
    /// A pipeline of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            classifier: ArcSwap::new(parts.classifier),
            limiter: parts.limiter,
            hasher: parts.hasher,
            sites: ArcSwap::from_pointee(parts.sites),
            receipts: Receipts::new(parts.remember),
            new_id: parts.new_id,
        }
    }

    /// Puts other policies, rules and quotas in force.
    pub fn replace_sites(&self, sites: SiteTable) {
        self.sites.store(Arc::new(sites));
    }

    /// Puts another model in force.
    pub fn replace_classifier(&self, classifier: Arc<Classifier>) {
        self.classifier.store(classifier);
    }

    /// Judges a submission to `site`. With a `submission_id`, the same content gets
    /// the same verdict again and is charged to no quota twice; a submission that a
    /// quota refused was not charged, and is judged anew.
    ///
    /// # Errors
    /// If the `submission_id` is none, or was used for other content.
    pub async fn check(
        &self,
        site: &SiteId,
        submission: Submission,
        limits: Limits,
    ) -> Result<Checked, PipelineError> {
        if submission.submission_id.is_empty() {
            let verdict = Arc::new(self.judge(site, submission, limits).await);
            return Ok(Checked {
                verdict,
                replayed: false,
            });
        }
        let id = SubmissionId::new(&submission.submission_id)?;
        let print = fingerprint(&submission, limits);
        let judged = self.judge(site, submission, limits);
        self.receipts.once(site, id, print, judged).await
    }

    async fn judge(&self, site: &SiteId, submission: Submission, limits: Limits) -> Verdict {
        let sites = self.sites.load();
        let rules = sites.get(site);
        let mut reading = Reading::default();
        let signals = match Comment::parse(submission, &rules.fields) {
            Err(faults) => invalid(faults),
            Ok(parsed) => {
                self.signals(site, rules, parsed, limits, &mut reading)
                    .await
            }
        };
        let outcome = rules.policy.decide(&signals);
        Verdict {
            comment: format!("sites/{site}/comments/{}", (self.new_id)().as_simple()),
            decision: outcome.decision,
            reasons: outcome.reasons,
            scores: reading.scores,
            evidence: reading.evidence,
            model: reading
                .model
                .unwrap_or_else(|| self.classifier.load().id().to_string()),
            policy: rules.policy_id.clone(),
            degraded: reading.degraded,
            retry_after: match signals {
                Signals::Limited { refusal, .. } => Some(refusal.retry_after),
                Signals::Invalid { .. } | Signals::Judged(_) => None,
            },
        }
    }

    async fn signals(
        &self,
        site: &SiteId,
        rules: &SiteRules,
        parsed: Parsed,
        limits: Limits,
        reading: &mut Reading,
    ) -> Signals {
        let Parsed {
            comment,
            mut remarks,
        } = parsed;
        if let Some(faults) = shows_nothing(&comment) {
            return Signals::Invalid { faults, remarks };
        }
        // Judged first: what it takes of the quotas depends on what it is.
        let mut judged = self.read(rules, &comment, reading);
        if limits == Limits::Enforce {
            let admission = self.charge(site, rules, &comment, &judged).await;
            reading.degraded = admission.degraded;
            remarks.extend(quotas::remarks(rules, &comment, &admission));
            if let Some(refusal) = admission.refusal() {
                reading.forget_scores();
                let refusal = quotas::refusal(refusal, &comment);
                return Signals::Limited { refusal, remarks };
            }
        }
        judged.remarks = remarks;
        Signals::Judged(judged)
    }

    /// What classifier and rules say of a comment.
    fn read(&self, rules: &SiteRules, comment: &Comment, reading: &mut Reading) -> Judged {
        let typed = Typed {
            text: comment.text().as_str(),
            name: comment.name().as_str(),
        };
        let features = Features::extract(typed);
        let classifier = self.classifier.load();
        let reasoned = classifier.score(&features);
        let scores = reasoned.scores();
        reading.scores = Some(scores);
        reading.evidence = reasoned.explain(EVIDENCE_PER_HEAD);
        reading.model = Some(classifier.id().to_string());
        Judged {
            scores,
            known_tokens: reasoned.known_words(),
            tokens: features.words(),
            rules: apply_rules(rules, comment, &features),
            form_duration_ms: comment.form_duration().map(milliseconds),
            honeypot_filled: comment.honeypot_filled(),
            author: Author {
                trusted: comment.author().trusted(),
                approved_comments: comment.author().approved_comments(),
            },
            remarks: Vec::new(),
        }
    }
}

/// What judging found besides the signals of the policy.
#[derive(Default)]
struct Reading {
    scores: Option<Scores>,
    evidence: Vec<Evidence>,
    model: Option<String>,
    degraded: bool,
}

impl Reading {
    /// What a quota refuses gets no scores: it was read for its cost alone.
    fn forget_scores(&mut self) {
        self.scores = None;
        self.evidence = Vec::new();
    }
}

fn invalid(faults: Faults) -> Signals {
    Signals::Invalid {
        faults,
        remarks: Vec::new(),
    }
}

/// The fault of a text that is markup alone, such as the `<p></p>` of an empty
/// rich-text box. Text without markup was seen to be visible when it was parsed.
fn shows_nothing(comment: &Comment) -> Option<Faults> {
    let text = comment.text().as_str();
    let is_empty = text.contains(['<', '&']) && normalise(text).text().trim().is_empty();
    let fault = || {
        Reason::new(
            ReasonCode::TextRequired,
            Some(Field::Text),
            "Please write a comment.",
        )
    };
    Faults::new(is_empty.then(fault).into_iter().collect())
}

fn apply_rules(rules: &SiteRules, comment: &Comment, features: &Features) -> RuleHits {
    let url = normalise(comment.url().map_or("", |url| url.as_str()));
    let url_links = links(url.text());
    rules.rules.apply(&[
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

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
