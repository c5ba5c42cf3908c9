//! Names of what is kept.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::site::SiteId;

/// The id of a comment: a UUID of version 7, so later comments have higher ids.
/// Written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommentId(Uuid);

/// Text that is no comment id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of a comment: 32 hexadecimal digits")]
pub struct NotACommentId;

/// What every id can do that is a UUID: a tuple struct of one, `$id`, written as 32 hexadecimal
/// digits; `$not` is what other text is.
macro_rules! uuid_id {
    ($id:ident, $not:ident) => {
        impl $id {
            /// Takes a UUID.
            #[must_use]
            pub const fn new(id: uuid::Uuid) -> Self {
                Self(id)
            }

            /// The 16 bytes, as they are stored.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }

            /// The same bytes, to be kept elsewhere.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }

            /// The id of these bytes.
            #[must_use]
            pub const fn from_array(bytes: [u8; 16]) -> Self {
                Self(uuid::Uuid::from_bytes(bytes))
            }

            pub(in crate::store) fn from_bytes(bytes: &[u8]) -> Option<Self> {
                uuid::Uuid::from_slice(bytes).map(Self).ok()
            }
        }

        impl std::fmt::Display for $id {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0.as_simple(), formatter)
            }
        }

        impl std::str::FromStr for $id {
            type Err = $not;

            fn from_str(text: &str) -> Result<Self, $not> {
                if text.len() != 32 {
                    return Err($not);
                }
                uuid::Uuid::try_parse(text).map(Self).map_err(|_| $not)
            }
        }
    };
}
pub(super) use uuid_id;

uuid_id!(CommentId, NotACommentId);

impl CommentId {
    /// Reads an id as it is written.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, NotACommentId> {
        text.parse()
    }

    /// The resource name of the comment: `sites/{site}/comments/{id}`.
    #[must_use]
    pub fn resource_name(self, site: &SiteId) -> String {
        format!("sites/{site}/comments/{self}")
    }
}

impl TryFrom<String> for CommentId {
    type Error = NotACommentId;

    fn try_from(text: String) -> Result<Self, NotACommentId> {
        Self::parse(&text)
    }
}

impl From<CommentId> for String {
    fn from(id: CommentId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_it_is_written() {
        let id = CommentId::new(Uuid::from_u128(0x0192_f0c1_0000_7000_8000_0000_0000_00ff));
        assert_eq!(CommentId::parse(&id.to_string()), Ok(id));
        assert_eq!(CommentId::from_bytes(id.as_bytes()), Some(id));
        assert_eq!(
            id.resource_name(&SiteId::default()),
            "sites/default/comments/0192f0c10000700080000000000000ff"
        );
        for bad in ["", "x", "0192f0c1-0000-7000-8000-0000000000ff"] {
            assert_eq!(CommentId::parse(bad), Err(NotACommentId), "{bad}");
        }
    }
}
