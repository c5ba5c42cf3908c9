//! A replay as tables, and in JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use moderato::lifecycle::{Flip, Replay, ReplayFigures};

use crate::terminal::printable_line;

/// Prints a replay that took so long.
pub fn print(replay: &Replay, took: Duration, as_json: bool) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    // Each comment is decided on by both sides.
    let decisions = 2 * replay.figures.comments;
    let a_second = decisions as f64 / took.as_secs_f64().max(1e-9);
    if as_json {
        let mut object = serde_json::to_value(replay)?;
        object["seconds"] = took.as_secs_f64().into();
        object["decisions_a_second"] = a_second.round().into();
        writeln!(out, "{object}")?;
        return Ok(());
    }
    summary(&mut out, replay)?;
    writeln!(
        out,
        "{decisions} decisions in {:.1} s, {a_second:.0} a second",
        took.as_secs_f64()
    )?;
    for (title, groups) in [
        ("site", &replay.groups.by_site),
        ("language", &replay.groups.by_language),
        ("reason", &replay.groups.by_reason),
    ] {
        table(&mut out, title, groups)?;
    }
    for one in &replay.flipped {
        flip(&mut out, one)?;
    }
    let left_out = replay.figures.flips - replay.flipped.len() as u64;
    if left_out > 0 {
        writeln!(out, "… and {left_out} more (--flips)")?;
    }
    Ok(())
}

/// What changes, in a few lines.
pub fn summary(out: &mut impl Write, replay: &Replay) -> io::Result<()> {
    let figures = &replay.figures;
    writeln!(
        out,
        "{} → {}: {} comments since {}",
        replay.before, replay.after, figures.comments, replay.since
    )?;
    let kinds: Vec<_> = replay
        .kinds
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let kinds = if kinds.is_empty() {
        String::new()
    } else {
        format!(": {}", kinds.join(", "))
    };
    writeln!(out, "decided otherwise: {}{kinds}", figures.flips)?;
    writeln!(
        out,
        "held {} → {}, rejected {} → {}",
        figures.held_before, figures.held_after, figures.rejected_before, figures.rejected_after
    )?;
    writeln!(
        out,
        "of {} that people decided on: mistakes {} → {}, {} fixed, {} new",
        figures.ruled,
        figures.mistakes_before,
        figures.mistakes_after,
        figures.fixed_mistakes,
        figures.new_mistakes
    )?;
    if replay.drifted > 0 {
        writeln!(
            out,
            "{} verdicts of the model and policy in force come out otherwise now; they were given \
             by another version of Moderato",
            replay.drifted
        )?;
    }
    Ok(())
}

fn table(
    out: &mut impl Write,
    title: &str,
    groups: &BTreeMap<String, ReplayFigures>,
) -> io::Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let width = groups.keys().map(|name| name.chars().count()).max();
    let width = width.unwrap_or_default().max(title.len());
    writeln!(
        out,
        "\n{title:width$}  comments  otherwise  held            mistakes        fixed  new"
    )?;
    for (name, figures) in groups {
        let held = format!("{} → {}", figures.held_before, figures.held_after);
        let mistakes = format!("{} → {}", figures.mistakes_before, figures.mistakes_after);
        writeln!(
            out,
            "{:width$}  {:8}  {:9}  {held:14}  {mistakes:14}  {:5}  {:3}",
            printable_line(name),
            figures.comments,
            figures.flips,
            figures.fixed_mistakes,
            figures.new_mistakes
        )?;
    }
    Ok(())
}

fn flip(out: &mut impl Write, flip: &Flip) -> io::Result<()> {
    let [was, is] = &flip.scores;
    let mistake = match (flip.mistake, flip.truth) {
        (Some(mistake), _) => format!("{} mistake", mistake.name()),
        (None, Some(truth)) => format!("people: {}", truth.name()),
        (None, None) => "nobody decided".to_owned(),
    };
    writeln!(
        out,
        "\n{}→{}  {mistake}  spam {:.2}→{:.2}  toxicity {:.2}→{:.2}  {}",
        flip.before,
        flip.after,
        was.spam.get(),
        is.spam.get(),
        was.toxicity.get(),
        is.toxicity.get(),
        flip.comment
    )?;
    let [before, after] = flip.reasons.each_ref().map(|codes| {
        let names: Vec<_> = codes.iter().map(|code| code.name()).collect();
        names.join(" ")
    });
    writeln!(out, "  [{before}] → [{after}]")?;
    writeln!(out, "  {}", printable_line(&flip.text))
}
