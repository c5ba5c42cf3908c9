//! Calls that break off, calls that stay long, and those that must get in beside them.

use std::time::Duration;

use futures::StreamExt as _;
use moderato::grpc::proto::{
    CancelOperationRequest, GetOperationRequest, ImportLabelsRequest, LabelFilter, LabelSource,
    ListLabelsRequest, ListModelsRequest, RollBackModelRequest, SetCanaryRequest, SetShadowRequest,
};
use sqlx::Connection as _;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::api::{self, ALL, Operator, labels};
use super::daemon::Daemon;
use super::promotion::OPEN;

/// An import that never ends by itself.
fn begin(operator: &Operator, count: usize) -> tokio::task::JoinHandle<Result<(), Status>> {
    let mut operator = operator.clone();
    let first = ImportLabelsRequest {
        parent: "sites/default".to_owned(),
        origin: "archive".to_owned(),
        labels: labels(count),
    };
    let messages = futures::stream::iter([first]).chain(futures::stream::pending());
    tokio::spawn(async move { operator.import_labels(messages).await.map(drop) })
}

/// Asks until it is so.
async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(30), asking).await;
    found.expect("within half a minute")
}

#[tokio::test]
async fn what_came_before_an_import_was_given_up_is_kept_and_on_the_record() {
    let daemon = Daemon::start(OPEN).await;
    let mut operator = api::operator(&daemon).await;
    let importing = begin(&operator, 300);
    let imported = ListLabelsRequest {
        parent: ALL.to_owned(),
        page_size: 200,
        filter: Some(LabelFilter {
            source: LabelSource::Import.into(),
            ..LabelFilter::default()
        }),
        ..ListLabelsRequest::default()
    };
    // The first group of it is kept; the rest waits for more to come.
    let mut count = async || {
        let mut asked = imported.clone();
        let mut count = 0;
        loop {
            let page = operator.list_labels(asked.clone()).await.unwrap();
            let page = page.into_inner();
            count += page.labels.len();
            if page.next_page_token.is_empty() {
                return count;
            }
            asked.page_token = page.next_page_token;
        }
    };
    until(async || (count().await == 200).then_some(())).await;
    importing.abort();
    until(async || (count().await == 300).then_some(())).await;
    let store = daemon.folder().path().join("moderato-data/moderato.sqlite");
    let url = format!("sqlite://{}", store.display());
    let mut store = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let line = "SELECT detail FROM audit WHERE action = 'import_labels'";
    let detail = until(async || {
        let found = sqlx::query_scalar(line).fetch_optional(&mut store).await;
        found.unwrap()
    });
    let detail: String = detail.await;
    assert!(detail.contains("300"), "{detail}");
}

#[tokio::test]
async fn a_model_is_taken_back_however_many_calls_are_under_way() {
    let daemon = Daemon::start(OPEN).await;
    let mut operator = api::operator(&daemon).await;
    let mut importing = Vec::new();
    // Who looks whether the places are taken takes one, too, so that an import may find none.
    let (looking, begun) = (operator.clone(), &mut importing);
    let full = until(async || {
        let mut asking = looking.clone();
        let listed = asking.list_models(ListModelsRequest::default()).await;
        let full = listed.err();
        if full.is_none() {
            begun.push(begin(&looking, 1));
        }
        full
    })
    .await;
    assert_eq!(full.code(), Code::ResourceExhausted, "{full}");
    let name = format!("operations/{}", "0".repeat(32));
    let reason = |refused: Status| refused.get_details_error_info().unwrap().reason;
    let back = operator.roll_back_model(RollBackModelRequest::default());
    assert_eq!(reason(back.await.unwrap_err()), "NOTHING_TO_ROLL_BACK");
    let ended = operator.set_canary(SetCanaryRequest::default());
    assert_eq!(reason(ended.await.unwrap_err()), "NO_CANARY");
    let ended = operator.set_shadow(SetShadowRequest::default());
    assert_eq!(reason(ended.await.unwrap_err()), "NO_SHADOW");
    let cancelled = operator.cancel_operation(CancelOperationRequest { name: name.clone() });
    assert_eq!(reason(cancelled.await.unwrap_err()), "OPERATION_NOT_FOUND");
    let found = operator.get_operation(GetOperationRequest { name });
    assert_eq!(reason(found.await.unwrap_err()), "OPERATION_NOT_FOUND");
}

#[tokio::test]
async fn a_trial_that_cannot_be_meant_is_named() {
    let daemon = Daemon::start(OPEN).await;
    let mut operator = api::operator(&daemon).await;
    let shadow = SetShadowRequest::default();
    for (wrong, named) in [
        (
            SetShadowRequest {
                share: 0.5,
                ..shadow.clone()
            },
            "name",
        ),
        (
            SetShadowRequest {
                name: "models/base".to_owned(),
                sites: vec!["sites/default".to_owned(), "sites/elsewhere".to_owned()],
                ..shadow.clone()
            },
            "sites[1]",
        ),
        (
            SetShadowRequest {
                name: "models/base".to_owned(),
                reason: "x".repeat(2_001),
                ..shadow
            },
            "reason",
        ),
    ] {
        let refused = operator.set_shadow(wrong).await.unwrap_err();
        let bad = refused.get_details_bad_request();
        let bad = bad.unwrap_or_else(|| panic!("{refused:?}"));
        assert_eq!(bad.field_violations[0].field, named);
    }
}
