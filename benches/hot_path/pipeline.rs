//! The whole way of a submission, from its fields to its verdict.

use std::sync::Arc;

use divan::{Bencher, black_box};
use futures::FutureExt as _;
use moderato::classifier::{Artefact, Classifier};
use moderato::comment::Submission;
use moderato::config::Config;
use moderato::pipeline::{AuthorShare, Limits, ModelsInForce, Pipeline, Shadow};
use moderato::server::assembly;
use moderato::site::{SiteAccess, SiteId};

use crate::comments::submission;
use crate::{Case, site_of};

const NO_QUOTAS: &str = r#"
    [limits]
    per_address = "off"
    per_ipv6_56 = "off"
    per_ipv6_48 = "off"
    per_email = "off"
    per_author = "off"
    per_page = "off"
    per_site = "off"
"#;

#[divan::bench(args = Case::typical_and_all())]
fn without_quotas(bencher: Bencher, case: Case) {
    check(bencher, case, NO_QUOTAS, |_| String::new());
}

/// By readers who come once each.
#[divan::bench(args = Case::typical_and_all())]
fn with_default_quotas(bencher: Bencher, case: Case) {
    check(bencher, case, "", |_| String::new());
}

/// Another model looks at every comment in shadow.
#[divan::bench(args = Case::typical_and_all())]
fn with_default_quotas_and_a_shadow(bencher: Bencher, case: Case) {
    let pipeline = pipeline("");
    let model = Arc::new(Classifier::new(Artefact::base().unwrap()));
    pipeline.replace_models(ModelsInForce {
        shadow: Some(Shadow {
            authors: AuthorShare::new(model.id(), 1.0),
            model,
            sites: SiteAccess::All,
        }),
        ..ModelsInForce::clone(&pipeline.models())
    });
    check_by(&pipeline, bencher, case, |_| String::new());
}

/// As sites should send them, so that a retry is safe; none is one.
#[divan::bench(args = Case::typical_and_all())]
fn with_default_quotas_and_submission_id(bencher: Bencher, case: Case) {
    check(bencher, case, "", |reader| format!("form-{reader}"));
}

/// Checks the comments of `case` once a turn, each time from readers who are new, with
/// the id that `submission_id` gives a reader's submission.
fn check(bencher: Bencher, case: Case, config: &str, submission_id: impl Fn(u64) -> String) {
    check_by(&pipeline(config), bencher, case, submission_id);
}

fn check_by(
    pipeline: &Pipeline,
    bencher: Bencher,
    case: Case,
    submission_id: impl Fn(u64) -> String,
) {
    let mut readers = 0_u64..;
    let mut of_a_new_reader = |sample| {
        let reader = readers.next().unwrap();
        let mut submission = submission(sample, reader);
        submission.submission_id = submission_id(reader);
        (site_of(reader), submission.into())
    };
    bencher
        .counter(case.count())
        .with_inputs(|| {
            let samples = case.samples().iter();
            samples.map(&mut of_a_new_reader).collect::<Vec<_>>()
        })
        .bench_local_values(|submissions| {
            for (site, submission) in submissions {
                check_one(pipeline, &site, submission);
            }
        });
}

fn check_one(pipeline: &Pipeline, site: &SiteId, submission: Submission) {
    let checked = pipeline.check(site, submission, Limits::Enforce);
    let checked = checked
        .now_or_never()
        .expect("there is nothing to wait for");
    let verdict = checked.unwrap().verdict;
    assert!(verdict.retry_after.is_none(), "a quota is used up");
    black_box(verdict);
}

fn pipeline(config: &str) -> Arc<Pipeline> {
    let config: Config = toml::from_str(config).unwrap();
    let mut no_files = |_: &_| unreachable!("no file is named");
    assembly::local_pipeline(&config, &mut no_files).unwrap()
}
