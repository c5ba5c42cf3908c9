use super::*;

fn settings(toml: &str) -> QuotaSettings {
    toml::from_str(toml).unwrap()
}

#[test]
fn the_built_in_settings_are_what_their_documentation_says() {
    let toml = toml::to_string(&QuotaSettings::built_in()).unwrap();
    assert_eq!(
        toml,
        "per_address = \"60 per 10m, burst 30\"\n\
         per_ipv6_56 = \"120 per 10m, burst 60\"\n\
         per_ipv6_48 = \"240 per 10m, burst 120\"\n\
         per_email = \"10 per 10m, burst 5\"\n\
         per_author = \"20 per 10m, burst 10\"\n\
         per_page = \"300 per 1m\"\n\
         per_site = \"1200 per 1m, burst 600\"\n\
         shadow = []\n\
         exempt = []\n\
         shared = []\n\
         nat64 = []\n\
         private_addresses = \"skip\"\n\n\
         [cost]\n\
         link = 0.5\n\
         spam = 2\n\
         trusted = 0.5\n\
         max = 5\n"
    );
    for kind in QuotaKind::ALL {
        assert!(
            Quotas::default()
                .get(kind)
                .is_some_and(|limit| !limit.shadow),
            "{kind}"
        );
    }
}

#[test]
fn wider_ipv6_blocks_have_larger_quotas() {
    let burst = |kind| Quotas::default().get(kind).unwrap().quota.burst();
    assert!(burst(QuotaKind::Address) < burst(QuotaKind::Ipv6Block56));
    assert!(burst(QuotaKind::Ipv6Block56) < burst(QuotaKind::Ipv6Block48));
}

#[test]
fn every_setting_is_named_after_its_kind() {
    for kind in QuotaKind::ALL {
        let layer = settings(&format!(
            "per_{kind} = \"1 per 1h\"\nshadow = [\"per_{kind}\"]"
        ));
        assert_eq!(layer.get(kind), Some("1 per 1h".parse().unwrap()));
        let limit = Quotas::resolve(&[&layer]).get(kind).unwrap();
        assert_eq!(limit.quota.burst(), 1);
        assert!(limit.shadow);
    }
}

#[test]
fn the_nearest_layer_that_says_something_counts() {
    let site = settings("per_email = \"off\"\nper_page = \"1 per 1m\"");
    let installation = settings(
        "per_email = \"2 per 1m\"\nper_page = \"3 per 1m\"\nper_site = \"4 per 1m\"\nshadow = [\"per_site\"]",
    );
    let quotas = Quotas::resolve(&[&site, &installation]);
    assert_eq!(quotas.get(QuotaKind::Email), None);
    assert_eq!(quotas.get(QuotaKind::Page).unwrap().quota.burst(), 1);
    let per_site = quotas.get(QuotaKind::Site).unwrap();
    assert_eq!(per_site.quota.burst(), 4);
    assert!(per_site.shadow);
    assert_eq!(
        quotas.get(QuotaKind::Author),
        Quotas::default().get(QuotaKind::Author)
    );
}

#[test]
fn an_empty_shadow_list_enforces_what_the_next_layer_only_watched() {
    let site = settings("shadow = []");
    let installation = settings("shadow = [\"per_site\"]");
    let quotas = Quotas::resolve(&[&site, &installation]);
    assert!(!quotas.get(QuotaKind::Site).unwrap().shadow);
}

#[test]
fn errors_name_the_key_and_what_was_expected() {
    let error = |toml: &str| {
        toml::from_str::<QuotaSettings>(toml)
            .unwrap_err()
            .to_string()
    };
    let bad_value = error("per_email = \"5 each 1m\"");
    assert!(bad_value.contains("per_email"), "{bad_value}");
    assert!(
        bad_value.contains("expected \"per\" after the count"),
        "{bad_value}"
    );
    let unknown_key = error("per_emial = \"off\"");
    assert!(
        unknown_key.contains("per_emial") && unknown_key.contains("per_email"),
        "{unknown_key}"
    );
    let unknown_kind = error("shadow = [\"page\"]");
    assert!(
        unknown_kind.contains("`page`") && unknown_kind.contains("`per_page`"),
        "{unknown_kind}"
    );
    for (toml, expected) in [
        ("exempt = [\"10.0.0.1/8\"]", "expected 10.0.0.0/8"),
        (
            "shared = [\"here\"]",
            "expected an address or a network such as",
        ),
        (
            "nat64 = [\"64:ff9b::/95\"]",
            "32, 40, 48, 56, 64 or 96 bits",
        ),
        ("private_addresses = \"yes\"", "`skip` or `count`"),
        ("cost.link = -1", "expected a number from 0 to 100"),
        (
            "cost.links = 1",
            "expected one of `link`, `spam`, `trusted`, `max`",
        ),
    ] {
        let told = error(toml);
        assert!(told.contains(expected), "{toml}: {told}");
    }
}

#[test]
fn a_sites_networks_replace_those_of_all() {
    let site = settings("exempt = []\nprivate_addresses = \"count\"");
    let installation = settings("exempt = [\"192.0.2.0/24\"]\nshared = [\"198.51.100.7\"]");
    let quotas = Quotas::resolve(&[&site, &installation]);
    let standing = |address: &str| quotas.standing(address.parse().unwrap());
    assert_eq!(
        standing("192.0.2.7"),
        Standing::Reader([192, 0, 2, 7].into())
    );
    assert_eq!(standing("198.51.100.7"), Standing::Shared);
    assert_eq!(standing("10.0.0.7"), Standing::Reader([10, 0, 0, 7].into()));
}
