//! Answers for people: decision, scores, reasons, and the text with what spoke
//! against it marked.

mod highlight;

use std::fmt::Write as _;

use clap::builder::styling::{AnsiColor, Color, Style};
use moderato::grpc::proto::{self, Decision, EvidenceKind, Head};

use super::asked::Asked;
use super::json::{decision, short};
use crate::terminal::{printable, printable_line};
use highlight::marked;

/// Pieces of evidence that are listed.
const PIECES: usize = 6;

/// An answer as it is shown, ending in a blank line.
pub fn page(asked: &Asked, verdict: &proto::Verdict, colour: bool) -> String {
    let paint = Paint { colour };
    let mut page = headline(asked, verdict, paint);
    for reason in &verdict.reasons {
        let message = printable_line(&reason.message);
        let _ = writeln!(page, "  • {message}{}", of_field(&reason.field));
    }
    if verdict.degraded {
        page.push_str("  • A part of the server was unreachable and its stand-in answered.\n");
    }
    for line in marked(&asked.text, verdict, paint).lines() {
        let _ = writeln!(page, "  {} {line}", paint.with(DIM, "│"));
    }
    if let Some(pieces) = pieces(&verdict.evidence) {
        let _ = writeln!(page, "  {}", paint.with(DIM, &pieces));
    }
    page.push('\n');
    page
}

fn headline(asked: &Asked, verdict: &proto::Verdict, paint: Paint) -> String {
    let mut line = paint.with(decision_style(verdict), &decision(verdict).to_uppercase());
    if let Some(scores) = &verdict.scores {
        let _ = write!(
            line,
            "   spam {}   toxicity {}",
            percent(scores.spam),
            percent(scores.toxicity)
        );
    }
    let place = match (asked.line, asked.submission_id.as_str()) {
        (_, id) if !id.is_empty() => format!("   {}", printable_line(id)),
        (Some(number), _) => format!("   line {number}"),
        (None, _) => String::new(),
    };
    line.push_str(&paint.with(DIM, &place));
    line.push('\n');
    line
}

/// Rounded down, so that it never seems to reach a threshold it does not.
fn percent(score: f64) -> String {
    format!("{:.0} %", (score * 100.0 + 1e-9).floor())
}

fn of_field(field: &str) -> String {
    if field.is_empty() {
        return String::new();
    }
    format!(" ({})", printable_line(field))
}

/// The strongest pieces with what each adds to the log-odds.
fn pieces(evidence: &[proto::Evidence]) -> Option<String> {
    let pieces: Vec<String> = evidence
        .iter()
        .filter(|piece| !matches!(piece.kind(), EvidenceKind::Prior | EvidenceKind::Remainder))
        .take(PIECES)
        .map(|piece| {
            format!(
                "{} {:+.2} {}",
                short(piece.head().as_str_name(), "HEAD_"),
                piece.log_odds,
                named(piece)
            )
        })
        .collect();
    (!pieces.is_empty()).then(|| pieces.join(" · "))
}

/// A signal by its name, anything else in quotes.
fn named(piece: &proto::Evidence) -> String {
    let token = printable_line(&piece.token);
    match piece.kind() {
        EvidenceKind::Signal => token,
        _ => format!("“{token}”"),
    }
}

/// Puts on colours, or leaves them out.
#[derive(Clone, Copy)]
struct Paint {
    colour: bool,
}

const DIM: Style = Style::new().dimmed();
const PLAIN: Style = Style::new();

const fn bold(colour: AnsiColor) -> Style {
    Style::new().bold().fg_color(Some(Color::Ansi(colour)))
}

fn decision_style(verdict: &proto::Verdict) -> Style {
    match verdict.decision() {
        Decision::Approve => bold(AnsiColor::Green),
        Decision::Hold => bold(AnsiColor::Yellow),
        Decision::Reject => bold(AnsiColor::Red),
        Decision::Unspecified => PLAIN,
    }
}

fn head_style(head: Head) -> Style {
    match head {
        Head::Spam => bold(AnsiColor::Yellow),
        Head::Toxicity => bold(AnsiColor::Red),
        Head::Unspecified => bold(AnsiColor::Magenta),
    }
}

impl Paint {
    fn with(self, style: Style, text: &str) -> String {
        let text = printable(text);
        if self.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.into_owned()
        }
    }

    /// A marked place: in colour, or between marks.
    fn mark(self, head: Head, text: &str) -> String {
        if self.colour {
            self.with(head_style(head).underline(), text)
        } else {
            format!("‹{}›", printable(text))
        }
    }
}

#[cfg(test)]
mod tests;
