//! The words of a corpus.

use std::io::{self, Write as _};
use std::path::PathBuf;

use moderato::training::study::WordCounts;

use crate::reading::{self, ReadFlags};

#[derive(clap::Args)]
pub struct Arguments {
    /// Files or folders with labelled rows; each file is a source
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Files or folders with the seed corpus, which is one source
    #[arg(long, num_args = 1.., value_name = "PATH")]
    seed_corpus: Vec<PathBuf>,
    #[command(flatten)]
    reading: ReadFlags,
}

/// Prints each common word with the number of texts it stands in.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut words = WordCounts::default();
    reading::read(&arguments.files, &arguments.reading, |row| words.add(&row))?;
    if !arguments.seed_corpus.is_empty() {
        reading::read(&arguments.seed_corpus, &arguments.reading, |mut row| {
            "seed".clone_into(&mut row.source);
            words.add(&row);
        })?;
    }
    let mut out = io::stdout().lock();
    for (word, count) in words.common() {
        writeln!(out, "{word} {count}")?;
    }
    Ok(())
}
