//! Every page, timed.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::browser::Browser;
use crate::mix::{Mix, word};
use crate::served::Served;

const SITES: [&str; 3] = ["gazette", "courier", "forum"];
/// How often the counts are asked for, to see what that costs.
const POLLS: u32 = 200;

/// What a page is called, and where it is.
type Place = (String, String);

/// Starts the program, asks for every page `rounds` times, and prints what it took.
///
/// # Errors
/// If a page does not come.
pub fn report(
    database: &str,
    mix: Mix,
    folder: &Path,
    url: Option<&str>,
    rounds: u64,
) -> anyhow::Result<()> {
    let served = Served::start(folder, url, &SITES)?;
    let mut browser = Browser::enter(served.http, &served.welcome)?;
    let start = Instant::now();
    let first = browser.get("/console")?;
    println!(
        "{database}, {}: the queue for the first time after the start: {:.1} ms; {} MB",
        mix.name(),
        millis(first.first_byte),
        served.used()?.0,
    );
    let places = places(&mut browser)?;
    println!(
        "found all links after {:.1} s; {} MB",
        start.elapsed().as_secs_f64(),
        served.used()?.0
    );
    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>9} {:>8}",
        "page", "first ms", "median", "slowest", "CPU ms", "kB"
    );
    for (name, path) in places {
        let mut times = Vec::new();
        let mut weight = 0;
        let before = served.used()?.1;
        for _ in 0..rounds {
            let answer = browser.get(&path)?;
            times.push(answer.first_byte);
            weight = answer.weight;
        }
        let cost = (served.used()?.1 - before) / rounds as f64;
        let first = times[0];
        times.sort_unstable();
        println!(
            "{name:<34} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>8.1}",
            millis(first),
            millis(times[times.len() / 2]),
            millis(times[times.len() - 1]),
            cost * 1_000.0,
            weight as f64 / 1_000.0
        );
    }
    let before = served.used()?.1;
    for _ in 0..POLLS {
        browser.get("/console/counts")?;
    }
    let (memory, after) = served.used()?;
    let cost = (after - before) / f64::from(POLLS);
    println!(
        "{:.2} ms of CPU for asking how many wait; {memory} MB\n",
        cost * 1_000.0
    );
    Ok(())
}

fn places(browser: &mut Browser) -> anyhow::Result<Vec<Place>> {
    let mut places = Vec::new();
    let mut add = |name: &str, path: &str| places.push((name.to_owned(), path.to_owned()));
    let queue = browser.get("/console")?.body;
    let comment = link(&queue, "/console/comments/")?;
    add("queue", "/console");
    add("queue, second page", &next(&queue)?);
    for (name, query) in [
        ("newest first", "sort=newest"),
        ("by score", "sort=score"),
        ("by spam", "sort=score&head=spam"),
        ("by waves", "sort=wave&site=gazette"),
        ("one site", "site=courier"),
        ("one site, by score", "site=courier&sort=score"),
        ("reason", "reason=SPAM_SCORE"),
        ("reason, by score", "reason=TOXICITY_SCORE&sort=score"),
        ("reason that none has", "reason=HONEYPOT_FILLED"),
        ("from 50 %", "min=50"),
        ("toxic from 90 %", "head=toxicity&min=90"),
        ("last hour", "age=1h"),
        ("last 24 hours, newest first", "age=24h&sort=newest"),
        ("older than a day", "age=old"),
        ("nobody else's", "mine=free"),
        ("nothing is in it", "q=qqxxyyzz"),
        (
            "all at once",
            "site=gazette&reason=SPAM_SCORE&min=50&age=7d&sort=score&mine=free",
        ),
    ] {
        add(&format!("queue: {name}"), &format!("/console?{query}"));
    }
    add("queue: frequent word", "/console?q=water");
    add("queue: rare word", &format!("/console?q={}", word(7_777)));
    add("how many wait", "/console/counts");
    add("comment", &comment);
    add(
        "author's past, beside the queue",
        &format!("{comment}/panel"),
    );
    let waves = browser.get("/console/waves")?.body;
    add("waves", "/console/waves");
    if let Ok(path) = link(&waves, "/console?") {
        add("queue: one wave", &path);
        add("comment of a wave", &link(&waves, "/console/comments/")?);
    }
    add("history", "/console/history");
    let authors = browser.get("/console/authors")?.body;
    add("authors", "/console/authors");
    add("authors, one site", "/console/authors?site=courier");
    add("author", &link(&authors, "/console/authors/")?);
    for days in ["7", "30", "90"] {
        add(
            &format!("numbers, {days} days"),
            &format!("/console/numbers?days={days}"),
        );
    }
    add("moderators", "/console/moderators");
    add("account", "/console/account");
    Ok(places)
}

/// The first link on a page that begins so.
fn link(page: &str, beginning: &str) -> anyhow::Result<String> {
    let begins = format!("href=\"{beginning}");
    let at = page
        .find(&begins)
        .with_context(|| format!("no link to {beginning}"))?
        + 6;
    let end = page[at..].find('"').context("an address ends")?;
    Ok(page[at..at + end]
        .replace("&amp;", "&")
        .replace("&#38;", "&"))
}

/// The way to the next page.
fn next(page: &str) -> anyhow::Result<String> {
    let at = page
        .find("rel=\"next\"")
        .context("expected a second page")?;
    let from = page[..at].rfind("href=\"").or(Some(at)).unwrap_or_default();
    let around = &page[from..];
    link(around, "/console?")
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
