//! What one comment costs in the process, stage by stage, on one core:
//! `cargo bench --bench hot_path`. A part of a name chooses: `… -- pipeline`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on says so by a panic"
)]

#[path = "support/comments.rs"]
mod comments;
#[path = "hot_path/judging.rs"]
mod judging;
#[path = "hot_path/limiter.rs"]
mod limiter;
#[path = "hot_path/pipeline.rs"]
mod pipeline;
#[path = "hot_path/rules.rs"]
mod rules;

use std::fmt;
use std::time::Duration;

use comments::{SAMPLES, Sample, TYPICAL};
use divan::counter::ItemsCount;
use moderato::site::SiteId;
use moderato::text::Typed;

/// As the service has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Long enough that a neighbour on the machine does not make the figure.
const AT_LEAST: Duration = Duration::from_millis(300);

/// Readers that submit to one site before the next site's turn: fewer than its
/// quota takes at once, so that nothing is ever refused.
const READERS_OF_A_SITE: u64 = 500;

fn main() {
    moderato::text::prepare();
    let divan = divan::Divan::default().min_time(AT_LEAST);
    divan.config_with_args().main();
}

/// What is measured: one comment, or all of them in turn.
#[derive(Clone, Copy)]
enum Case {
    One(&'static Sample),
    All,
}

impl Case {
    fn each() -> impl Iterator<Item = Self> {
        SAMPLES.iter().map(Self::One).chain([Self::All])
    }

    /// The comment that the load comparison sends, and all.
    fn typical_and_all() -> [Self; 2] {
        let typical = SAMPLES.iter().find(|sample| sample.name == TYPICAL);
        [Self::One(typical.unwrap()), Self::All]
    }

    fn samples(self) -> &'static [Sample] {
        match self {
            Self::One(sample) => std::slice::from_ref(sample),
            Self::All => SAMPLES,
        }
    }

    /// Comments in one go: what makes items per second comments per second.
    fn count(self) -> ItemsCount {
        ItemsCount::new(self.samples().len())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(sample) => sample.fmt(formatter),
            Self::All => formatter.write_str("all"),
        }
    }
}

/// The fields that are read of a comment with the text of `sample`.
fn typed(sample: &Sample) -> Typed<'_> {
    Typed {
        text: sample.text,
        name: "Nadia Rehman",
    }
}

/// The site that the reader of this number writes to.
fn site_of(reader: u64) -> SiteId {
    SiteId::new(&format!("site-{}", reader / READERS_OF_A_SITE)).unwrap()
}
