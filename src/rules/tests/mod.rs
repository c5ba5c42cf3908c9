mod loading;

use std::io;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::text::{Link, Normalised, normalise};
use crate::verdict::Field;

fn settings(toml: &str) -> RuleSettings {
    toml::from_str(toml).unwrap()
}

fn no_files(_: &Path) -> io::Result<String> {
    Err(io::Error::other("no files in this test"))
}

fn compile(toml: &str) -> Result<RuleSet, RulesError> {
    RuleSet::compile(&settings(toml).load(no_files)?)
}

fn rules(toml: &str) -> RuleSet {
    compile(toml).unwrap()
}

fn refusal(toml: &str) -> String {
    compile(toml).unwrap_err().to_string()
}

/// A link to `host` where it first stands in its passage, or that spans the whole of
/// it; what finds links is tested elsewhere.
fn link(text: &Normalised, host: &str) -> Link {
    let found = text.text().find(host).map(|at| at..at + host.len());
    Link {
        range: found.unwrap_or(0..text.text().len()),
        host: host.to_owned(),
        domain: host.to_owned(),
    }
}

/// What `rules` say of a comment text: kinds and entries, most serious first.
fn said(rules: &RuleSet, text: &str) -> Vec<(HitKind, String)> {
    let text = normalise(text);
    let passage = Passage {
        field: Field::Text,
        text: &text,
        links: &[],
    };
    let hits = rules.apply(&[passage]);
    hits.iter()
        .map(|hit| (hit.kind, hit.entry.to_string()))
        .collect()
}

fn links_in(rules: &RuleSet, field: Field, hosts: &[&str]) -> RuleHits {
    let text = normalise(&hosts.join(" "));
    let links: Vec<_> = hosts.iter().map(|host| link(&text, host)).collect();
    rules.apply(&[Passage {
        field,
        text: &text,
        links: &links,
    }])
}

#[test]
fn words_are_matched_whole_and_in_any_case() {
    let rules = rules(
        r#"words.reject = ["Free Viagra", "casino*"]
           words.hold = ["ban", "مفت"]"#,
    );
    for (text, hits) in [
        ("get FREE VIAGRA!", &["Free Viagra"][..]),
        ("a band of bankers in Albania", &[]),
        ("(ban)", &["ban"]),
        ("ban", &["ban"]),
        (
            "casino, Casinos and CASINOROYAL",
            &["casino*", "casino*", "casino*"],
        ),
        ("minicasino", &[]),
        ("یہ مفت ہے", &["مفت"]),
        ("", &[]),
    ] {
        let entries: Vec<_> = said(&rules, text).into_iter().map(|(_, e)| e).collect();
        assert_eq!(entries, hits, "{text}");
    }
}

#[test]
fn a_word_of_a_script_without_spaces_is_found_within_a_sentence() {
    let rules = rules(r#"words.hold = ["赌博", "🎰"]"#);
    assert_eq!(said(&rules, "来赌博吧").len(), 1);
    assert_eq!(said(&rules, "win🎰now").len(), 1);
}

#[test]
fn hits_point_at_the_words_as_they_were_sent() {
    let rules = rules(r#"words.reject = ["casino*"]"#);
    let text = normalise("The CASINOS of");
    let name = normalise("Casino");
    let passages = [(Field::Text, &text), (Field::Name, &name)].map(|(field, text)| Passage {
        field,
        text,
        links: &[],
    });
    let hits = rules.apply(&passages);
    let spans: Vec<_> = hits
        .iter()
        .map(|hit| (hit.span.field, hit.span.start, hit.span.end))
        .collect();
    assert_eq!(spans, [(Field::Text, 4, 11), (Field::Name, 0, 6)]);
}

#[test]
fn an_allowed_phrase_exempts_what_lies_inside_it_alone() {
    let rules = rules(
        r#"words.hold = ["breast"]
           words.allow = ["breast cancer"]"#,
    );
    let allowed = (HitKind::AllowedWord, "breast cancer".to_owned());
    let held = (HitKind::SuspectWord, "breast".to_owned());
    assert_eq!(said(&rules, "breast cancer, breast"), [held, allowed]);
    assert_eq!(said(&rules, "breast cancer").len(), 1);
}

#[test]
fn of_one_phrase_on_several_lists_allow_wins_then_reject() {
    let both = rules(
        r#"words.hold = ["a b", "c"]
           words.reject = ["C", "A b", "a B"]
           words.allow = ["a b"]"#,
    );
    assert_eq!(
        said(&both, "a b, c"),
        [
            (HitKind::DeniedWord, "C".to_owned()),
            (HitKind::AllowedWord, "a b".to_owned())
        ]
    );
}

#[test]
fn a_severe_hit_is_kept_however_many_mild_ones_stand_before_it() {
    let rules = rules(
        r#"words.hold = ["mild"]
           words.reject = ["severe"]
           words.allow = ["fine"]"#,
    );
    let hits = said(&rules, &format!("{}severe, fine", "mild, ".repeat(500)));
    assert_eq!(hits.len(), 1 + MAX_HITS_PER_KIND + 1);
    assert_eq!(hits[0].0, HitKind::DeniedWord);
    assert_eq!(hits.last().unwrap().0, HitKind::AllowedWord);
}

#[test]
fn a_domain_covers_its_hosts_and_the_longest_entry_wins() {
    let rules = rules(
        r#"domains.reject = ["Example.com", "xyz"]
           domains.hold = ["held.example.com"]
           domains.allow = ["news.example.com"]"#,
    );
    for (host, kind) in [
        ("example.com", Some(HitKind::DeniedDomain)),
        ("a.b.example.com", Some(HitKind::DeniedDomain)),
        ("a.held.example.com", Some(HitKind::SuspectDomain)),
        ("a.news.example.com", None),
        ("notexample.com", None),
        ("example.com.evil.net", None),
        ("anything.xyz", Some(HitKind::DeniedDomain)),
        ("192.0.2.1", None),
    ] {
        let hits = links_in(&rules, Field::Text, &[host]);
        assert_eq!(hits.iter().next().map(|hit| hit.kind), kind, "{host}");
    }
}

#[test]
fn links_are_counted_but_for_allowed_domains_and_the_authors_page() {
    let rules = rules(r#"domains.allow = ["example.com"]"#);
    let hosts = ["a.net", "www.example.com", "a.net", "b.net"];
    assert_eq!(
        links_in(&rules, Field::Text, &hosts).counted_links(),
        2,
        "each of the others counts, and the same one once"
    );
    assert_eq!(links_in(&rules, Field::Name, &hosts).counted_links(), 2);
    assert_eq!(links_in(&rules, Field::Url, &hosts).counted_links(), 0);
}

#[test]
fn a_host_of_a_hundred_thousand_labels_costs_little() {
    let rules = rules(r#"domains.reject = ["example.com"]"#);
    let host = format!("{}example.com", "a.".repeat(50_000));
    assert_eq!(links_in(&rules, Field::Text, &[&host]).iter().count(), 1);
}

/// How often a listed word stands between non-letters, found by comparing each.
fn naive(words: &[String], text: &str) -> usize {
    normalise(text)
        .text()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| words.iter().any(|listed| normalise(listed).text() == *word))
        .count()
}

proptest! {
    #[test]
    fn single_words_are_found_as_by_comparing_each(
        words in prop::collection::vec("[abc]{1,3}", 1..6),
        text in "[abc ,.]{0,40}",
    ) {
        let settings = RuleSettings {
            words: ListSettings { reject: words.clone(), ..ListSettings::default() },
            ..RuleSettings::default()
        };
        let rules = RuleSet::compile(&settings.load(no_files).unwrap()).unwrap();
        let expected = naive(&words, &text).min(MAX_HITS_PER_KIND);
        prop_assert_eq!(said(&rules, &text).len(), expected);
    }

    #[test]
    fn spans_lie_on_character_boundaries_of_what_was_sent(text in ".{0,60}", word in "\\w{1,3}") {
        let settings = RuleSettings {
            words: ListSettings { hold: vec![format!("{word}*")], ..ListSettings::default() },
            ..RuleSettings::default()
        };
        let Ok(rules) = RuleSet::compile(&settings.load(no_files).unwrap()) else {
            return Ok(());
        };
        let sent = format!("{text} {word} {text}");
        let normalised = normalise(&sent);
        let passage = Passage { field: Field::Text, text: &normalised, links: &[] };
        for hit in rules.apply(&[passage]).iter() {
            prop_assert!(sent.get(hit.span.start as usize..hit.span.end as usize).is_some());
        }
    }
}
