//! `moderato limits`: how a reader's or a page's quotas stand, and setting them back.

mod report;

use std::io::{self, Write as _};
use std::net::IpAddr;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use moderato::comment::EmailAddress;
use moderato::config::Config;
use moderato::rate_limit::{Charge, Cost, Redis, Standing, Subject, look_up, reset};
use moderato::server::assembly;
use moderato::site::SiteId;

use crate::config::ConfigFile;
use crate::exit::{OrWrongInput as _, WrongInput, complain};

/// Look up or set back what readers and pages have used of their quotas, in the Redis
/// that the servers share.
///
/// Say whose quotas are meant in clear: the keys are hashed here, under the secret of
/// the configuration, which must be the servers'. Without `redis.url` each server counts
/// in its own memory, which nobody else can see; a restart forgets it.
///
/// Exit codes: 0 done; 1 Redis did not answer; 2 wrong arguments or configuration.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Say what is left of the quotas, and when there will be more
    Show {
        #[command(flatten)]
        whose: Whose,
        /// Print a JSON array for scripts
        #[arg(long)]
        json: bool,
    },
    /// Make the quotas whole again
    Reset {
        #[command(flatten)]
        whose: Whose,
    },
}

/// Whose quotas are meant; several may be given.
#[derive(Args)]
struct Whose {
    #[command(flatten)]
    file: ConfigFile,
    /// The site
    #[arg(long, value_name = "ID", default_value = "default", value_parser = crate::config::site_id)]
    site: SiteId,
    #[command(flatten)]
    keys: Keys,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Keys {
    /// A reader's IP address; an IPv6 address stands for its /64, /56 and /48
    #[arg(long, value_name = "ADDRESS")]
    address: Option<IpAddr>,
    /// A reader's e-mail address
    #[arg(long, value_name = "ADDRESS", value_parser = email)]
    email: Option<String>,
    /// A signed-in author's id, as the site sends it
    #[arg(long, value_name = "ID")]
    author: Option<String>,
    /// A page's id as the site sends it, or its address where it sends none
    #[arg(long, value_name = "ID")]
    page: Option<String>,
    /// The quota of the site itself
    #[arg(long)]
    whole_site: bool,
}

/// An e-mail address as it is counted.
fn email(text: &str) -> Result<String, String> {
    match EmailAddress::parse(text) {
        Ok(email) => Ok(email.canonical()),
        Err(reason) => Err(reason.message),
    }
}

/// Runs the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match arguments.action {
            Action::Show { whose, json } => show(whose, json).await,
            Action::Reset { whose } => set_back(whose).await,
        }
    })
}

async fn show(whose: Whose, json: bool) -> anyhow::Result<ExitCode> {
    let desk = Desk::open(whose)?;
    let statuses = look_up(&desk.redis, &desk.site, &desk.charges).await;
    let statuses = statuses.context("nothing is known of these quotas")?;
    let report = if json {
        report::json(&statuses)?
    } else {
        report::table(&statuses)
    };
    io::stdout().write_all(report.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

async fn set_back(whose: Whose) -> anyhow::Result<ExitCode> {
    let desk = Desk::open(whose)?;
    let done = reset(&desk.redis, &desk.site, &desk.charges).await;
    done.context("it is not known whether the quotas were reset; try again")?;
    for charge in &desk.charges {
        println!("per_{}: reset", charge.kind);
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the quotas are counted, and which of them are meant.
struct Desk {
    redis: Redis,
    site: SiteId,
    charges: Vec<Charge>,
}

impl Desk {
    fn open(whose: Whose) -> anyhow::Result<Self> {
        let Whose { file, site, keys } = whose;
        let config = crate::config::load(&file.sources())?;
        known(&config, &site)?;
        let redis = assembly::shared_limiter(&config).or_wrong_input()?;
        let redis = redis.ok_or_else(|| WrongInput::new(anyhow!(UNSHARED)))?;
        let charges = charges(&config, &site, &keys)?;
        Ok(Self {
            redis,
            site,
            charges,
        })
    }
}

const UNSHARED: &str = "redis.url: expected the Redis that the servers share, found none: \
    without it each server counts in its own memory, which cannot be looked up from outside; \
    restarting a server forgets what it has counted";

/// Refuses a site that no call can be for, since everything looks unused there.
fn known(config: &Config, site: &SiteId) -> anyhow::Result<()> {
    let is_known = if config.has_keys() {
        config.sites.contains_key(site)
    } else {
        *site == SiteId::default()
    };
    if is_known {
        return Ok(());
    }
    let sites: Vec<_> = config.sites.keys().map(SiteId::as_str).collect();
    let expected = if config.has_keys() {
        sites.join(", ")
    } else {
        SiteId::default().to_string()
    };
    Err(WrongInput::new(anyhow!("--site: expected one of: {expected}; found {site}")).into())
}

fn charges(config: &Config, site: &SiteId, keys: &Keys) -> anyhow::Result<Vec<Charge>> {
    let quotas = assembly::quotas(config, site);
    let hasher = assembly::hasher(config).or_wrong_input()?;
    let standing = keys.address.map(|address| quotas.standing(address));
    let why = match standing {
        None | Some(Standing::Reader(_)) => None,
        Some(Standing::Exempt) => Some("it is in limits.exempt"),
        Some(Standing::Shared) => Some("it is in limits.shared"),
        Some(Standing::Private) => Some("it is a private address (limits.private_addresses)"),
    };
    if let Some(why) = why {
        complain(format!("--address is not counted: {why}"));
    }
    let subject = Subject {
        // What is not counted must not hide what else is asked for.
        address: keys.address.filter(|_| why.is_none()),
        email: keys.email.as_deref(),
        page: keys.page.as_deref(),
        author: keys.author.as_deref(),
        site: keys.whole_site,
    };
    let charges = quotas.charges_at(&hasher, site, &subject, |_| Cost::NOTHING);
    if charges.is_empty() {
        let nothing = "expected something that a quota counts, found nothing: \
            the quotas of what is asked for are off";
        return Err(WrongInput::new(anyhow!(nothing)).into());
    }
    Ok(charges)
}
