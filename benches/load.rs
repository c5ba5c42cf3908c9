//! `CheckComment` under load, beside a tonic service that does nothing with the same
//! messages: `cargo bench --bench load`. Ratios within one run are what it is for;
//! the figures themselves depend on the machine and on its neighbours.
//!
//! Every server is a process of its own; h2load sends to one after the other, round
//! by round, on the same cores. All calls are the same; so they have no
//! `submission_id`, by which all but the first would be retries. `LOAD_ROUNDS` (5), `LOAD_SECONDS` of each (3) and
//! `LOAD_COMMENT` (a name in `support/comments.rs`) change what is done.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests/support says by a panic that it cannot go on"
)]

use moderato_test_support::redis_server;

#[path = "support/comments.rs"]
mod comments;
#[path = "load/empty.rs"]
mod empty;
#[path = "load/h2load.rs"]
mod h2load;
#[path = "load/idle.rs"]
mod idle;
#[path = "load/process.rs"]
mod process;
#[path = "load/report.rs"]
mod report;
#[path = "load/rounds.rs"]
mod rounds;
#[path = "load/served.rs"]
mod served;
#[path = "load/settings.rs"]
mod settings;
#[path = "load/tally.rs"]
mod tally;

use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;
use moderato::grpc::proto::CheckCommentRequest;
use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use prost::Message as _;
use redis_server::RedisServer;
use rounds::Contestant;
use served::{Moderato, Quotas};
use settings::Settings;

/// As the service has it; the empty service is this program too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let done = match &*arguments {
        [command, answer] if command == empty::COMMAND => empty::serve(answer.as_ref()),
        // `cargo test --benches` only asks whether it starts.
        others if others.iter().all(|argument| argument != "--bench") => Ok(()),
        _ => compare(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> anyhow::Result<()> {
    let settings = Settings::from_environment()?;
    h2load::is_installed()?;
    report::idle(&idle::measure()?);

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let redis = redis_is_installed().then(|| runtime.block_on(RedisServer::start()));
    let mut moderatos = vec![
        Moderato::start("moderato, quotas off", &Quotas::Off)?,
        Moderato::start("moderato, quotas in process", &Quotas::InProcess)?,
    ];
    match &redis {
        Some(redis) => moderatos.push(Moderato::start(
            "moderato, quotas in Redis",
            &Quotas::Redis(redis.url()),
        )?),
        None => println!("no redis-server here (apt-get install redis-server): left out\n"),
    }

    let request = CheckCommentRequest {
        submission: Some(comments::submission(settings.comment, 0)),
    };
    // What the empty service answers is what Moderato says to the same request.
    let answer = runtime.block_on(async {
        let address = moderatos[0].process.grpc_url();
        let mut client = ModerationServiceClient::connect(address).await?;
        let answer = client.check_comment(request.clone()).await?;
        anyhow::Ok(answer.into_inner())
    });
    let answer = answer.context("cannot ask moderato")?.encode_to_vec();
    let request = request.encode_to_vec();

    report::plan(&settings, request.len(), answer.len());
    let mut contestants = vec![Contestant::empty(empty::start(&answer)?)];
    contestants.extend(moderatos.into_iter().map(Contestant::moderato));
    let load = h2load::Load::new(&request, settings.round)?;
    rounds::play(&mut contestants, &load, settings.rounds, answer.len())?;
    report::comparison(&contestants);
    Ok(())
}

fn redis_is_installed() -> bool {
    let mut command = Command::new("redis-server");
    let asked = command.arg("--version").stdout(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}
