//! Labels that a stream brings.

use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use super::asked;
use super::entering::Entered;
use crate::grpc::model_status::{status, with_batch};
use crate::grpc::proto::{ImportLabelsRequest, ImportLabelsResponse, ImportedLabel, LabelRefusal};
use crate::grpc::review_status::invalid;
use crate::grpc::status::Refusal;
use crate::label::LabelledSample;
use crate::lifecycle::{Importing, Lifecycle, NewImport};

/// Longest text that is imported, in bytes.
const LONGEST_TEXT: usize = 64 << 10;
/// Longest other field, in bytes.
const LONGEST_FIELD: usize = 2_000;
/// Longest name of an import, in characters.
const LONGEST_ORIGIN: usize = 200;
/// Refusals that are named.
const NAMED: usize = 100;

/// Adds what a stream brings. Where the call is given up, or takes too long, what came until
/// then is kept and put on the record all the same: this goes on without who waits for it.
pub(super) async fn import(
    lifecycle: Lifecycle,
    messages: Streaming<ImportLabelsRequest>,
    call: Entered,
) -> Result<ImportLabelsResponse, Status> {
    let given_up = CancellationToken::new();
    let _guard = given_up.clone().drop_guard();
    let importing = tokio::spawn(async move {
        let coming = Coming { messages, given_up };
        imported(&lifecycle, coming, &call).await
    });
    importing.await.unwrap_or_else(|ended| {
        tracing::error!(%ended, "an import was broken off");
        Err(Refusal::Fault.into())
    })
}

/// Messages until the stream ends or nobody waits for the answer any more.
struct Coming {
    messages: Streaming<ImportLabelsRequest>,
    given_up: CancellationToken,
}

impl Coming {
    async fn next(&mut self) -> Result<Option<ImportLabelsRequest>, Status> {
        let next = self.messages.message();
        let next = self.given_up.run_until_cancelled(next).await;
        next.unwrap_or(Ok(None))
    }
}

async fn imported(
    lifecycle: &Lifecycle,
    mut coming: Coming,
    call: &Entered,
) -> Result<ImportLabelsResponse, Status> {
    let expected = "expected the site in the first message, sites/{site}; found no message";
    let first = coming.next().await?;
    let message = first.ok_or_else(|| invalid("parent", expected))?;
    let site = asked::site("parent", &message.parent)?;
    let origin = origin(&message.origin)?;
    let (actor, now) = (call.actor(), call.now);
    let mut importing = lifecycle.import(NewImport { site, actor, now });
    let mut response = ImportLabelsResponse {
        batch: importing.batch().to_owned(),
        ..ImportLabelsResponse::default()
    };
    let added = add(&mut importing, message, coming, &origin, &mut response).await;
    // What was added stays, and is on the record, however it ended.
    let finished = importing.finish().await.map_err(status);
    let ended = added.and(finished);
    response.label_count = ended.map_err(|status| with_batch(&status, &response.batch))?;
    Ok(response)
}

async fn add(
    importing: &mut Importing<'_>,
    mut message: ImportLabelsRequest,
    mut coming: Coming,
    origin: &str,
    response: &mut ImportLabelsResponse,
) -> Result<(), Status> {
    let mut index = 0;
    loop {
        for label in message.labels {
            match sample(label, origin) {
                Ok(sample) => importing.add(sample).await.map_err(status)?,
                Err((field, expected)) => {
                    response.refused_count += 1;
                    if response.refusals.len() < NAMED {
                        response.refusals.push(LabelRefusal {
                            index,
                            field: field.to_owned(),
                            message: expected,
                        });
                    }
                }
            }
            index += 1;
        }
        match coming.next().await? {
            Some(next) => message = next,
            None => return Ok(()),
        }
    }
}

fn origin(origin: &str) -> Result<String, Status> {
    let length = origin.chars().count();
    if length > LONGEST_ORIGIN || origin.contains('\0') {
        let expected = format!("expected at most {LONGEST_ORIGIN} characters, found {length}");
        return Err(invalid("origin", &expected));
    }
    Ok(if origin.is_empty() { "api" } else { origin }.to_owned())
}

/// What can be learned from, or the field that is in the way and what was expected.
fn sample(label: ImportedLabel, origin: &str) -> Result<LabelledSample, (&'static str, String)> {
    let said = label.label.map(asked::said).unwrap_or_default();
    if label.text.trim().is_empty() {
        return Err(("text", "expected a text, found none".to_owned()));
    }
    if !said.is_judged() {
        let expected = "expected at least one of spam and toxicity, found neither";
        return Err(("label", expected.to_owned()));
    }
    for (field, value, longest) in [
        ("text", &label.text, LONGEST_TEXT),
        ("author_name", &label.author_name, LONGEST_FIELD),
        ("author_url", &label.author_url, LONGEST_FIELD),
        ("language", &label.language, LONGEST_FIELD),
        ("group", &label.group, LONGEST_FIELD),
    ] {
        let found = value.len();
        if found > longest {
            let expected = format!("expected at most {longest} bytes, found {found}");
            return Err((field, expected));
        }
    }
    Ok(LabelledSample {
        text: label.text,
        name: label.author_name,
        url: label.author_url,
        label: said,
        language: label.language,
        group: label.group,
        source: origin.to_owned(),
    })
}
