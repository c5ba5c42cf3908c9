use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::Path;

use super::*;

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables: HashMap<String, OsString> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.into()))
        .collect();
    let sources = Sources::new(None, move |name| variables.get(name).cloned());
    sources
        .load(&mut |path| {
            assert_eq!(path, Path::new("moderato.toml"));
            Ok(text.to_owned())
        })
        .map_err(|error| error.to_string())
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = load(text, &[]).unwrap_err();
    assert!(error.contains(expected), "{text}\n{error}");
}

#[test]
fn nothing_at_all_is_the_defaults() {
    let missing = |_: &Path| Err(io::ErrorKind::NotFound.into());
    let sources = Sources::new(None, |_| None);
    let config = sources.load(&mut { missing }).unwrap();
    assert_eq!(config, Config::default());
    assert!(config.listen.grpc.ip().is_loopback() && config.warnings().is_empty());
    let error = Sources::file("gone.toml".into())
        .load(&mut { missing })
        .unwrap_err();
    assert!(
        error.to_string().starts_with("gone.toml: cannot read"),
        "{error}"
    );
}

#[test]
fn the_effective_configuration_reads_back_as_itself() {
    let config = load(
        r#"
        [listen]
        grpc = "[::1]:0"
        [redis]
        budget = "20ms"
        [limits]
        per_email = "2 per 1m"
        [policy]
        max_links = "off"
        spam.hold_at = 0.5
        [rules.words]
        hold = ["casino*"]
        [sites.times]
        keys = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
        policy.honeypot = "hold"
        limits.per_page = "off"
        "#,
        &[],
    )
    .unwrap();
    for config in [config, Config::default()] {
        let printed = config.to_toml().unwrap();
        let read = load(&printed, &[]).unwrap();
        assert_eq!(
            read.to_toml().unwrap(),
            load(&printed, &[]).unwrap().to_toml().unwrap()
        );
        assert_eq!(
            toml::from_str::<Config>(&printed)
                .unwrap()
                .to_toml()
                .unwrap(),
            printed
        );
        assert!(printed.contains("reject_at = 0.98") && printed.contains("per_site = "));
    }
}

#[test]
fn what_cannot_be_meant_is_refused_by_line_and_key() {
    refused(
        "\nlisen = 1",
        "moderato.toml:2:1: unknown field `lisen`, expected one of",
    );
    refused(
        "[policy]\nmax_link = 1",
        "moderato.toml:2:1: unknown field `max_link`",
    );
    refused(
        "[policy.spam]\nhold_at = 2",
        "moderato.toml:2:11: policy.spam.hold_at: ",
    );
    refused(
        "[listen]\ngrpc = \"here\"",
        "moderato.toml:2:8: listen.grpc: expected an IP address",
    );
    refused(
        "[server]\nrequest_timeout = \"1d\"",
        "server.request_timeout: ",
    );
    refused(
        "[limits]\nper_email = \"many\"",
        "moderato.toml:2:13: limits.per_email: expected",
    );
    refused("[fields]\nname_max_chars = 0", "`name_max_chars`: expected");
    refused("[sites.\"The Times\"]", "expected a site id");
    refused("[sites.a]\nkeys = [\"secret\"]", "expected a key's SHA-256");
    refused(
        "[redis]\nbudget = \"0s\"",
        "moderato.toml:2:1: redis.budget: expected",
    );
    refused(
        "[redis]\nsentinel_user = \"watcher\"",
        "moderato.toml:2:1: redis.sentinel_user: expected redis.sentinel_password_file",
    );
    refused("a = ", "moderato.toml:1:");
}

#[test]
fn settings_that_contradict_each_other_are_refused_by_line_and_key() {
    refused(
        "[policy.spam]\nreject_at = 0.5",
        "moderato.toml:2:1: policy.spam: expected hold_at not above reject_at",
    );
    refused(
        "[policy.spam]\nreject_at = 0.9\n[sites.a.policy.spam]\nhold_at = 0.95",
        "moderato.toml:4:1: sites.a.policy.spam: expected hold_at",
    );
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    refused(
        &format!("[sites.a]\nkeys = [\"{hash}\"]\n[sites.b]\nkeys = [\"{hash}\"]"),
        "moderato.toml:4:1: sites a and b have the same key",
    );
}

#[test]
fn listening_to_the_world_takes_keys_or_as_many_words() {
    let open = "[listen]\ngrpc = \"0.0.0.0:50051\"\n";
    refused(
        open,
        "moderato.toml:2:1: listen.grpc: 0.0.0.0:50051 can be reached",
    );
    let error = load("", &[(HTTP_LISTEN_VARIABLE, "[::]:80")]).unwrap_err();
    assert!(
        error.starts_with("listen.http: [::]:80 can be reached"),
        "{error}"
    );
    let config = load(&format!("{open}allow_open = true"), &[]).unwrap();
    assert!(config.warnings()[0].contains("anybody"));
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let config = load(
        &format!("{open}[sites.a]\nkeys = [\"{hash}\"]\n[sites.b]"),
        &[],
    )
    .unwrap();
    assert_eq!(config.warnings().len(), 1);
    assert!(config.warnings()[0].starts_with("sites.b has no key"));
}

#[test]
fn the_environment_overrides_the_file() {
    let config = load(
        "data_dir = \"d\"\n[redis]\nurl = \"redis://file\"",
        &[
            (GRPC_LISTEN_VARIABLE, "127.0.0.1:0"),
            (DATA_DIR_VARIABLE, "/tmp/d"),
            (REDIS_URL_VARIABLE, "redis://:secret@environment"),
            (DATABASE_URL_VARIABLE, ""),
            (HASH_KEY_VARIABLE, &"0a".repeat(32)),
        ],
    )
    .unwrap();
    assert_eq!(config.listen.grpc.port(), 0);
    assert_eq!(config.data_dir, Path::new("/tmp/d"));
    assert_eq!(
        config.redis.url.as_ref().unwrap().expose(),
        "redis://:secret@environment"
    );
    assert_eq!(config.database_url, None);
    assert_eq!(config.hash_key.as_ref().unwrap().expose(), [10; 32]);
    let printed = config.to_toml().unwrap();
    assert!(
        !printed.contains("secret") && !printed.contains("0a0a"),
        "{printed}"
    );
    assert!(!format!("{config:?}").contains("secret"));
}

#[test]
fn a_bad_variable_is_named_and_no_secret_repeated() {
    for (variable, value, expected) in [
        (
            GRPC_LISTEN_VARIABLE,
            "here",
            "MODERATO_GRPC_LISTEN: expected an IP address",
        ),
        (
            REDIS_URL_VARIABLE,
            "s3cret",
            "MODERATO_REDIS_URL: expected a URL such as",
        ),
        (
            HASH_KEY_VARIABLE,
            "s3cret",
            "MODERATO_HASH_KEY: expected 64 hexadecimal digits",
        ),
    ] {
        let error = load("", &[(variable, value)]).unwrap_err();
        assert!(
            error.starts_with(expected) && !error.contains("s3cret"),
            "{error}"
        );
    }
    let error = load("redis = \"redis://:s3cret@host\"", &[]).unwrap_err();
    assert!(!error.contains("s3cret"), "{error}");
}

#[test]
fn paths_are_relative_to_the_file() {
    let text = "hash_key_file = \"key\"\n[rules.words]\nhold_files = [\"words.txt\", \"/abs\"]";
    let config = Sources::file("/etc/moderato/m.toml".into())
        .load(&mut |_| Ok(text.to_owned()))
        .unwrap();
    assert_eq!(config.data_dir, Path::new("/etc/moderato/moderato-data"));
    assert_eq!(
        config.hash_key_file.as_deref(),
        Some(Path::new("/etc/moderato/key"))
    );
    let files: Vec<_> = config
        .rules
        .words
        .hold_files
        .iter()
        .map(PathBuf::as_path)
        .collect();
    assert_eq!(
        files,
        [Path::new("/etc/moderato/words.txt"), Path::new("/abs")]
    );
}
