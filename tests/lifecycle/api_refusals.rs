//! Who is not let in, and what cannot be meant.

use moderato::grpc::auth::KeyHash;
use moderato::grpc::proto::{
    DiffModelsRequest, ExplainTokenRequest, GetModelRequest, GetOperationRequest, ImportedLabel,
    LabelFilter, ListLabelsRequest, ListModelsRequest, ListOperationsRequest,
    ListPromotionsRequest, PromoteModelRequest, ReleaseLabelsRequest, ReplayRequest,
    ReplaySettings, RetractLabelsRequest, RollBackModelRequest, TrainRequest, TrainSettings,
    WaitOperationRequest,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::api::{self, ALL, Operator, import, labels, token, with};
use super::daemon::Daemon;
use super::promotion::{OPEN, check};

fn reason(status: &Status) -> String {
    let info = status.get_details_error_info();
    info.unwrap_or_else(|| panic!("{status:?}")).reason
}

fn field(status: &Status) -> String {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let bad = status.get_details_bad_request();
    let bad = bad.unwrap_or_else(|| panic!("{status:?}"));
    bad.field_violations[0].field.clone()
}

fn list(parent: &str) -> ListLabelsRequest {
    ListLabelsRequest {
        parent: parent.to_owned(),
        ..ListLabelsRequest::default()
    }
}

#[tokio::test]
async fn models_are_for_operators_and_labels_for_those_who_may_see_their_site() {
    let site = |name| format!("[sites.{name}]\nkeys = [\"{}\"]\n", KeyHash::of(name));
    let daemon = Daemon::start(&format!("{OPEN}{}{}", site("daily"), site("weekly"))).await;
    let mut operator = api::operator(&daemon).await;
    for site in ["sites/daily", "sites/weekly"] {
        import(&mut operator, site, labels(3)).await.unwrap();
    }
    let moderator = token(&daemon, "bilal", "moderator", &[]);
    api::beside(&daemon, &["moderators", "sites", "bilal", "daily"], &[]);
    let mut bilal = with(&daemon, &moderator).await;
    let own = bilal
        .list_labels(list(ALL))
        .await
        .unwrap()
        .into_inner()
        .labels;
    assert_eq!(own.len(), 3);
    assert!(own.iter().all(|label| label.site == "sites/daily"));
    let other = bilal.list_labels(list("sites/weekly")).await.unwrap_err();
    assert_eq!(
        (other.code(), &*reason(&other)),
        (Code::PermissionDenied, "SITE_NOT_ALLOWED")
    );

    let refusals = [
        bilal
            .list_models(ListModelsRequest::default())
            .await
            .unwrap_err(),
        bilal
            .list_labels(ListLabelsRequest {
                held_back: true,
                ..list("sites/daily")
            })
            .await
            .unwrap_err(),
        bilal.train(TrainRequest::default()).await.unwrap_err(),
        bilal.replay(ReplayRequest::default()).await.unwrap_err(),
        bilal
            .promote_model(PromoteModelRequest::default())
            .await
            .unwrap_err(),
        bilal
            .roll_back_model(RollBackModelRequest::default())
            .await
            .unwrap_err(),
        bilal
            .retract_labels(RetractLabelsRequest::default())
            .await
            .unwrap_err(),
        bilal
            .release_labels(ReleaseLabelsRequest::default())
            .await
            .unwrap_err(),
        bilal
            .list_operations(ListOperationsRequest::default())
            .await
            .unwrap_err(),
        bilal
            .list_promotions(ListPromotionsRequest::default())
            .await
            .unwrap_err(),
        import(&mut bilal, "sites/daily", labels(1))
            .await
            .unwrap_err(),
    ];
    for refused in refusals {
        assert_eq!(
            (refused.code(), &*reason(&refused)),
            (Code::PermissionDenied, "ROLE_TOO_LOW")
        );
    }
    for (token, expected) in [("daily", "SITE_KEY"), ("nobody's", "TOKEN_UNKNOWN")] {
        let mut caller = with(&daemon, token).await;
        let refused = caller.list_labels(list(ALL)).await.unwrap_err();
        assert_eq!(reason(&refused), expected);
    }
}

#[tokio::test]
async fn labels_are_not_taken_back_or_let_through_without_a_word_on_which() {
    let daemon = Daemon::start(OPEN).await;
    let mut ayesha = api::operator(&daemon).await;
    for parent in [ALL, "sites/default"] {
        for filter in [None, Some(LabelFilter::default())] {
            let all = RetractLabelsRequest {
                parent: parent.into(),
                filter: filter.clone(),
                ..RetractLabelsRequest::default()
            };
            let refused = ayesha.retract_labels(all).await.unwrap_err();
            assert_eq!(field(&refused), "filter");
            let all = ReleaseLabelsRequest {
                parent: parent.into(),
                filter,
                ..ReleaseLabelsRequest::default()
            };
            let refused = ayesha.release_labels(all).await.unwrap_err();
            assert_eq!(field(&refused), "filter");
        }
    }
}

#[tokio::test]
async fn labels_that_cannot_be_meant_are_named() {
    let daemon = Daemon::start(OPEN).await;
    let mut operator = api::operator(&daemon).await;
    let ayesha = &mut operator;
    let filtered = |filter| ListLabelsRequest {
        filter: Some(filter),
        ..list(ALL)
    };
    let filter = LabelFilter::default();
    for (wrong, named) in [
        (list(""), "parent"),
        (
            ListLabelsRequest {
                page_size: -1,
                ..list(ALL)
            },
            "page_size",
        ),
        (
            ListLabelsRequest {
                page_token: "x".into(),
                ..list(ALL)
            },
            "page_token",
        ),
        (
            filtered(LabelFilter {
                source: 77,
                ..filter.clone()
            }),
            "filter.source",
        ),
        (
            filtered(LabelFilter {
                names: vec!["labels/1".into()],
                ..filter.clone()
            }),
            "filter.names[0]",
        ),
        (
            filtered(LabelFilter {
                comment: "1".into(),
                ..filter.clone()
            }),
            "filter.comment",
        ),
        (
            filtered(LabelFilter {
                moderator: "a\0".into(),
                ..filter.clone()
            }),
            "filter.moderator",
        ),
        (
            filtered(LabelFilter {
                batch: "\0".into(),
                ..filter.clone()
            }),
            "filter.batch",
        ),
        (
            filtered(LabelFilter {
                domain: "no domain".into(),
                ..filter.clone()
            }),
            "filter.domain",
        ),
        (
            ListLabelsRequest {
                held_back: true,
                ..filtered(filter.clone())
            },
            "held_back",
        ),
    ] {
        assert_eq!(field(&ayesha.list_labels(wrong).await.unwrap_err()), named);
    }
    let unknown = LabelFilter {
        names: vec![format!("labels/{}", "0".repeat(32))],
        ..LabelFilter::default()
    };
    let unknown = RetractLabelsRequest {
        parent: ALL.into(),
        filter: Some(unknown),
        ..RetractLabelsRequest::default()
    };
    let missing = ayesha.retract_labels(unknown).await.unwrap_err();
    assert_eq!(
        (missing.code(), &*reason(&missing)),
        (Code::NotFound, "LABEL_NOT_FOUND")
    );
    assert_eq!(
        field(&import(ayesha, "", labels(1)).await.unwrap_err()),
        "parent"
    );
    let empty = import(ayesha, "sites/default", vec![ImportedLabel::default()])
        .await
        .unwrap();
    assert_eq!((empty.label_count, empty.refused_count), (0, 1));
}

#[tokio::test]
async fn models_that_cannot_be_meant_are_named() {
    let daemon = Daemon::start(OPEN).await;
    let mut operator = api::operator(&daemon).await;
    let ayesha = &mut operator;
    for (name, named) in [("m-12", "name"), ("models/x", "name")] {
        let get = GetModelRequest { name: name.into() };
        assert_eq!(field(&ayesha.get_model(get).await.unwrap_err()), named);
    }
    let get = GetModelRequest {
        name: "models/m-00".into(),
    };
    let missing = ayesha.get_model(get).await.unwrap_err();
    assert_eq!(
        (missing.code(), &*reason(&missing)),
        (Code::NotFound, "MODEL_NOT_FOUND")
    );
    let diff = ayesha
        .diff_models(DiffModelsRequest::default())
        .await
        .unwrap_err();
    assert_eq!(field(&diff), "before");
    let explain = ayesha
        .explain_token(ExplainTokenRequest::default())
        .await
        .unwrap_err();
    assert_eq!(field(&explain), "token");
}

#[tokio::test]
async fn operations_that_cannot_be_meant_are_named() {
    let daemon = Daemon::start(OPEN).await;
    let mut operator = api::operator(&daemon).await;
    let ayesha = &mut operator;
    let settings = |candidate: &str, policy: &str, since: &str, site: &str| ReplayRequest {
        settings: Some(ReplaySettings {
            candidate: candidate.into(),
            policy: policy.into(),
            since: since.into(),
            sites: vec![site.into()],
        }),
    };
    for (wrong, named) in [
        (settings("", "", "", "sites/daily"), "settings.candidate"),
        (
            settings("models/base", "[rules]", "", "sites/daily"),
            "settings.policy",
        ),
        (
            settings("models/base", "", "soon", "sites/daily"),
            "settings.since",
        ),
        (
            settings("models/base", "", "", "daily"),
            "settings.sites[0]",
        ),
    ] {
        assert_eq!(field(&ayesha.replay(wrong).await.unwrap_err()), named);
    }
    let settings = Some(TrainSettings {
        forgetting_per_label: Some(-1.0),
        ..TrainSettings::default()
    });
    let wrong = ayesha.train(TrainRequest { settings }).await.unwrap_err();
    assert_eq!(field(&wrong), "settings.forgetting_per_label");
    let get = GetOperationRequest {
        name: "operations/1".into(),
    };
    assert_eq!(field(&ayesha.get_operation(get).await.unwrap_err()), "name");
    let wait = WaitOperationRequest {
        name: format!("operations/{}", "0".repeat(32)),
        timeout: None,
    };
    let missing = ayesha.wait_operation(wait).await.unwrap_err();
    assert_eq!(
        (missing.code(), &*reason(&missing)),
        (Code::NotFound, "OPERATION_NOT_FOUND")
    );
    let back = ayesha
        .roll_back_model(RollBackModelRequest::default())
        .await
        .unwrap_err();
    assert_eq!(
        (back.code(), &*reason(&back)),
        (Code::FailedPrecondition, "NOTHING_TO_ROLL_BACK")
    );
}

/// Has the candidate refused that rejects what nobody complained about.
async fn refused(operator: &mut Operator, model: &str) -> Status {
    operator
        .promote_model(api::promote(model))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_model_that_is_worse_is_refused_with_its_figures_and_promoted_with_a_reason() {
    // All that the candidate would do more is too much.
    let strict = "[promotion]\nmax_more_held = 0.0\nmax_more_rejected = 0.0\nmax_auc_loss = 1.0\n\
                  [policy.spam]\nhold_at = 0.6\nreject_at = 0.99\n";
    let daemon = Daemon::start(&format!("{OPEN}{strict}")).await;
    let mut site = daemon.client().await;
    for number in 0..10 {
        check(&mut site, &format!("The veeam offer of house {number}"))
            .await
            .unwrap();
    }
    let mut operator = api::operator(&daemon).await;
    import(&mut operator, "sites/default", labels(40))
        .await
        .unwrap();
    let model = api::train(&mut operator).await;
    let worse = refused(&mut operator, &model).await;
    assert_eq!(
        (worse.code(), &*reason(&worse)),
        (Code::FailedPrecondition, "WORSE_THAN_ALLOWED")
    );
    let info = worse.get_details_error_info().unwrap();
    assert_eq!(info.metadata["comments"], "10");
    let failed = worse.get_details_precondition_failure().unwrap();
    assert_eq!(failed.violations[0].subject, model);
    let promoting = |reason: &str| PromoteModelRequest {
        override_bounds: true,
        reason: reason.to_owned(),
        ..api::promote(&model)
    };
    let without = operator.promote_model(promoting("")).await.unwrap_err();
    assert_eq!(field(&without), "reason");
    let promoted = operator
        .promote_model(promoting("it is what we want"))
        .await;
    let promoted = promoted.unwrap().into_inner().promotion.unwrap();
    assert!(!promoted.checks.unwrap().worse.is_empty());
    let again = refused(&mut operator, &model).await;
    assert_eq!(reason(&again), "ALREADY_LIVE");
}
