//! The console's style, script and icon. Their names hold their hash, so that a
//! browser keeps them for good and never has those of another version.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use crate::plot;

/// Where they are served.
const FOLDER: &str = "/console/assets";

/// Bytes of the hash in a name.
const HASHED: usize = 6;

/// A file as a browser gets it.
struct Asset {
    path: String,
    kind: &'static str,
    text: String,
}

impl Asset {
    fn new(name: &str, kind: &'static str, parts: &[&str]) -> Self {
        let text = parts.concat();
        let mut path = format!("{FOLDER}/");
        for byte in &Sha256::digest(&text)[..HASHED] {
            let _ = write!(path, "{byte:02x}");
        }
        let _ = write!(path, "/{name}");
        Self { path, kind, text }
    }
}

/// The assets of this build.
static FILES: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset::new(
            "console.css",
            "text/css; charset=utf-8",
            &[include_str!("assets/console.css"), plot::STYLE],
        ),
        Asset::new(
            "console.js",
            "text/javascript; charset=utf-8",
            &[include_str!("assets/console.js")],
        ),
        Asset::new(
            "icon.svg",
            "image/svg+xml",
            &[include_str!("assets/icon.svg")],
        ),
    ]
});

/// Paths of the assets, as pages name them.
pub(super) struct Assets {
    pub(super) style: &'static str,
    pub(super) script: &'static str,
    pub(super) icon: &'static str,
}

/// Those of this build.
pub(super) static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let [style, script, icon] = &*FILES;
    Assets {
        style: &style.path,
        script: &script.path,
        icon: &icon.path,
    }
});

/// Serves one. Under the name of another version it is not found.
pub(super) async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let path = format!("{FOLDER}/{hash}/{name}");
    let Some(file) = FILES.iter().find(|file| file.path == path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, file.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, file.text.as_str()).into_response()
}
