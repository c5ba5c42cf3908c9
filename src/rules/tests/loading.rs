//! From settings and files to a rule set.

use super::*;

#[test]
fn entries_that_can_match_nothing_are_refused_by_name() {
    insta::assert_snapshot!(refusal(r#"words.reject = ["a", " "]"#), @r#"rules.words.reject[1]: expected a word or phrase, found " ", which holds no visible characters"#);
    insta::assert_snapshot!(refusal(r#"words.hold = ["*"]"#), @r#"rules.words.hold[0]: expected a word or phrase, found "*", which holds no visible characters"#);
    insta::assert_snapshot!(refusal(r#"words.hold = ["*bait"]"#), @r#"rules.words.hold[0]: expected `*` only at the end of a phrase (`casino*`), found "*bait"; words are matched from their start"#);
    insta::assert_snapshot!(refusal(r#"domains.allow = ["https://example.com/"]"#), @r#"rules.domains.allow[0]: expected a domain of at most 253 bytes such as example.com, without scheme, path or port, found "https://example.com/""#);
    let long = format!("words.reject = [\"{}\"]", "ab ".repeat(100));
    insta::assert_snapshot!(refusal(&long), @"rules.words.reject[0]: expected a phrase of at most 200 bytes in normalised form, found 299");
}

#[test]
fn settings_refuse_keys_they_do_not_know() {
    let error = toml::from_str::<RuleSettings>("words.deny = []").unwrap_err();
    assert!(
        error.to_string().contains("unknown field `deny`"),
        "{error}"
    );
}

#[test]
fn files_are_read_and_named_with_their_line() {
    let settings = settings(
        r#"words.reject = ["one"]
           words.reject_files = ["words.txt"]"#,
    );
    let entries = settings.load(|_| Ok("# list\ntwo\n".to_owned())).unwrap();
    let rules = RuleSet::compile(&entries).unwrap();
    assert_eq!(said(&rules, "one, two").len(), 2);

    let entries = settings.load(|_| Ok("two\n\n*three".to_owned())).unwrap();
    let error = RuleSet::compile(&entries).unwrap_err().to_string();
    assert!(error.starts_with("words.txt:3: "), "{error}");

    let error = settings.load(no_files).unwrap_err().to_string();
    assert_eq!(
        error,
        "rules.words.reject_files: cannot read the list words.txt"
    );
}

#[test]
fn a_sites_lists_add_to_the_shared_ones() {
    let load = |toml| settings(toml).load(no_files).unwrap();
    let shared = load(r#"words.reject = ["a", "b"]"#);
    let entries = load(r#"words.allow = ["b"]"#).and(&shared);
    let rules = RuleSet::compile(&entries).unwrap();
    let kinds: Vec<_> = said(&rules, "a, b").into_iter().map(|(k, _)| k).collect();
    assert_eq!(kinds, [HitKind::DeniedWord, HitKind::AllowedWord]);
}

#[test]
fn the_digest_tells_rules_apart_by_what_they_match() {
    let digest = |toml| rules(toml).digest();
    let base = digest(r#"words.reject = ["one", "two"]"#);
    assert_eq!(base, digest(r#"words.reject = ["Two", "one", "one"]"#));
    for other in [
        "",
        r#"words.reject = ["one"]"#,
        r#"words.reject = ["one", "two*"]"#,
        r#"words.hold = ["one", "two"]"#,
        r#"domains.reject = ["one", "two"]"#,
    ] {
        assert_ne!(base, digest(other), "{other}");
    }
}
