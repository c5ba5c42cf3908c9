//! From settings to a policy and back.

use super::*;

fn refusal(toml: &str) -> String {
    toml::from_str::<PolicySettings>(toml)
        .unwrap_err()
        .message()
        .to_owned()
}

#[test]
fn the_more_particular_layer_wins_key_by_key() {
    let site = settings("max_links = 1\nspam.hold_at = 0.5");
    let all = settings("max_links = 2\nabstain = true\nspam.reject_at = 0.9");
    let resolved = Policy::resolve(&[&site, &all]).unwrap();
    let flat = policy("max_links = 1\nabstain = true\nspam = { hold_at = 0.5, reject_at = 0.9 }");
    assert_eq!(resolved, flat);
}

#[test]
fn what_contradicts_itself_across_layers_is_refused() {
    let site = settings("toxicity.hold_at = 0.99");
    let error = Policy::resolve(&[&site, &settings("toxicity.reject_at = 0.9")]).unwrap_err();
    insta::assert_snapshot!(error, @"policy.toxicity: expected hold_at not above reject_at, found hold_at = 0.99 and reject_at = 0.9");
}

#[test]
fn bad_values_are_refused_with_what_was_expected() {
    insta::assert_snapshot!(refusal("spam.hold_at = 1.5"), @"expected a probability from 0 to 1, found 1.5");
    insta::assert_snapshot!(refusal("spam.hold = 0.5"), @"unknown field `hold`, expected `hold_at` or `reject_at`");
    insta::assert_snapshot!(refusal("max_links = -1"), @r#"invalid value: integer `-1`, expected a number of links from 0 to 4294967295, or "off""#);
    insta::assert_snapshot!(refusal("max_links = \"of\""), @r#"invalid value: string "of", expected a number of links from 0 to 4294967295, or "off""#);
    insta::assert_snapshot!(refusal("honeypot = \"drop\""), @"unknown variant `drop`, expected one of `reject`, `hold`, `ignore`");
    insta::assert_snapshot!(refusal("threshold = 1"), @"unknown field `threshold`, expected one of `max_links`, `hold_first_time_authors`, `trusted_authors`, `allowed_words`, `min_form_duration_ms`, `honeypot`, `abstain`, `min_known_tokens`, `spam`, `toxicity`");
}

#[test]
fn the_effective_policy_is_printed_as_it_is_read() {
    let printed = toml::to_string(&policy("")).unwrap();
    insta::assert_snapshot!(printed, @r#"
    max_links = 3
    hold_first_time_authors = false
    trusted_authors = "approve"
    allowed_words = "approve"
    min_form_duration_ms = 1500
    honeypot = "reject"
    abstain = false
    min_known_tokens = 3

    [spam]
    hold_at = 0.8
    reject_at = 0.98

    [toxicity]
    hold_at = 0.82
    reject_at = 0.99
    "#);
    assert_eq!(policy(&printed), policy(""));
}

#[test]
fn the_id_changes_with_policy_and_rules_alone() {
    let none = RuleSet::default();
    let rules: RuleSettings = toml::from_str("words.hold = [\"a\"]").unwrap();
    let entries = rules.load(|_| unreachable!("no files")).unwrap();
    let some = RuleSet::compile(&entries).unwrap();
    let id = policy("").id(&none);
    assert!(id.starts_with("p-") && id.len() == 18, "{id}");
    assert_eq!(id, policy("max_links = 3").id(&none));
    assert_ne!(id, policy("max_links = 4").id(&none));
    assert_ne!(id, policy("").id(&some));
}
