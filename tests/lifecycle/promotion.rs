//! `moderato models promote` and `rollback`, beside a running server.

use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use moderato::grpc::proto::{CheckCommentRequest, Submission, Verdict};
use tonic::Status;
use tonic::transport::Channel;

use super::candidates::{import, rows, train};
use super::daemon::{Daemon, soon};
use super::terminal::{json, refused, said};

pub type Site = ModerationServiceClient<Channel>;

/// Nobody is limited.
pub const OPEN: &str = "[limits]\nper_address = \"off\"\nper_email = \"off\"\n\
    per_site = \"off\"\nper_page = \"off\"\nper_author = \"off\"\n";

/// However much more is held or rejected by it, a model is promoted.
pub const LAX: &str =
    "[promotion]\nmax_more_held = 1.0\nmax_more_rejected = 1.0\nmax_auc_loss = 1.0\n";

/// Has a comment judged.
pub async fn check(site: &mut Site, text: &str) -> Result<Verdict, Status> {
    let submission = Some(Submission {
        name: "Bilal Khan".into(),
        email: "bilal@example.org".into(),
        text: text.into(),
        ..Submission::default()
    });
    let answer = site
        .check_comment(CheckCommentRequest { submission })
        .await?;
    Ok(answer.into_inner().verdict.unwrap())
}

/// Asks until `model` judges.
pub async fn until_judged_by(site: &mut Site, model: &str) -> Verdict {
    soon(async {
        loop {
            let verdict = check(site, "The veeam offer").await.unwrap();
            if verdict.model == model {
                return verdict;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_promotion_is_in_force_without_a_restart_and_one_call_takes_it_back() {
    let daemon = Daemon::start(&format!("{OPEN}{LAX}")).await;
    let folder = daemon.folder();
    let here = folder.path();
    let mut site = daemon.client().await;
    let before = check(&mut site, "The veeam offer").await.unwrap();
    import(here, &rows(0, 40));
    let model = train(here);
    said(
        here,
        &["models", "promote", &model[..10], "--why", "veeam again"],
    );
    let after = until_judged_by(&mut site, &model).await;
    let spam = |verdict: &Verdict| verdict.scores.as_ref().unwrap().spam;
    assert!(
        spam(&after) > spam(&before),
        "{} {}",
        spam(&before),
        spam(&after)
    );
    let metrics = daemon.get("/metrics").await;
    assert!(metrics.contains(&format!("model=\"{model}\"")), "{metrics}");
    assert_eq!(json(here, &["models", "show", "live"])[0]["model"], *model);
    let already = refused(here, &["models", "promote", &model]);
    assert!(already.contains("live already"), "{already}");

    said(here, &["models", "rollback"]);
    let back = until_judged_by(&mut site, &before.model).await;
    assert!((spam(&back) - spam(&before)).abs() < 1e-12);
    let history = json(here, &["models", "history"]);
    assert_eq!(
        (&history[0]["kind"], &history[1]["why"]),
        (&"roll_back".into(), &"veeam again".into())
    );
    let nothing = refused(here, &["models", "rollback"]);
    assert!(nothing.contains("nothing to roll back"), "{nothing}");
}

#[tokio::test]
async fn what_is_live_is_live_after_a_restart_and_the_configured_model_is_only_the_base() {
    let mut daemon = Daemon::start(&format!("{OPEN}{LAX}")).await;
    let folder = daemon.folder();
    let here = folder.path();
    import(here, &rows(0, 40));
    let model = train(here);
    said(here, &["models", "promote", &model]);
    until_judged_by(&mut daemon.client().await, &model).await;
    daemon.signal("TERM");
    daemon.ended().await;
    // The same base by another way: what was promoted still serves.
    std::fs::write(here.join("base.moderato"), moderato::classifier::BASE).unwrap();
    daemon.write(
        super::daemon::FILE,
        &format!("model.path = \"base.moderato\"\n{OPEN}"),
    );
    let again = Daemon::start_in(daemon.folder(), &[]).await;
    let verdict = check(&mut again.client().await, "The veeam offer")
        .await
        .unwrap();
    assert_eq!(verdict.model, model, "from the first call on");
}

#[test]
fn a_base_that_is_missing_does_not_stand_in_the_way_of_a_rollback() {
    let folder = super::daemon::folder(LAX);
    let here = folder.path();
    import(here, &rows(0, 40));
    let model = train(here);
    said(here, &["models", "promote", &model]);
    std::fs::write(
        here.join(super::daemon::FILE),
        "model.path = \"missing.moderato\"\n",
    )
    .unwrap();
    let listed = refused(here, &["models", "list"]);
    assert!(listed.contains("missing.moderato"), "{listed}");
    let back = said(here, &["models", "rollback"]);
    assert!(back.contains("rolled back to the base"), "{back}");
    assert_eq!(json(here, &["models", "history"]).len(), 2);
}

#[tokio::test]
async fn a_model_that_is_damaged_in_the_store_is_refused_by_the_server_too() {
    let mut daemon = Daemon::start(OPEN).await;
    let folder = daemon.folder();
    let here = folder.path();
    import(here, &rows(0, 40));
    let model = train(here);
    let mut site = daemon.client().await;
    let before = check(&mut site, "The veeam offer").await.unwrap();
    // Behind the program's back, as no promotion would do it.
    let database = here.join("moderato-data/moderato.sqlite");
    {
        use sqlx::Connection as _;
        let url = format!("sqlite://{}", database.display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let sql = format!(
            "UPDATE model_artefacts SET artefact = zeroblob(1000); INSERT INTO promotions (number, \
             model, kind, promoted_at, actor_kind) VALUES (1, '{model}', 'promote', 1, 'operator');"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }
    daemon.logged("the promoted model is refused").await;
    assert_eq!(
        check(&mut site, "The veeam offer").await.unwrap().model,
        before.model
    );
    let metrics = daemon.get("/metrics").await;
    assert!(
        metrics.contains("moderato_models_refused_total 1"),
        "{metrics}"
    );
}
