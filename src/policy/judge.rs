//! Weighing what was found in a submission that was read in full.

use std::cmp::Reverse;

use super::sentences;
use super::settings::{AllowedWords, Honeypot, LinkLimit, TrustedAuthors};
use super::signals::Judged;
use super::{Outcome, Policy};
use crate::rules::HitKind;
use crate::verdict::{Decision, Head, Reason};

/// A cause, with what it would do if it stood alone.
struct Finding {
    decision: Decision,
    reason: Reason,
}

impl Policy {
    pub(super) fn judge(&self, judged: &Judged) -> Outcome {
        let findings = self.findings(judged);
        let found = findings
            .first()
            .map_or(Decision::Approve, |worst| worst.decision);
        let pardons = match found {
            Decision::Approve => Vec::new(),
            Decision::Hold | Decision::Reject => self.pardons(judged),
        };
        let decision = if pardons.is_empty() {
            found
        } else {
            Decision::Approve
        };
        let mut reasons = pardons;
        reasons.extend(findings.into_iter().map(|finding| finding.reason));
        reasons.extend_from_slice(&judged.remarks);
        Outcome { decision, reasons }
    }

    /// Everything that would raise the decision, most serious first; among
    /// equals what the operator listed before what the model thinks.
    fn findings(&self, judged: &Judged) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut add = |decision, reason| findings.push(Finding { decision, reason });
        self.weigh_rules(judged, &mut add);
        self.weigh_form(judged, &mut add);
        self.weigh_scores(judged, &mut add);
        self.weigh_author(judged, &mut add);
        findings.sort_by_key(|finding| Reverse(finding.decision));
        findings
    }

    fn weigh_rules(&self, judged: &Judged, add: &mut impl FnMut(Decision, Reason)) {
        for (kind, decision) in [
            (HitKind::DeniedWord, Decision::Reject),
            (HitKind::DeniedDomain, Decision::Reject),
            (HitKind::SuspectWord, Decision::Hold),
            (HitKind::SuspectDomain, Decision::Hold),
        ] {
            for reason in sentences::hits(&judged.rules, kind) {
                add(decision, reason);
            }
        }
        let links = judged.rules.counted_links();
        if let LinkLimit::AtMost(most) = self.max_links
            && links > most
        {
            add(Decision::Hold, sentences::too_many_links(links, most));
        }
    }

    fn weigh_form(&self, judged: &Judged, add: &mut impl FnMut(Decision, Reason)) {
        if judged.honeypot_filled {
            match self.honeypot {
                Honeypot::Reject => add(Decision::Reject, sentences::honeypot_filled()),
                Honeypot::Hold => add(Decision::Hold, sentences::honeypot_filled()),
                Honeypot::Ignore => {}
            }
        }
        if let Some(took) = judged.form_duration_ms
            && took < self.min_form_duration_ms
        {
            let reason = sentences::form_too_fast(took, self.min_form_duration_ms);
            add(Decision::Hold, reason);
        }
    }

    fn weigh_scores(&self, judged: &Judged, add: &mut impl FnMut(Decision, Reason)) {
        for head in Head::ALL {
            let score = *judged.scores.get(head);
            let decision = self.thresholds.get(head).decide(score);
            if decision > Decision::Approve {
                add(decision, sentences::score(head, score));
            }
        }
        if self.abstain && judged.known_tokens < self.min_known_tokens {
            let reason = sentences::too_little_evidence(judged.known_tokens, judged.tokens);
            add(Decision::Hold, reason);
        }
    }

    /// An author of whom the site says nothing counts as new: approval before
    /// publication is a promise to the site's readers.
    fn weigh_author(&self, judged: &Judged, add: &mut impl FnMut(Decision, Reason)) {
        let published_before = judged.author.approved_comments.is_some_and(|n| n > 0);
        if self.hold_first_time_authors && !published_before {
            add(Decision::Hold, sentences::first_time_author());
        }
    }

    /// The allow rules that apply.
    fn pardons(&self, judged: &Judged) -> Vec<Reason> {
        let mut pardons = Vec::new();
        if judged.author.trusted && self.trusted_authors == TrustedAuthors::Approve {
            pardons.push(sentences::trusted_author());
        }
        if self.allowed_words == AllowedWords::Approve {
            pardons.extend(sentences::hits(&judged.rules, HitKind::AllowedWord));
        }
        pardons
    }
}
