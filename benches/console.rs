//! The console with a long queue: `cargo bench --bench console`. Fills a store with
//! 100,000 held comments and as many published ones, starts the real program on it, and
//! asks for every page as a browser would: time to the first byte, and weight.
//!
//! Twice over, since the two cost differently: with comments that all differ, and with
//! two thirds of them in waves of near copies. On SQLite and, where it is installed, on
//! PostgreSQL. `CONSOLE_HELD` (100000), `CONSOLE_ROUNDS` (9), `CONSOLE_MIX` (`varied` or
//! `waves`) and `CONSOLE_DATABASE` (`sqlite` or `postgres`) change what is done; in `CONSOLE_FOLDER`
//! filled files of SQLite are kept for the next run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests/support says by a panic that it cannot go on"
)]

use moderato_test_support::postgres_server;

#[path = "console/browser.rs"]
mod browser;
#[path = "console/fill.rs"]
mod fill;
#[path = "console/mix.rs"]
mod mix;
#[path = "console/pages.rs"]
mod pages;
#[path = "console/served.rs"]
mod served;

use std::env::VarError;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use mix::Mix;
use moderato::store::Location;
use postgres_server::PostgresServer;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DATABASES: [&str; 2] = ["sqlite", "postgres"];

fn main() -> ExitCode {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().all(|argument| argument != "--bench") {
        return ExitCode::SUCCESS;
    }
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("console: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> anyhow::Result<()> {
    let number = |name, otherwise| {
        let text = variable(name)?;
        text.map_or(Ok(otherwise), |text| text.parse())
            .with_context(|| format!("{name}: expected a whole number"))
    };
    let held = number("CONSOLE_HELD", 100_000)?;
    let rounds = number("CONSOLE_ROUNDS", 9)?.max(1);
    let mixes = chosen("CONSOLE_MIX", &Mix::ALL.map(|mix| (mix.name(), mix)))?;
    let databases = chosen("CONSOLE_DATABASE", &DATABASES.map(|name| (name, name)))?;
    let kept = variable("CONSOLE_FOLDER")?.map(PathBuf::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    for database in databases {
        for &mix in &mixes {
            let folder = tempfile::tempdir()?;
            if database == "sqlite" {
                let file = folder.path().join("moderato-data/moderato.sqlite");
                if let Some(kept) = &kept {
                    let full = kept.join(format!("{}-{held}.sqlite", mix.name()));
                    if !full.exists() {
                        let filling = full.with_extension("filling");
                        runtime.block_on(fill::fill(
                            &Location::File(filling.clone()),
                            mix,
                            held,
                        ))?;
                        std::fs::rename(filling, &full)?;
                    }
                    std::fs::create_dir_all(folder.path().join("moderato-data"))?;
                    std::fs::copy(full, file)?;
                } else {
                    runtime.block_on(fill::fill(&Location::File(file), mix, held))?;
                }
                pages::report(database, mix, folder.path(), None, rounds)?;
            } else if installed() {
                let server = runtime.block_on(PostgresServer::start());
                let url = runtime.block_on(server.database("moderato"));
                let location = Location::Postgres(url.clone());
                runtime.block_on(fill::fill(&location, mix, held))?;
                pages::report(database, mix, folder.path(), Some(&url), rounds)?;
            } else {
                println!("no PostgreSQL here (apt-get install postgresql): left out\n");
            }
        }
    }
    Ok(())
}

/// The one that the variable names, or all.
fn chosen<T: Copy>(variable_name: &str, all: &[(&str, T)]) -> anyhow::Result<Vec<T>> {
    let Some(wanted) = variable(variable_name)? else {
        return Ok(all.iter().map(|(_, one)| *one).collect());
    };
    let found = all.iter().find(|(name, _)| *name == wanted);
    let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
    let found = found
        .with_context(|| format!("{variable_name}: expected one of {names:?}, found {wanted:?}"))?;
    Ok(vec![found.1])
}

fn variable(name: &str) -> anyhow::Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => bail!("{name}: expected text, found other bytes"),
    }
}

/// Whether Debian's package is there.
fn installed() -> bool {
    Path::new("/usr/lib/postgresql").exists()
}
