//! Proves that the rules can be broken: breaks them, and sees it noticed.

use super::{Source, forbidden_imports, misplaced_words};

#[test]
fn a_forbidden_import_is_found_in_every_form() {
    for code in [
        "use crate::grpc::auth;",
        "use crate::{verdict::Head, grpc};",
        "use crate::{\n    rules::{List, RuleSet},\n    grpc::auth,\n};",
        "use super::super::grpc;",
        "fn f() { crate::grpc::routes(); }",
        "macro_rules! m { () => { $crate::grpc::routes() } }",
        "#[cfg(test)]\nmod tests { use crate::text; }\nuse crate::grpc;",
        "const A: &str = \"\\\"\"; const B: char = '\"'; use crate::grpc;",
        "fn f<'a>(x: &'a str) { crate::grpc::g::<'a>(x) }",
    ] {
        let found = forbidden_imports(&Source::new("policy/judge.rs", code));
        assert_eq!(found.len(), 1, "{code}: {found:?}");
        assert!(found[0].ends_with("`policy` imports `grpc`"), "{found:?}");
    }
}

#[test]
fn an_offence_is_named_with_its_line() {
    let found = forbidden_imports(&Source::new(
        "text/mod.rs",
        "\n\nuse crate::policy::Policy;\n",
    ));
    assert_eq!(found, ["src/text/mod.rs:3: `text` imports `policy`"]);
}

#[test]
fn what_is_no_import_is_let_be() {
    for code in [
        "use crate::rules::RuleSet;",
        "use super::grpc;",
        "/// See [`crate::grpc`].\n// crate::grpc\n/* crate::grpc */",
        "const A: &str = \"crate::grpc\"; const B: &str = r#\"\" crate::grpc\"#;",
        "#[cfg(test)]\nmod tests { fn f() { if x {} crate::grpc::g() } }",
        "use crate::policy::grpc; use other::crate_::grpc;",
    ] {
        let found = forbidden_imports(&Source::new("policy/judge.rs", code));
        assert!(found.is_empty(), "{code}: {found:?}");
    }
}

#[test]
fn the_binary_may_import_everything_and_a_stranger_nothing() {
    let code = "use moderato::training::train;";
    assert!(forbidden_imports(&Source::new("bin/moderato/train.rs", code)).is_empty());
    assert_eq!(
        forbidden_imports(&Source::new("server/mod.rs", code)).len(),
        1
    );
    let found = forbidden_imports(&Source::new("helper.rs", ""));
    assert!(found[0].contains("no layer for `helper`"), "{found:?}");
}

#[test]
fn a_misplaced_word_is_found_and_only_as_a_word() {
    let words = |path, code| misplaced_words(&Source::new(path, code)).len();
    assert_eq!(words("pipeline/mod.rs", "use crate::rate_limit::Redis;"), 1);
    assert_eq!(
        words(
            "pipeline/mod.rs",
            "// redis\nlet redistributed = \"redis\";"
        ),
        0
    );
    assert_eq!(words("rate_limit/redis.rs", "use ::redis::RedisError;"), 0);
    assert_eq!(
        words("policy/judge.rs", "let now = std::time::Instant::now();"),
        1
    );
    assert_eq!(
        words("classifier/mod.rs", "use linfa_bayes::MultinomialNb;"),
        1
    );
}

#[test]
fn test_files_are_known_by_their_names() {
    assert!(Source::new("grpc/auth_tests.rs", "").is_test());
    assert!(Source::new("policy/tests/laws.rs", "").is_test());
    assert!(!Source::new("policy/mod.rs", "").is_test());
}
