//! The laws that the fuzz targets in `fuzz/` try, tried for a bounded time here, on
//! the stable compiler and without their tools. `MODERATO_FUZZ_SECONDS` says for
//! how long (each; 5 by default). A failure prints its seed; set `ARBTEST_SEED` to
//! it to see the failure again.

#[path = "../fuzz/src/lib.rs"]
mod laws;

use std::time::Duration;

use arbitrary::{Result, Unstructured};
use arbtest::arbtest;

/// Random bytes for one input, at most: enough for a text of some thousand characters.
const MAX_BYTES: u32 = 4_096;

#[test]
fn the_normaliser_keeps_its_laws() {
    try_out(laws::normalise);
}

#[test]
fn parsing_keeps_its_laws() {
    try_out(laws::parse);
}

#[test]
fn reading_a_corpus_keeps_its_laws() {
    try_out(laws::read_corpus);
}

#[test]
fn the_report_page_keeps_its_laws() {
    try_out(laws::report_page);
}

fn try_out(law: fn(&mut Unstructured<'_>) -> Result<()>) {
    arbtest(law)
        .size_max(MAX_BYTES)
        .budget(time_to_spend())
        .run();
}

fn time_to_spend() -> Duration {
    let Ok(seconds) = std::env::var("MODERATO_FUZZ_SECONDS") else {
        return Duration::from_secs(5);
    };
    let Ok(seconds) = seconds.parse() else {
        panic!("MODERATO_FUZZ_SECONDS: expected a whole number of seconds, found {seconds:?}");
    };
    Duration::from_secs(seconds)
}
