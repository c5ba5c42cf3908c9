//! How comments are judged and answers printed, here or by a server.

use std::process::ExitCode;

use moderato::grpc::proto;
use moderato::pipeline::Limits;
use moderato::verdict::Verdict;

use super::asked::Asked;
use super::{json, readable};
use crate::exit;

/// What the flags say of judging.
#[derive(Clone, Copy)]
pub struct Rules {
    /// How answers are printed.
    pub form: Form,
    /// Whether a stream is charged to quotas.
    pub enforce_limits: bool,
    /// Whether the first bad line ends it.
    pub strict: bool,
}

impl Rules {
    /// Whether a stream's comments are counted.
    pub const fn limits(self) -> Limits {
        if self.enforce_limits {
            Limits::Enforce
        } else {
            Limits::Skip
        }
    }
}

/// How answers are printed.
#[derive(Clone, Copy)]
pub enum Form {
    /// One JSON object a line.
    Json,
    /// For people.
    Readable {
        /// With colours.
        colour: bool,
    },
}

impl Form {
    /// A verdict of ours.
    pub fn own(self, asked: &Asked, verdict: &Verdict) -> anyhow::Result<String> {
        match self {
            Self::Json => Ok(json::line(asked, verdict)?),
            Self::Readable { colour } => Ok(readable::page(asked, &verdict.clone().into(), colour)),
        }
    }

    /// A server's verdict.
    pub fn received(self, asked: &Asked, verdict: &proto::Verdict) -> anyhow::Result<String> {
        match self {
            Self::Json => Ok(json::line(asked, &json::Received::from(verdict))?),
            Self::Readable { colour } => Ok(readable::page(asked, verdict, colour)),
        }
    }
}

/// How a stream went.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    /// Some line was no comment to judge.
    pub bad_input: bool,
    /// The server gave no verdict on some line.
    pub unanswered: bool,
}

impl Tally {
    /// 0 if every line was judged.
    pub fn exit_code(self) -> ExitCode {
        if self.bad_input {
            exit::wrong_input()
        } else if self.unanswered {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}
