//! Judging: parse, classify, limit, decide.

use std::time::Duration;

use super::content::content;
use super::in_force::Author;
use super::quotas::Charged;
use super::{Circumstances, Limits, Pipeline, SiteRules, quotas};
use crate::classifier::{Classifier, Scored};
use crate::comment::{AuthorUrl, Comment, Faults, Parsed, Submission};
use crate::policy::{self, Judged, Signals};
use crate::site::SiteId;
use crate::store::{CommentId, Content, ShadowVerdict};
use crate::text::{Features, SimHash, Typed, normalise};
use crate::verdict::{Decision, Evidence, Field, JudgedBy, Reason, ReasonCode, Scores, Verdict};

/// Tokens of evidence a verdict carries for each head.
const EVIDENCE_PER_HEAD: usize = 6;

/// A verdict that was not kept yet.
pub(super) struct Judgement {
    pub(super) id: CommentId,
    pub(super) verdict: Verdict,
    /// The comment; `None`: it was none, or a quota refused it.
    pub(super) content: Option<Content>,
    pub(super) judged_by: JudgedBy,
}

impl Pipeline {
    /// A verdict, and what it was charged; `None`: no quota was asked.
    pub(super) async fn judge(
        &self,
        site: &SiteId,
        submission: Submission,
        limits: Limits,
    ) -> (Judgement, Option<Charged>) {
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
        let id = CommentId::new((self.new_id)());
        let content = reading.content(outcome.decision);
        let verdict = Verdict {
            comment: id.resource_name(site),
            decision: outcome.decision,
            reasons: outcome.reasons,
            scores: reading.scores,
            evidence: reading.evidence,
            model: reading
                .model
                .unwrap_or_else(|| self.models.load().live.id().to_string()),
            policy: rules.policy_id.clone(),
            degraded: reading
                .charged
                .as_ref()
                .is_some_and(|charged| charged.admission.degraded),
            retry_after: match signals {
                Signals::Limited { refusal, .. } => Some(refusal.retry_after),
                Signals::Invalid { .. } | Signals::Judged(_) => None,
            },
        };
        let judgement = Judgement {
            id,
            verdict,
            content,
            judged_by: reading.judged_by,
        };
        (judgement, reading.charged)
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
        let features = reading.features.insert(Features::extract(Typed {
            text: comment.text().as_str(),
            name: comment.name().as_str(),
        }));
        let models = self.models.load_full();
        let author = Author {
            people: &self.people,
            site,
            email: comment.email(),
        };
        let (classifier, by) = models.judge(&author);
        reading.judged_by.side = by;
        let reasoned = classifier.score(features);
        let mut judged = judged(rules, &comment, features, &reasoned);
        reading.model = Some(classifier.id().to_string());
        if limits == Limits::Enforce {
            let charged = self.charge(site, rules, &comment, &judged).await;
            let admission = &reading.charged.insert(charged).admission;
            remarks.extend(quotas::remarks(rules, &comment, admission));
            if let Some(refusal) = admission.refusal() {
                // Read for its cost alone: it gets neither scores nor evidence.
                let refusal = quotas::refusal(refusal, &comment);
                return Signals::Limited { refusal, remarks };
            }
        }
        reading.scores = Some(judged.scores);
        reading.evidence = reasoned.explain(EVIDENCE_PER_HEAD);
        let shadow = models.shadow(&author, by);
        let shadow = shadow.map(|model| in_shadow(rules, model, features, &judged));
        reading.judged_by.shadow = shadow.as_ref().map(|shadow| shadow.decision);
        reading.content = Some(Content {
            shadow,
            ..content(&self.people, site, &comment)
        });
        judged.remarks = remarks;
        Signals::Judged(judged)
    }
}

/// What classifier and rules say of a comment.
fn judged(
    rules: &SiteRules,
    comment: &Comment,
    features: &Features,
    reasoned: &Scored<'_>,
) -> Judged {
    let circumstances = Circumstances {
        url: comment.url().map(AuthorUrl::as_str),
        form_duration_ms: comment.form_duration().map(milliseconds),
        honeypot_filled: comment.honeypot_filled(),
        author: policy::Author {
            trusted: comment.author().trusted(),
            approved_comments: comment.author().approved_comments(),
        },
    };
    rules.judged(features, reasoned, &circumstances)
}

/// What `model` would have decided on a comment of which all else is as it was `judged`.
fn in_shadow(
    rules: &SiteRules,
    model: &Classifier,
    features: &Features,
    judged: &Judged,
) -> ShadowVerdict {
    let reasoned = model.score(features);
    let scores = reasoned.scores();
    let judged = Judged {
        scores,
        known_tokens: reasoned.known_words(),
        ..judged.clone()
    };
    ShadowVerdict {
        model: model.id().to_string(),
        scores,
        decision: rules.policy.decide(&Signals::Judged(judged)).decision,
    }
}

/// What judging found besides the signals of the policy.
#[derive(Default)]
struct Reading {
    scores: Option<Scores>,
    evidence: Vec<Evidence>,
    model: Option<String>,
    charged: Option<Charged>,
    content: Option<Content>,
    features: Option<Features>,
    judged_by: JudgedBy,
}

impl Reading {
    /// What is to be kept of the comment, as it was decided on.
    fn content(&mut self, decision: Decision) -> Option<Content> {
        let mut content = self.content.take()?;
        // Only what waits for a moderator is looked through for copies.
        let held = self.features.take().filter(|_| decision == Decision::Hold);
        content.simhash = held.map(|features| SimHash::of(&features).to_bytes());
        Some(content)
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

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
