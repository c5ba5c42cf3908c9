use std::error::Error;
use std::time::Duration;

use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use moderato::grpc::proto::{CheckCommentRequest, Submission, Verdict};

/// Asks the server at `address`, such as `http://127.0.0.1:50051`.
pub async fn check(address: String) -> Result<Verdict, Box<dyn Error>> {
    let mut moderation = ModerationServiceClient::connect(address).await?;
    let submission = Submission {
        name: "Ayesha Khan".to_owned(),
        email: "ayesha@example.org".to_owned(),
        text: "Thank you for this report.".to_owned(),
        ip_address: "203.0.113.7".to_owned(),
        submission_id: "form-8c1f".to_owned(),
        ..Submission::default()
    };
    let mut request = tonic::Request::new(CheckCommentRequest {
        submission: Some(submission),
    });
    request.set_timeout(Duration::from_secs(2));
    let answer = moderation.check_comment(request).await?.into_inner();
    answer.verdict.ok_or_else(|| "no verdict".into())
}
