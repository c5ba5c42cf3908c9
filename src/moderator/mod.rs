//! Who moderates: names, roles, and the hash of a secret.

mod name;
mod role;
mod secret;

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

pub use name::{ModeratorName, NotAModeratorName};
pub use role::{NotARole, Permission, Role};
pub use secret::{Secret, SecretHash};

use crate::site::SiteAccess;

/// A moderator's number; it stays when the name is given to somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModeratorId(pub Uuid);

impl fmt::Display for ModeratorId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moderator {
    /// Number.
    pub id: ModeratorId,
    /// Name to sign in with, and to stand under a decision.
    pub name: ModeratorName,
    /// What they may do.
    pub role: Role,
    /// Which sites they are limited to, while they are moderators.
    pub limited_to: SiteAccess,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when they may not sign in any more; none: they may.
    pub disabled_at: Option<Timestamp>,
    /// When they last signed in.
    pub signed_in_at: Option<Timestamp>,
    /// Whether they have set a password.
    pub has_password: bool,
}

impl Moderator {
    /// Whether they may do anything at all.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }

    /// The sites whose comments they see. Operators and admins, whose work is not one
    /// site's, see all.
    #[must_use]
    pub fn sites(&self) -> SiteAccess {
        if self.role == Role::Moderator {
            self.limited_to.clone()
        } else {
            SiteAccess::All
        }
    }

    /// Whether they may take back what others decided.
    #[must_use]
    pub fn may_undo_others(&self) -> bool {
        self.may(Permission::Operate)
    }

    /// Whether they may do what takes `permission`.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.is_active() && self.role.may(permission)
    }
}
