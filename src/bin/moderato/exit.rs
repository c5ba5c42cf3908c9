//! How a command ends: what it says and its exit code.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use moderato::lifecycle::LifecycleError;
use moderato::telemetry::with_causes;

use crate::terminal::printable;

/// Wrong arguments, configuration or input.
const WRONG_INPUT: u8 = 2;

/// What the caller gave cannot be worked with; its message says what was expected.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct WrongInput(anyhow::Error);

impl WrongInput {
    /// Takes the error that says so.
    pub fn new(error: impl Into<anyhow::Error>) -> Self {
        Self(error.into())
    }
}

/// Marks failures as the caller's.
pub trait OrWrongInput<T> {
    /// The value, or its error as [`WrongInput`].
    fn or_wrong_input(self) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> OrWrongInput<T> for Result<T, E> {
    fn or_wrong_input(self) -> anyhow::Result<T> {
        self.map_err(|error| WrongInput::new(error).into())
    }
}

/// The operator's loop's answer, or whose fault it is that there is none.
pub fn theirs<T>(answer: Result<T, LifecycleError>) -> anyhow::Result<T> {
    answer.map_err(|error| {
        if error.is_wrong_input() {
            WrongInput::new(error).into()
        } else {
            error.into()
        }
    })
}

/// The exit code of wrong input.
pub fn wrong_input() -> ExitCode {
    ExitCode::from(WRONG_INPUT)
}

/// The exit code of `outcome`, whose error is said on standard error: 2 for
/// [`WrongInput`], 1 for any other. A reader that went away, such as `head`, has
/// what it wanted.
pub fn code(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    let Err(error) = outcome else {
        return outcome.unwrap_or(ExitCode::SUCCESS);
    };
    if is_closed_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    complain(with_causes(error.as_ref()));
    if error.is::<WrongInput>() {
        wrong_input()
    } else {
        ExitCode::FAILURE
    }
}

/// Says what is wrong on standard error, whatever it quotes.
pub fn complain(what: impl Display) {
    eprintln!("moderato: {}", printable(&what.to_string()));
}

/// Whether the output was closed. Not every broken pipe among the causes is the output:
/// servers go away as well.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let output = match error.downcast_ref::<LifecycleError>() {
        Some(LifecycleError::Output(error)) => Some(error),
        _ => error.downcast_ref::<io::Error>(),
    };
    output.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
