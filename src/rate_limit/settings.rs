//! Which quotas a site has, as the operator writes them and as they apply.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::address::{AddressBook, PrivateAddresses, Standing};
use super::cost::{Cost, CostSettings, Costs, Weight};
use super::network::{Nat64Prefix, Network};
use super::quota::{Quota, QuotaError};

/// What a quota counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum QuotaKind {
    /// One IPv4 address, or one IPv6 /64: what one household or phone has.
    #[serde(rename = "per_address")]
    Address,
    /// An IPv6 /56: what many providers give one customer.
    #[serde(rename = "per_ipv6_56")]
    Ipv6Block56,
    /// An IPv6 /48: what a company, a school or a hosting customer has.
    #[serde(rename = "per_ipv6_48")]
    Ipv6Block48,
    /// The e-mail address given in the form.
    #[serde(rename = "per_email")]
    Email,
    /// The signed-in author.
    #[serde(rename = "per_author")]
    Author,
    /// The page commented on.
    #[serde(rename = "per_page")]
    Page,
    /// The whole site.
    #[serde(rename = "per_site")]
    Site,
}

impl QuotaKind {
    /// Every kind, narrowest first.
    pub const ALL: [Self; 7] = [
        Self::Address,
        Self::Ipv6Block56,
        Self::Ipv6Block48,
        Self::Email,
        Self::Author,
        Self::Page,
        Self::Site,
    ];

    /// Stable lower-case name, as in metrics and Redis keys; the setting is called
    /// `per_` and this.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Ipv6Block56 => "ipv6_56",
            Self::Ipv6Block48 => "ipv6_48",
            Self::Email => "email",
            Self::Author => "author",
            Self::Page => "page",
            Self::Site => "site",
        }
    }

    /// Whether it counts what many readers share, not one of them.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Page | Self::Site)
    }
}

impl fmt::Display for QuotaKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The value of one setting: a quota, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum QuotaSetting {
    /// Not counted at all.
    Off,
    /// Counted against this quota.
    On(Quota),
}

impl FromStr for QuotaSetting {
    type Err = QuotaError;

    fn from_str(text: &str) -> Result<Self, QuotaError> {
        if text.trim() == "off" {
            Ok(Self::Off)
        } else {
            text.parse().map(Self::On)
        }
    }
}

impl TryFrom<String> for QuotaSetting {
    type Error = QuotaError;

    fn try_from(text: String) -> Result<Self, QuotaError> {
        text.parse()
    }
}

impl From<QuotaSetting> for String {
    fn from(setting: QuotaSetting) -> Self {
        match setting {
            QuotaSetting::Off => "off".to_owned(),
            QuotaSetting::On(quota) => quota.into(),
        }
    }
}

/// One layer of settings: a site's, or the installation's. What it leaves out, the
/// next layer says; the last one is built in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuotaSettings {
    /// For one IPv4 address or IPv6 /64; built in: `60 per 10m, burst 30`, so that a
    /// school class behind one address gets through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_address: Option<QuotaSetting>,
    /// For an IPv6 /56; built in: `120 per 10m, burst 60`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_ipv6_56: Option<QuotaSetting>,
    /// For an IPv6 /48; built in: `240 per 10m, burst 120`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_ipv6_48: Option<QuotaSetting>,
    /// For one e-mail address; built in: `10 per 10m, burst 5`, so that a reader in a
    /// debate gets five through at once, then one a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_email: Option<QuotaSetting>,
    /// For one signed-in author; built in: `20 per 10m, burst 10`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_author: Option<QuotaSetting>,
    /// For one page; built in: `300 per 1m`. A flood on one article stops there; the
    /// article everybody talks about stays open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_page: Option<QuotaSetting>,
    /// For the whole site; built in: `1200 per 1m, burst 600`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_site: Option<QuotaSetting>,
    /// Quotas that are counted and reported but refuse nobody, such as
    /// `["per_page"]`; built in: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Vec<QuotaKind>>,
    /// Networks whose readers are not limited at all, such as `["192.0.2.0/24"]`;
    /// built in: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt: Option<Vec<Network>>,
    /// Addresses behind which there are many readers (a company, a provider's gateway,
    /// a proxy of the site): not counted by address; built in: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<Vec<Network>>,
    /// NAT64 prefixes besides `64:ff9b::/96` whose IPv6 addresses stand for IPv4
    /// addresses; built in: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat64: Option<Vec<Nat64Prefix>>,
    /// What private, local and loopback addresses are taken for; built in: `"skip"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_addresses: Option<PrivateAddresses>,
    /// `[limits.cost]`: what a comment takes of its reader's quotas.
    pub cost: CostSettings,
}

impl QuotaSettings {
    /// The settings with every gap filled from `fallback`.
    #[must_use]
    pub fn or(&self, fallback: &Self) -> Self {
        Self {
            per_address: self.per_address.or(fallback.per_address),
            per_ipv6_56: self.per_ipv6_56.or(fallback.per_ipv6_56),
            per_ipv6_48: self.per_ipv6_48.or(fallback.per_ipv6_48),
            per_email: self.per_email.or(fallback.per_email),
            per_author: self.per_author.or(fallback.per_author),
            per_page: self.per_page.or(fallback.per_page),
            per_site: self.per_site.or(fallback.per_site),
            shadow: self.shadow.clone().or_else(|| fallback.shadow.clone()),
            exempt: self.exempt.clone().or_else(|| fallback.exempt.clone()),
            shared: self.shared.clone().or_else(|| fallback.shared.clone()),
            nat64: self.nat64.clone().or_else(|| fallback.nat64.clone()),
            private_addresses: self.private_addresses.or(fallback.private_addresses),
            cost: self.cost.or(&fallback.cost),
        }
    }

    /// The setting of one kind.
    #[must_use]
    pub const fn get(&self, kind: QuotaKind) -> Option<QuotaSetting> {
        match kind {
            QuotaKind::Address => self.per_address,
            QuotaKind::Ipv6Block56 => self.per_ipv6_56,
            QuotaKind::Ipv6Block48 => self.per_ipv6_48,
            QuotaKind::Email => self.per_email,
            QuotaKind::Author => self.per_author,
            QuotaKind::Page => self.per_page,
            QuotaKind::Site => self.per_site,
        }
    }

    /// The built-in settings; none is left out.
    #[must_use]
    pub fn built_in() -> Self {
        let quota = |count, minutes, burst| {
            let period = std::time::Duration::from_mins(minutes);
            Quota::new(count, period, burst).ok().map(QuotaSetting::On)
        };
        Self {
            per_address: quota(60, 10, 30),
            per_ipv6_56: quota(120, 10, 60),
            per_ipv6_48: quota(240, 10, 120),
            per_email: quota(10, 10, 5),
            per_author: quota(20, 10, 10),
            per_page: quota(300, 1, 300),
            per_site: quota(1_200, 1, 600),
            shadow: Some(Vec::new()),
            exempt: Some(Vec::new()),
            shared: Some(Vec::new()),
            nat64: Some(Vec::new()),
            private_addresses: Some(PrivateAddresses::default()),
            cost: CostSettings::built_in(),
        }
    }
}

/// A quota as it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How much it lets through.
    pub quota: Quota,
    /// Counted and reported, never enforced.
    pub shadow: bool,
}

/// The quotas that apply to one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas {
    limits: [Option<Limit>; QuotaKind::ALL.len()],
    costs: Costs,
    addresses: AddressBook,
}

impl Quotas {
    /// The quotas that `layers` say, nearest first: for each setting the first layer
    /// that has it counts, and the built-in one if none has. A list replaces the next
    /// layer's, it does not add to it.
    #[must_use]
    pub fn resolve(layers: &[&QuotaSettings]) -> Self {
        let settings = layers
            .iter()
            .fold(QuotaSettings::default(), |above, layer| above.or(layer))
            .or(&QuotaSettings::built_in());
        let shadow = settings.shadow.as_deref().unwrap_or_default();
        let limit = |kind| match settings.get(kind)? {
            QuotaSetting::Off => None,
            QuotaSetting::On(quota) => Some(Limit {
                quota,
                shadow: shadow.contains(&kind),
            }),
        };
        Self {
            limits: QuotaKind::ALL.map(limit),
            costs: Costs::resolve(settings.cost),
            addresses: AddressBook {
                exempt: settings.exempt.unwrap_or_default(),
                shared: settings.shared.unwrap_or_default(),
                nat64: settings.nat64.unwrap_or_default(),
                private: settings.private_addresses.unwrap_or_default(),
            },
        }
    }

    /// The quota of one kind; `None` if it is off.
    #[must_use]
    pub const fn get(&self, kind: QuotaKind) -> Option<Limit> {
        self.limits[kind as usize]
    }

    /// What an address stands for.
    #[must_use]
    pub fn standing(&self, address: IpAddr) -> Standing {
        self.addresses.standing(address)
    }

    /// What a comment of this `weight` takes of its reader's quotas.
    #[must_use]
    pub fn cost(&self, weight: Weight) -> Cost {
        self.costs.of(weight)
    }
}

/// The built-in quotas.
impl Default for Quotas {
    fn default() -> Self {
        Self::resolve(&[])
    }
}

#[cfg(test)]
mod tests;
