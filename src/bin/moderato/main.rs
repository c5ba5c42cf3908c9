//! `moderato`: comment moderation that newsrooms run themselves.

mod check;
mod config;
mod erase;
mod evaluate;
mod exit;
mod labels;
mod limits;
mod model;
mod models;
mod moderators;
mod on_store;
mod parallel;
mod progress;
mod reading;
mod replay;
mod review;
mod serve;
mod study;
mod target;
mod terminal;
mod train;
mod webhooks;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Decides what happens to a reader's comment: approve, hold or reject, with reasons.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Where a command has no description here, its arguments have a longer one.
#[derive(Subcommand)]
enum Command {
    /// Serve the gRPC API, the console, health and metrics.
    Serve(serve::Arguments),
    Check(Box<check::Arguments>),
    Train(Box<train::Arguments>),
    Evaluate(evaluate::Arguments),
    Study(study::Arguments),
    Moderators(moderators::Arguments),
    Review(review::Arguments),
    Labels(labels::Arguments),
    Models(models::Arguments),
    Replay(replay::Arguments),
    Webhooks(webhooks::Arguments),
    Erase(erase::Arguments),
    Limits(limits::Arguments),
    /// Print or validate the configuration.
    Config(config::Arguments),
}

/// Exit codes: 0 done; 1 failed; 2 wrong arguments, configuration or input.
fn main() -> ExitCode {
    // All that speaks TLS here agrees on one provider. It is the first to be installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outcome = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Check(arguments) => check::run(*arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(arguments),
        Command::Study(arguments) => study::run(&arguments),
        Command::Moderators(arguments) => moderators::run(arguments),
        Command::Review(arguments) => review::run(arguments),
        Command::Labels(arguments) => labels::run(arguments),
        Command::Models(arguments) => models::run(arguments),
        Command::Replay(arguments) => replay::run(arguments),
        Command::Webhooks(arguments) => webhooks::run(arguments),
        Command::Erase(arguments) => erase::run(arguments),
        Command::Limits(arguments) => limits::run(arguments),
        Command::Config(arguments) => config::run(arguments),
    };
    exit::code(outcome)
}
