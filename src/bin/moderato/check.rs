//! `moderato check`: a verdict on one comment or on a stream of them.

mod asked;
mod bad_line;
mod comment_flags;
mod json;
mod judging;
mod lines;
mod local;
mod message;
mod patience;
mod questions;
mod readable;
mod remote;
mod samples;
mod waiting;

use std::io::{self, IsTerminal as _, Read};
use std::process::ExitCode;

use moderato::comment::Submission;

use comment_flags::CommentFlags;
use judging::{Form, Rules};
use local::LocalFlags;
use patience::Patience;
use remote::{Key, ServerAddress};

/// Judge one comment or a stream of them.
///
/// One comment is given by flags, a stream as JSON Lines on standard input, with
/// the field names of the contract.
///
/// Exit codes: 0 judged, whatever the verdict; 1 no server answered in time, or it
/// refused, as it does a wrong key; 2 bad input.
/// A line that cannot be judged is named on standard error and passed over.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    local: LocalFlags,
    /// The server to ask
    #[arg(
        long,
        value_name = "URL",
        env = "MODERATO_SERVER",
        default_value = "http://127.0.0.1:50051"
    )]
    server: ServerAddress,
    /// The site's key, where the server has sites with keys
    #[arg(long, value_name = "KEY", env = "MODERATO_KEY", hide_env_values = true)]
    key: Option<Key>,
    /// Judge a dozen comments that come with the program
    #[arg(long, conflicts_with = "text")]
    samples: bool,
    #[command(flatten)]
    output: OutputFlags,
    #[command(flatten)]
    stream: StreamFlags,
    #[command(flatten)]
    comment: CommentFlags,
}

/// How answers are printed.
#[derive(clap::Args)]
struct OutputFlags {
    /// Print one JSON object a line, as is done where standard output is no terminal
    #[arg(long)]
    json: bool,
    /// Print for people, even where standard output is no terminal
    #[arg(long, conflicts_with = "json")]
    readable: bool,
}

/// How a stream is judged.
#[derive(clap::Args)]
struct StreamFlags {
    /// Check and charge quotas for a stream too, as for one comment
    #[arg(long)]
    enforce_limits: bool,
    /// Stop at the first line that cannot be judged
    #[arg(long)]
    strict: bool,
}

/// What is to be judged.
enum Input {
    One(Box<Submission>),
    Lines(Box<dyn Read + Send>),
}

/// Judges and prints.
///
/// # Errors
/// [`WrongInput`](crate::exit::WrongInput) where the comment cannot be judged;
/// another where no server answers.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let rules = Rules {
        form: arguments.output.form(),
        enforce_limits: arguments.stream.enforce_limits,
        strict: arguments.stream.strict,
    };
    let input = input(arguments.comment, arguments.samples);
    if arguments.local.is_asked() {
        local::check(input, arguments.local, rules)
    } else {
        remote::check(
            input,
            &arguments.server,
            arguments.key,
            rules,
            Patience::default(),
        )
    }
}

impl OutputFlags {
    fn form(&self) -> Form {
        let out = io::stdout();
        if self.readable || !self.json && out.is_terminal() {
            Form::Readable {
                colour: crate::terminal::wants_colour(&out),
            }
        } else {
            Form::Json
        }
    }
}

fn input(comment: CommentFlags, samples: bool) -> Input {
    if let Some(submission) = comment.into_submission() {
        return Input::One(Box::new(submission));
    }
    if samples {
        return Input::Lines(Box::new(samples::SAMPLES.as_bytes()));
    }
    if io::stdin().is_terminal() {
        eprintln!("reading one JSON object a line; Ctrl-D ends (for samples: --samples)");
    }
    Input::Lines(Box::new(io::stdin()))
}
