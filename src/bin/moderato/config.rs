//! `moderato config`: what is in force, whether a file can be, and new site keys.

use std::path::PathBuf;
use std::process::ExitCode;

use moderato::config::{Config, HashKey, Sources};
use moderato::grpc::auth::KeyHash;
use moderato::server::assembly::{self, WatchedFiles};
use moderato::site::{NotASiteId, SiteId};

use crate::exit::OrWrongInput as _;

/// Prints the configuration in force as TOML, with every default filled in.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(flatten)]
    file: ConfigFile,
    /// Try a file, and the rules and model it names, without the environment; exit
    /// with 0 if a server would take it, with 2 if not.
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    check: Option<PathBuf>,
    #[command(subcommand)]
    action: Option<Action>,
}

/// Which configuration file is meant.
#[derive(clap::Args)]
pub struct ConfigFile {
    /// The configuration file [default: `MODERATO_CONFIG`, else moderato.toml if it
    /// is there].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    /// The one that a flag of another name gave.
    pub const fn of(config: Option<PathBuf>) -> Self {
        Self { config }
    }

    /// The file, and this process's environment over it.
    pub fn sources(self) -> Sources {
        Sources::new(self.config, |variable| std::env::var_os(variable))
    }
}

#[derive(clap::Subcommand)]
enum Action {
    /// Make a random key for a site, with the lines that let it in.
    NewKey {
        /// The site the key is for.
        #[arg(long, value_name = "ID", default_value = "default", value_parser = site_id)]
        site: SiteId,
    },
}

/// A site that the configuration has not may be one to come, or mistyped.
pub fn warn_of_unknown(config: &Config, sites: &[SiteId]) {
    let default = SiteId::default();
    let known = |site: &SiteId| {
        config.sites.contains_key(site) || (config.sites.is_empty() && *site == default)
    };
    for site in sites.iter().filter(|site| !known(site)) {
        eprintln!("moderato: warning: the configuration has no site {site}");
    }
}

/// Reads a site's id from the command line.
pub fn site_id(text: &str) -> Result<SiteId, NotASiteId> {
    SiteId::new(text)
}

/// Runs the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments {
        Arguments {
            action: Some(Action::NewKey { site }),
            ..
        } => new_key(&site),
        Arguments {
            check: Some(file), ..
        } => check(file),
        Arguments { file, .. } => print(&file.sources()),
    }
}

/// The configuration that `sources` give; it may name files that are not read here.
///
/// # Errors
/// [`WrongInput`](crate::exit::WrongInput) where it cannot be meant.
pub fn load(sources: &Sources) -> anyhow::Result<Config> {
    sources
        .load(&mut |path| std::fs::read_to_string(path))
        .or_wrong_input()
}

fn print(sources: &Sources) -> anyhow::Result<ExitCode> {
    let config = load(sources)?;
    print!("{}", config.to_toml()?);
    warn(&config);
    Ok(ExitCode::SUCCESS)
}

fn check(file: PathBuf) -> anyhow::Result<ExitCode> {
    // Redis's client is made, not used, and wants to be in a runtime.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let _inside = runtime.enter();
    let shown = file.display().to_string();
    let mut files = WatchedFiles::default();
    let mut read = |path: &_| files.read(path);
    let config = Sources::file(file).load(&mut read).or_wrong_input()?;
    assembly::try_out(&config, &mut read).or_wrong_input()?;
    println!("{shown}: can be put in force");
    warn(&config);
    Ok(ExitCode::SUCCESS)
}

fn warn(config: &Config) {
    for warning in config.warnings() {
        eprintln!("moderato: warning: {warning}");
    }
}

fn new_key(site: &SiteId) -> anyhow::Result<ExitCode> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    let key = HashKey::new(bytes).to_hex();
    println!("# The key, which is kept nowhere else. The site sends it with every call as");
    println!("# `authorization: Bearer {key}`");
    println!("# In moderato.toml, which holds its hash alone; a site may have several keys:");
    println!("[sites.{site}]");
    println!("keys = [\"{}\"]", KeyHash::of(&key));
    Ok(ExitCode::SUCCESS)
}
