//! Who may know whom. DESIGN's house rules, as data.

/// A module and what it may import of ours.
pub struct Layer {
    pub module: &'static str,
    pub may_import: May,
}

pub enum May {
    /// These modules, and itself.
    Only(&'static [&'static str]),
    /// Every module but these.
    AllBut(&'static [&'static str]),
}

impl May {
    pub fn allows(&self, module: &str) -> bool {
        match self {
            Self::Only(allowed) => allowed.contains(&module),
            Self::AllBut(refused) => !refused.contains(&module),
        }
    }
}

const fn only(module: &'static str, allowed: &'static [&'static str]) -> Layer {
    Layer {
        module,
        may_import: May::Only(allowed),
    }
}

const fn all_but(module: &'static str, refused: &'static [&'static str]) -> Layer {
    Layer {
        module,
        may_import: May::AllBut(refused),
    }
}

/// From the inside out. A module that is not here fails the test.
#[rustfmt::skip]
pub const LAYERS: &[Layer] = &[
    only("interval", &[]),
    only("verdict", &["comment", "label", "site"]),
    only("label", &["comment", "verdict", "site"]),
    only("site", &["comment", "verdict", "label"]),
    only("comment", &["count", "verdict", "label", "site"]),
    only("text", &["comment", "verdict", "label", "site"]),
    only("classifier", &["text", "comment", "verdict", "label", "site"]),
    only("count", &[]),
    only("plot", &["count"]),
    only("training", &["classifier", "count", "interval", "plot", "text", "comment", "verdict", "label", "site"]),
    only("rules", &["text", "comment", "verdict", "label", "site"]),
    only("policy", &["rules", "comment", "verdict"]),
    only("rate_limit", &["comment", "verdict", "label", "site"]),
    only("moderator", &["site"]),
    only("store", &["comment", "verdict", "label", "moderator", "site"]),
    only("accounts", &["moderator", "rate_limit", "site", "store"]),
    only("telemetry", &["comment", "verdict", "label", "site", "rate_limit"]),
    only("pipeline", &[
        "classifier", "comment", "label", "policy", "rate_limit", "rules", "site", "store", "text",
        "verdict",
    ]),
    only("grpc", &[
        "accounts", "comment", "label", "lifecycle", "moderator", "pipeline", "rate_limit", "review",
        "site", "store", "telemetry", "verdict",
    ]),
    only("http", &[
        "accounts", "comment", "count", "label", "lifecycle", "moderator", "pipeline", "plot", "review",
        "site", "store",
        "telemetry", "verdict",
    ]),
    only("review", &["comment", "interval", "label", "site", "store", "text", "verdict"]),
    only("lifecycle", &[
        "classifier", "interval", "label", "pipeline", "policy", "site", "store", "text", "training", "verdict",
    ]),
    only("webhook", &["site", "store", "telemetry"]),
    all_but("server", &["training"]),
    // It holds the settings types of every part.
    all_but("config", &["training"]),
    all_but("bin", &[]),
];

/// A word that code may use only in some modules.
pub struct Reserved {
    pub words: &'static [&'static str],
    pub only_in: May,
    pub why: &'static str,
}

pub const RESERVED: &[Reserved] = &[
    Reserved {
        words: &["linfa", "linfa_bayes", "ndarray"],
        only_in: May::Only(&["training"]),
        why: "others know what `training` makes of it",
    },
    Reserved {
        words: &["redis", "Redis"],
        only_in: May::Only(&["rate_limit", "config", "server", "bin"]),
        why: "others know the trait RateLimiter",
    },
    Reserved {
        words: &["sqlx"],
        only_in: May::Only(&["store"]),
        why: "others ask the store",
    },
    Reserved {
        words: &["tonic", "prost", "tonic_types"],
        only_in: May::Only(&["grpc", "server", "telemetry", "bin"]),
        why: "one transport each",
    },
    Reserved {
        words: &["axum"],
        only_in: May::Only(&["http", "server"]),
        why: "one transport each",
    },
    Reserved {
        words: &["reqwest"],
        only_in: May::Only(&["webhook"]),
        why: "one client of the web, which knows where it may not go",
    },
    Reserved {
        words: &["clap", "anyhow", "indicatif"],
        only_in: May::Only(&["bin"]),
        why: "the library has typed errors and no terminal",
    },
    Reserved {
        words: &[
            "Instant",
            "SystemTime",
            "fs",
            "net",
            "tokio",
            "async",
            "rand",
            "getrandom",
        ],
        only_in: May::AllBut(&["policy", "rules", "text", "verdict", "label", "site"]),
        why: "judging is pure: clocks, randomness and I/O are passed in",
    },
];

/// No file under `src/` has this many lines.
pub const TOO_LONG: usize = 350;
