//! What the queue looks like on a terminal, and in JSON. Texts are hostile: nothing in
//! them is obeyed by a terminal.

use std::io::{self, Write};
use std::process::ExitCode;

use moderato::review::{CommentName, Dossier, HeldComment, Resolution, ReviewError, Wave};
use moderato::store::{Obstacle, Outcome, StoredDecision};
use serde_json::{Value, json};

use crate::exit::{complain, wrong_input};
use crate::terminal::{printable, printable_line};

/// Characters of a text that a list shows.
const SHOWN: usize = 200;

/// A comment of a list.
pub fn comment(out: &mut impl Write, held: &HeldComment, as_json: bool) -> io::Result<()> {
    if as_json {
        writeln!(out, "{}", comment_json(held))?;
        return Ok(());
    }
    let comment = &held.queued.comment;
    let codes: Vec<_> = held
        .queued
        .reasons
        .iter()
        .map(|reason| reason.code.name())
        .collect();
    writeln!(out, "{}", held.name())?;
    writeln!(
        out,
        "  {}  spam {:.2}  toxicity {:.2}  {}{}",
        comment.received_at.strftime("%Y-%m-%d %H:%M"),
        comment.scores.spam.get(),
        comment.scores.toxicity.get(),
        codes.join(" "),
        beside(held),
    )?;
    if let Some(texts) = &comment.texts {
        let text: String = texts.text.chars().take(SHOWN).collect();
        writeln!(
            out,
            "  {}: {}",
            printable_line(&texts.name),
            printable_line(&text)
        )?;
    } else {
        writeln!(out, "  (erased, or past its retention)")?;
    }
    Ok(())
}

/// What is to be known beside scores and reasons.
fn beside(held: &HeldComment) -> String {
    let reports = held.queued.comment.reports;
    let claim = held.queued.claim.as_ref();
    [
        (held.wave_size > 1).then(|| format!("  wave of {}", held.wave_size)),
        (reports > 0).then(|| format!("  reported {reports}×")),
        claim.map(|claim| format!("  claimed by {}", printable_line(&claim.moderator))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn comment_json(held: &HeldComment) -> Value {
    let comment = &held.queued.comment;
    let texts = comment.texts.as_ref();
    json!({
        "name": held.name().to_string(),
        "state": comment.status.name(),
        "create_time": comment.received_at.to_string(),
        "author": comment.author.email.to_string(),
        "author_name": texts.map(|texts| &texts.name),
        "text": texts.map(|texts| &texts.text),
        "url": texts.and_then(|texts| texts.url.as_ref()),
        "page_id": texts.and_then(|texts| texts.page_id.as_ref()),
        "page_url": texts.and_then(|texts| texts.page_url.as_ref()),
        "scores": comment.scores,
        "reasons": held.queued.reasons,
        "wave_size": held.wave_size,
        "reports": comment.reports,
        "claimed_by": held.queued.claim.as_ref().map(|claim| &claim.moderator),
    })
}

/// A wave: its first comment, which says how many there are.
pub fn wave(out: &mut impl Write, wave: &Wave, as_json: bool) -> io::Result<()> {
    if as_json {
        let first = comment_json(&wave.first);
        let (size, authors) = (wave.first.wave_size, wave.authors);
        writeln!(
            out,
            "{}",
            json!({"size": size, "authors": authors, "first": first})
        )?;
    } else {
        comment(out, &wave.first, false)?;
        writeln!(
            out,
            "  by {} authors, the latest {}",
            wave.authors, wave.latest_at
        )?;
    }
    Ok(())
}

/// One comment with all that speaks for and against it.
pub fn dossier(out: &mut impl Write, dossier: &Dossier, as_json: bool) -> io::Result<()> {
    if as_json {
        let mut whole = comment_json(&dossier.comment);
        whole["evidence"] = json!(dossier.comment.queued.evidence);
        whole["model"] = json!(dossier.comment.queued.model);
        whole["decisions"] = dossier.decisions.iter().map(decision_json).collect();
        let notes = dossier.notes.iter().map(|note| {
            json!({"moderator": note.moderator, "write_time": note.written_at.to_string(),
                "text": note.text})
        });
        whole["notes"] = notes.collect();
        let author = dossier.author;
        whole["author_record"] = json!({
            "approved": author.approved, "rejected": author.rejected, "held": author.held,
        });
        let near = dossier
            .near
            .iter()
            .map(|held| json!(held.name().to_string()));
        whole["near"] = near.collect();
        writeln!(out, "{whole}")?;
        return Ok(());
    }
    comment(out, &dossier.comment, false)?;
    let queued = &dossier.comment.queued;
    if let Some(texts) = &queued.comment.texts {
        writeln!(out, "\n{}\n", printable(&texts.text))?;
    }
    for reason in &queued.reasons {
        writeln!(
            out,
            "{}: {}",
            reason.code.name(),
            printable_line(&reason.message)
        )?;
    }
    for piece in &queued.evidence {
        let token = printable_line(&piece.token);
        writeln!(out, "  {:+.2} {} {token}", piece.log_odds, piece.head)?;
    }
    writeln!(out, "author {}", queued.comment.author.email)?;
    writeln!(
        out,
        "  {} approved, {} rejected, {} held",
        dossier.author.approved, dossier.author.rejected, dossier.author.held
    )?;
    for decision in &dossier.decisions {
        writeln!(out, "{}", decision_line(decision))?;
    }
    for note in &dossier.notes {
        let (who, text) = (printable_line(&note.moderator), printable_line(&note.text));
        writeln!(out, "{who} noted: {text}")?;
    }
    for near in &dossier.near {
        writeln!(out, "near: {}", near.name())?;
    }
    Ok(())
}

/// A person's decision, in a list of them.
pub fn resolution(out: &mut impl Write, resolution: &Resolution, as_json: bool) -> io::Result<()> {
    let name = resolution.comment.name();
    if as_json {
        let mut line = decision_json(&resolution.decision);
        line["name"] = json!(name.to_string());
        line["undoable"] = json!(resolution.undoable);
        writeln!(out, "{line}")?;
    } else {
        writeln!(out, "{name}\n  {}", decision_line(&resolution.decision))?;
    }
    Ok(())
}

fn decision_json(decision: &StoredDecision) -> Value {
    json!({
        "number": decision.number,
        "decision": decision.decision.name(),
        "decided_by": decision.actor.kind(),
        "moderator": decision.actor.name(),
        "reason": decision.why,
        "note": decision.note,
        "decide_time": decision.decided_at.to_string(),
        "undoes": decision.undoes,
    })
}

fn decision_line(decision: &StoredDecision) -> String {
    let who = printable_line(decision.actor.called());
    let undone = decision
        .undoes
        .map(|number| format!(", taking back number {number}"));
    let said = [&decision.why, &decision.note].into_iter().flatten();
    let said: Vec<_> = said
        .map(|said| format!(" ({})", printable_line(said)))
        .collect();
    let said = said.concat();
    format!(
        "{}  {who}: {}{}{said}",
        decision.decided_at.strftime("%Y-%m-%d %H:%M"),
        decision.decision,
        undone.unwrap_or_default(),
    )
}

/// What became of each, and the exit code that says whether all is done: 0; 2 where
/// there is no such comment; else 1.
pub fn outcomes(
    out: &mut impl Write,
    outcomes: &[(CommentName, Outcome)],
    as_json: bool,
) -> io::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for (name, outcome) in outcomes {
        match outcome {
            Ok(decision) if as_json => {
                let mut line = decision_json(decision);
                line["name"] = json!(name.to_string());
                writeln!(out, "{line}")?;
            }
            Ok(decision) => writeln!(out, "{name}  {}", decision.decision)?,
            Err(obstacle) => {
                code = match obstacle {
                    Obstacle::NotFound => wrong_input(),
                    _ => ExitCode::FAILURE,
                };
                let told = ReviewError::Obstacle(obstacle.clone());
                if as_json {
                    writeln!(
                        out,
                        "{}",
                        json!({"name": name.to_string(), "error": told.to_string()})
                    )?;
                }
                complain(format_args!("{name}: {told}"));
            }
        }
    }
    Ok(code)
}
