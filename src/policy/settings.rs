//! The `[policy]` table of the configuration, for all sites and for one.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::{Policy, Thresholds};
use crate::verdict::{Head, PerHead, Probability};

/// Defaults of `hold_at` and `reject_at` for each head.
const DEFAULT_THRESHOLDS: PerHead<(f64, f64)> = PerHead {
    spam: (0.80, 0.98),
    toxicity: (0.82, 0.99),
};

/// A `[policy]` table. What a site leaves out, the table for all sites decides;
/// what that leaves out, the defaults below.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicySettings {
    /// Most links a comment may have before it is held, or `"off"`; default 3.
    /// Links on allowed domains are not counted.
    pub max_links: Option<LinkLimit>,
    /// Hold unless the site says that it has published the author before;
    /// default false.
    pub hold_first_time_authors: Option<bool>,
    /// What the site's word for an author is worth; default `"approve"`.
    pub trusted_authors: Option<TrustedAuthors>,
    /// What an allowed word is worth; default `"approve"`.
    pub allowed_words: Option<AllowedWords>,
    /// Hold what was sent sooner than this after the form was shown, in
    /// milliseconds; 0 never holds; default 1500.
    pub min_form_duration_ms: Option<u64>,
    /// What a filled honeypot field does; default `"reject"`.
    pub honeypot: Option<Honeypot>,
    /// Hold texts with fewer than `min_known_tokens`; default false.
    pub abstain: Option<bool>,
    /// How many tokens the model must know to judge a text; default 3. Counts
    /// only with `abstain`.
    pub min_known_tokens: Option<u32>,
    /// `[policy.spam]`; default 0.80 and 0.98.
    pub spam: ThresholdSettings,
    /// `[policy.toxicity]`; default 0.82 and 0.99.
    pub toxicity: ThresholdSettings,
}

/// `[policy.spam]` or `[policy.toxicity]`: probabilities from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThresholdSettings {
    /// Scores from here are held.
    pub hold_at: Option<Probability>,
    /// Scores from here are rejected; not below `hold_at`.
    pub reject_at: Option<Probability>,
}

/// What the site's word for an author is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustedAuthors {
    /// Their comments are approved, whatever else is found.
    Approve,
    /// Their comments are judged like anyone's.
    Score,
}

/// What an allowed word is worth, beyond exempting what it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllowedWords {
    /// A comment that contains one is approved, whatever else is found.
    Approve,
    /// Nothing more.
    Exempt,
}

/// What a filled honeypot field does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Honeypot {
    /// It rejects.
    Reject,
    /// It holds.
    Hold,
    /// Nothing.
    Ignore,
}

/// How many links a comment may have; written as a number or `"off"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkLimit {
    /// More than this are held.
    AtMost(u32),
    /// Any number.
    Off,
}

/// Settings that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PolicyError {
    /// A head would reject before it holds.
    #[error(
        "policy.{head}: expected hold_at not above reject_at, found hold_at = {} and reject_at = {}",
        hold_at.get(), reject_at.get()
    )]
    HoldAboveReject {
        /// The head.
        head: Head,
        /// Its bound for holding, after defaults.
        hold_at: Probability,
        /// Its bound for rejecting, after defaults.
        reject_at: Probability,
    },
}

impl Policy {
    /// Lays `layers` over each other, most particular first, and the defaults
    /// under them: of each key the first layer that sets it counts.
    ///
    /// # Errors
    /// If the result contradicts itself, be it across layers.
    pub fn resolve(layers: &[&PolicySettings]) -> Result<Self, PolicyError> {
        let from = Layers(layers);
        Ok(Self {
            max_links: from.first(|l| l.max_links).unwrap_or(LinkLimit::AtMost(3)),
            hold_first_time_authors: from.first(|l| l.hold_first_time_authors).unwrap_or(false),
            trusted_authors: from
                .first(|l| l.trusted_authors)
                .unwrap_or(TrustedAuthors::Approve),
            allowed_words: from
                .first(|l| l.allowed_words)
                .unwrap_or(AllowedWords::Approve),
            min_form_duration_ms: from.first(|l| l.min_form_duration_ms).unwrap_or(1500),
            honeypot: from.first(|l| l.honeypot).unwrap_or(Honeypot::Reject),
            abstain: from.first(|l| l.abstain).unwrap_or(false),
            min_known_tokens: from.first(|l| l.min_known_tokens).unwrap_or(3),
            thresholds: PerHead {
                spam: from.thresholds(Head::Spam)?,
                toxicity: from.thresholds(Head::Toxicity)?,
            },
        })
    }
}

impl PolicySettings {
    const fn thresholds(&self, head: Head) -> &ThresholdSettings {
        match head {
            Head::Spam => &self.spam,
            Head::Toxicity => &self.toxicity,
        }
    }
}

struct Layers<'a>(&'a [&'a PolicySettings]);

impl Layers<'_> {
    fn first<T>(&self, key: impl Fn(&PolicySettings) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(|layer| key(layer))
    }

    #[expect(
        clippy::expect_used,
        reason = "the defaults are constants between 0 and 1; a test resolves them"
    )]
    fn thresholds(&self, head: Head) -> Result<Thresholds, PolicyError> {
        let default = |value| Probability::new(value).expect("a probability");
        let (hold_at, reject_at) = *DEFAULT_THRESHOLDS.get(head);
        let hold_at = self
            .first(|layer| layer.thresholds(head).hold_at)
            .unwrap_or_else(|| default(hold_at));
        let reject_at = self
            .first(|layer| layer.thresholds(head).reject_at)
            .unwrap_or_else(|| default(reject_at));
        Thresholds::new(hold_at, reject_at).ok_or(PolicyError::HoldAboveReject {
            head,
            hold_at,
            reject_at,
        })
    }
}

impl Serialize for LinkLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AtMost(links) => serializer.serialize_u32(*links),
            Self::Off => serializer.serialize_str("off"),
        }
    }
}

impl<'de> Deserialize<'de> for LinkLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LinkLimitVisitor)
    }
}

struct LinkLimitVisitor;

impl Visitor<'_> for LinkLimitVisitor {
    type Value = LinkLimit;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number of links from 0 to 4294967295, or \"off\"")
    }

    fn visit_u64<E: de::Error>(self, links: u64) -> Result<LinkLimit, E> {
        u32::try_from(links)
            .map(LinkLimit::AtMost)
            .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(links), &self))
    }

    fn visit_i64<E: de::Error>(self, links: i64) -> Result<LinkLimit, E> {
        u32::try_from(links)
            .map(LinkLimit::AtMost)
            .map_err(|_| E::invalid_value(de::Unexpected::Signed(links), &self))
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<LinkLimit, E> {
        if word == "off" {
            Ok(LinkLimit::Off)
        } else {
            Err(E::invalid_value(de::Unexpected::Str(word), &self))
        }
    }
}
