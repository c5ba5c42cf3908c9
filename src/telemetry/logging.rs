//! The server's own log, on standard error: text on a terminal, JSON lines
//! elsewhere. What is logged is set by `MODERATO_LOG`.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::env::{self, VarError};
use std::io::{self, IsTerminal as _};
use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;

/// Names the environment variable that says what is logged.
pub const VARIABLE: &str = "MODERATO_LOG";

/// What is logged where nothing is set.
const DEFAULT: &str = "info";

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The variable says what cannot be read.
    #[error("{VARIABLE}: expected directives such as `info` or `moderato=debug,h2=warn`: {0}")]
    Directives(#[from] ParseError),
    /// The variable is no Unicode text.
    #[error("{VARIABLE}: expected directives such as `info`, found bytes that are not UTF-8")]
    NotUnicode,
    /// A log has been set up before.
    #[error("the log is set up already")]
    Twice(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sets up the log of this process, and reports panics in it.
///
/// # Errors
/// If `MODERATO_LOG` cannot be read, or if a log has been set up before.
pub fn init() -> Result<(), LoggingError> {
    let directives = match env::var(VARIABLE) {
        Ok(directives) => directives,
        Err(VarError::NotPresent) => String::new(),
        Err(VarError::NotUnicode(_)) => return Err(LoggingError::NotUnicode),
    };
    let filter = filter(&directives)?;
    let started = if io::stderr().is_terminal() {
        // https://no-color.org
        let colours = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let log = tracing_subscriber::fmt().with_ansi(colours);
        try_init(log.with_env_filter(filter).with_writer(io::stderr).finish())
    } else {
        let log = tracing_subscriber::fmt().json().flatten_event(true);
        try_init(log.with_env_filter(filter).with_writer(io::stderr).finish())
    };
    started.map_err(|error| LoggingError::Twice(error.into()))?;
    std::panic::set_hook(Box::new(report));
    Ok(())
}

fn try_init(subscriber: impl Into<tracing::Dispatch>) -> Result<(), TryInitError> {
    tracing_subscriber::util::SubscriberInitExt::try_init(subscriber)
}

fn filter(directives: &str) -> Result<EnvFilter, ParseError> {
    let directives = match directives.trim() {
        "" => DEFAULT,
        directives => directives,
    };
    EnvFilter::builder().parse(directives)
}

fn report(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then_some(backtrace);
    tracing::error!(
        place,
        backtrace = backtrace.map(tracing::field::display),
        "panic: {}",
        harmless(panic.payload())
    );
}

/// A panic's message if it is a literal. One that was put together at run time
/// may quote a comment, as those of string slicing do.
fn harmless(payload: &dyn std::any::Any) -> &'static str {
    let literal = payload.downcast_ref::<&'static str>();
    literal
        .copied()
        .unwrap_or("(message withheld, it may quote a comment)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_read_or_refused() {
        assert_eq!(filter("").unwrap().to_string(), "info");
        assert_eq!(
            filter(" moderato=debug ").unwrap().to_string(),
            "moderato=debug"
        );
        let error = LoggingError::from(filter("moderato=loud").unwrap_err());
        assert!(
            error.to_string().starts_with("MODERATO_LOG: expected"),
            "{error}"
        );
    }

    #[test]
    fn a_panic_that_may_quote_a_comment_is_withheld() {
        let text = "é secret";
        let quoting = std::panic::catch_unwind(|| text[1..].len()).unwrap_err();
        assert!(quoting.downcast_ref::<String>().unwrap().contains("secret"));
        assert!(!harmless(&*quoting).contains("secret"));
        let literal = std::panic::catch_unwind(|| panic!("a literal")).unwrap_err();
        assert_eq!(harmless(&*literal), "a literal");
    }
}
