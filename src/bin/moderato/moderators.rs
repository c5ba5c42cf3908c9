//! `moderato moderators`: who may sign in, from the command line.

use std::future::Future;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use jiff::Timestamp;
use moderato::accounts::{AccountError, Accounts, By, SignInLink};
use moderato::config::Config;
use moderato::moderator::{Moderator, ModeratorName, Role};
use moderato::server::assembly;
use moderato::site::{SiteAccess, SiteId};
use moderato::store::accounts::AccountChange;

use crate::config::{ConfigFile, load, site_id, warn_of_unknown};
use crate::exit::{OrWrongInput as _, WrongInput};
use crate::on_store::on_store;
use crate::terminal::printable_line;

/// Says who may sign in and call the API: adds, lists, disables, gives roles, sites and tokens. It works on the
/// database that the configuration names, whether a server runs or not.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    file: ConfigFile,
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Add somebody; prints a link with which they choose a password.
    Add {
        /// The name to sign in with.
        name: String,
        /// What they may do: moderator, operator or admin.
        #[arg(long, default_value_t = Role::Moderator)]
        role: Role,
        /// Only comments of this site; may be given more than once [default: all sites].
        #[arg(long = "site", value_name = "ID", value_parser = site_id)]
        sites: Vec<SiteId>,
    },
    /// List everybody.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Let somebody in no more: ends their sessions and tokens at once.
    Disable {
        /// Who.
        name: ModeratorName,
    },
    /// Let somebody in again.
    Enable {
        /// Who.
        name: ModeratorName,
    },
    /// Give somebody another role.
    Role {
        /// Who.
        name: ModeratorName,
        /// moderator, operator or admin.
        role: Role,
    },
    /// Limit a moderator to some sites, or let them see all. They are refused the others
    /// in the console and over the API alike.
    Sites {
        /// Who.
        name: ModeratorName,
        /// The sites.
        #[arg(required_unless_present = "all", value_name = "ID", value_parser = site_id)]
        sites: Vec<SiteId>,
        /// All, those to come included.
        #[arg(long, conflicts_with = "sites")]
        all: bool,
    },
    /// Print a link with which somebody chooses a new password.
    ResetPassword {
        /// Who.
        name: ModeratorName,
    },
    /// Make an API token, which may do what its owner may; prints it alone.
    Token {
        /// Whose.
        name: ModeratorName,
        /// What it is for.
        #[arg(long)]
        label: String,
        /// For how many days it is good [default: until it is revoked].
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// List somebody's API tokens: id, label, last used, without what is secret.
    Tokens {
        /// Whose.
        name: ModeratorName,
    },
    /// End an API token.
    RevokeToken {
        /// Whose.
        name: ModeratorName,
        /// Its id, as `tokens` lists it.
        id: String,
    },
}

/// Runs the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = load(&arguments.file.sources())?;
    on_store(&config, async |store| {
        let accounts = assembly::accounts(&config, store)?;
        act(&config, &accounts, arguments.action).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn act(config: &Config, accounts: &Accounts, action: Action) -> anyhow::Result<()> {
    let (by, now) = (&By::CommandLine, Timestamp::now());
    let mut out = io::stdout();
    let change = |name: ModeratorName, change| async move {
        theirs(accounts.change(&name, change, by, now)).await
    };
    match action {
        Action::Add { name, role, sites } => {
            let (added, link) = theirs(accounts.add(&name, role, by, now)).await?;
            if !sites.is_empty() {
                warn_of_unknown(config, &sites);
                let only = AccountChange::Sites(SiteAccess::only(sites));
                change(added.name.clone(), only).await?;
            }
            say_link(config, added.name.as_str(), &link)?;
        }
        Action::List { json } => {
            for moderator in theirs(accounts.everybody()).await? {
                writeln!(
                    out,
                    "{}",
                    if json {
                        as_json(&moderator)
                    } else {
                        as_line(&moderator)
                    }
                )?;
            }
        }
        Action::Disable { name } => change(name, AccountChange::Disable).await?,
        Action::Enable { name } => change(name, AccountChange::Enable).await?,
        Action::Role { name, role } => change(name, AccountChange::Role(role)).await?,
        Action::Sites { name, sites, all } => {
            warn_of_unknown(config, &sites);
            let access = if all {
                SiteAccess::All
            } else {
                SiteAccess::only(sites)
            };
            change(name, AccountChange::Sites(access)).await?;
        }
        Action::ResetPassword { name } => {
            let link = theirs(accounts.reset_password(&name, by, now)).await?;
            say_link(config, name.as_str(), &link)?;
        }
        Action::Token { name, label, days } => {
            let life = days.map(|days| Duration::from_hours(24 * u64::from(days)));
            let token = theirs(accounts.new_token(&name, &label, life, by, now)).await?;
            writeln!(out, "{}", token.expose())?;
        }
        Action::Tokens { name } => {
            for token in theirs(accounts.tokens(&name, by, now)).await? {
                let used = token.used_at.map(|at| at.to_string());
                let used = used.unwrap_or_else(|| "never".to_owned());
                writeln!(
                    out,
                    "{}  {used:<27} {}",
                    token.id,
                    printable_line(&token.label)
                )?;
            }
        }
        Action::RevokeToken { name, id } => {
            if !theirs(accounts.revoke_token(&name, &id, by, now)).await? {
                return Err(WrongInput::new(anyhow::anyhow!("{name} has no token {id:?}")).into());
            }
        }
    }
    Ok(())
}

/// What `asked` gives; who asked for what cannot be is told so.
async fn theirs<T>(asked: impl Future<Output = Result<T, AccountError>>) -> anyhow::Result<T> {
    match asked.await {
        Ok(done) => Ok(done),
        Err(error @ (AccountError::Store(_) | AccountError::Random(_) | AccountError::Hashing)) => {
            Err(error.into())
        }
        refused => refused.or_wrong_input(),
    }
}

/// The link alone on standard output, what it is for beside it.
fn say_link(config: &Config, name: &str, link: &SignInLink) -> io::Result<()> {
    eprintln!(
        "With this link {} chooses a password. It works once:",
        printable_line(name)
    );
    let address = match &config.console.public_url {
        Some(url) => url.to_string(),
        None => format!("http://{}", config.listen.http),
    };
    writeln!(io::stdout(), "{address}{}", link.path())
}

fn state(moderator: &Moderator) -> &'static str {
    match (moderator.is_active(), moderator.has_password) {
        (false, _) => "disabled",
        (true, false) => "invited",
        (true, true) => "active",
    }
}

fn as_line(moderator: &Moderator) -> String {
    let seen = moderator
        .signed_in_at
        .map_or_else(|| "never".to_owned(), |at| at.to_string());
    let (role, state) = (moderator.role, state(moderator));
    let sites = match moderator.sites() {
        SiteAccess::All => String::new(),
        only @ SiteAccess::Only(_) => format!("  (only {only})"),
    };
    format!(
        "{role:<10} {state:<9} {seen:<27} {}{sites}",
        printable_line(moderator.name.as_str())
    )
}

fn as_json(moderator: &Moderator) -> String {
    serde_json::json!({
        "name": moderator.name.as_str(),
        "role": moderator.role.name(),
        "state": state(moderator),
        "sites": match moderator.sites() {
            SiteAccess::All => None,
            SiteAccess::Only(sites) => Some(sites.iter().map(SiteId::to_string).collect::<Vec<_>>()),
        },
        "created_at": moderator.created_at.to_string(),
        "signed_in_at": moderator.signed_in_at.map(|at| at.to_string()),
    })
    .to_string()
}
