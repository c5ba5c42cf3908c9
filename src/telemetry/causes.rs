//! Errors with what caused them, in one line.

use std::error::Error;

/// `error` and its causes, one after the other. A cause that the text before ends
/// with already is not told twice.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_told = cause.to_string();
        if !told.ends_with(&cause_told) {
            told = format!("{told}: {cause_told}");
        }
        next = cause.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Outer {
        #[error("outer: {0}")]
        Telling(#[source] std::io::Error),
        #[error("outer")]
        Silent(#[source] std::io::Error),
    }

    #[test]
    fn every_cause_is_told_once() {
        let cause = || std::io::Error::other("inner");
        assert_eq!(with_causes(&Outer::Telling(cause())), "outer: inner");
        assert_eq!(with_causes(&Outer::Silent(cause())), "outer: inner");
    }
}
