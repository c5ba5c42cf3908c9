//! The proposal as text: assumptions, numbers, and TOML to paste.

use std::fmt;

use super::{Estimate, HeadProposal, Proposal};

impl fmt::Display for Proposal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "thresholds for {} comments a day, of which at most {} are held, and {} of the civil ones rejected",
            self.volume,
            self.hold_budget,
            percent(self.max_wrong_rejects)
        )?;
        for (head, proposal) in &self.heads {
            writeln!(formatter, "{head}: {}", assumption(proposal))?;
        }
        writeln!(
            formatter,
            "\n{:<9}  {:>22}  {:>22}  {:>22}  {:>22}",
            "a day", "held", "rejected", "wrongly rejected", "missed"
        )?;
        for (head, proposal) in &self.heads {
            writeln!(
                formatter,
                "{:<9}  {:>22}  {:>22}  {:>22}  {:>22}",
                head.name(),
                number(proposal.held),
                number(proposal.rejected),
                number(proposal.wrongly_rejected),
                number(proposal.missed)
            )?;
        }
        writeln!(formatter, "{:<9}  {:>22}", "together", number(self.held))?;
        for (head, proposal) in &self.heads {
            writeln!(
                formatter,
                "\n[policy.{head}]\nhold_at = {}\nreject_at = {}",
                decimal(proposal.hold_at),
                decimal(proposal.reject_at)
            )?;
        }
        Ok(())
    }
}

fn assumption(proposal: &HeadProposal) -> String {
    let share = percent(proposal.prevalence);
    let rows = format!(
        "counted on {} rows, {} positive",
        proposal.rows, proposal.positives
    );
    if proposal.prevalence_of_rows {
        format!(
            "{rows}; {share} of comments assumed to be positive, as of these rows (--prevalence says otherwise)"
        )
    } else {
        format!("{rows}; {share} of comments assumed to be positive, as given")
    }
}

fn percent(share: f64) -> String {
    format!("{}%", (share * 1e4).round() / 100.0)
}

fn number(estimate: Estimate) -> String {
    let Estimate {
        expected,
        low,
        high,
    } = estimate;
    format!("{expected:.1} ({low:.1}-{high:.1})")
}

/// A TOML float, which has a point.
fn decimal(number: f64) -> String {
    format!("{number:?}")
}
