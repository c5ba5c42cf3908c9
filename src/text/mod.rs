//! From what a reader typed to what the filter sees. (Interim body; the text module's author is replacing it. The API below is fixed.)

use std::ops::Range;

/// A text in the form that rules match and the classifier reads, with a map back to the bytes it came from.
pub struct Normalised {
    text: String,
}

impl Normalised {
    /// The normalised text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Byte range in the original text for a byte range (on char boundaries) of the normalised text. Always on char boundaries.
    #[must_use]
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        range
    }
}

/// Normalises `text`: NFKC, case fold, invisible characters removed, look-alikes folded, runs squeezed, HTML undone. Idempotent.
#[must_use]
pub fn normalise(text: &str) -> Normalised {
    Normalised {
        text: text.to_ascii_lowercase(),
    }
}

/// A link in a normalised text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Bytes of the normalised text.
    pub range: Range<usize>,
    /// Host, lower case, without port or user information.
    pub host: String,
    /// Registrable domain (public-suffix list), or the host where there is none.
    pub domain: String,
}

/// Every link in `normalised`, in order: with a scheme, with `www.`, or a bare host with a known public suffix.
#[must_use]
pub fn links(_normalised: &str) -> Vec<Link> {
    Vec::new()
}
