//! Finds the columns of a file by their names.

use std::collections::HashMap;

use super::columns::{Columns, Role};

/// One value for each [`Role`].
#[derive(Clone, Copy, Debug)]
pub(super) struct PerRole<T>([T; Role::ALL.len()]);

impl<T> PerRole<T> {
    pub(super) fn from_fn(mut make: impl FnMut(Role) -> T) -> Self {
        Self(Role::ALL.map(&mut make))
    }

    pub(super) const fn get(&self, role: Role) -> &T {
        &self.0[role.index()]
    }

    const fn get_mut(&mut self, role: Role) -> &mut T {
        &mut self.0[role.index()]
    }
}

/// Index of the column that plays each role.
pub(super) type Located = PerRole<Option<usize>>;

/// Finds columns by name: exactly as named, else as named but for case, else by usual name.
pub(super) struct Mapping {
    named: Vec<(Role, String)>,
    usual: HashMap<&'static str, (Role, usize)>,
}

impl Mapping {
    pub(super) fn new(columns: &Columns) -> Self {
        let named: Vec<_> = Role::ALL
            .into_iter()
            .filter_map(|role| Some((role, columns.named(role)?.to_owned())))
            .collect();
        let usual = Role::ALL
            .into_iter()
            .filter(|&role| columns.may_guess(role))
            .flat_map(|role| {
                let ranked = role.usual_names().iter().enumerate();
                ranked.map(move |(rank, &name)| (name, (role, rank)))
            })
            .filter(|(usual, _)| {
                !named
                    .iter()
                    .any(|(_, name)| name.eq_ignore_ascii_case(usual))
            })
            .collect();
        Self { named, usual }
    }

    pub(super) fn locate<'n>(&self, names: impl Iterator<Item = &'n str>) -> Located {
        let mut best: PerRole<Option<(usize, usize)>> = PerRole::from_fn(|_| None);
        for (index, name) in names.enumerate() {
            for (role, rank) in self.roles_of(name) {
                let slot = best.get_mut(role);
                if slot.is_none_or(|(lowest, _)| rank < lowest) {
                    *slot = Some((rank, index));
                }
            }
        }
        let mut located = PerRole::from_fn(|role| best.get(role).map(|(_, index)| index));
        let heads_have_columns =
            located.get(Role::Spam).is_some() || located.get(Role::Toxic).is_some();
        if heads_have_columns && !self.is_named(Role::Label) {
            *located.get_mut(Role::Label) = None;
        }
        located
    }

    /// The roles a column of this name can play; the lower the rank, the better it fits.
    fn roles_of(&self, name: &str) -> impl Iterator<Item = (Role, usize)> {
        let name = name.trim();
        let usual = self.usual.get(name.to_ascii_lowercase().as_str()).copied();
        self.named
            .iter()
            .filter(move |(_, wanted)| wanted.eq_ignore_ascii_case(name))
            .map(move |(role, wanted)| (*role, usize::from(wanted != name)))
            .chain(usual)
    }

    fn is_named(&self, role: Role) -> bool {
        self.named.iter().any(|&(named, _)| named == role)
    }

    /// The roles whose columns the caller named, with those names.
    pub(super) fn named(&self) -> impl Iterator<Item = (Role, &str)> {
        self.named.iter().map(|(role, name)| (*role, name.as_str()))
    }
}

/// Whether a row with these columns can carry a label at all.
pub(super) fn can_judge(located: &Located) -> bool {
    Role::ALL
        .into_iter()
        .any(|role| role.is_label() && located.get(role).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(columns: &Columns, names: &[&str]) -> Vec<(Role, usize)> {
        let located = Mapping::new(columns).locate(names.iter().copied());
        Role::ALL
            .into_iter()
            .filter_map(|role| Some((role, (*located.get(role))?)))
            .collect()
    }

    #[test]
    fn guesses_the_usual_names_whatever_their_case() {
        let youtube = ["COMMENT_ID", "AUTHOR", "DATE", "CONTENT", "CLASS"];
        assert_eq!(
            located(&Columns::default(), &youtube),
            [(Role::Text, 3), (Role::Name, 1), (Role::Label, 4)]
        );
        assert_eq!(
            located(&Columns::default(), &["v1", "v2", "", "", ""]),
            [(Role::Text, 1), (Role::Label, 0)]
        );
    }

    #[test]
    fn prefers_the_likelier_name() {
        assert_eq!(
            located(&Columns::default(), &["body", "text", "is_spam", "spam"]),
            [(Role::Text, 1), (Role::Spam, 3)]
        );
    }

    #[test]
    fn guesses_a_label_column_only_without_a_column_for_a_head() {
        assert_eq!(
            located(&Columns::default(), &["text", "label", "toxic"]),
            [(Role::Text, 0), (Role::Toxic, 2)]
        );
        let named = Columns {
            label: Some("Verdict".into()),
            ..Columns::default()
        };
        assert_eq!(
            located(&named, &["text", "verdict", "toxic"]),
            [(Role::Text, 0), (Role::Label, 1)]
        );
    }

    #[test]
    fn a_named_column_is_not_guessed_for_another_role() {
        let columns = Columns {
            spam: Some("label".into()),
            text: Some("title".into()),
            ..Columns::default()
        };
        assert_eq!(
            located(&columns, &["Title", "title", "text", "label"]),
            [(Role::Text, 1), (Role::Spam, 3)]
        );
    }
}
