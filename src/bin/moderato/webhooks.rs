//! `moderato webhooks`: what could not be delivered, and how to deliver it after all.

use std::io::{self, Write as _};
use std::process::ExitCode;

use jiff::Timestamp;
use moderato::site::SiteId;
use moderato::store::{DeliveryRecord, DeliveryState, Store};
use moderato::webhook::Secret;

use crate::config::{ConfigFile, load, site_id};
use crate::exit::WrongInput;
use crate::on_store::on_store;
use crate::terminal::printable_line;

/// Lists what could not be delivered to sites, and has it sent again. It works on the
/// database that the configuration names; a running server does the sending.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    file: ConfigFile,
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    List(List),
    Redeliver(Redeliver),
    /// Make a random secret for `sites.<id>.webhook.secrets`; prints it alone.
    NewSecret,
}

/// List deliveries that were given up, the latest first.
#[derive(clap::Args)]
struct List {
    /// Only of this site.
    #[arg(long, value_name = "ID", value_parser = site_id)]
    site: Option<SiteId>,
    /// Those that wait to be sent, in place of those given up.
    #[arg(long)]
    waiting: bool,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Send deliveries again that were given up: one event's, or all of a site.
#[derive(clap::Args)]
struct Redeliver {
    /// Whose.
    #[arg(long, value_name = "ID", value_parser = site_id)]
    site: SiteId,
    /// The number of the event, as `list` shows it.
    #[arg(required_unless_present = "all")]
    event: Option<u64>,
    /// Every one of them.
    #[arg(long, conflicts_with = "event")]
    all: bool,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // A secret needs no configuration: it is made for one.
    let config = || load(&arguments.file.sources());
    match arguments.action {
        Action::List(list) => on_store(&config()?, async |store| list.run(&store).await)?,
        Action::Redeliver(again) => on_store(&config()?, async |store| again.run(&store).await)?,
        Action::NewSecret => {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes)?;
            let mut out = io::stdout();
            writeln!(out, "{}", Secret::new(&bytes)?.to_text())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl List {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        let state = if self.waiting {
            DeliveryState::Waiting
        } else {
            DeliveryState::Dead
        };
        let (site, mut out) = (self.site.as_ref(), io::stdout());
        for delivery in store.deliveries(site, state, self.limit).await? {
            let line = if self.json {
                as_json(&delivery)
            } else {
                as_line(&delivery)
            };
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

impl Redeliver {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        let (Self { site, event, .. }, mut out) = (self, io::stdout());
        let sent = store.redeliver(&site, event, Timestamp::now()).await?;
        if let Some(event) = event.filter(|_| sent == 0) {
            let told = format!("event: {event} of site {site} was not given up");
            return Err(WrongInput::new(anyhow::anyhow!(told)).into());
        }
        writeln!(out, "{sent} to be sent again")?;
        Ok(())
    }
}

fn as_json(delivery: &DeliveryRecord) -> String {
    serde_json::json!({
        "site": delivery.site,
        "event": delivery.event,
        "state": delivery.state.name(),
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.next_attempt_at.to_string(),
        "last_status": delivery.last_status,
        "last_error": delivery.last_error,
        "updated_at": delivery.updated_at.to_string(),
    })
    .to_string()
}

fn as_line(delivery: &DeliveryRecord) -> String {
    format!(
        "{}  {}  event {}  {} attempts  {}",
        delivery.updated_at.strftime("%Y-%m-%d %H:%M"),
        delivery.site,
        delivery.event,
        delivery.attempts,
        printable_line(delivery.last_error.as_deref().unwrap_or("not tried yet")),
    )
}
