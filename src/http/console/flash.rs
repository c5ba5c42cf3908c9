//! What a page says of the change before it, where no script could say it at once.
//! It is put together here from what stands in the address, which anybody may have
//! written, so the words are all ours.

use serde::Deserialize;

use crate::count::counted;

/// What was done, as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Flash {
    /// `approved`, `rejected`, `undone`.
    done: String,
    /// With how many comments.
    n: u32,
    /// With how many it could not be done.
    kept: u32,
    /// Names of the comments, to take it back.
    pub(super) undo: String,
}

impl Flash {
    /// Of a change with `n` comments.
    pub(super) const fn new(done: String, n: u32, kept: u32, undo: String) -> Self {
        Self {
            done,
            n,
            kept,
            undo,
        }
    }

    /// If something was done.
    pub(super) fn said(self) -> Option<Self> {
        matches!(&*self.done, "approved" | "rejected" | "undone").then_some(self)
    }

    /// In a sentence.
    pub(super) fn message(&self) -> String {
        let comments = |n: u32| counted(n.into(), "comment");
        let (n, kept) = (self.n, self.kept);
        let what = match (&*self.done, n) {
            (_, 0) => "Nothing was changed.".to_owned(),
            ("undone", _) => format!("{} back in the queue.", comments(n)),
            (done, _) => format!("{} {done}.", comments(n)),
        };
        if kept == 0 {
            what
        } else {
            format!(
                "{what} {} left as {}: somebody else decided or works on {}.",
                comments(kept),
                if kept == 1 { "it was" } else { "they were" },
                if kept == 1 { "it" } else { "them" }
            )
        }
    }

    /// The names it would take back.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.undo.split(',').filter(|name| !name.is_empty())
    }

    /// As it stands in an address.
    pub(super) fn query(&self) -> String {
        let undo = super::urls::escaped(&self.undo);
        format!(
            "done={}&n={}&kept={}&undo={undo}",
            self.done, self.n, self.kept
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_done_in_words_of_its_own() {
        let said = |done: &str, n, kept| {
            let flash = Flash::new(done.to_owned(), n, kept, String::new());
            flash.said().map(|flash| flash.message())
        };
        assert_eq!(said("approved", 1, 0).unwrap(), "1 comment approved.");
        assert_eq!(
            said("undone", 2, 0).unwrap(),
            "2 comments back in the queue."
        );
        assert!(
            said("rejected", 2, 1)
                .unwrap()
                .starts_with("2 comments rejected. 1 comment left")
        );
        assert_eq!(said("Your account is locked, call 555", 1, 0), None);
    }
}
