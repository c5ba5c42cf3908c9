//! A real Chromium, driven by the scripts in `tests/console/browser`.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::newsroom::PASSWORD;
use super::served::Served;

/// Runs a script against the console, which fails the test where it finds a fault.
pub async fn run(script: &str, served: &Served, link: &str) {
    run_in(None, script, served, link).await;
}

async fn run_in(pictures: Option<&OsStr>, script: &str, served: &Served, link: &str) {
    let build = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let modules = build.join("test-clients/browser/node_modules");
    assert!(
        modules.exists(),
        "no packages for the browser at {}: run scripts/test, which installs what the tests need",
        modules.display()
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/console/browser");
    // `script.mjs:stage`: which pictures it takes.
    let (script, stage) = script.split_once(':').unwrap_or((script, ""));
    let mut node = Command::new("node");
    node.arg(folder.join(script))
        .env("AXE", modules.join("axe-core/axe.min.js"))
        .env("PLAYWRIGHT", modules.join("playwright-core/index.mjs"))
        .env("CONSOLE", format!("http://{}", served.http))
        .env("LINK", link)
        .env("STAGE", stage)
        .env("PASSWORD", PASSWORD)
        .stdin(Stdio::null());
    if let Some(folder) = pictures {
        node.env("PICTURES", folder);
    }
    let output = tokio::task::spawn_blocking(move || node.output().unwrap())
        .await
        .unwrap();
    assert!(
        output.status.success(),
        "{script}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Lets a script leave pictures in `folder`.
pub async fn look(folder: &OsStr, script: &str, served: &Served, link: &str) {
    std::fs::create_dir_all(folder).unwrap();
    run_in(Some(folder), script, served, link).await;
}
