//! `moderato config`: to be written.

use std::process::ExitCode;

/// To be written.
#[derive(clap::Args)]
pub struct Arguments {}

/// To be written.
pub fn run(_arguments: Arguments) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not written yet")
}
