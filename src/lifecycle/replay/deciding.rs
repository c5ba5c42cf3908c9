//! One comment, decided on by both sides.

use std::sync::Arc;

use super::Judges;
use super::report::Flip;
use super::tally::{Decided, Tally};
use super::truth;
use crate::classifier::Classifier;
use crate::pipeline::{Circumstances, SiteTable};
use crate::policy::{Author, Outcome};
use crate::store::KeptComment;
use crate::text::{Features, Typed};
use crate::verdict::{ReasonCode, Scores};

/// Characters of a text that a flip shows.
const SHOWN: usize = 200;

/// A model that is loaded, with the policies it serves.
pub(super) struct Side {
    pub(super) classifier: Classifier,
    pub(super) model: String,
    sites: Arc<SiteTable>,
}

impl Side {
    pub(super) fn new(judges: Judges) -> Self {
        let classifier = Classifier::new(judges.model);
        Self {
            model: classifier.id().to_string(),
            classifier,
            sites: judges.sites,
        }
    }

    fn decide(
        &self,
        comment: &KeptComment,
        features: &Features,
        circumstances: &Circumstances<'_>,
    ) -> (Outcome, Scores) {
        let scored = self.classifier.score(features);
        let rules = self.sites.get(&comment.site);
        let outcome = rules.decide(features, &scored, circumstances);
        (outcome, scored.scores())
    }

    /// Whether a verdict was this side's own.
    fn gave(&self, comment: &KeptComment) -> bool {
        let policy = &self.sites.get(&comment.site).policy_id;
        comment.model.as_deref() == Some(&*self.model) && comment.policy.as_ref() == Some(policy)
    }
}

/// What a flip shows of a text.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// Decides on `comment` again and counts what comes of it.
pub(super) fn decide(comment: &KeptComment, before: &Side, after: &Side, tally: &mut Tally) {
    let features = Features::extract(Typed {
        text: &comment.texts.text,
        name: &comment.texts.name,
    });
    let circumstances = circumstances(comment);
    let (was, was_scores) = before.decide(comment, &features, &circumstances);
    let (is, is_scores) = after.decide(comment, &features, &circumstances);
    let truth = comment.ruled.and_then(truth::of);
    let decided = Decided {
        before: was.decision,
        after: is.decision,
        truth,
    };
    // A verdict of the very model and policy must come out as it was, whichever side's it is:
    // the other's may be a canary's.
    let drifted = before.gave(comment) && was.decision != comment.verdict
        || after.gave(comment) && is.decision != comment.verdict;
    tally.count(comment, decided, &was, &is, drifted);
    if decided.is_flip() {
        tally.flipped(Flip {
            comment: comment.id.resource_name(&comment.site),
            before: was.decision,
            after: is.decision,
            scores: [was_scores, is_scores],
            reasons: [&was, &is].map(|outcome| codes(outcome).collect()),
            truth,
            mistake: decided.mistake(),
            text: shown(&comment.texts.text),
        });
    }
}

/// What is known of a comment besides its text. How long the form was filled in and the
/// hidden field are not kept, but the reasons that came of them are.
fn circumstances(comment: &KeptComment) -> Circumstances<'_> {
    let had = |code: ReasonCode| {
        let mut codes = comment.reason_codes.iter();
        codes.any(|known| known == code.name())
    };
    Circumstances {
        url: comment.texts.url.as_deref(),
        form_duration_ms: had(ReasonCode::FormTooFast).then_some(0),
        honeypot_filled: had(ReasonCode::HoneypotFilled),
        author: Author {
            trusted: comment.trusted,
            approved_comments: comment.approved_comments,
        },
    }
}

/// The codes of an outcome, each once.
pub(super) fn codes(outcome: &Outcome) -> impl Iterator<Item = ReasonCode> {
    let codes = outcome.reasons.iter().map(|reason| reason.code);
    let mut met = Vec::new();
    codes.filter(move |code| {
        let new = !met.contains(code);
        met.push(*code);
        new
    })
}
