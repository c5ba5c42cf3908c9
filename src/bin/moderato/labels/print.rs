//! Labels on a terminal, and in JSON. Texts are hostile: nothing in them is obeyed by a
//! terminal.

use std::io::{self, Write};

use moderato::label::Label;
use moderato::lifecycle::{Retracting, Suspicion};
use moderato::store::StoredLabel;
use serde_json::json;

use crate::terminal::printable_line;

/// Characters of a text that a list shows.
const SHOWN: usize = 160;

/// A label of a list.
pub fn label(out: &mut impl Write, label: &StoredLabel, as_json: bool) -> io::Result<()> {
    let comment = label.comment.map(|id| id.resource_name(&label.site));
    if as_json {
        writeln!(out, "{}", object(label, comment.as_deref()))?;
        return Ok(());
    }
    let by = label.actor.as_deref().map(printable_line);
    let by = by.map(|by| format!(" {by}")).unwrap_or_default();
    let from = comment.or_else(|| {
        let (origin, batch) = (label.origin.as_deref()?, label.batch.as_deref()?);
        Some(format!("{} (batch {batch})", printable_line(origin)))
    });
    writeln!(
        out,
        "{}  {}  {}{by}: {}  {}",
        label.id,
        label.labelled_at.strftime("%Y-%m-%d %H:%M"),
        label.source.name(),
        words(label.label),
        from.unwrap_or_default(),
    )?;
    match &label.texts {
        Some(texts) => {
            let text: String = texts.text.chars().take(SHOWN).collect();
            writeln!(out, "  {}", printable_line(&text))?;
        }
        None => writeln!(out, "  (erased)")?,
    }
    if let Some(retracted) = &label.retracted {
        let by = retracted.by.called();
        let why = retracted.why.as_deref().map(printable_line);
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let at = retracted.at.strftime("%Y-%m-%d %H:%M");
        writeln!(out, "  retracted {at} by {}{why}", printable_line(by))?;
    }
    Ok(())
}

/// A label that is held back.
pub fn held_back(
    out: &mut impl Write,
    held: &StoredLabel,
    why: &Suspicion,
    as_json: bool,
) -> io::Result<()> {
    if as_json {
        let comment = held.comment.map(|id| id.resource_name(&held.site));
        let mut object = object(held, comment.as_deref());
        object["held_back"] = json!(why.to_string());
        writeln!(out, "{object}")?;
    } else {
        label(out, held, false)?;
        writeln!(out, "  held back: {why}")?;
    }
    Ok(())
}

/// What was said, in words.
pub fn words(label: Label) -> String {
    let said = |judged: Option<bool>, yes: &'static str, no: &'static str| {
        judged.map(|judged| if judged { yes } else { no })
    };
    let said = [
        said(label.spam, "spam", "not spam"),
        said(label.toxicity, "toxic", "not toxic"),
    ];
    let said: Vec<_> = said.into_iter().flatten().collect();
    if said.is_empty() {
        "nothing judged".to_owned()
    } else {
        said.join(", ")
    }
}

fn object(label: &StoredLabel, comment: Option<&str>) -> serde_json::Value {
    let retracted = label.retracted.as_ref().map(|retracted| {
        json!({
            "at": retracted.at.to_string(),
            "by": retracted.by.called(),
            "why": retracted.why,
        })
    });
    json!({
        "id": label.id.to_string(),
        "site": label.site.as_str(),
        "labelled_at": label.labelled_at.to_string(),
        "source": label.source.name(),
        "moderator": label.actor,
        "spam": label.label.spam,
        "toxic": label.label.toxicity,
        "comment": comment,
        "batch": label.batch,
        "origin": label.origin,
        "text": label.texts.as_ref().map(|texts| &texts.text),
        "retracted": retracted,
    })
}

/// What was retracted.
pub fn retracted(
    out: &mut impl Write,
    retracted: &Retracting,
    dry_run: bool,
    as_json: bool,
) -> io::Result<()> {
    if as_json {
        writeln!(
            out,
            "{}",
            json!({
                "labels": retracted.labels, "by_origin": retracted.by_origin, "dry_run": dry_run,
            })
        )?;
        return Ok(());
    }
    let done = if dry_run { "would be " } else { "" };
    writeln!(out, "{} labels {done}retracted", retracted.labels)?;
    for (origin, labels) in &retracted.by_origin {
        writeln!(out, "  {labels}  {}", printable_line(origin))?;
    }
    if !dry_run && retracted.labels > 0 {
        writeln!(
            out,
            "Models trained before still know them; train again: moderato train --from-labels"
        )?;
    }
    Ok(())
}
