//! What a moderator may do.

use std::fmt;
use std::str::FromStr;

/// What somebody who signs in is there for. Each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Works through what was held.
    Moderator,
    /// Also takes back what others decided.
    Operator,
    /// Also says who else may sign in.
    Admin,
}

/// Something not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Read the queue, claim, resolve, undo.
    Review,
    /// Take back what others decided.
    Operate,
    /// Add and disable moderators, give roles, make tokens for others.
    Administer,
}

/// Text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected moderator, operator or admin, found {0:?}")]
pub struct NotARole(String);

impl Permission {
    /// The least role that includes it.
    #[must_use]
    pub const fn least(self) -> Role {
        match self {
            Self::Review => Role::Moderator,
            Self::Operate => Role::Operator,
            Self::Administer => Role::Admin,
        }
    }
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Moderator, Self::Operator, Self::Admin];

    /// The role's name, as it is stored and typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// Whether the role includes `permission`.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.least()
    }
}

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        let named = Self::ALL.into_iter().find(|role| role.name() == text);
        named.ok_or_else(|| NotARole(text.to_owned()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_the_lesser_may() {
        use Permission::{Administer, Operate, Review};
        let permissions = [Review, Operate, Administer];
        let counts = Role::ALL.map(|role| permissions.iter().filter(|&&p| role.may(p)).count());
        assert_eq!(counts, [1, 2, 3]);
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert!("root".parse::<Role>().is_err());
    }
}
