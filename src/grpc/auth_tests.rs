use super::*;

fn site(id: &str) -> SiteId {
    SiteId::new(id).unwrap()
}

fn two_sites() -> SiteKeys {
    let table = KeyTable::new([
        (site("times"), KeyHash::of("times-key")),
        (site("times"), KeyHash::of("times-next-key")),
        (site("post"), KeyHash::of("post-key")),
    ]);
    SiteKeys::new(table.unwrap())
}

fn ask(keys: &SiteKeys, authorization: &str) -> Result<String, Refusal> {
    let mut metadata = MetadataMap::new();
    metadata.insert("authorization", authorization.parse().unwrap());
    keys.site_of(&metadata).map(|site| site.to_string())
}

#[test]
fn a_key_names_its_site() {
    let keys = two_sites();
    assert_eq!(ask(&keys, "Bearer times-key").as_deref(), Ok("times"));
    assert_eq!(ask(&keys, "Bearer times-next-key").as_deref(), Ok("times"));
    assert_eq!(ask(&keys, "bearer post-key").as_deref(), Ok("post"));
}

#[test]
fn anything_else_is_refused_with_its_own_reason() {
    let keys = two_sites();
    assert_eq!(ask(&keys, "Bearer other"), Err(Refusal::KeyUnknown));
    assert_eq!(ask(&keys, "Bearer times-ke"), Err(Refusal::KeyUnknown));
    for malformed in ["times-key", "Basic times-key", "Bearer", "Bearer  ", ""] {
        assert_eq!(
            ask(&keys, malformed),
            Err(Refusal::KeyMalformed),
            "{malformed:?}"
        );
    }
    let missing = keys.site_of(&MetadataMap::new());
    assert_eq!(missing, Err(Refusal::KeyMissing));
}

#[test]
fn without_keys_there_is_one_site() {
    let open = SiteKeys::default();
    assert_eq!(
        open.site_of(&MetadataMap::new()).as_deref(),
        Ok(&SiteId::default())
    );
    assert_eq!(ask(&open, "Bearer whatever").as_deref(), Ok("default"));
}

#[test]
fn a_replaced_key_no_longer_opens() {
    let keys = two_sites();
    let next = KeyTable::new([(site("times"), KeyHash::of("times-next-key"))]).unwrap();
    keys.replace(next);
    assert_eq!(ask(&keys, "Bearer times-key"), Err(Refusal::KeyUnknown));
    assert_eq!(ask(&keys, "Bearer times-next-key").as_deref(), Ok("times"));
}

#[test]
fn two_sites_cannot_share_a_key() {
    let shared = KeyTable::new([
        (site("times"), KeyHash::of("key")),
        (site("post"), KeyHash::of("key")),
    ]);
    assert_eq!(
        shared.unwrap_err(),
        KeyError::Shared(site("times"), site("post"))
    );
}

#[test]
fn hashes_are_64_lower_case_digits() {
    // sha256sum of "abc", FIPS 180-4 example B.1.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(abc.parse(), Ok(KeyHash::of("abc")));
    assert_eq!(KeyHash::of("abc").to_string(), abc);
    for bad in [
        "",
        "ab",
        &abc[1..],
        &abc.to_uppercase(),
        &abc.replace('b', "g"),
        "é",
    ] {
        assert_eq!(
            bad.parse::<KeyHash>(),
            Err(KeyError::NotAHash(bad.chars().count()))
        );
    }
}
