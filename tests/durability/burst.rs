//! A server that is killed (SIGKILL) while approvals come so fast that they are packed.

use std::collections::BTreeSet;
use std::time::Duration;

use moderato::store::CommentId;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::daemon::{Daemon, soon};
use super::tables::Tables;
use super::{Client, HOLDS, check, comment, id_of};

const KILLS: usize = 3;
/// Calls under way at once that are approved.
const APPROVED: usize = 512;
/// Those that are held meanwhile.
const HELD: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_packed_when_it_is_killed_is_unpacked_whole_and_once() {
    let seed = std::process::id().into();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut daemon = Daemon::start(HOLDS).await;
    let file = daemon.folder().path().join("moderato-data/moderato.sqlite");
    let mut held = BTreeSet::new();
    let mut left = 0;
    for kill in 0..KILLS {
        let client = daemon.client().await;
        let approved = (0..APPROVED).map(|_| tokio::spawn(approve(client.clone())));
        let approved: Vec<_> = approved.collect();
        // On a connection of their own, so that the others' calls are not before them.
        let client = daemon.client().await;
        let held_by = |caller| hold(client.clone(), format!("b{kill}-c{caller}"));
        let holding: Vec<_> = (0..HELD)
            .map(|caller| tokio::spawn(held_by(caller)))
            .collect();
        soon(packs(&daemon)).await;
        // The random moment is what is tested, so this one waits for nothing.
        tokio::time::sleep(Duration::from_millis(random.random_range(0..50))).await;
        daemon.signal("KILL");
        daemon.ended().await;
        for task in approved {
            task.await.unwrap();
        }
        for task in holding {
            held.extend(task.await.unwrap());
        }

        let mut tables = Tables::open(&format!("sqlite://{}", file.display())).await;
        let (rows, packed) = (ids(&mut tables).await, tables.packed().await);
        left += packed.len();
        let recorded: BTreeSet<_> = rows.iter().chain(&packed).copied().collect();
        assert_eq!(recorded.len(), rows.len() + packed.len(), "seed {seed}");

        daemon = Daemon::start_in(daemon.folder(), &[]).await;
        soon(unpacks(&mut tables)).await;
        let rows = ids(&mut tables).await;
        assert_eq!(rows.len(), recorded.len(), "seed {seed}");
        assert!(rows.iter().all(|id| recorded.contains(id)), "seed {seed}");
        let verdicts = "SELECT COUNT(*) FROM decisions JOIN comments ON comment_id = id \
                        WHERE number = 0";
        let decisions = "SELECT COUNT(*) FROM decisions";
        for count in [verdicts, decisions] {
            let count = tables.count(count).await;
            assert_eq!(usize::try_from(count).unwrap(), rows.len(), "seed {seed}");
        }
        let kept: BTreeSet<_> = tables.held().await.into_iter().map(|(id, _)| id).collect();
        assert!(held.is_subset(&kept), "a hold is lost, seed {seed}");
    }
    assert!(left > 0, "no kill met a page");
    assert!(!held.is_empty(), "nothing was held");
    println!("{KILLS} kills: {left} were packed, seed {seed}");
}

/// Submits what is approved until the server is gone.
async fn approve(mut client: Client) {
    while check(&mut client, comment(false, "")).await.is_ok() {}
}

/// Submits what is held until the server is gone. What was acknowledged.
async fn hold(mut client: Client, name: String) -> Vec<CommentId> {
    let mut held = Vec::new();
    while let Ok(verdict) = {
        let submission_id = format!("{name}-{}", held.len());
        check(&mut client, comment(true, &submission_id)).await
    } {
        held.push(id_of(&verdict));
    }
    held
}

/// Waits until the server has packed something.
async fn packs(daemon: &Daemon) {
    loop {
        let page = daemon.get("/metrics").await;
        let packed = page
            .lines()
            .find_map(|line| line.strip_prefix("moderato_store_packed "));
        if packed.is_some_and(|packed| packed != "0") {
            return;
        }
    }
}

/// Waits until nothing is packed any more.
async fn unpacks(tables: &mut Tables) {
    while tables.count("SELECT COUNT(*) FROM packed_approvals").await > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ids(tables: &mut Tables) -> Vec<CommentId> {
    tables
        .comments()
        .await
        .into_iter()
        .map(|(id, _)| id)
        .collect()
}
