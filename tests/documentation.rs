//! Holds the README to the program: every key with its default, every variable,
//! every reason code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says so by a panic"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use moderato::config::{
    CONFIG_VARIABLE, Config, DATA_DIR_VARIABLE, DATABASE_URL_VARIABLE, GRPC_LISTEN_VARIABLE,
    HASH_KEY_VARIABLE, HTTP_LISTEN_VARIABLE, REDIS_SENTINEL_PASSWORD_VARIABLE, REDIS_URL_VARIABLE,
};
use moderato::telemetry::logging;
use toml::Value;

/// Sets every key that has no default, so that it is printed.
const UNSET: &str = r#"
    console.public_url = "https://moderation.example.org"
    database_url = "postgres://host/moderato"
    hash_key_file = "key"
    model.path = "model"
    redis.ca_file = "ca.pem"
    redis.cert_file = "cert.pem"
    redis.key_file = "key.pem"
    redis.sentinel_password_file = "password"
    redis.sentinel_user = "moderato"
    redis.url = "redis://host"
"#;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).unwrap()
}

/// The keys of `config` with their values; tables as `table.key`.
fn keys(config: &str) -> BTreeMap<String, Value> {
    let config: Config = toml::from_str(config).unwrap();
    let mut keys = BTreeMap::new();
    let printed = config.to_toml().unwrap().parse().map(Value::Table).unwrap();
    flatten("", printed, &mut keys);
    keys
}

fn flatten(prefix: &str, value: Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                let separator = if prefix.is_empty() { "" } else { "." };
                flatten(&format!("{prefix}{separator}{key}"), value, into);
            }
        }
        value => {
            into.insert(prefix.to_owned(), value);
        }
    }
}

/// What stands between backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The configuration table of the README: keys with what it gives as their default.
fn documented(readme: &str) -> BTreeMap<&str, Option<&str>> {
    let mut documented = BTreeMap::new();
    let rows = readme
        .lines()
        .skip_while(|line| *line != "| key | default | meaning |");
    for row in rows.skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.split(" | ").collect();
        let (keys, defaults) = (quoted(cells[0]), quoted(cells[1]));
        for (index, key) in keys.into_iter().enumerate() {
            // One default may stand for all keys of a row.
            let default = defaults.get(index).or(defaults.last());
            documented.insert(key, default.copied());
        }
    }
    documented
}

#[test]
fn the_readme_names_every_key_and_no_other() {
    let readme = read("README.md");
    let documented: Vec<_> = documented(&readme)
        .into_keys()
        .filter(|key| !key.starts_with("sites."))
        .collect();
    let keys = keys(UNSET);
    assert_eq!(documented, keys.keys().collect::<Vec<_>>());
}

#[test]
fn the_readme_gives_the_defaults_that_are_in_force() {
    let readme = read("README.md");
    let documented = documented(&readme);
    for (key, value) in keys("") {
        let default = documented[&*key].unwrap_or_else(|| panic!("README.md: {key}: no default"));
        // Words that need no quotes in a table, such as paths and addresses.
        let read = toml::from_str::<toml::Table>(&format!("default = {default}"))
            .map_or_else(|_| Value::from(default), |table| table["default"].clone());
        assert_eq!(read, value, "README.md: {key}");
    }
}

#[test]
fn the_readme_names_every_variable() {
    let readme = read("README.md");
    let quoted = quoted(&readme);
    for variable in [
        CONFIG_VARIABLE,
        GRPC_LISTEN_VARIABLE,
        HTTP_LISTEN_VARIABLE,
        DATA_DIR_VARIABLE,
        REDIS_URL_VARIABLE,
        REDIS_SENTINEL_PASSWORD_VARIABLE,
        DATABASE_URL_VARIABLE,
        HASH_KEY_VARIABLE,
        logging::VARIABLE,
    ] {
        assert!(quoted.contains(&variable), "README.md: {variable}");
    }
}

#[test]
fn the_readme_names_every_reason_code() {
    let contract = read("proto/moderato/v1/verdict.proto");
    let reason = contract.split("message Reason {").nth(1).unwrap();
    let codes = quoted(reason.split("string code = 1;").next().unwrap());
    assert!(codes.len() > 20, "{codes:?}");
    let readme = read("README.md");
    let table: Vec<_> = readme
        .lines()
        .filter(|line| line.starts_with('|'))
        .collect();
    let table = table.join("\n");
    for code in codes {
        assert!(quoted(&table).contains(&code), "README.md: {code}");
    }
}
