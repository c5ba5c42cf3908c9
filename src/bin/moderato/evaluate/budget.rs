//! `moderato evaluate --hold-budget`: thresholds from what people can do.

use std::process::ExitCode;

use moderato::training::report::ScoredRows;
use moderato::training::thresholds::{Budget, PerDay, Proposal, Share, propose};
use moderato::verdict::{Head, PerHead};

use crate::exit::complain;

/// What the site gets and what its people can do.
#[derive(clap::Args)]
#[command(next_help_heading = "Thresholds")]
pub struct Flags {
    /// Propose thresholds that hold at most so many comments, such as 80/day
    #[arg(long, value_name = "N/day", requires = "volume")]
    hold_budget: Option<PerDay>,
    /// Comments that come in, such as 5000/day
    #[arg(long, value_name = "N/day", requires = "hold_budget")]
    volume: Option<PerDay>,
    /// Largest share of civil comments that may be rejected, over both heads, such as 1/500
    #[arg(
        long,
        value_name = "SHARE",
        requires = "hold_budget",
        default_value = "1/500"
    )]
    max_wrong_rejects: Share,
    /// Share of the comments that are spam or toxic, such as toxicity=2%; by default that among the
    /// labelled rows
    #[arg(long, value_name = "HEAD=SHARE", requires = "hold_budget", value_parser = prevalence)]
    prevalence: Vec<(Head, Share)>,
}

fn prevalence(argument: &str) -> Result<(Head, Share), String> {
    let expected = || format!("expected spam=SHARE or toxicity=SHARE; found {argument:?}");
    let (name, share) = argument.split_once('=').ok_or_else(expected)?;
    let head = Head::ALL.into_iter().find(|head| head.name() == name);
    let head = head.ok_or_else(expected)?;
    let share = share.parse::<Share>().map_err(|error| error.to_string())?;
    Ok((head, share))
}

impl Flags {
    /// The proposal that was asked for.
    pub fn propose(&self, scored: &ScoredRows) -> Option<Proposal> {
        let mut given = PerHead::default();
        for &(head, share) in &self.prevalence {
            *given.get_mut(head) = Some(share);
        }
        let budget = Budget {
            volume: self.volume?,
            holds: self.hold_budget?,
            wrong_rejects: self.max_wrong_rejects,
            prevalence: given,
        };
        let counts = PerHead::from_fn(|head| scored.tally(head).scores);
        Some(propose(&counts, &budget))
    }
}

/// The exit code of a proposal; what cannot be met is said on standard error.
pub fn exit_code(proposal: Option<&Proposal>) -> ExitCode {
    let unmet = proposal.map_or(&[][..], |proposal| &proposal.unmet);
    for unmet in unmet {
        complain(format_args!("the budget cannot be met: {unmet}"));
    }
    if unmet.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
