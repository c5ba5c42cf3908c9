//! Operations on two replicas: started on one, asked of the other; killed in the midst.

use std::time::Duration;

use moderato::grpc::proto::{
    GetOperationRequest, OperationState, TrainRequest, WaitOperationRequest, operation::Outcome,
};
use tonic_types::StatusExt as _;

use super::api::{import, labels, token, with};
use super::daemon::Daemon;
use super::postgres_server::PostgresServer;
use super::promotion::OPEN;

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_tells_of_the_others_training_and_of_its_death() {
    let server = PostgresServer::start().await;
    let url = server.database("moderato").await;
    let secret = "ab".repeat(32);
    let variables = [
        ("MODERATO_DATABASE_URL", url.as_str()),
        ("MODERATO_HASH_KEY", secret.as_str()),
    ];
    let one = Daemon::start_with(OPEN, &variables).await;
    let mut other = Daemon::start_with(OPEN, &variables).await;
    let token = token(&one, "ayesha", "operator", &variables);
    let mut here = with(&one, &token).await;
    let mut there = with(&other, &token).await;
    import(&mut here, "sites/default", labels(40))
        .await
        .unwrap();

    let started = there.train(TrainRequest::default()).await.unwrap();
    let started = started.into_inner().operation.unwrap();
    // One at a time, wherever it runs.
    if let Err(busy) = here.train(TrainRequest::default()).await {
        let info = busy.get_details_error_info().unwrap();
        assert_eq!(info.reason, "OPERATION_RUNNING");
        assert_eq!(info.metadata["operation"], started.name);
    }
    other.signal("KILL");
    other.ended().await;
    let wait = WaitOperationRequest {
        name: started.name.clone(),
        timeout: Some(prost_types::Duration {
            seconds: i64::try_from(Duration::from_mins(1).as_secs()).unwrap(),
            nanos: 0,
        }),
    };
    let lost = here.wait_operation(wait).await.unwrap().into_inner();
    let lost = lost.operation.unwrap();
    match lost.outcome {
        Some(Outcome::Error(error)) => {
            assert_eq!(lost.state, i32::from(OperationState::Failed));
            assert!(error.message.contains("is gone"), "{}", error.message);
        }
        // It was sooner than the signal.
        Some(Outcome::TrainResult(_)) => {}
        other => panic!("{other:?}"),
    }
    // The next is let in, and the model is the same whoever trains it.
    let model = super::api::train(&mut here).await;
    let get = GetOperationRequest { name: started.name };
    let still = here.get_operation(get).await.unwrap().into_inner();
    assert_ne!(still.operation.unwrap().state(), OperationState::Running);
    assert!(model.starts_with("models/m-"));
}
