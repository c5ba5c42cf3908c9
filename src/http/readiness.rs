//! Whether this process takes calls.

use std::sync::atomic::{AtomicU8, Ordering};

/// Where a server is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Not all is in place yet.
    #[default]
    Starting,
    /// It takes calls.
    Serving,
    /// It finishes the calls it has and takes no more.
    Draining,
}

impl Phase {
    const ALL: [Self; 3] = [Self::Starting, Self::Serving, Self::Draining];

    /// The word `/readyz` says.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Serving => "serving",
            Self::Draining => "draining",
        }
    }
}

/// The phase a server is in, shared by those who set it and those who ask.
#[derive(Debug, Default)]
pub struct Readiness(AtomicU8);

impl Readiness {
    /// The phase now.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let number = usize::from(self.0.load(Ordering::Acquire));
        Phase::ALL.get(number).copied().unwrap_or_default()
    }

    /// Enters `phase`.
    pub fn set(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::Release);
    }
}
