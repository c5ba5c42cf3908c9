//! A configuration that changes under a running server.

use moderato::grpc::auth::KeyHash;
use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use moderato::grpc::proto::{CheckCommentRequest, Decision};
use tonic::Code;
use tonic::transport::Channel;

use super::daemon::{Daemon, FILE};
use super::{check, civil, codes, decision};

const IN_FORCE: &str = "the changed configuration is in force";
const REFUSED: &str = "the changed configuration is refused";

#[tokio::test]
async fn a_changed_policy_is_in_force_without_a_restart() {
    let mut daemon = Daemon::start("").await;
    let mut client = daemon.client().await;
    let before = check(&mut client, civil()).await;
    assert_eq!(before.decision(), Decision::Approve);
    daemon.write(FILE, "[policy.spam]\nhold_at = 0.0\n");
    daemon.logged(IN_FORCE).await;
    let after = check(&mut client, civil()).await;
    assert_eq!(after.decision(), Decision::Hold);
    assert_ne!(after.policy, before.policy);
}

#[tokio::test]
async fn a_changed_rule_file_is_in_force_and_a_bad_one_is_not() {
    let mut daemon = Daemon::start("").await;
    let mut client = daemon.client().await;
    daemon.write("words.txt", "mended\n");
    daemon.write(FILE, "[rules.words]\nreject_files = [\"words.txt\"]\n");
    daemon.logged(IN_FORCE).await;
    let verdict = check(&mut client, civil()).await;
    assert_eq!(verdict.decision(), Decision::Reject);
    assert_eq!(codes(&verdict), ["WORD_DENIED"]);

    daemon.write("words.txt", "unheard\n*of\n");
    let refusal = daemon.logged(REFUSED).await;
    assert!(refusal.contains("words.txt:2"), "{refusal}");
    assert_eq!(decision(&mut client).await, Decision::Reject);

    daemon.write("words.txt", "unheard\n");
    daemon.logged_times(IN_FORCE, 2).await;
    assert_eq!(decision(&mut client).await, Decision::Approve);
}

#[tokio::test]
async fn a_bad_file_is_refused_with_its_line_and_the_one_before_stays() {
    let mut daemon = Daemon::start("[rules.words]\nhold = [\"mended\"]").await;
    let mut client = daemon.client().await;
    daemon.write(FILE, "[rules.words]\nhold = []\nhould = [\"mended\"]");
    let refusal = daemon.logged(REFUSED).await;
    assert!(
        refusal.contains("moderato.toml:3:1: unknown field `hould`"),
        "{refusal}"
    );
    assert_eq!(decision(&mut client).await, Decision::Hold);
    let page = daemon.get("/metrics").await;
    let counted = "moderato_config_reloads_total{result=\"refused\"} 1\n";
    assert!(page.contains(counted), "{page}");
}

#[tokio::test]
async fn sighup_reloads_and_says_what_takes_a_restart() {
    let mut daemon = Daemon::start("").await;
    daemon.signal("HUP");
    daemon.logged(IN_FORCE).await;
    daemon.write(FILE, "[server]\nmax_in_flight = 7\n");
    let waiting = daemon.logged("takes a restart").await;
    assert!(waiting.contains("\"key\":\"server\""), "{waiting}");
}

fn with_key(key: &str) -> String {
    format!("[sites.times]\nkeys = [\"{}\"]", KeyHash::of(key))
}

/// What a call with `key` gets.
async fn code_of(client: &mut ModerationServiceClient<Channel>, key: &str) -> Code {
    let mut request = tonic::Request::new(CheckCommentRequest {
        submission: Some(civil()),
    });
    let bearer = format!("Bearer {key}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    let answer = client.check_comment(request).await;
    answer.map_or_else(|status| status.code(), |_| Code::Ok)
}

#[tokio::test]
async fn keys_can_be_changed_while_it_runs() {
    let mut daemon = Daemon::start(&with_key("old")).await;
    let mut client = daemon.client().await;
    assert_eq!(code_of(&mut client, "old").await, Code::Ok);
    daemon.write(FILE, &with_key("new"));
    daemon.logged(IN_FORCE).await;
    assert_eq!(code_of(&mut client, "old").await, Code::Unauthenticated);
    assert_eq!(code_of(&mut client, "new").await, Code::Ok);
}

#[tokio::test]
async fn no_reload_opens_a_server_that_had_keys_wherever_it_listens() {
    for listen in ["127.0.0.1:0", "0.0.0.0:0"] {
        let variables = [("MODERATO_GRPC_LISTEN", listen)];
        let mut daemon = Daemon::start_with(&with_key("old"), &variables).await;
        let mut client = daemon.client().await;
        daemon.write(FILE, "[listen]\nallow_open = true");
        let refusal = daemon.logged(REFUSED).await;
        assert!(refusal.contains("no site has a key any more"), "{refusal}");
        let code = code_of(&mut client, "none").await;
        assert_eq!(code, Code::Unauthenticated, "{listen}");
    }
}
