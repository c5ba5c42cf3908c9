//! The console's style, script and icon. Their names hold their hash, so that a
//! browser keeps them for good and never has those of another version.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::Embed;

/// Where they are served.
const FOLDER: &str = "/console/assets";

/// Hexadecimal digits of the hash in a name.
const DIGITS: usize = 12;

#[derive(Embed)]
#[folder = "src/http/console/assets"]
struct Files;

/// Paths of the assets, as pages name them.
pub(super) struct Assets {
    pub(super) style: String,
    pub(super) script: String,
    pub(super) icon: String,
}

/// The assets of this build.
pub(super) static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: path("console.css"),
    script: path("console.js"),
    icon: path("icon.svg"),
});

fn path(name: &str) -> String {
    let mut hash = String::new();
    for byte in Files::get(name)
        .iter()
        .flat_map(|file| file.metadata.sha256_hash())
    {
        let _ = write!(hash, "{byte:02x}");
    }
    format!("{FOLDER}/{}/{name}", &hash[..DIGITS.min(hash.len())])
}

/// Serves one. Under the name of another version it is not found.
pub(super) async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let (Some(file), true) = (
        Files::get(&name),
        path(&name) == format!("{FOLDER}/{hash}/{name}"),
    ) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, file.data).into_response()
}
