//! `moderato erase`: takes out what is kept of one author.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;
use moderato::comment::EmailAddress;
use moderato::server::assembly;
use moderato::site::SiteId;
use moderato::store::{AuthorKey, Erased};
use uuid::Uuid;

use crate::config::{ConfigFile, load, site_id, warn_of_unknown};
use crate::exit::OrWrongInput as _;
use crate::on_store::on_store;

/// Takes out all texts of one author on one site, and what links comments to them. It works on the
/// database that the configuration names, whether a server runs or not; comments that
/// waited for a moderator are rejected, and the site is told. Cannot be undone.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("author").required(true)))]
pub struct Arguments {
    #[command(flatten)]
    file: ConfigFile,
    /// The site whose author it is.
    #[arg(long, value_name = "ID", default_value = "default", value_parser = site_id)]
    site: SiteId,
    /// The author's e-mail address; it is hashed here and stored nowhere.
    #[arg(long, group = "author")]
    email: Option<String>,
    /// The site's id of the author.
    #[arg(long, value_name = "ID", group = "author")]
    author_id: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments {
        file,
        site,
        email,
        author_id,
        json,
    } = arguments;
    let config = load(&file.sources())?;
    warn_of_unknown(&config, std::slice::from_ref(&site));
    let people = assembly::people(&config).or_wrong_input()?;
    let author = match (email, author_id) {
        (Some(email), _) => {
            let expected = "--email: expected an address such as name@example.org";
            let email = EmailAddress::parse(&email).map_err(|_| anyhow::anyhow!(expected));
            AuthorKey::Email(people.email(&site, &email.or_wrong_input()?.canonical()))
        }
        (None, id) => AuthorKey::Author(people.author(&site, id.as_deref().unwrap_or_default())),
    };
    let erased = on_store(&config, async |store| {
        let now = Timestamp::now();
        let erased = store.erase(&site, author, now, Uuid::now_v7).await;
        erased.context("cannot erase; what was taken out until now stays out")
    })?;
    say(erased, json)?;
    Ok(ExitCode::SUCCESS)
}

fn say(erased: Erased, json: bool) -> io::Result<()> {
    let mut out = io::stdout();
    let Erased {
        comments,
        held,
        labels,
    } = erased;
    if json {
        writeln!(
            out,
            "{}",
            serde_json::json!({"comments": comments, "held": held, "labels": labels})
        )?;
    } else {
        writeln!(
            out,
            "{comments} comments erased, of which {held} were held; {labels} labels besides"
        )?;
    }
    Ok(())
}
