//! Judging in this process.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use moderato::classifier::{Artefact, Classifier};
use moderato::comment::{FieldLimits, Submission};
use moderato::pipeline::{Limits, Parts, Pipeline, PipelineError, SiteRules, SiteTable};
use moderato::policy::{Policy, PolicySettings};
use moderato::rate_limit::{InProcess, KeyHasher, QuotaSettings, Quotas};
use moderato::rules::RuleSet;
use moderato::site::SiteId;
use uuid::Uuid;

use super::Input;
use super::asked::Asked;
use super::bad_line::{self, BadLine};
use super::judging::{Rules, Tally};
use super::lines::{Line, Lines};
use crate::exit::{OrWrongInput as _, WrongInput, complain};
use crate::model;
use crate::parallel::map_in_order;

/// Judges what `input` holds with `model`, or the base model.
pub fn check(input: Input, model: Option<&Path>, rules: Rules) -> anyhow::Result<ExitCode> {
    let judge = Judge {
        pipeline: pipeline(model::load(model)?)?,
        site: SiteId::default(),
        rules,
    };
    match input {
        Input::One(submission) => judge.one(*submission),
        Input::Lines(input) => judge.stream(Lines::new(input)),
    }
}

// To be replaced by `moderato::server::assembly::pipeline(&config)`, so that
// `--config FILE` is in force here as it is when serving.
fn pipeline(artefact: Artefact) -> anyhow::Result<Pipeline> {
    let policy = Policy::resolve(&[&PolicySettings::default()])?;
    let quotas = Quotas::resolve(&[&QuotaSettings::default()]);
    let rules = SiteRules::new(FieldLimits::default(), policy, RuleSet::default(), quotas);
    Ok(Pipeline::new(Parts {
        classifier: Arc::new(Classifier::new(artefact)),
        limiter: Arc::new(InProcess::new()),
        // Keys stay in this process and go with it: nothing to keep secret from.
        hasher: KeyHasher::new([0; 32]),
        sites: SiteTable::new(rules, HashMap::new()),
        new_id: Uuid::now_v7,
        remember: Duration::from_mins(10),
    }))
}

struct Judge {
    pipeline: Pipeline,
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
