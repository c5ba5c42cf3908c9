//! Models on a terminal, and in JSON.

use std::io::{self, Write};

use moderato::classifier::Artefact;
use moderato::store::StoredModel;
use serde_json::{Value, json};

use crate::terminal::printable_line;

/// The registered models, and the base.
pub fn list(
    out: &mut impl Write,
    models: &[StoredModel],
    live: Option<&str>,
    base: &Artefact,
    as_json: bool,
) -> io::Result<()> {
    for stored in models {
        if as_json {
            writeln!(out, "{}", object(stored, live))?;
            continue;
        }
        let mark = if Some(stored.id.as_str()) == live {
            "live"
        } else {
            ""
        };
        writeln!(
            out,
            "{}  {mark:4}  {}  from {}{}{}",
            stored.id,
            stored.created_at.strftime("%Y-%m-%d %H:%M"),
            stored.origin.name(),
            labels(stored),
            figures(stored),
        )?;
    }
    let base_is_live = live.is_none();
    if as_json {
        writeln!(
            out,
            "{}",
            json!({"model": base.id().to_string(), "origin": "base", "live": base_is_live})
        )?;
    } else {
        let mark = if base_is_live { "live" } else { "" };
        writeln!(out, "{}  {mark:4}  the base", base.id())?;
    }
    Ok(())
}

fn labels(model: &StoredModel) -> String {
    let labels = model.labels.as_ref();
    let labels = labels.and_then(|labels| labels["labels"].as_u64());
    labels.map_or_else(String::new, |labels| format!(", {labels} labels"))
}

/// AUC on labels not seen, before and after.
fn figures(model: &StoredModel) -> String {
    let heads = model.evaluation.as_ref().and_then(Value::as_object);
    let figures = heads.into_iter().flatten().filter_map(|(head, figures)| {
        let (before, after) = (figures["base_auc"].as_f64()?, figures["auc"].as_f64()?);
        Some(format!(", {head} AUC {before:.3} → {after:.3}"))
    });
    figures.collect()
}

/// All that is known of one.
pub fn model(
    out: &mut impl Write,
    model: &StoredModel,
    live: Option<&str>,
    as_json: bool,
) -> io::Result<()> {
    let object = object(model, live);
    if as_json {
        writeln!(out, "{object}")?;
        return Ok(());
    }
    writeln!(out, "{}", model.id)?;
    for (key, value) in object.as_object().into_iter().flatten() {
        if key == "model" || value.is_null() {
            continue;
        }
        lines(out, 1, key, value)?;
    }
    Ok(())
}

/// A value on a line of its own, what is in it under it.
fn lines(out: &mut impl Write, depth: usize, key: &str, value: &Value) -> io::Result<()> {
    let indent = "  ".repeat(depth);
    let key = printable_line(key);
    match value {
        Value::Object(object) if !object.is_empty() => {
            writeln!(out, "{indent}{key}:")?;
            for (key, value) in object {
                lines(out, depth + 1, key, value)?;
            }
        }
        Value::String(text) => writeln!(out, "{indent}{key}: {}", printable_line(text))?,
        other => writeln!(out, "{indent}{key}: {}", printable_line(&other.to_string()))?,
    }
    Ok(())
}

fn object(model: &StoredModel, live: Option<&str>) -> Value {
    json!({
        "model": model.id,
        "live": Some(model.id.as_str()) == live,
        "origin": model.origin.name(),
        "base": model.base,
        "parent": model.parent,
        "created_at": model.created_at.to_string(),
        "by": model.actor.name().unwrap_or(model.actor.kind()),
        "feature_version": model.feature_version,
        "bytes": model.bytes,
        "labels": model.labels,
        "settings": model.settings,
        "held_out": model.evaluation,
    })
}

/// The base, which is not registered.
pub fn base(out: &mut impl Write, base: &Artefact, is_live: bool, as_json: bool) -> io::Result<()> {
    let header = base.header();
    let rows: usize = header.corpus.iter().map(|record| record.rows).sum();
    if as_json {
        writeln!(
            out,
            "{}",
            json!({"model": base.id().to_string(), "origin": "base", "live": is_live, "rows": rows})
        )?;
    } else {
        writeln!(
            out,
            "{}\n  the base{}: trained on {rows} rows",
            base.id(),
            if is_live { ", live" } else { "" }
        )?;
    }
    Ok(())
}

/// That a file was registered.
pub fn imported(
    out: &mut impl Write,
    artefact: &Artefact,
    new: bool,
    as_json: bool,
) -> io::Result<()> {
    if as_json {
        writeln!(
            out,
            "{}",
            json!({"model": artefact.id().to_string(), "is_new": new})
        )?;
    } else if new {
        writeln!(out, "{} registered", artefact.id())?;
    } else {
        writeln!(out, "{} was registered before", artefact.id())?;
    }
    Ok(())
}
