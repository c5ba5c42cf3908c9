//! What a submission takes of its quotas, and what they say of it.

use std::time::Duration;

use jiff::Timestamp;

use super::receipts::Answer;
use super::{Pipeline, PipelineError, SiteRules};
use crate::comment::Comment;
use crate::policy::{
    Judged, Language, LimitScope, RateRefusal, private_address, rate_limit_shadow,
};
use crate::rate_limit::{Admission, Charge, QuotaKind, Refusal, Standing, Subject, Weight};
use crate::site::SiteId;
use crate::verdict::Reason;

/// What a submission was charged, and when.
pub(super) struct Charged {
    pub(super) charges: Vec<Charge>,
    pub(super) admission: Admission,
    /// Not later than the limiter counted it.
    since: Timestamp,
}

impl Pipeline {
    /// Charges a comment that was `judged` to all its quotas, in one question.
    pub(super) async fn charge(
        &self,
        site: &SiteId,
        rules: &SiteRules,
        comment: &Comment,
        judged: &Judged,
    ) -> Charged {
        let email = comment.email().canonical();
        let subject = Subject {
            address: comment.ip_address(),
            email: Some(&email),
            page: comment.page().key(),
            author: comment.author().id(),
            site: true,
        };
        let cost = rules.quotas.cost(weight(rules, judged));
        let charges = rules.quotas.charges(&self.hasher, site, &subject, cost);
        let since = (self.now)();
        let admission = self.ask(site, &charges).await;
        Charged {
            charges,
            admission,
            since,
        }
    }

    /// Leaves a submission charged whose verdict was `kept`. Of others, which could not be
    /// kept or of which another call with the same id was first, it is given back.
    pub(super) async fn settle(
        &self,
        site: &SiteId,
        kept: Result<Answer, PipelineError>,
        charged: Option<Charged>,
    ) -> Result<Answer, PipelineError> {
        match (kept, charged) {
            (Ok(answer), Some(charged)) if answer.is_new() => {
                Ok(answer.over((&charged.admission).into()))
            }
            (kept, Some(charged)) => {
                self.refund(site, charged).await;
                kept
            }
            (kept, None) => kept,
        }
    }

    async fn refund(&self, site: &SiteId, charged: Charged) {
        let Charged {
            charges,
            admission,
            since,
        } = charged;
        let ago = (self.now)().duration_since(since);
        let ago = Duration::try_from(ago).unwrap_or_default();
        let refunded = self.limiter.refund(site, &charges, &admission, ago).await;
        if let Err(error) = refunded {
            tracing::debug!(%error, "a submission that came to nothing stays counted");
        }
    }

    pub(super) async fn ask(&self, site: &SiteId, charges: &[Charge]) -> Admission {
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

/// A limiter's refusal, as a policy speaks of it to the author of `comment`.
pub(super) fn refusal(refusal: Refusal, comment: &Comment) -> RateRefusal {
    RateRefusal {
        scope: scope(refusal.kind),
        retry_after: refusal.retry_after,
        language: Language::of(comment.locale()),
    }
}

/// What the site should know of the counting, beside the decision.
pub(super) fn remarks(
    rules: &SiteRules,
    comment: &Comment,
    admission: &Admission,
) -> impl Iterator<Item = Reason> {
    let standing = comment
        .ip_address()
        .map(|address| rules.quotas.standing(address));
    let uncounted = (standing == Some(Standing::Private)).then(private_address);
    let watched = admission.shadow_refused.iter();
    uncounted.into_iter().chain(
        watched.map(|refusal| {
            rate_limit_shadow(&format!("per_{}", refusal.kind), refusal.retry_after)
        }),
    )
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
