//! What a submission takes of its quotas, and what they say of it.

use super::{Pipeline, SiteRules};
use crate::comment::Comment;
use crate::policy::{Judged, LimitScope, RateRefusal};
use crate::rate_limit::{Admission, Charge, QuotaKind, Refusal, Subject, Weight};
use crate::site::SiteId;

impl Pipeline {
    /// Charges a comment that was `judged` to all its quotas, in one question.
    pub(super) async fn charge(
        &self,
        site: &SiteId,
        rules: &SiteRules,
        comment: &Comment,
        judged: &Judged,
    ) -> Admission {
        let email = comment.email().canonical();
        let subject = Subject {
            address: comment.ip_address(),
            email: &email,
            page: comment.page().key(),
            author: comment.author().id(),
        };
        let cost = rules.quotas.cost(weight(rules, judged));
        let charges = rules.quotas.charges(&self.hasher, site, &subject, cost);
        self.ask(site, &charges).await
    }

    async fn ask(&self, site: &SiteId, charges: &[Charge]) -> Admission {
        match self.limiter.charge(site, charges).await {
            Ok(admission) => admission,
            Err(error) => {
                // A limiter with a stand-in never comes here. One without must not
                // cost a reader the comment.
                tracing::warn!(%error, "no limiter answered; the submission goes uncounted");
                Admission {
                    degraded: true,
                    ..Admission::default()
                }
            }
        }
    }
}

/// What makes a comment cost more or less than one.
fn weight(rules: &SiteRules, judged: &Judged) -> Weight {
    Weight {
        links: judged.rules.counted_links(),
        spam: rules.policy.reads_like_spam(&judged.scores),
        trusted: judged.author.trusted,
    }
}

/// A limiter's refusal, as a policy speaks of it.
pub(super) const fn refusal(refusal: Refusal) -> RateRefusal {
    RateRefusal {
        scope: scope(refusal.kind),
        retry_after: refusal.retry_after,
    }
}

const fn scope(kind: QuotaKind) -> LimitScope {
    match kind {
        QuotaKind::Address
        | QuotaKind::Ipv6Block56
        | QuotaKind::Ipv6Block48
        | QuotaKind::Email
        | QuotaKind::Author => LimitScope::Author,
        QuotaKind::Page => LimitScope::Page,
        QuotaKind::Site => LimitScope::Site,
    }
}
