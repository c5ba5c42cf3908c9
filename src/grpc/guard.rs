//! What stands before every gRPC call: a deadline, a net under panics, a count.

use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use http::{HeaderMap, Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::Service;

use super::models::PATIENT;
use super::status::Refusal;
use crate::telemetry::Metrics;

/// Puts the guard before `service`. A call that is not answered within its
/// deadline (the client's `grpc-timeout` or `longest`, whichever is shorter)
/// fails with `DEADLINE_EXCEEDED`; one that panics fails with `INTERNAL`. Every
/// call is counted by the status it was answered with, and one that its client
/// gave up as `CANCELLED`. A stream counts by how it opened: its items have
/// deadlines of their own.
pub fn guarded<S>(
    mut service: S,
    longest: Duration,
    metrics: Arc<Metrics>,
) -> impl Service<
    Request<Body>,
    Response = Response<Body>,
    Error = Infallible,
    Future: Future<Output = Result<Response<Body>, Infallible>> + Send,
> + Clone
+ Send
+ 'static
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    tower::service_fn(move |request: Request<Body>| {
        let longest = longest_of(request.uri().path(), longest);
        let deadline = client_deadline(request.headers()).map_or(longest, |d| d.min(longest));
        // Started here, not at the first poll, it runs out no later than tonic's
        // own timer, which would answer CANCELLED.
        let answer = contained(deadline, service.call(request));
        counted(answer, Arc::clone(&metrics))
    })
}

/// How long calls may take that bring or replay much, or wait.
const PATIENCE: Duration = Duration::from_mins(10);

/// How long a call of this method may take.
fn longest_of(path: &str, longest: Duration) -> Duration {
    if PATIENT.contains(&path) {
        longest.max(PATIENCE)
    } else {
        longest
    }
}

/// Runs `work` for at most `limit`, and contains its panic if it has one.
pub(super) fn contained<F: Future>(
    limit: Duration,
    work: F,
) -> impl Future<Output = Result<F::Output, Refusal>> {
    tokio::time::timeout(limit, AssertUnwindSafe(work).catch_unwind()).map(move |end| match end {
        Ok(Ok(done)) => Ok(done),
        // Reported where it happened, by the panic hook; the payload may quote a comment.
        Ok(Err(_panic)) => Err(Refusal::Fault),
        Err(_elapsed) => Err(Refusal::TimedOut(limit)),
    })
}

/// Counts a call by its answer, also if it is dropped before it has one.
async fn counted(
    answer: impl Future<Output = Result<Result<Response<Body>, Infallible>, Refusal>>,
    metrics: Arc<Metrics>,
) -> Result<Response<Body>, Infallible> {
    let mut call = Call {
        metrics,
        code: Code::Cancelled,
    };
    let response = match answer.await {
        Ok(Ok(response)) => response,
        Err(refusal) => Status::from(refusal).into_http(),
    };
    call.code = code_of(&response);
    Ok(response)
}

/// A call under way, counted when dropped.
struct Call {
    metrics: Arc<Metrics>,
    code: Code,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.metrics.called(self.code);
    }
}

/// A failed call says so in the headers; the code of others is in the trailers
/// and OK.
fn code_of(response: &Response<Body>) -> Code {
    let header = response.headers().get("grpc-status");
    header.map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()))
}

/// The `grpc-timeout` header: at most eight digits and a unit. A malformed one
/// counts as none, as tonic has it.
fn client_deadline(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_hours(count)),
        "M" => Some(Duration::from_mins(count)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
