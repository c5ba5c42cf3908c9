//! The models in force, and which of them judges a comment.

use std::sync::Arc;

use crate::classifier::{Classifier, ModelId};
use crate::comment::EmailAddress;
use crate::site::{SiteAccess, SiteId};
use crate::store::PersonHasher;
use crate::verdict::Side;

/// The models in force. Swapped whole, so that no comment is judged half by one and half by
/// another.
#[derive(Clone)]
pub struct ModelsInForce {
    /// Judges what no canary does.
    pub live: Arc<Classifier>,
    /// Judges a share of the comments.
    pub canary: Option<Canary>,
    /// Judges what the live one does, for the record alone.
    pub shadow: Option<Shadow>,
}

/// A model that judges the comments of some authors in place of the live one.
#[derive(Clone)]
pub struct Canary {
    /// The model.
    pub model: Arc<Classifier>,
    /// Whose comments.
    pub authors: AuthorShare,
}

/// A model that judges what the live one does, for the record alone.
#[derive(Clone)]
pub struct Shadow {
    /// The model.
    pub model: Arc<Classifier>,
    /// Whose comments.
    pub authors: AuthorShare,
    /// On which sites.
    pub sites: SiteAccess,
}

impl ModelsInForce {
    /// One for all.
    #[must_use]
    pub const fn only(live: Arc<Classifier>) -> Self {
        Self {
            live,
            canary: None,
            shadow: None,
        }
    }

    /// Who judges the comments of `author`.
    pub(super) fn judge(&self, author: &Author<'_>) -> (&Arc<Classifier>, Side) {
        match &self.canary {
            Some(canary) if canary.authors.has(author) => (&canary.model, Side::Canary),
            _ => (&self.live, Side::Live),
        }
    }

    /// Who judges them in shadow besides. What a canary judges has no shadow, so that every
    /// shadow is beside the live model.
    pub(super) fn shadow(&self, author: &Author<'_>, side: Side) -> Option<&Classifier> {
        let shadow = self.shadow.as_ref().filter(|_| side == Side::Live)?;
        let is_meant = shadow.sites.allows(author.site) && shadow.authors.has(author);
        is_meant.then_some(&*shadow.model)
    }
}

/// Who wrote a comment.
#[derive(Clone, Copy)]
pub(super) struct Author<'a> {
    pub(super) people: &'a PersonHasher,
    pub(super) site: &'a SiteId,
    pub(super) email: &'a EmailAddress,
}

/// A share of the authors, drawn by a keyed hash of their site and e-mail address: the same on
/// every replica, after every restart and at every retry. A reader who rewords a comment
/// does not get another judge by it, and nobody outside can tell who is drawn. Every model draws
/// its own; a greater share holds all of a smaller one.
#[derive(Clone, Debug)]
pub struct AuthorShare {
    /// What is drawn for.
    draw: Box<str>,
    /// From 0 to 1.
    share: f64,
}

impl AuthorShare {
    /// `share`, from 0 to 1, of the authors for `model`.
    #[must_use]
    pub fn new(model: &ModelId, share: f64) -> Self {
        Self {
            draw: format!("trial-{model}").into(),
            share,
        }
    }

    fn has(&self, author: &Author<'_>) -> bool {
        // Nothing is hashed where everybody is meant.
        let drawn = || {
            author
                .people
                .draw(author.site, &self.draw, &author.email.canonical())
        };
        self.share >= 1.0 || drawn() < self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::Artefact;

    fn share(share: f64) -> AuthorShare {
        AuthorShare::new(Artefact::base().unwrap().id(), share)
    }

    fn drawn(of: &AuthorShare, secret: u8, site: &str) -> Vec<bool> {
        let (people, site) = (PersonHasher::new([secret; 32]), SiteId::new(site).unwrap());
        let has = |number| {
            let email = EmailAddress::parse(&format!("reader{number}@example.org")).unwrap();
            of.has(&Author {
                people: &people,
                site: &site,
                email: &email,
            })
        };
        (0..20_000).map(has).collect()
    }

    #[test]
    fn as_many_are_drawn_as_the_share_says_and_always_the_same() {
        for part in [0.01, 0.05, 0.5] {
            let first = drawn(&share(part), 7, "daily");
            assert_eq!(first, drawn(&share(part), 7, "daily"));
            let found = first.iter().filter(|&&has| has).count() as f64 / 20_000.0;
            // Five standard deviations.
            let off = 5.0 * (part * (1.0 - part) / 20_000.0_f64).sqrt();
            assert!((found - part).abs() < off, "{part}: {found}");
            assert_ne!(first, drawn(&share(part), 8, "daily"), "another secret");
            assert_ne!(first, drawn(&share(part), 7, "weekly"), "another site");
        }
        assert!(drawn(&share(1.0), 7, "daily").iter().all(|&has| has));
        assert!(drawn(&share(0.0), 7, "daily").iter().all(|&has| !has));
    }

    #[test]
    fn a_greater_share_holds_all_of_a_smaller_one() {
        let (few, many) = (share(0.05), share(0.2));
        let both = drawn(&few, 7, "daily")
            .into_iter()
            .zip(drawn(&many, 7, "daily"));
        assert!(both.into_iter().all(|(few, many)| many || !few));
    }
}
