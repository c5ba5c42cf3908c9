//! `moderato review blind`: a second look at decisions, from a terminal.

use std::io::{self, Write};
use std::process::ExitCode;

use jiff::Timestamp;
use moderato::review::{BlindFigures, BlindView, Looked, RejectReason, Review, Verdict};
use moderato::store::{Actor, BlindId};
use serde_json::{Value, json};

use super::theirs;
use crate::exit::WrongInput;
use crate::terminal::{printable, printable_line};

/// What to do with samples.
#[derive(clap::Subcommand)]
pub enum Blind {
    /// Show the next one, and keep it from others for `review.claim`.
    Next {
        /// Leave this one to others and show another.
        #[arg(long, value_name = "SAMPLE")]
        after: Option<BlindId>,
    },
    /// Say what you would decide. Changes nothing by itself, and then says what stands.
    Answer {
        /// The sample, as `next` shows it.
        sample: BlindId,
        /// `approve` or `reject`.
        #[arg(value_parser = ["approve", "reject"])]
        decision: String,
        /// Why, if you reject: `spam`, `toxic`, `off_topic` …
        #[arg(long)]
        reason: Option<RejectReason>,
    },
    /// List answers that are not what stands.
    Differences,
    /// Decide on a comment as it was answered.
    Apply {
        /// The sample, as `differences` shows it.
        sample: BlindId,
    },
}

/// Does it.
pub async fn act(
    review: &Review,
    action: Blind,
    json: bool,
    now: Timestamp,
) -> anyhow::Result<ExitCode> {
    let (who, mut out) = (Actor::Operator, io::stdout());
    match action {
        Blind::Next { after } => {
            match theirs(review.next_blind(&who, after, now).await)? {
                Some(view) => print(&mut out, &view, json)?,
                None if json => {}
                None => writeln!(out, "nothing is open to you")?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Blind::Answer {
            sample,
            decision,
            reason,
        } => {
            let verdict = match &*decision {
                "approve" if reason.is_some() => {
                    return Err(WrongInput::new(anyhow::anyhow!(
                        "--reason says why you reject; expected none with approve"
                    ))
                    .into());
                }
                "approve" => Verdict::Approve,
                _ => Verdict::Reject(reason),
            };
            let answered = review.answer_blind(sample, verdict, &who, now).await;
            let answered = theirs(answered)?.map_err(WrongInput::new)?;
            let by = answered.standing.actor.called();
            let (standing, agrees) = (answered.standing.decision, answered.agrees());
            if json {
                let line = json!({
                    "sample": sample.to_string(),
                    "name": answered.comment.id.resource_name(&answered.comment.site),
                    "answer": answered.answer, "standing": standing, "decided_by": by,
                    "agrees": agrees,
                });
                writeln!(out, "{line}")?;
            } else if agrees {
                writeln!(out, "{by} decided the same: {standing}")?;
            } else {
                let apply = format!("moderato review blind apply {sample}");
                writeln!(
                    out,
                    "{by} decided {standing}, and that stands; `{apply}` changes it"
                )?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Blind::Differences => {
            for of in theirs(review.blind_differences().await)? {
                let name = of.comment.resource_name(&of.site);
                let (decided, answered) = (of.decided.called(), of.answered.called());
                if json {
                    let line = json!({
                        "sample": of.sample.to_string(), "name": name,
                        "standing": of.standing, "decided_by": decided,
                        "answer": of.answer, "answered_by": answered,
                        "answered_at": of.answered_at.to_string(),
                    });
                    writeln!(out, "{line}")?;
                } else {
                    let (standing, answer) = (of.standing, of.answer);
                    let line = format!("{decided}: {standing}, {answered}: {answer}");
                    writeln!(out, "{} {name} {}", of.sample, printable_line(&line))?;
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Blind::Apply { sample } => {
            let outcome = theirs(review.apply_blind(sample, &who, true, now).await)?;
            Ok(super::print::outcomes(&mut out, &[outcome], json)?)
        }
    }
}

fn print(out: &mut impl Write, view: &BlindView, json: bool) -> io::Result<()> {
    let texts = &view.texts;
    if json {
        let line = json!({
            "sample": view.id.to_string(), "site": view.site.as_str(),
            "received_at": view.received_at.to_string(), "author": texts.name,
            "text": texts.text, "url": texts.url, "page_id": texts.page_id,
            "page_url": texts.page_url, "page_title": texts.page_title,
            "locale": texts.locale, "claimed_until": view.claimed_until.to_string(),
        });
        return writeln!(out, "{line}");
    }
    let page = texts.page_title.as_ref().or(texts.page_id.as_ref());
    let page = page.map(|page| format!(" on {}", printable_line(page)));
    writeln!(out, "{}", view.id)?;
    let (author, page) = (printable_line(&texts.name), page.unwrap_or_default());
    writeln!(out, "{author}, {}{page}, {}", view.site, view.received_at)?;
    writeln!(out, "{}", printable(&texts.text))
}

/// What second looks found.
pub fn report(out: &mut impl Write, found: &BlindFigures, json: bool) -> io::Result<()> {
    let rows = [
        ("approved", "approved, people would reject", found.approved),
        (
            "approved_by_policy",
            "  of these, by the policy alone",
            found.approved_by_policy,
        ),
        ("rejected", "rejected, people would approve", found.rejected),
        (
            "rejected_by_policy",
            "  of these, by the policy alone",
            found.rejected_by_policy,
        ),
        (
            "by_people",
            "decided by a person, another contradicts",
            found.by_people,
        ),
    ];
    if json {
        let object: serde_json::Map<String, Value> = rows
            .iter()
            .map(|(name, _, looked)| ((*name).to_owned(), told(looked)))
            .collect();
        return writeln!(out, "{}", Value::Object(object));
    }
    for (_, what, looked) in rows {
        let Looked { answers, otherwise } = looked;
        if answers == 0 {
            writeln!(out, "{what:<42} none looked at")?;
            continue;
        }
        let share = looked.share();
        let [expected, low, high] = [share.expected, share.low, share.high].map(|s| s * 100.0);
        writeln!(
            out,
            "{what:<42} {otherwise} of {answers}: {expected:.1} % ({low:.1} to {high:.1} %)"
        )?;
    }
    Ok(())
}

fn told(looked: &Looked) -> Value {
    let share = (looked.answers > 0).then(|| looked.share());
    json!({ "answers": looked.answers, "otherwise": looked.otherwise, "share": share })
}
