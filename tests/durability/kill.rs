//! A server that is killed (SIGKILL) under load, over and over.
//!
//! `MODERATO_KILLS` says how often; the default suits every change, a nightly run takes
//! a hundred and more.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::daemon::{Daemon, soon};
use super::load::{Ledger, Shared, resolve, submit, watch};
use super::tables::{DecisionRef, EventRow, Tables};
use super::{HOLDS, check, comment, id_of};

/// How many calls are under way at once.
const CALLERS: usize = 16;

fn kills() -> usize {
    std::env::var("MODERATO_KILLS").map_or(10, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_once_and_told_in_order() {
    let kills = kills();
    let seed = std::process::id().into();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let ledger = Shared::default();
    let mut daemon = Daemon::start(HOLDS).await;
    for kill in 0..kills {
        let client = daemon.client().await;
        let mut tasks: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let name = format!("k{kill}-c{caller}");
                tokio::spawn(submit(client.clone(), Arc::clone(&ledger), name))
            })
            .collect();
        tasks.push(tokio::spawn(watch(client, Arc::clone(&ledger), None)));
        let stop = Arc::new(AtomicBool::new(false));
        let (folder, shared) = (daemon.folder().path().to_owned(), Arc::clone(&ledger));
        let stopped = Arc::clone(&stop);
        tasks.push(tokio::task::spawn_blocking(move || {
            resolve(&folder, &shared, &stopped);
        }));
        if kill == 0 {
            // A command takes its time on a busy machine; one shall have decided.
            soon(decided(&ledger)).await;
        }
        // The random moment is what is tested, so this one waits for nothing.
        tokio::time::sleep(Duration::from_millis(random.random_range(1..400))).await;
        stop.store(true, Ordering::Relaxed);
        daemon.signal("KILL");
        daemon.ended().await;
        for task in tasks {
            task.await.unwrap();
        }
        daemon = Daemon::start_in(daemon.folder(), &[]).await;
    }

    let answered = ledger.lock().unwrap().acknowledged.len();
    ask_again(&daemon, &ledger, seed).await;
    let file = daemon.folder().path().join("moderato-data/moderato.sqlite");
    let mut tables = Tables::open(&format!("sqlite://{}", file.display())).await;
    let events = tables.events().await;
    let last = events.len() as u64;
    soon(watch(
        daemon.client().await,
        Arc::clone(&ledger),
        Some(last),
    ))
    .await;

    let ledger = std::mem::take(&mut *ledger.lock().unwrap());
    println!(
        "{kills} kills: {answered} comments, {} decisions and {} reports acknowledged before \
         them, {} events, seed {seed}",
        ledger.resolved.len(),
        ledger.reported.len(),
        events.len()
    );
    assert!(answered > kills, "hardly anything was asked");
    assert!(!ledger.resolved.is_empty(), "nothing was decided");
    compare_comments(&mut tables, &ledger, seed).await;
    compare_events(&mut tables, &events, &ledger, seed).await;
}

/// Waits until a decision was acknowledged.
async fn decided(ledger: &Shared) {
    while ledger.lock().unwrap().resolved.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What was not answered is asked again, and what was is asked again as well.
async fn ask_again(daemon: &Daemon, ledger: &Shared, seed: u64) {
    let mut client = daemon.client().await;
    let unanswered = std::mem::take(&mut ledger.lock().unwrap().unanswered);
    for asked in unanswered {
        let submission = comment(asked.held, &asked.submission_id);
        let verdict = check(&mut client, submission).await.unwrap();
        let acknowledged = &mut ledger.lock().unwrap().acknowledged;
        acknowledged.push((id_of(&verdict), Some(asked)));
    }
    let acknowledged = ledger.lock().unwrap().acknowledged.clone();
    for (id, asked) in acknowledged {
        if let Some(asked) = asked {
            let submission = comment(asked.held, &asked.submission_id);
            let again = check(&mut client, submission).await.unwrap();
            assert_eq!(id_of(&again), id, "{asked:?}, seed {seed}");
        }
    }
}

/// Compares the comments that were acknowledged with those in the tables.
async fn compare_comments(tables: &mut Tables, ledger: &Ledger, seed: u64) {
    let kept = tables.comments().await;
    let by_id: HashMap<_, _> = kept.iter().cloned().collect();
    assert_eq!(by_id.len(), kept.len(), "an id twice, seed {seed}");
    for (id, asked) in &ledger.acknowledged {
        // An approval without a submission_id may be written after its answer.
        let Some(found) = by_id.get(id) else {
            let must_be_there =
                asked.is_some() || ledger.reported.contains(id) || ledger.held.contains(id);
            assert!(!must_be_there, "lost {id}, seed {seed}");
            continue;
        };
        let submission_id = asked.as_ref().map(|asked| asked.submission_id.clone());
        assert_eq!(*found, submission_id, "{id}, seed {seed}");
    }
    let mut ids = HashSet::new();
    for submission_id in kept.iter().filter_map(|(_, id)| id.as_ref()) {
        assert!(
            ids.insert(submission_id),
            "{submission_id} twice, seed {seed}"
        );
    }
    // Each has its verdict, and nothing has one that is not there.
    let decided = "SELECT COUNT(*) FROM decisions WHERE number = 0";
    let orphans = "SELECT COUNT(*) FROM decisions LEFT JOIN comments ON comment_id = id \
                   WHERE id IS NULL";
    assert_eq!(
        usize::try_from(tables.count(decided).await).unwrap(),
        kept.len()
    );
    assert_eq!(tables.count(orphans).await, 0);
}

/// Compares the events with the decisions they tell of, with what was acknowledged, and
/// with what the site heard.
async fn compare_events(tables: &mut Tables, events: &[EventRow], ledger: &Ledger, seed: u64) {
    for (event, number) in events.iter().zip(1..) {
        assert_eq!(event.number, number, "a gap, seed {seed}");
    }
    let last = "SELECT last FROM event_numbers WHERE site = 'default'";
    assert_eq!(
        usize::try_from(tables.count(last).await).unwrap(),
        events.len()
    );
    // One for each decision there is to tell of, and no more.
    let mut told: Vec<_> = events.iter().map(|event| event.decision).collect();
    told.sort_unstable();
    assert_eq!(told, tables.told().await, "seed {seed}");
    let mut latest = HashMap::new();
    for event in events {
        let (comment, number): DecisionRef = event.decision;
        let before = latest.insert(comment, number);
        assert!(before < Some(number), "out of order, seed {seed}");
    }
    let of_kind = |kind: &str| -> HashSet<_> {
        let those = events.iter().filter(|event| event.kind == kind);
        those.map(|event| event.decision.0).collect()
    };
    let [held, resolved, reported] = ["held", "resolved", "reported"].map(of_kind);
    assert!(ledger.resolved.is_subset(&resolved), "seed {seed}");
    assert!(ledger.reported.is_subset(&reported), "seed {seed}");
    assert!(ledger.held.is_subset(&held), "seed {seed}");
    let heard: Vec<_> = ledger.heard.iter().map(|event| event.cursor).collect();
    assert!(
        heard.iter().copied().eq(1..=events.len() as u64),
        "seed {seed}"
    );
}
