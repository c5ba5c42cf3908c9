//! `moderato review`: the queue, from a terminal.

mod blind;
mod print;
mod query;
mod rule;

use std::io;
use std::process::ExitCode;

use jiff::Timestamp;
use moderato::review::{CommentName, Page, Review, ReviewError, Verdict};
use moderato::server::assembly;
use moderato::site::SiteId;
use moderato::store::{Actor, HistoryFilter};

use crate::config::{ConfigFile, load, site_id};
use crate::exit::WrongInput;
use crate::on_store::on_store;
use query::Query;
use rule::Rule;

/// Lists what was held and decides on it, in the database that the configuration names,
/// whether a server runs or not. What is done here is recorded as the operator's.
///
/// Exit codes: 0 done; 1 something was not done, such as what somebody else decided
/// first; 2 wrong arguments, configuration, or no such comment.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    file: ConfigFile,
    /// JSON: one object a line.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// List what waits, the oldest first.
    List(Query),
    /// List waves: near-identical comments that wait, the largest first.
    Waves {
        /// Of this site.
        #[arg(long, value_name = "ID", default_value = "default", value_parser = site_id)]
        site: SiteId,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Show one comment with evidence, decisions, notes and its author's record.
    Show {
        /// The comment: sites/{site}/comments/{comment}, as `list` shows it.
        name: CommentName,
    },
    /// Publish comments.
    Approve(Rule),
    /// Do not publish comments.
    Reject {
        /// Why: `spam`, `toxic`, `off_topic`, `personal_data`, `illegal`, `impersonation`,
        /// `duplicate` or `other`.
        #[arg(long)]
        reason: Option<moderato::review::RejectReason>,
        #[command(flatten)]
        rule: Rule,
    },
    /// Take decisions back.
    Undo {
        /// The comments.
        #[arg(required = true)]
        names: Vec<CommentName>,
    },
    /// Write a note on a comment for the moderators.
    Note {
        /// The comment.
        name: CommentName,
        /// The note.
        text: String,
    },
    /// Look at decisions a second time, blind: without what was decided, and why.
    Blind {
        #[command(subcommand)]
        action: blind::Blind,
    },
    /// Say what second looks found: how often model and moderators are wrong, with 95 %
    /// intervals.
    SampleReport {
        /// Only of this site.
        #[arg(long, value_name = "ID", value_parser = site_id)]
        site: Option<SiteId>,
        /// In the last so many days, up to 400.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=400))]
        days: u16,
    },
    /// List what people decided, the latest first.
    History {
        /// Only of this site.
        #[arg(long, value_name = "ID", value_parser = site_id)]
        site: Option<SiteId>,
        /// Only by this moderator.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        /// At most so many, up to 200.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

/// Runs the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = load(&arguments.file.sources())?;
    on_store(&config, async |store| {
        let review = assembly::review(&config, store);
        act(&review, arguments.json, arguments.action).await
    })
}

async fn act(review: &Review, json: bool, action: Action) -> anyhow::Result<ExitCode> {
    let (now, mut out) = (Timestamp::now(), io::stdout());
    match action {
        Action::List(query) => query::list(review, query, json, now).await,
        Action::Waves { site, limit } => {
            let waves = theirs(review.waves(&site, 0, limit, now).await)?;
            for wave in &waves.waves {
                print::wave(&mut out, wave, json)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Action::Show { name } => {
            let dossier = theirs(review.dossier(&name, now).await)?;
            print::dossier(&mut out, &dossier, json)?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Approve(rule) => rule::rule(review, rule, Verdict::Approve, json, now).await,
        Action::Reject { reason, rule } => {
            rule::rule(review, rule, Verdict::Reject(reason), json, now).await
        }
        Action::Undo { names } => {
            let undone = theirs(review.undo(&names, &Actor::Operator, true, now).await)?;
            Ok(print::outcomes(&mut out, &undone, json)?)
        }
        Action::Note { name, text } => {
            theirs(review.note(&name, Actor::Operator.kind(), &text, now).await)?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Blind { action } => blind::act(review, action, json, now).await,
        Action::SampleReport { site, days } => {
            let found = theirs(review.blind_figures(site.as_ref(), days, now).await)?;
            blind::report(&mut out, &found, json)?;
            Ok(ExitCode::SUCCESS)
        }
        Action::History { site, by, limit } => {
            let filter = HistoryFilter {
                site,
                moderator: by,
                ..HistoryFilter::default()
            };
            let page = Page {
                size: limit,
                token: None,
            };
            let history = theirs(review.history(&filter, &page, now).await)?;
            for resolution in &history.resolutions {
                print::resolution(&mut out, resolution, json)?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Tells what the caller got wrong from what the store cannot do.
fn theirs<T>(outcome: Result<T, ReviewError>) -> anyhow::Result<T> {
    outcome.map_err(|error| match error {
        ReviewError::Store(_) => error.into(),
        theirs => WrongInput::new(theirs).into(),
    })
}
