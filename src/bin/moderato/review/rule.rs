//! `moderato review approve` and `reject`.

use std::io;
use std::process::ExitCode;

use jiff::Timestamp;
use moderato::review::{CommentName, Resolve, Review, Verdict};
use moderato::store::Actor;
use moderato::verdict::PerHead;

use super::{print, theirs};

/// Which comments, and what else is to be kept.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Rule {
    /// The comments: sites/{site}/comments/{comment}, as `list` shows them.
    #[arg(required = true)]
    names: Vec<CommentName>,
    /// Also everything that waits and is near-identical to one of them.
    #[arg(long)]
    whole_waves: bool,
    /// A note for the moderators.
    #[arg(long)]
    note: Option<String>,
    /// Teach that it is spam, whatever the reason.
    #[arg(long, conflicts_with = "ham")]
    spam: bool,
    /// Teach that it is abusive, whatever the reason.
    #[arg(long, conflicts_with = "ham")]
    toxic: bool,
    /// Teach that it is neither.
    #[arg(long)]
    ham: bool,
    /// Also what a moderator has claimed.
    #[arg(long)]
    override_claims: bool,
}

/// Decides on comments.
pub async fn rule(
    review: &Review,
    rule: Rule,
    verdict: Verdict,
    json: bool,
    now: Timestamp,
) -> anyhow::Result<ExitCode> {
    let label = match (rule.ham, rule.spam, rule.toxic) {
        (true, _, _) => Some(PerHead {
            spam: Some(false),
            toxicity: Some(false),
        }),
        (_, false, false) => None,
        (_, spam, toxic) => Some(PerHead {
            spam: spam.then_some(true),
            toxicity: toxic.then_some(true),
        }),
    };
    let request = Resolve {
        names: rule.names,
        verdict,
        label,
        note: rule.note,
        whole_waves: rule.whole_waves,
        override_claims: rule.override_claims,
    };
    let resolved = theirs(review.resolve(&request, &Actor::Operator, now).await)?;
    if resolved.left > 0 {
        eprintln!(
            "moderato: {} that are alike wait still; run the same again",
            resolved.left
        );
    }
    Ok(print::outcomes(
        &mut io::stdout(),
        &resolved.outcomes,
        json,
    )?)
}
