//! The site's own id for a submission.

use super::redact::debug_as_length;

const MAX_LEN: usize = 128;

/// The site's own id for a submission: 1 to 128 visible ASCII characters. A retry
/// carries the same one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SubmissionId(Box<str>);

/// Text that is no submission id. Does not quote it: sites put what they like there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("submission_id: expected 1 to {MAX_LEN} visible ASCII characters, found {found}")]
pub struct NotASubmissionId {
    found: &'static str,
}

impl SubmissionId {
    /// Takes an id. An empty field means that the site gave none: do not ask then.
    ///
    /// # Errors
    /// If `id` does not have the form above.
    pub fn new(id: &str) -> Result<Self, NotASubmissionId> {
        let found = if id.is_empty() {
            "none"
        } else if !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            "another character"
        } else if id.len() > MAX_LEN {
            "more"
        } else {
            return Ok(Self(id.into()));
        };
        Err(NotASubmissionId { found })
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

debug_as_length!(SubmissionId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_visible_ascii() {
        for id in ["1", "comment-17/3", &"x".repeat(MAX_LEN)] {
            assert_eq!(SubmissionId::new(id).unwrap().as_str(), id);
        }
        for (id, found) in [
            ("", "found none"),
            ("a b", "found another character"),
            ("a\n", "found another character"),
            ("é", "found another character"),
            (&"x".repeat(MAX_LEN + 1), "found more"),
        ] {
            let error = SubmissionId::new(id).unwrap_err().to_string();
            assert!(error.ends_with(found), "{id:?}: {error}");
        }
    }
}
