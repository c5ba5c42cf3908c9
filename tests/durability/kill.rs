//! A server that is killed (SIGKILL) under load, over and over.
//!
//! `MODERATO_KILLS` says how often; the default suits every change, a nightly run takes
//! a hundred and more.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use moderato::store::CommentId;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::daemon::Daemon;
use super::tables::Tables;
use super::{Client, HOLDS, check, comment, id_of};

/// How many calls are under way at once.
const CALLERS: usize = 16;

fn kills() -> usize {
    std::env::var("MODERATO_KILLS").map_or(10, |text| text.parse().unwrap())
}

/// What was answered, and what was asked and not answered.
#[derive(Default)]
struct Ledger {
    /// Acknowledged holds, with the `submission_id` of those that had one.
    acknowledged: Vec<(CommentId, Option<String>)>,
    /// Asked, and the connection broke before there was an answer.
    unanswered: Vec<String>,
}

/// Submits comments that are held, every other with a `submission_id`, until the
/// server is gone.
async fn submit(mut client: Client, ledger: Arc<Mutex<Ledger>>, name: String) {
    for number in 0.. {
        let id = format!("{name}-{number}");
        let submission_id = if number % 2 == 0 { id.as_str() } else { "" };
        let answer = check(&mut client, comment(true, submission_id)).await;
        let mut ledger = ledger.lock().unwrap();
        let Ok(verdict) = answer else {
            if !submission_id.is_empty() {
                ledger.unanswered.push(id);
            }
            return;
        };
        let submission_id = (!submission_id.is_empty()).then_some(id);
        ledger.acknowledged.push((id_of(&verdict), submission_id));
    }
}

#[tokio::test]
async fn every_acknowledged_hold_is_there_once() {
    let kills = kills();
    let seed = std::process::id().into();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let mut daemon = Daemon::start(HOLDS).await;
    for kill in 0..kills {
        let client = daemon.client().await;
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let name = format!("k{kill}-c{caller}");
                tokio::spawn(submit(client.clone(), Arc::clone(&ledger), name))
            })
            .collect();
        // The random moment is what is tested, so this one waits for nothing.
        tokio::time::sleep(Duration::from_millis(random.random_range(1..250))).await;
        daemon.signal("KILL");
        daemon.ended().await;
        for caller in callers {
            caller.await.unwrap();
        }
        daemon = Daemon::start_in(daemon.folder(), &[]).await;
    }

    let mut ledger = std::mem::take(&mut *ledger.lock().unwrap());
    let answered = ledger.acknowledged.len();
    // What was not answered is asked again, and what was is asked again as well.
    let mut client = daemon.client().await;
    for id in std::mem::take(&mut ledger.unanswered) {
        let verdict = check(&mut client, comment(true, &id)).await.unwrap();
        ledger.acknowledged.push((id_of(&verdict), Some(id)));
    }
    for (comment_id, submission_id) in &ledger.acknowledged {
        if let Some(id) = submission_id {
            let again = check(&mut client, comment(true, id)).await.unwrap();
            assert_eq!(id_of(&again), *comment_id, "{id}, seed {seed}");
        }
    }
    println!("{kills} kills, {answered} holds acknowledged before them, seed {seed}");
    assert!(answered > kills, "hardly anything was asked");
    compare(&daemon, &ledger, seed).await;
}

/// Compares what was acknowledged with what is in the tables.
async fn compare(daemon: &Daemon, ledger: &Ledger, seed: u64) {
    let file = daemon.folder().path().join("moderato-data/moderato.sqlite");
    let mut tables = Tables::open(&format!("sqlite://{}", file.display())).await;
    let kept = tables.held().await;
    let by_id: HashMap<_, _> = kept.iter().cloned().collect();
    assert_eq!(by_id.len(), kept.len(), "an id twice, seed {seed}");
    for (id, submission_id) in &ledger.acknowledged {
        assert_eq!(by_id.get(id), Some(submission_id), "lost {id}, seed {seed}");
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
