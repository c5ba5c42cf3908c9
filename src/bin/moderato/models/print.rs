//! Models on a terminal, and in JSON.

use std::io::{self, Write};

use moderato::classifier::Artefact;
use moderato::lifecycle::{Seen, TrainedOn};
use moderato::store::StoredModel;
use serde_json::{Value, json};

use crate::terminal::printable_line;

/// The registered models, and the base.
pub fn list(
    out: &mut impl Write,
    models: &[StoredModel],
    live: &Seen,
    base: &Artefact,
    as_json: bool,
) -> io::Result<()> {
    for stored in models {
        if as_json {
            writeln!(out, "{}", object(stored, live))?;
            continue;
        }
        let mark = if stored.removed_at.is_some() {
            "removed".to_owned()
        } else {
            role(live, Some(&stored.id))
        };
        writeln!(
            out,
            "{}  {mark:11}  {}  from {}{}{}",
            stored.id,
            stored.created_at.strftime("%Y-%m-%d %H:%M"),
            stored.origin.name(),
            labels(stored),
            figures(stored),
        )?;
    }
    if as_json {
        let mut object = roles(live, None);
        object["model"] = base.id().to_string().into();
        object["origin"] = "base".into();
        writeln!(out, "{object}")?;
    } else {
        writeln!(out, "{}  {:11}  the base", base.id(), role(live, None))?;
    }
    Ok(())
}

/// What a model is in force as, if it is; `None` is the base.
fn role(live: &Seen, model: Option<&str>) -> String {
    let canary = live
        .canary()
        .filter(|canary| canary.model.as_deref() == model);
    let shadow = live
        .shadow()
        .filter(|shadow| shadow.model.as_deref() == model);
    let roles = [
        (live.model() == model).then(|| "live".to_owned()),
        canary.map(|canary| format!("canary {}", canary.share)),
        shadow.map(|shadow| format!("shadow {}", shadow.share)),
    ];
    roles.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The same in JSON: shares, 0 where it is none.
fn roles(live: &Seen, model: Option<&str>) -> Value {
    let canary = live
        .canary()
        .filter(|canary| canary.model.as_deref() == model);
    let shadow = live
        .shadow()
        .filter(|shadow| shadow.model.as_deref() == model);
    json!({
        "live": live.model() == model,
        "canary_share": canary.map_or(0.0, |canary| canary.share.get()),
        "shadow_share": shadow.map_or(0.0, |shadow| shadow.share.get()),
    })
}

fn labels(model: &StoredModel) -> String {
    let on = TrainedOn::of(model);
    on.map_or_else(String::new, |on| format!(", {} labels", on.span.labels))
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
    live: &Seen,
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

fn object(model: &StoredModel, live: &Seen) -> Value {
    let roles = roles(live, Some(&model.id));
    json!({
        "model": model.id,
        "live": roles["live"],
        "canary_share": roles["canary_share"],
        "shadow_share": roles["shadow_share"],
        "removed_at": model.removed_at.map(|at| at.to_string()),
        "origin": model.origin.name(),
        "base": model.base,
        "parent": model.parent,
        "created_at": model.created_at.to_string(),
        "by": model.actor.called(),
        "feature_version": model.feature_version,
        "bytes": model.bytes,
        "labels": model.labels,
        "settings": model.settings,
        "held_out": model.evaluation,
    })
}

/// The base, which is not registered.
pub fn base(out: &mut impl Write, base: &Artefact, live: &Seen, as_json: bool) -> io::Result<()> {
    let header = base.header();
    let rows: usize = header.corpus.iter().map(|record| record.rows).sum();
    if as_json {
        let mut object = roles(live, None);
        object["model"] = base.id().to_string().into();
        object["origin"] = "base".into();
        object["rows"] = rows.into();
        return writeln!(out, "{object}");
    }
    let role = role(live, None);
    let role = if role.is_empty() {
        role
    } else {
        format!(", {role}")
    };
    writeln!(
        out,
        "{}\n  the base{role}: trained on {rows} rows",
        base.id()
    )
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
