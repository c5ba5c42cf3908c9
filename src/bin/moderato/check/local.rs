//! Judging in this process.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use futures::executor::block_on;
use moderato::classifier::Classifier;
use moderato::comment::Submission;
use moderato::pipeline::{Limits, Pipeline, PipelineError};
use moderato::server::assembly;
use moderato::site::SiteId;

use super::Input;
use super::asked::Asked;
use super::bad_line::{self, BadLine};
use super::judging::{Rules, Tally};
use super::lines::{Line, Lines};
use crate::config::ConfigFile;
use crate::exit::{OrWrongInput as _, WrongInput, complain};
use crate::model;
use crate::parallel::map_in_order;

/// Where and by what is judged in this process.
#[derive(clap::Args)]
pub struct LocalFlags {
    /// Judge here, with the configuration in force, instead of asking a server
    #[arg(long)]
    local: bool,
    #[command(flatten)]
    config: ConfigFile,
    /// The model to judge with here, instead of the configured one
    #[arg(long, value_name = "FILE", requires = "local")]
    model: Option<PathBuf>,
    /// The site to judge for here, where the configuration has several
    #[arg(long, value_name = "ID", requires = "local", value_parser = crate::config::site_id)]
    site: Option<SiteId>,
}

impl LocalFlags {
    /// Whether to judge here.
    pub const fn is_asked(&self) -> bool {
        self.local
    }
}

/// Judges what `input` holds.
pub fn check(input: Input, flags: LocalFlags, rules: Rules) -> anyhow::Result<ExitCode> {
    let mut read = |path: &Path| std::fs::read_to_string(path);
    let config = flags.config.sources().load(&mut read).or_wrong_input()?;
    let pipeline = assembly::local_pipeline(&config, &mut read).or_wrong_input()?;
    if let Some(path) = &flags.model {
        pipeline.replace_classifier(Arc::new(Classifier::new(model::load(path)?)));
    }
    let judge = Judge {
        pipeline,
        site: flags.site.unwrap_or_default(),
        rules,
    };
    match input {
        Input::One(submission) => judge.one(*submission),
        Input::Lines(input) => judge.stream(Lines::new(input)),
    }
}

struct Judge {
    pipeline: Arc<Pipeline>,
    site: SiteId,
    rules: Rules,
}

impl Judge {
    fn one(&self, submission: Submission) -> anyhow::Result<ExitCode> {
        let asked = Asked::of(&submission, None);
        let checked = self.check(submission, Limits::Enforce).or_wrong_input()?;
        let answer = self.rules.form.own(&asked, &checked)?;
        io::stdout().write_all(answer.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }

    fn check(
        &self,
        submission: Submission,
        limits: Limits,
    ) -> Result<Arc<moderato::verdict::Verdict>, PipelineError> {
        let checked = block_on(self.pipeline.check(&self.site, submission, limits))?;
        Ok(checked.verdict)
    }

    /// Judges line by line on all cores, a batch at a time, and answers in order.
    fn stream(&self, mut lines: Lines<impl io::Read>) -> anyhow::Result<ExitCode> {
        let mut out = io::stdout().lock();
        let mut tally = Tally::default();
        loop {
            let batch = lines.next_batch()?;
            if batch.is_empty() {
                return Ok(tally.exit_code());
            }
            let mut answers = Vec::new();
            for answer in self.answers(&batch) {
                match answer? {
                    Ok(answer) => answers.extend_from_slice(answer.as_bytes()),
                    Err(bad) if self.rules.strict => {
                        out.write_all(&answers)?;
                        return Err(WrongInput::new(anyhow::Error::msg(bad)).into());
                    }
                    Err(bad) => {
                        tally.bad_input = true;
                        complain(bad);
                    }
                }
            }
            out.write_all(&answers)?;
            out.flush()?;
        }
    }

    fn answers(&self, batch: &[Line]) -> Vec<anyhow::Result<Result<String, BadLine>>> {
        let answer = |line: &Line| self.answer(line);
        match self.rules.limits() {
            Limits::Skip => map_in_order(batch, answer),
            // Which comment a quota refuses depends on which came first.
            Limits::Enforce => batch.iter().map(answer).collect(),
        }
    }

    fn answer(&self, line: &Line) -> anyhow::Result<Result<String, BadLine>> {
        let submission = match bad_line::parse(line) {
            Ok(submission) => submission,
            Err(bad) => return Ok(Err(bad)),
        };
        let asked = Asked::of(&submission, Some(line.number));
        match self.check(submission, self.rules.limits()) {
            Ok(verdict) => self.rules.form.own(&asked, &verdict).map(Ok),
            Err(refusal) => Ok(Err(BadLine {
                number: line.number,
                problem: refusal.to_string(),
            })),
        }
    }
}
