//! Asking a server.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use moderato::comment::Submission;
use moderato::grpc::proto::check_comments_response::Outcome;
use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use moderato::grpc::proto::{CheckCommentRequest, CheckCommentsRequest, CheckCommentsResponse};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use super::Input;
use super::asked::Asked;
use super::judging::{Rules, Tally};
use super::message::message;
use super::patience::{Late, Patience};
use super::questions::{Question, ask};
use super::waiting::Waiting;
use crate::exit::{WrongInput, complain};

/// How many comments of a stream are under way at once.
const IN_FLIGHT: usize = 64;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a server listens.
#[derive(Clone)]
pub struct ServerAddress {
    text: String,
    endpoint: Endpoint,
}

impl FromStr for ServerAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            || format!("expected an address such as http://127.0.0.1:50051, found {text:?}");
        if !text.starts_with("http://") {
            return Err(expected());
        }
        let endpoint = Endpoint::from_shared(text.to_owned()).map_err(|_| expected())?;
        Ok(Self {
            text: text.to_owned(),
            endpoint: endpoint.connect_timeout(CONNECT_TIMEOUT),
        })
    }
}

/// A site's key, as the metadata of a call.
#[derive(Clone)]
pub struct Key(MetadataValue<Ascii>);

impl FromStr for Key {
    type Err = &'static str;

    fn from_str(key: &str) -> Result<Self, &'static str> {
        let mut bearer: MetadataValue<Ascii> = format!("Bearer {key}")
            .parse()
            .map_err(|_| "expected a key of visible ASCII characters")?;
        bearer.set_sensitive(true);
        Ok(Self(bearer))
    }
}

/// Has what `input` holds judged by the server at `address`.
pub fn check(
    input: Input,
    address: &ServerAddress,
    key: Option<Key>,
    rules: Rules,
    patience: Patience,
) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let channel = address.endpoint.connect().await.with_context(|| {
            format!(
                "no server answers at {}; start one with `moderato serve`, or judge here with --local",
                address.text
            )
        })?;
        let mut server = Server {
            client: ModerationServiceClient::new(channel),
            key,
            rules,
            patience,
        };
        let judged = match input {
            Input::One(submission) => server.one(*submission).await,
            Input::Lines(input) => server.stream(input).await,
        };
        judged.map_err(|error| match error.downcast_ref::<Late>() {
            Some(_) => error.context(format!("no answer from the server at {}", address.text)),
            None => error,
        })
    })
}

struct Server {
    client: ModerationServiceClient<Channel>,
    key: Option<Key>,
    rules: Rules,
    patience: Patience,
}

impl Server {
    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(Key(bearer)) = &self.key {
            request
                .metadata_mut()
                .insert("authorization", bearer.clone());
        }
        request
    }

    async fn one(&mut self, submission: Submission) -> anyhow::Result<ExitCode> {
        let asked = Asked::of(&submission, None);
        let request = self.request(CheckCommentRequest {
            submission: Some(message(submission)),
        });
        let answer = self.client.check_comment(request);
        let answer = self.patience.for_call(answer).await?;
        let answer = answer.map_err(|status| refused(&status))?;
        let verdict = answer.into_inner().verdict.context(NO_VERDICT)?;
        let answer = self.rules.form.received(&asked, &verdict)?;
        io::stdout().write_all(answer.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }

    /// Reads in a thread of its own, since reading waits, and prints answers as
    /// they come, in order. What waits for its answer waits in `asked`, which
    /// bounds how many do.
    async fn stream(&mut self, input: Box<dyn io::Read + Send>) -> anyhow::Result<ExitCode> {
        let (waiting, asked) = mpsc::channel(IN_FLIGHT);
        let (questions, requests) = mpsc::channel(IN_FLIGHT);
        let rules = self.rules;
        // Left alone at an early end: it may wait for a line that never comes.
        let reader = thread::spawn(move || {
            ask(input, rules, |Question { asked, submission }| {
                let request = CheckCommentsRequest {
                    submission: Some(message(submission)),
                    enforce_limits: rules.enforce_limits,
                };
                waiting.blocking_send(asked).is_ok() && questions.blocking_send(request).is_ok()
            })
        });
        let mut asked = Waiting::new(asked, self.patience);
        let requests = self.request(ReceiverStream::new(requests));
        let answers = asked.answer(self.client.check_comments(requests)).await?;
        let mut answers = answers.map_err(|status| refused(&status))?.into_inner();
        let mut tally = Tally::default();
        loop {
            let answer = asked.answer(answers.message()).await?;
            let Some(answer) = answer.map_err(|status| refused(&status))? else {
                break;
            };
            let asked = asked.next().await;
            let asked = asked.context("the server answered more than it was asked")?;
            self.print(&asked, answer, &mut tally)?;
        }
        let unanswered = asked.next().await.is_some();
        anyhow::ensure!(
            !unanswered,
            "the server ended the stream before it had answered"
        );
        let read = reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        tally.bad_input |= read.bad_input;
        Ok(tally.exit_code())
    }

    fn print(
        &self,
        asked: &Asked,
        answer: CheckCommentsResponse,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        match answer.outcome.context(NO_VERDICT)? {
            Outcome::Verdict(verdict) => {
                let answer = self.rules.form.received(asked, &verdict)?;
                io::stdout().write_all(answer.as_bytes())?;
            }
            Outcome::Error(status) => {
                let line = asked.line.unwrap_or_default();
                complain(format_args!("line {line}: {}", status.message));
                let bad_input = is_bad_input(Code::from(status.code));
                tally.bad_input |= bad_input;
                tally.unanswered |= !bad_input;
            }
        }
        Ok(())
    }
}

const NO_VERDICT: &str = "the server's answer holds no verdict; is it a Moderato server?";

const fn is_bad_input(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument | Code::AlreadyExists | Code::OutOfRange
    )
}

/// A call that got no verdict.
fn refused(status: &Status) -> anyhow::Error {
    let hint = match status.code() {
        Code::Unauthenticated => "; give the site's key with --key or MODERATO_KEY",
        _ => "",
    };
    let error = anyhow::anyhow!("the server gave no verdict: {}{hint}", status.message());
    if is_bad_input(status.code()) {
        WrongInput::new(error).into()
    } else {
        error
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::super::judging::Form;
    use super::*;

    const SHORT: Patience = Patience {
        call: Duration::from_millis(50),
        answer: Duration::from_millis(50),
    };

    /// What comes of asking a server that takes connections and never speaks.
    fn asked_of_the_mute(input: Input) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let rules = Rules {
            form: Form::Json,
            enforce_limits: false,
            strict: false,
        };
        let error = check(input, &address.parse().unwrap(), None, rules, SHORT).unwrap_err();
        assert!(!error.is::<WrongInput>(), "it exits with 1");
        let said = moderato::telemetry::with_causes(error.as_ref());
        assert!(said.contains(&address), "{said}");
        said
    }

    #[test]
    fn a_mute_server_is_not_waited_for_with_one_comment() {
        let said = asked_of_the_mute(Input::One(Box::default()));
        assert!(said.ends_with("none within 50ms"), "{said}");
    }

    #[test]
    fn a_mute_server_is_not_waited_for_with_a_stream() {
        let said = asked_of_the_mute(Input::Lines(Box::new(&b"{}\n"[..])));
        assert!(said.ends_with("none within 50ms"), "{said}");
    }
}
