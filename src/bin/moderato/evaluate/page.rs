//! `--report`: the evaluation as a page.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use moderato::classifier::{Classifier, write_atomically};
use moderato::label::LabelledSample;
use moderato::policy::Policy;
use moderato::training::corpus::Fingerprint;
use moderato::training::features_of;
use moderato::training::report::page::{InForce, Page};
use moderato::training::report::{Evaluation, Mistakes, ScoredRows, Telling};
use moderato::verdict::{PerHead, Scores};

use crate::target::{PRIVATE, Target};

/// Mistakes of each head and kind that are shown.
const MISTAKES: usize = 20;

/// Pieces of evidence that are shown of each.
const EVIDENCE: usize = 12;

/// Where the page is to be written. Only a name that promises a page will do: `--report` before a
/// list of corpora must not overwrite the first of them.
pub fn target(path: &Path) -> anyhow::Result<Target> {
    let extension = path.extension().unwrap_or_default();
    ensure!(
        extension.eq_ignore_ascii_case("html") || extension.eq_ignore_ascii_case("htm"),
        "--report {}: expected a name that ends in .html",
        path.display()
    );
    Target::find("--report", path)
}

/// What a page shows besides figures.
pub struct Looked {
    /// The rows the model is most wrong about.
    mistakes: Mistakes,
    /// The features that tell most.
    pub telling: Telling,
}

impl Looked {
    /// Nothing yet, of `classifier` under `policy`.
    pub fn new(classifier: &Classifier, policy: &Policy) -> Self {
        let in_force = in_force(policy);
        let hold_at = PerHead::from_fn(|head| in_force.get(head).hold_at);
        Self {
            mistakes: Mistakes::new(MISTAKES, hold_at),
            telling: Telling::new(classifier),
        }
    }

    /// Looks whether a row is among the worst mistakes.
    pub fn add(
        &mut self,
        classifier: &Classifier,
        sample: &LabelledSample,
        text: Fingerprint,
        scores: &Scores,
    ) {
        self.mistakes.add(sample, text, scores, || {
            classifier.score(&features_of(sample)).explain(EVIDENCE)
        });
    }

    /// Writes the page to `path`, whole or not at all.
    pub fn write(
        &self,
        path: &Path,
        classifier: &Classifier,
        policy: &Policy,
        evaluation: &Evaluation,
        scored: &ScoredRows,
        notes: &str,
    ) -> anyhow::Result<()> {
        let size = self.telling.usual_size();
        let page = Page {
            evaluation,
            scored,
            in_force: in_force(policy),
            units: PerHead::from_fn(|head| classifier.unit(head, size)),
            mistakes: &self.mistakes,
            telling: &self.telling,
            notes: notes.lines().map(str::to_owned).collect(),
        };
        let html = page.html()?;
        write_atomically(path, PRIVATE, |file| file.write_all(html.as_bytes()))
            .with_context(|| format!("--report {}: nothing was written", path.display()))
    }
}

fn in_force(policy: &Policy) -> PerHead<InForce> {
    PerHead::from_fn(|head| {
        let thresholds = policy.thresholds(head);
        InForce {
            hold_at: thresholds.hold_at().get(),
            reject_at: thresholds.reject_at().get(),
        }
    })
}
