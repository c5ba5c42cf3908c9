//! Resource names: `sites/{site}/comments/{comment}` and `sites/{site}`.

use std::fmt;
use std::str::FromStr;

use crate::site::SiteId;
use crate::store::CommentId;

/// Which comment, of which site.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommentName {
    /// The site.
    pub site: SiteId,
    /// The comment.
    pub id: CommentId,
}

/// Text that names no comment. It is not repeated: it may be long, or anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a comment, sites/{{site}}/comments/{{32 hexadecimal digits}}")]
pub struct NotACommentName;

impl FromStr for CommentName {
    type Err = NotACommentName;

    fn from_str(text: &str) -> Result<Self, NotACommentName> {
        let rest = text.strip_prefix("sites/").ok_or(NotACommentName)?;
        let (site, id) = rest.split_once("/comments/").ok_or(NotACommentName)?;
        Ok(Self {
            site: SiteId::new(site).map_err(|_| NotACommentName)?,
            id: CommentId::parse(id).map_err(|_| NotACommentName)?,
        })
    }
}

impl fmt::Display for CommentName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.id.resource_name(&self.site))
    }
}

/// One site, or all: `sites/{site}` or `sites/-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteScope {
    /// This one.
    One(SiteId),
    /// All.
    All,
}

/// Text that names no site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected sites/{{site}}, or sites/- for all")]
pub struct NotASiteName;

impl SiteScope {
    /// The site, if it is one.
    #[must_use]
    pub fn one(self) -> Option<SiteId> {
        match self {
            Self::One(site) => Some(site),
            Self::All => None,
        }
    }
}

impl FromStr for SiteScope {
    type Err = NotASiteName;

    fn from_str(text: &str) -> Result<Self, NotASiteName> {
        match text.strip_prefix("sites/").ok_or(NotASiteName)? {
            "-" => Ok(Self::All),
            site => SiteId::new(site).map(Self::One).map_err(|_| NotASiteName),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_as_it_is_written() {
        let name = "sites/daily-times/comments/0192f0c10000700080000000000000ff";
        assert_eq!(name.parse::<CommentName>().unwrap().to_string(), name);
        let long = format!(
            "sites/{}/comments/{}",
            "a".repeat(1 << 20),
            "b".repeat(1 << 20)
        );
        for bad in [
            "",
            "sites/a",
            "sites//comments/0",
            "sites/a/comments/0",
            &long,
        ] {
            let error = bad.parse::<CommentName>().unwrap_err().to_string();
            assert!(error.len() < 100, "{error}");
        }
    }

    #[test]
    fn a_dash_is_all_sites() {
        assert_eq!("sites/-".parse(), Ok(SiteScope::All));
        assert_eq!(
            "sites/default".parse(),
            Ok(SiteScope::One(SiteId::default()))
        );
        for bad in ["", "-", "sites/", "sites/A"] {
            assert!(bad.parse::<SiteScope>().is_err(), "{bad}");
        }
    }
}
