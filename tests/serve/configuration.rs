//! Configurations that are refused at the start, and the `config` command.

use std::process::Output;

use moderato::grpc::auth::KeyHash;

use super::daemon::{FILE, folder, moderato, refused};

/// A file, variables, and what is said of them.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    let free = &[
        ("MODERATO_GRPC_LISTEN", "127.0.0.1:0"),
        ("MODERATO_HTTP_LISTEN", "127.0.0.1:0"),
    ];
    let open = &[("MODERATO_GRPC_LISTEN", "0.0.0.0:0")];
    let bad_variable = &[("MODERATO_REDIS_URL", "s3cret")];
    let no_file = &[("MODERATO_CONFIG", "gone.toml")];
    let cases: [Case; 7] = [
        (
            "\n[policy]\nmax_link = 3",
            free,
            "moderato: moderato.toml:3:1: unknown field `max_link`",
        ),
        (
            "[policy.spam]\nhold_at = 0.99",
            free,
            "moderato: moderato.toml:2:1: policy.spam: expected",
        ),
        (
            "",
            open,
            "moderato: listen.grpc: 0.0.0.0:0 can be reached from other machines",
        ),
        (
            "[model]\npath = \"gone\"",
            free,
            "moderato: model.path: cannot use /",
        ),
        (
            "[rules.words]\nhold_files = [\"gone\"]",
            free,
            "moderato: rules.words.hold_files: cannot",
        ),
        (
            "",
            bad_variable,
            "moderato: MODERATO_REDIS_URL: expected a URL",
        ),
        (
            "",
            no_file,
            "moderato: gone.toml: cannot read the configuration",
        ),
    ];
    for (config, variables, expected) in cases {
        let (code, told) = refused(config, variables);
        assert_eq!(code, Some(2), "{config}\n{told}");
        assert!(told.starts_with(expected), "{config}\n{told}");
        assert!(!told.contains("s3cret"), "{told}");
    }
}

#[test]
fn a_bad_quota_is_refused_with_its_line_its_key_and_what_was_expected() {
    for (limits, expected) in [
        (
            "per_email = \"5 each 1m\"",
            "2:13: limits.per_email: expected \"per\" after the count",
        ),
        (
            "per_email = \"5 per 1m, burst\"",
            "expected a whole number after \"burst\", found the end",
        ),
        (
            "per_email = \"5 per 1m, burst 0\"",
            "expected a burst from 1 to 1000000, found 0",
        ),
        (
            "per_email = \"0 per 1m\"",
            "expected a count from 1 to 1000000, found 0; to lift",
        ),
        ("per_email = \"99999999999 per 1m\"", "found 99999999999"),
        (
            "per_email = \"5 per 0s\"",
            "expected a period from 1ms to 365d",
        ),
        (
            "per_email = \"5 per 99999999999999999999d\"",
            "expected a period from 1ms to 365d",
        ),
        (
            "per_email = \"5 per 1 m\"",
            "expected a period such as 1m or 90s",
        ),
        (
            "per_email = \"-5 per 1m\"",
            "expected a whole number before \"per\", found \"-5\"",
        ),
        (
            "per_email = \"20000 per 1s\"",
            "expected at most 10000 per 1s",
        ),
        (
            "per_email = \"1 per 365d, burst 2\"",
            "expected a burst that comes back within 366d",
        ),
        (
            "per_email = 5",
            "2:13: limits.per_email: invalid type: integer `5`, expected",
        ),
        ("per_mail = \"5 per 1m\"", "2:1: unknown field `per_mail`"),
        (
            "shadow = [\"email\"]",
            "2:11: limits.shadow: unknown variant `email`",
        ),
        (
            "exempt = [\"::1\", \"10.0.0.1/8\"]",
            "limits.exempt: expected 10.0.0.0/8",
        ),
        (
            "nat64 = [\"64:ff9b::/95\"]",
            "limits.nat64: expected an IPv6 prefix",
        ),
        (
            "cost.link = -1",
            "limits.cost.link: expected a number from 0 to 100",
        ),
    ] {
        for (table, prefix) in [("limits", ""), ("sites.times.limits", "sites.times.")] {
            let (code, told) = refused(&format!("[{table}]\n{limits}"), &[]);
            assert_eq!(code, Some(2), "{limits}\n{told}");
            assert!(
                told.starts_with("moderato: moderato.toml:2:"),
                "{limits}\n{told}"
            );
            let expected = expected.replacen("limits.", &format!("{prefix}limits."), 1);
            assert!(told.contains(&expected), "{limits}\n{told}");
        }
    }
}

#[test]
fn an_address_in_use_is_a_failure_that_names_its_key() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, told) = refused("", &[("MODERATO_GRPC_LISTEN", &address)]);
    assert_eq!(code, Some(1), "{told}");
    let expected = format!("moderato: listen.grpc: cannot listen on {address}: ");
    let line = told.lines().last().unwrap();
    assert!(line.starts_with(&expected), "{told}");
    assert_eq!(line.matches("os error").count(), 1, "{told}");
}

fn config(file: &str, arguments: &[&str]) -> Output {
    let folder = folder(file);
    let mut command = moderato(folder.path());
    command.arg("config").args(arguments).output().unwrap()
}

fn out(output: &Output) -> &str {
    assert!(output.status.success(), "{output:?}");
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn the_printed_configuration_reads_back_as_itself() {
    let first = config("[limits]\nper_email = \"1 per 2h\"\n[sites.a]", &[]);
    let printed = out(&first);
    assert!(printed.contains("per_email = \"1 per 2h\"") && printed.contains("hold_at = 0.8"));
    assert_eq!(out(&config(printed, &[])), printed);
    let file = "[redis]\nurl = \"redis://:s3cret@host\"";
    let told = format!("{:?}", config(file, &[]));
    assert!(
        told.contains("redis://:***@host") && !told.contains("s3cret"),
        "{told}"
    );
}

#[test]
fn a_file_is_tried_without_a_server() {
    let good = config("[policy]\nmax_links = 1", &["--check", FILE]);
    assert_eq!(good.status.code(), Some(0), "{good:?}");
    let bad = config("[rules.words]\nhold = [\"*x\"]", &["--check", FILE]);
    assert_eq!(bad.status.code(), Some(2), "{bad:?}");
    let told = String::from_utf8(bad.stderr).unwrap();
    assert!(
        told.starts_with("moderato: rules.words.hold[0]: expected"),
        "{told}"
    );
}

#[test]
fn a_new_key_comes_with_the_lines_that_let_it_in() {
    let made = config("", &["new-key", "--site", "times"]);
    let (_, key) = out(&made).split_once("Bearer ").unwrap();
    let (key, _) = key.split_once('`').unwrap();
    assert_eq!(key.len(), 64);
    let read: moderato::config::Config = toml::from_str(out(&made)).unwrap();
    let (site, settings) = read.sites.first_key_value().unwrap();
    assert_eq!(
        (site.as_str(), &settings.keys[..]),
        ("times", &[KeyHash::of(key)][..])
    );
    assert_ne!(
        out(&config("", &["new-key"])),
        out(&config("", &["new-key"]))
    );
}
