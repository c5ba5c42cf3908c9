//! Long work for an operator, told to every replica.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use moderato::config::Config;
use moderato::lifecycle::{
    LifecycleError, ModelRef, Operation, OperationRequest, OperationResult, OperationStatus,
    Operations, PromotionBounds, ReplayRequest, TrainRequest,
};
use moderato::server::assembly;
use moderato::store::{
    Beat, NewOperation, OperationEnd, OperationId, OperationKind, OperationPlace, OperationState,
    Period, Retention, Store,
};
use serde_json::json;
use uuid::Uuid;

use super::labels::lifecycle;
use super::models::{base, label};
use super::records::{decided, now, site};
use super::review::{after, keep, moderator};
use super::stores::on_both;

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_mins(1);

fn new(kind: OperationKind, now: Timestamp) -> NewOperation {
    NewOperation {
        id: OperationId::new(Uuid::now_v7()),
        kind,
        request: json!({"kind": kind.name()}),
        actor: moderator("ayesha"),
        now,
        audit_id: Uuid::now_v7(),
    }
}

fn end(state: OperationState) -> OperationEnd {
    OperationEnd {
        state,
        outcome: Some(json!({"word": "long"})),
        progress: json!({"count": 7}),
    }
}

#[tokio::test]
async fn of_each_kind_one_runs_and_what_is_lost_makes_room() {
    on_both(|store| async move {
        let start = now();
        let first = new(OperationKind::Train, start);
        assert_eq!(store.start_operation(&first).await.unwrap(), None);
        let second = new(OperationKind::Train, after(start, 1));
        let running = store.start_operation(&second).await.unwrap().unwrap();
        assert_eq!((running.id, running.actor), (first.id, moderator("ayesha")));
        assert_eq!(store.operation(second.id).await.unwrap(), None);
        let replay = new(OperationKind::Replay, after(start, 2));
        assert_eq!(store.start_operation(&replay).await.unwrap(), None);

        // It says that it goes on, and is not given up; the other is.
        let beat = |id, second| {
            let (store, progress) = (store.clone(), json!({"count": second}));
            async move {
                store
                    .beat_operation(id, &progress, after(start, second))
                    .await
            }
        };
        assert_eq!(beat(first.id, 10).await.unwrap(), Beat::GoOn);
        let outcome = json!({"reason": "SERVER_GONE"});
        let lost = store.give_up_operations(after(start, 5), &outcome, after(start, 20));
        assert_eq!(lost.await.unwrap(), 1);
        let given_up = store.operation(replay.id).await.unwrap().unwrap();
        assert_eq!(given_up.state, OperationState::Failed);
        assert_eq!(given_up.outcome, Some(outcome));
        assert_eq!(beat(replay.id, 21).await.unwrap(), Beat::Gone);
        let done = end(OperationState::Done);
        let late = store.end_operation(replay.id, &done, after(start, 22));
        assert!(!late.await.unwrap(), "what was given up cannot come back");

        let (ayesha, id) = (moderator("ayesha"), first.id);
        let cancel = || store.cancel_operation(id, &ayesha, after(start, 23), Uuid::now_v7());
        assert!(cancel().await.unwrap());
        assert!(!cancel().await.unwrap(), "once is enough");
        assert_eq!(beat(id, 24).await.unwrap(), Beat::Cancel);
        let cancelled = end(OperationState::Cancelled);
        let ended = store.end_operation(id, &cancelled, after(start, 25));
        assert!(ended.await.unwrap());
        let kept = store.operation(id).await.unwrap().unwrap();
        assert_eq!(kept.cancelled_by, Some(ayesha.clone()));
        assert_eq!(kept.progress, Some(json!({"count": 7})));
        assert_eq!(store.start_operation(&second).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn they_are_listed_in_pages_without_what_came_of_them_and_go_after_their_time() {
    on_both(|store| async move {
        let start = now();
        let mut ids = Vec::new();
        for second in 0..5 {
            let one = new(OperationKind::Replay, after(start, second));
            store.start_operation(&one).await.unwrap();
            let done = end(OperationState::Done);
            store
                .end_operation(one.id, &done, after(start, second))
                .await
                .unwrap();
            ids.insert(0, one.id);
        }
        let training = new(OperationKind::Train, after(start, 9));
        store.start_operation(&training).await.unwrap();
        let (mut listed, mut place) = (Vec::new(), None);
        loop {
            let kind = Some(OperationKind::Replay);
            let page = store.operations(kind, place, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            place = Some(OperationPlace(last.created_at, last.id));
            assert!(page.iter().all(|one| one.outcome.is_none()));
            listed.extend(page.iter().map(|one| one.id));
        }
        assert_eq!(listed, ids);
        let all = store.operations(None, None, 10).await.unwrap();
        assert_eq!((all.len(), all[0].id), (6, training.id));
        assert!(
            store
                .operation(ids[0])
                .await
                .unwrap()
                .unwrap()
                .outcome
                .is_some()
        );

        let in_days = |days: i64| after(start, days * 86_400);
        let swept = store
            .sweep(&Retention::default(), in_days(29))
            .await
            .unwrap();
        assert_eq!(swept.operations, 0);
        let swept = store
            .sweep(&Retention::default(), in_days(31))
            .await
            .unwrap();
        assert_eq!(swept.operations, 5, "what runs stays");
        assert_eq!(store.operation(ids[0]).await.unwrap(), None);
    })
    .await;
}

/// Operations as one replica offers them.
fn replica(store: &Store) -> Operations {
    let pipeline = assembly::local_pipeline(&Config::default(), &mut |_| {
        unreachable!("the defaults name no file")
    });
    let bounds = PromotionBounds::default();
    let pipeline = pipeline.unwrap();
    Operations::new(lifecycle(store), pipeline, base(), bounds, Timestamp::now)
}

fn training() -> OperationRequest {
    OperationRequest::Train(TrainRequest::default())
}

fn replay(candidate: ModelRef) -> ReplayRequest {
    ReplayRequest {
        candidate,
        policy: None,
        since: Period::days(30),
        sites: BTreeSet::new(),
    }
}

async fn result(replica: &Operations, started: &Operation) -> OperationResult {
    let ended = replica.wait(started.id, PATIENCE).await.unwrap();
    match ended.status {
        OperationStatus::Done(Some(result)) => result,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_training_on_one_replica_is_told_by_the_other_and_its_candidate_replayed_there() {
    on_both(|store| async move {
        label(&store, 24).await;
        let comment = decided(
            moderato::verdict::Decision::Approve,
            "a@example.org",
            "veeam story",
        );
        keep(&store, std::slice::from_ref(&comment)).await;
        let [one, other] = [replica(&store), replica(&store)];
        let (ayesha, bilal) = (moderator("ayesha"), moderator("bilal"));
        let started = one.start(training(), ayesha.clone()).await.unwrap();
        let busy = other.start(training(), bilal.clone()).await;
        if let Err(error) = &busy {
            assert!(matches!(error, LifecycleError::Busy(_)), "{error}");
            assert!(error.to_string().contains("ayesha started"), "{error}");
        }
        let OperationResult::Train(trained) = result(&other, &started).await else {
            panic!("{started:?}")
        };
        assert!(store.model(&trained.model).await.unwrap().is_some());

        // A policy under which all is held, so that there is something to tell.
        let asked = ReplayRequest {
            policy: Some(
                "[policy]\nhold_first_time_authors = true\n[policy.spam]\nhold_at = 0.0\n".into(),
            ),
            ..replay(ModelRef::Named(trained.model.clone()))
        };
        let started = other
            .start(OperationRequest::Replay(asked), bilal)
            .await
            .unwrap();
        let OperationResult::Replay(replayed) = result(&one, &started).await else {
            panic!("{started:?}")
        };
        assert_eq!(replayed.replay.figures.flips, 1);
        let [flip] = &replayed.replay.flipped[..] else {
            panic!("{:?}", replayed.replay)
        };
        assert_eq!(flip.comment, comment.id.resource_name(&site()));
        // No text is kept with it: what is erased is gone here, too.
        let kept = store.operation(started.id).await.unwrap().unwrap();
        assert!(!kept.outcome.unwrap().to_string().contains("veeam"));

        let elsewhere = ReplayRequest {
            sites: BTreeSet::from([moderato::site::SiteId::default()]),
            ..replay(ModelRef::Base)
        };
        let started = one
            .start(OperationRequest::Replay(elsewhere), ayesha)
            .await
            .unwrap();
        let OperationResult::Replay(replayed) = result(&other, &started).await else {
            panic!("{started:?}")
        };
        assert_eq!(replayed.replay.figures.comments, 0, "it is another site's");
    })
    .await;
}

#[tokio::test]
async fn one_model_at_a_time_is_looked_at_and_what_is_begun_is_done_though_nobody_waits() {
    let (store, _folder) = super::stores::sqlite();
    let [one, other] = [
        super::models::candidate(&store, 20),
        super::models::candidate(&store, 24),
    ];
    let [one, other] = [ModelRef::Named(one.await), ModelRef::Named(other.await)];
    let replica = replica(&store);
    let (checked, turn) = replica.check(&one, now()).await.unwrap();
    let refused = replica.check(&other, now()).await.unwrap_err();
    assert_eq!(refused.reason(), "PROMOTION_RUNNING");
    // Taking back is for whoever must, whatever is looked at.
    let back = lifecycle(&store)
        .roll_back(super::models::by("bilal"))
        .await;
    assert_eq!(back.unwrap_err().reason(), "NOTHING_TO_ROLL_BACK");
    drop(turn);

    let (begun, begins) = tokio::sync::oneshot::channel();
    let (goes_on, told) = tokio::sync::oneshot::channel();
    let (lifecycle, task) = (lifecycle(&store), replica.clone());
    let asked = tokio::spawn({
        let lifecycle = lifecycle.clone();
        async move {
            let work = async move {
                begun.send(()).unwrap();
                told.await.unwrap();
                lifecycle
                    .promote(checked, super::models::by("ayesha"))
                    .await
            };
            task.see_through(work).await
        }
    });
    begins.await.unwrap();
    asked.abort();
    assert!(asked.await.unwrap_err().is_cancelled());
    goes_on.send(()).unwrap();
    let live = async {
        while lifecycle.live().await.unwrap().number() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, live).await.unwrap();

    // Only a server that stops breaks it off.
    let work = replica.see_through(std::future::pending::<Result<(), _>>());
    let (broken_off, ()) = futures::join!(work, replica.stop());
    assert_eq!(broken_off.unwrap_err().reason(), "SERVER_STOPPED");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_before_it_starts_and_what_cannot_be_done_fails_in_words() {
    let (store, _folder) = super::stores::sqlite();
    let one = replica(&store);
    let ayesha = moderator("ayesha");
    let wrong = [
        OperationRequest::Replay(replay("m-00".parse().unwrap())),
        OperationRequest::Replay(ReplayRequest {
            policy: Some("[rules]".to_owned()),
            ..replay(ModelRef::Base)
        }),
        OperationRequest::Train(TrainRequest {
            forgetting_per_label: Some(-1.0),
            ..TrainRequest::default()
        }),
    ];
    for (request, told) in wrong
        .into_iter()
        .zip(["m-00", "[policy]", "forgetting_per_label"])
    {
        let refused = one.start(request, ayesha.clone()).await.unwrap_err();
        assert!(
            refused.is_wrong_input() && refused.to_string().contains(told),
            "{refused}"
        );
    }
    assert!(one.list(None, None, 10).await.unwrap().is_empty());

    label(&store, 3).await;
    let started = one.start(training(), ayesha.clone()).await.unwrap();
    let ended = one.wait(started.id, PATIENCE).await.unwrap();
    let OperationStatus::Failed(failure) = &ended.status else {
        panic!("{ended:?}")
    };
    assert_eq!(failure.reason, "LABELS_INSUFFICIENT", "{failure:?}");
    assert!(ended.ended_at.is_some());
    let unknown = one.get(OperationId::new(Uuid::now_v7())).await.unwrap_err();
    assert!(matches!(unknown, LifecycleError::NoSuchOperation(_)));
}

#[tokio::test]
async fn a_training_that_is_cancelled_registers_nothing_and_one_of_a_server_that_stops_says_so() {
    let (store, _folder) = super::stores::sqlite();
    label(&store, 24).await;
    let [one, other] = [replica(&store), replica(&store)];
    let ayesha = moderator("ayesha");
    let started = one.start(training(), ayesha.clone()).await.unwrap();
    one.stop().await;
    let ended = other.get(started.id).await.unwrap();
    let OperationStatus::Failed(failure) = &ended.status else {
        panic!("{ended:?}")
    };
    assert_eq!(failure.reason, "SERVER_STOPPED");
    let refused = one.start(training(), ayesha.clone()).await.unwrap_err();
    assert!(matches!(refused, LifecycleError::Stopped));

    // Cancelled by way of another replica.
    let started = other.start(training(), ayesha.clone()).await.unwrap();
    let third = replica(&store);
    let cancelled = third.cancel(started.id, &ayesha).await.unwrap();
    let ended = third.wait(started.id, PATIENCE).await.unwrap();
    match ended.status {
        OperationStatus::Cancelled => {
            assert_eq!(cancelled.cancelled_by, Some(ayesha));
            assert!(store.models().await.unwrap().is_empty());
        }
        // It was sooner than the word.
        OperationStatus::Done(Some(_)) => {}
        other => panic!("{other:?}"),
    }
}
