//! What goes on while a server is killed: comments are submitted and reported, a
//! moderator decides from a terminal, the site watches.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use moderato::grpc::proto::{
    Complaint, DecisionEvent, ReportCommentRequest, Reporter, WatchDecisionsRequest,
};
use moderato::site::SiteId;
use moderato::store::CommentId;

use super::daemon::moderato;
use super::{Client, check, comment, id_of};

/// Comments that one command decides on.
const DECIDED_AT_ONCE: usize = 20;
/// Between two looks at a command.
const PAUSE: Duration = Duration::from_millis(1);

/// A submission: the site's id for it and whether it is held.
#[derive(Clone, Debug)]
pub struct Asked {
    pub submission_id: String,
    pub held: bool,
}

/// What was answered, and what was asked and not answered.
#[derive(Default)]
pub struct Ledger {
    /// Acknowledged comments, with what was asked of those that had a `submission_id`.
    pub acknowledged: Vec<(CommentId, Option<Asked>)>,
    /// Asked, and the connection broke before there was an answer.
    pub unanswered: Vec<Asked>,
    /// Those of them that were held.
    pub held: HashSet<CommentId>,
    /// Holds that nobody tried to decide on yet.
    pub waiting: Vec<CommentId>,
    /// Decisions that were acknowledged.
    pub resolved: HashSet<CommentId>,
    /// Reports that were.
    pub reported: HashSet<CommentId>,
    /// What the site heard, in order.
    pub heard: Vec<DecisionEvent>,
}

pub type Shared = Arc<Mutex<Ledger>>;

/// Submits comments until the server is gone: every other with a `submission_id`, every
/// fourth approved and reported.
pub async fn submit(mut client: Client, ledger: Shared, name: String) {
    for number in 0.. {
        let asked = Asked {
            submission_id: format!("{name}-{number}"),
            held: number % 4 != 0,
        };
        let named = number % 2 == 0;
        let submission_id = if named { &*asked.submission_id } else { "" };
        let answer = check(&mut client, comment(asked.held, submission_id)).await;
        let Ok(verdict) = answer else {
            if named {
                ledger.lock().unwrap().unanswered.push(asked);
            }
            return;
        };
        let (id, held) = (id_of(&verdict), asked.held);
        {
            let mut ledger = ledger.lock().unwrap();
            ledger.acknowledged.push((id, named.then_some(asked)));
            if held {
                ledger.held.insert(id);
                ledger.waiting.push(id);
                continue;
            }
        }
        let report = ReportCommentRequest {
            name: verdict.comment,
            complaint: Complaint::Spam.into(),
            reporter: Reporter::Reader.into(),
            note: String::new(),
        };
        if client.report_comment(report).await.is_err() {
            return;
        }
        ledger.lock().unwrap().reported.insert(id);
    }
}

/// Approves what waits, by one command after the other, until `stop`; that which runs
/// then is killed as well.
pub fn resolve(folder: &Path, ledger: &Shared, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let waiting = std::mem::take(&mut ledger.lock().unwrap().waiting);
        if waiting.is_empty() {
            std::thread::sleep(PAUSE);
            continue;
        }
        let (now, later) = waiting.split_at(waiting.len().min(DECIDED_AT_ONCE));
        ledger.lock().unwrap().waiting.extend(later);
        let names = now.iter().map(|id| id.resource_name(&SiteId::default()));
        let mut command = moderato(folder)
            .args(["review", "approve"])
            .args(names)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let status = loop {
            if let Some(status) = command.try_wait().unwrap() {
                break status;
            }
            if stop.load(Ordering::Relaxed) {
                command.kill().unwrap();
            }
            std::thread::sleep(PAUSE);
        };
        if status.success() {
            ledger.lock().unwrap().resolved.extend(now);
        }
    }
}

/// Watches on from the last event that was heard, until the server is gone or `last`
/// was heard.
pub async fn watch(mut client: Client, ledger: Shared, last: Option<u64>) {
    let heard = |ledger: &Shared| ledger.lock().unwrap().heard.last().map_or(0, |e| e.cursor);
    let cursor = heard(&ledger);
    let request = WatchDecisionsRequest { cursor };
    let Ok(stream) = client.watch_decisions(request).await else {
        return;
    };
    let mut stream = stream.into_inner();
    while last.is_none_or(|last| heard(&ledger) < last) {
        match stream.message().await {
            Ok(Some(message)) => ledger.lock().unwrap().heard.extend(message.event),
            _ => return,
        }
    }
}
