//! Labels on a terminal, and in JSON. Texts are hostile: nothing in them is obeyed by a
//! terminal.

use moderato::label::Label;
use moderato::lifecycle::{Retracting, Suspicion};
use moderato::store::StoredLabel;
use serde_json::json;

use crate::terminal::printable_line;

/// Characters of a text that a list shows.
const SHOWN: usize = 160;

/// A label of a list.
pub fn label(label: &StoredLabel, as_json: bool) {
    let comment = label.comment.map(|id| id.resource_name(&label.site));
    if as_json {
        println!("{}", object(label, comment.as_deref()));
        return;
    }
    let by = label.actor.as_deref().map(printable_line);
    let by = by.map(|by| format!(" {by}")).unwrap_or_default();
    let from = comment.or_else(|| {
        let (origin, batch) = (label.origin.as_deref()?, label.batch.as_deref()?);
        Some(format!("{} (batch {batch})", printable_line(origin)))
    });
    println!(
        "{}  {}  {}{by}: {}  {}",
        label.id,
        label.labelled_at.strftime("%Y-%m-%d %H:%M"),
        label.source.name(),
        words(label.label),
        from.unwrap_or_default(),
    );
    match &label.texts {
        Some(texts) => {
            let text: String = texts.text.chars().take(SHOWN).collect();
            println!("  {}", printable_line(&text));
        }
        None => println!("  (erased)"),
    }
    if let Some(retracted) = &label.retracted {
        let by = retracted.by.name().unwrap_or(retracted.by.kind());
        let why = retracted.why.as_deref().map(printable_line);
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let at = retracted.at.strftime("%Y-%m-%d %H:%M");
        println!("  retracted {at} by {}{why}", printable_line(by));
    }
}

/// A label that is held back.
pub fn held_back(held: &StoredLabel, why: &Suspicion, as_json: bool) {
    if as_json {
        let comment = held.comment.map(|id| id.resource_name(&held.site));
        let mut object = object(held, comment.as_deref());
        object["held_back"] = json!(why.to_string());
        println!("{object}");
    } else {
        label(held, false);
        println!("  held back: {why}");
    }
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
            "by": retracted.by.name().unwrap_or(retracted.by.kind()),
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
pub fn retracted(retracted: &Retracting, dry_run: bool, as_json: bool) {
    if as_json {
        println!(
            "{}",
            json!({
                "labels": retracted.labels, "by_origin": retracted.by_origin, "dry_run": dry_run,
            })
        );
        return;
    }
    let done = if dry_run { "would be " } else { "" };
    println!("{} labels {done}retracted", retracted.labels);
    for (origin, labels) in &retracted.by_origin {
        println!("  {labels}  {}", printable_line(origin));
    }
    if !dry_run && retracted.labels > 0 {
        println!(
            "Models trained before still know them; train again: moderato train --from-labels"
        );
    }
}
