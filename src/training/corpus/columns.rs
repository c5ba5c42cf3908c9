//! Which column of a file holds what.

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The comment's text.
    Text,
    /// The author's name.
    Name,
    /// The author's web page.
    Url,
    /// Whether it is spam.
    Spam,
    /// Whether it is toxic.
    Toxic,
    /// A label by its word: `spam`, `ham`, `toxic`, `civil`; or 0/1 with a head given.
    Label,
    /// Language tag.
    Language,
    /// What must stay on one side of a split.
    Group,
}

impl Role {
    /// Every role, in the order they are printed.
    pub const ALL: [Self; 8] = [
        Self::Text,
        Self::Name,
        Self::Url,
        Self::Spam,
        Self::Toxic,
        Self::Label,
        Self::Language,
        Self::Group,
    ];

    /// The command-line flag that names this column.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Text => "--text-column",
            Self::Name => "--name-column",
            Self::Url => "--url-column",
            Self::Spam => "--spam-column",
            Self::Toxic => "--toxic-column",
            Self::Label => "--label-column",
            Self::Language => "--language-column",
            Self::Group => "--group-column",
        }
    }

    /// Usual names, likeliest first, lower case. `v1` and `v2` are the UCI SMS collection's.
    pub(super) const fn usual_names(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "text",
                "comment",
                "comment_text",
                "content",
                "message",
                "body",
                "tweet",
                "v2",
            ],
            Self::Name => &["name", "author", "author_name", "username"],
            Self::Url => &["url", "author_url", "website", "homepage"],
            Self::Spam => &["spam", "is_spam"],
            Self::Toxic => &[
                "toxic",
                "toxicity",
                "is_toxic",
                "abusive",
                "hateful",
                "offensive",
            ],
            Self::Label => &["label", "class", "category", "target", "v1"],
            Self::Language => &["lang", "language"],
            Self::Group => &["group", "video", "video_name", "thread"],
        }
    }

    /// Whether the column says what the text is.
    pub(super) const fn is_label(self) -> bool {
        matches!(self, Self::Spam | Self::Toxic | Self::Label)
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// Column names as the caller gave them; what is `None` is guessed from the usual names.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// The comment's text.
    pub text: Option<String>,
    /// The author's name.
    pub name: Option<String>,
    /// The author's web page.
    pub url: Option<String>,
    /// Whether it is spam.
    pub spam: Option<String>,
    /// Whether it is toxic.
    pub toxic: Option<String>,
    /// A label by its word, or 0/1 with a head given. Naming it stops the guessing of `spam` and
    /// `toxic`.
    pub label: Option<String>,
    /// Language tag.
    pub language: Option<String>,
    /// What must stay on one side of a split.
    pub group: Option<String>,
}

impl Columns {
    /// The name given for `role`.
    #[must_use]
    pub fn named(&self, role: Role) -> Option<&str> {
        match role {
            Role::Text => &self.text,
            Role::Name => &self.name,
            Role::Url => &self.url,
            Role::Spam => &self.spam,
            Role::Toxic => &self.toxic,
            Role::Label => &self.label,
            Role::Language => &self.language,
            Role::Group => &self.group,
        }
        .as_deref()
    }

    /// A word label is looked for by guess only where nothing better is known, and the reverse.
    pub(super) fn may_guess(&self, role: Role) -> bool {
        self.named(role).is_none()
            && match role {
                Role::Spam | Role::Toxic => self.label.is_none(),
                Role::Label => self.spam.is_none() && self.toxic.is_none(),
                _ => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_indexed_in_their_order() {
        for (index, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role.index(), index);
        }
    }
}
