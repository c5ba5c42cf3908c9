//! How far long work is, on standard error: a bar on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, Read};

use indicatif::{ProgressBar, ProgressBarIter, ProgressStyle};

use crate::terminal::printable_line;

/// Shows how far reading is, then which step is being done.
pub struct Progress {
    bar: ProgressBar,
    on_terminal: bool,
}

impl Progress {
    /// Progress through `bytes` of input; `None` where nobody knows how many.
    pub fn of_bytes(bytes: Option<u64>) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        let bar = if on_terminal {
            ProgressBar::new_spinner().with_style(reading_style(bytes))
        } else {
            ProgressBar::hidden()
        };
        if let Some(bytes) = bytes {
            bar.set_length(bytes);
        }
        Self { bar, on_terminal }
    }

    /// `input`, whose bytes are counted as they are read.
    pub fn counting<R: Read>(&self, input: R) -> ProgressBarIter<R> {
        self.bar.wrap_read(input)
    }

    /// Says what is being done now.
    pub fn step(&self, what: &str) {
        let what = printable_line(what);
        if self.on_terminal {
            self.bar.set_message(what);
        } else {
            eprintln!("{what}");
        }
    }

    /// Says how many are done of who knows how many; on a terminal only.
    pub fn counter(&self, what: &'static str) -> impl Fn(u64) + Send + 'static {
        let bar = self.bar.clone();
        move |done| bar.set_message(format!("{done} {what}"))
    }

    /// From reading to work whose length nobody knows.
    pub fn work(&self) {
        self.bar.set_style(style("{spinner} {msg} ({elapsed})"));
        self.bar
            .enable_steady_tick(std::time::Duration::from_millis(120));
    }

    /// Takes the bar off the terminal.
    pub fn done(self) {
        self.bar.finish_and_clear();
    }
}

fn reading_style(bytes: Option<u64>) -> ProgressStyle {
    style(match bytes {
        Some(_) => "{spinner} [{bar:30}] {bytes}/{total_bytes} {msg}",
        None => "{spinner} {bytes} {msg}",
    })
}

/// A template is a constant of ours, and a bad one only costs the looks.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
