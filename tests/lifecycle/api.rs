//! `moderato.v1.ModelService`: the operator's loop by a tool of one's own.

use moderato::grpc::proto::model_service_client::ModelServiceClient;
use moderato::grpc::proto::{
    CancelOperationRequest, CommentLabel, DiffModelsRequest, ExplainTokenRequest,
    ExportLabelsRequest, GetModelRequest, GetOperationRequest, ImportLabelsRequest,
    ImportLabelsResponse, ImportedLabel, LabelFilter, ListLabelsRequest, ListModelsRequest,
    ListOperationsRequest, ListPromotionsRequest, Operation, OperationKind, OperationState,
    PromoteModelRequest, PromotionKind, ReleaseLabelsRequest, ReplayRequest, ReplayResult,
    ReplaySettings, RetractLabelsRequest, RollBackModelRequest, SetCanaryRequest, SetShadowRequest,
    TrainRequest, Verdict, WaitOperationRequest, operation::Outcome,
};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use super::daemon::{Daemon, moderato};
use super::promotion::{LAX, OPEN, check, until_judged_by};

/// Every site.
pub const ALL: &str = "sites/-";

/// Puts a bearer token on every call.
#[derive(Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// An operator's calls.
pub type Operator = ModelServiceClient<InterceptedService<Channel, Bearer>>;

/// Runs the program beside a server.
pub fn beside(daemon: &Daemon, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = moderato(daemon.folder().path())
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complained}");
    String::from_utf8(output.stdout).unwrap()
}

/// Adds somebody with this role. Their API token.
pub fn token(daemon: &Daemon, name: &str, role: &str, variables: &[(&str, &str)]) -> String {
    beside(
        daemon,
        &["moderators", "add", name, "--role", role],
        variables,
    );
    let token = ["moderators", "token", name, "--label", "test"];
    beside(daemon, &token, variables).trim().to_owned()
}

/// Calls with this token.
pub async fn with(daemon: &Daemon, token: &str) -> Operator {
    let bearer = Bearer(format!("Bearer {token}").parse().unwrap());
    ModelServiceClient::with_interceptor(daemon.channel().await, bearer)
}

/// Adds an operator and calls for them.
pub async fn operator(daemon: &Daemon) -> Operator {
    with(daemon, &token(daemon, "ayesha", "operator", &[])).await
}

/// A text with its label.
pub fn labelled(text: &str, spam: bool) -> ImportedLabel {
    ImportedLabel {
        text: text.to_owned(),
        label: Some(CommentLabel {
            spam: Some(spam),
            toxicity: None,
        }),
        ..ImportedLabel::default()
    }
}

/// Labels in which a word that no base knows is spam.
pub fn labels(count: usize) -> Vec<ImportedLabel> {
    // Words of their own: what differs in numbers alone would contradict itself.
    let words = ["one", "two", "three", "four", "five", "six", "seven"];
    let text = |number: usize, word: &str| {
        let (tens, ones) = (words[number / 7 % 7], words[number % 7]);
        format!("the {word} of house {tens} and {ones}")
    };
    let label = |number: usize| {
        let spam = number.is_multiple_of(2);
        labelled(
            &text(number, if spam { "veeam offer" } else { "story" }),
            spam,
        )
    };
    (0..count).map(label).collect()
}

/// Imports labels in messages of 7.
pub async fn import(
    operator: &mut Operator,
    parent: &str,
    labels: Vec<ImportedLabel>,
) -> Result<ImportLabelsResponse, Status> {
    let first = ImportLabelsRequest {
        parent: parent.to_owned(),
        origin: "archive".to_owned(),
        labels: Vec::new(),
    };
    let rest: Vec<_> = labels.chunks(7).map(<[_]>::to_vec).collect();
    let rest = rest.into_iter().map(|labels| ImportLabelsRequest {
        labels,
        ..ImportLabelsRequest::default()
    });
    let messages: Vec<_> = std::iter::once(first).chain(rest).collect();
    let imported = operator
        .import_labels(futures::stream::iter(messages))
        .await;
    imported.map(tonic::Response::into_inner)
}

/// Waits for the end of an operation.
pub async fn ended(operator: &mut Operator, started: Option<Operation>) -> Operation {
    let name = started.unwrap().name;
    let wait = WaitOperationRequest {
        name,
        timeout: None,
    };
    let ended = operator.wait_operation(wait).await.unwrap();
    ended.into_inner().operation.unwrap()
}

/// Trains; the candidate's name.
pub async fn train(operator: &mut Operator) -> String {
    let started = operator.train(TrainRequest::default()).await.unwrap();
    let ended = ended(operator, started.into_inner().operation).await;
    match ended.outcome {
        Some(Outcome::TrainResult(trained)) => trained.model,
        other => panic!("{other:?}"),
    }
}

/// Replays; what would change.
pub async fn replay(operator: &mut Operator, settings: ReplaySettings) -> ReplayResult {
    let request = ReplayRequest {
        settings: Some(settings),
    };
    let started = operator.replay(request).await.unwrap();
    let ended = ended(operator, started.into_inner().operation).await;
    match ended.outcome {
        Some(Outcome::ReplayResult(replayed)) => *replayed,
        other => panic!("{other:?}"),
    }
}

pub fn promote(model: &str) -> PromoteModelRequest {
    PromoteModelRequest {
        name: model.to_owned(),
        ..PromoteModelRequest::default()
    }
}

fn spam(verdict: &Verdict) -> f64 {
    verdict.scores.as_ref().unwrap().spam
}

/// The new word is worth more to the candidate, and moved most.
async fn tells_why(operator: &mut Operator, candidate: &str, base: &str) {
    let explained = operator.explain_token(ExplainTokenRequest {
        token: "veeam".to_owned(),
        models: Vec::new(),
    });
    let explained = explained.await.unwrap().into_inner();
    assert_eq!((explained.spam_count, explained.not_spam_count), (20, 0));
    let worth = |model: &str| {
        let mut worth = explained.pieces[0].worth.iter();
        worth.find(|worth| worth.model == model).unwrap().spam
    };
    assert!(worth(candidate) > worth(base));
    let difference = operator.diff_models(DiffModelsRequest {
        before: "models/base".to_owned(),
        after: "models/live".to_owned(),
        most: 3,
    });
    let difference = difference.await.unwrap().into_inner();
    assert_eq!((&*difference.after, difference.moved.len()), (candidate, 3));
}

#[tokio::test]
async fn the_whole_loop_goes_by_a_tool_of_ones_own() {
    let daemon = Daemon::start(&format!("{OPEN}{LAX}")).await;
    let mut site = daemon.client().await;
    let mut operator = operator(&daemon).await;
    let before = check(&mut site, "The veeam offer").await.unwrap();

    let imported = import(&mut operator, "sites/default", labels(40))
        .await
        .unwrap();
    assert_eq!((imported.label_count, imported.refused_count), (40, 0));
    let candidate = train(&mut operator).await;
    let get = |name: &str| GetModelRequest {
        name: name.to_owned(),
    };
    let model = operator.get_model(get(&candidate[..12])).await.unwrap();
    let model = model.into_inner().model.unwrap();
    assert_eq!(
        (&*model.name, &*model.moderator, model.live),
        (&*candidate, "ayesha", false)
    );
    let trained = model.labels.unwrap();
    assert_eq!(
        (trained.label_count, trained.by_source["archive"]),
        (40, 40)
    );
    assert!(model.held_out.iter().any(|head| head.label_count == 40));

    let settings = ReplaySettings {
        candidate: candidate.clone(),
        policy: "[policy.spam]\nhold_at = 0.0\n".to_owned(),
        ..ReplaySettings::default()
    };
    let replayed = replay(&mut operator, settings).await;
    let figures = replayed.figures.unwrap();
    assert_eq!(
        (figures.comments, figures.flips, figures.held_after),
        (1, 1, 1)
    );
    assert_eq!(
        replayed.flips[0].text, "The veeam offer",
        "read when it is shown"
    );
    assert_eq!(replayed.kinds["approve→hold"], 1);

    let request = PromoteModelRequest {
        reason: "veeam again".to_owned(),
        ..promote(&candidate)
    };
    let promoted = operator.promote_model(request).await.unwrap().into_inner();
    let promoted = promoted.promotion.unwrap();
    assert_eq!((promoted.number, &*promoted.moderator), (1, "ayesha"));
    let id = candidate.strip_prefix("models/").unwrap();
    let after = until_judged_by(&mut site, id).await;
    assert!(spam(&after) > spam(&before));
    let live = operator.get_model(get("models/live")).await.unwrap();
    assert_eq!(live.into_inner().model.unwrap().name, candidate);

    tells_why(&mut operator, &candidate, &model.base).await;

    let back = operator
        .roll_back_model(RollBackModelRequest::default())
        .await;
    let back = back.unwrap().into_inner().promotion.unwrap();
    assert_eq!(
        (back.kind(), &*back.model),
        (PromotionKind::RollBack, "models/base")
    );
    let verdict = until_judged_by(&mut site, &before.model).await;
    assert!((spam(&verdict) - spam(&before)).abs() < 1e-12);
    let history = operator.list_promotions(ListPromotionsRequest {
        page_size: 1,
        ..ListPromotionsRequest::default()
    });
    let history = history.await.unwrap().into_inner();
    assert_eq!(history.promotions[0].number, 2);
    let next = operator.list_promotions(ListPromotionsRequest {
        page_token: history.next_page_token,
        ..ListPromotionsRequest::default()
    });
    let next = next.await.unwrap().into_inner();
    assert_eq!(
        (&*next.promotions[0].reason, &*next.next_page_token),
        ("veeam again", "")
    );
    assert_eq!(
        next.promotions[0]
            .checks
            .as_ref()
            .unwrap()
            .replay
            .unwrap()
            .comments,
        1
    );
}

#[tokio::test]
async fn labels_are_imported_listed_in_pages_and_exported() {
    let daemon = Daemon::start(OPEN).await;
    let mut operator = operator(&daemon).await;
    let mut sent = labels(30);
    // Each is named by its place in the whole stream, and the rest goes in.
    sent[3].label = None;
    sent[17].text = " ".to_owned();
    let imported = import(&mut operator, "sites/default", sent).await.unwrap();
    assert_eq!((imported.label_count, imported.refused_count), (28, 2));
    let refused: Vec<_> = imported
        .refusals
        .iter()
        .map(|one| (one.index, &*one.field))
        .collect();
    assert_eq!(refused, [(3, "label"), (17, "text")]);

    let (mut names, mut page_token) = (Vec::new(), String::new());
    loop {
        let page = operator.list_labels(ListLabelsRequest {
            parent: ALL.to_owned(),
            page_size: 12,
            page_token,
            ..ListLabelsRequest::default()
        });
        let page = page.await.unwrap().into_inner();
        names.extend(page.labels.iter().map(|label| label.name.clone()));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 28);

    let exported = operator.export_labels(ExportLabelsRequest {
        parent: ALL.to_owned(),
        filter: None,
    });
    let mut exported = exported.await.unwrap().into_inner();
    let mut texts = Vec::new();
    while let Some(message) = exported.message().await.unwrap() {
        texts.extend(message.labels.into_iter().map(|label| label.text));
    }
    assert_eq!(texts.len(), 28);
    assert_eq!(texts[0], labels(1)[0].text, "oldest first");
}

#[tokio::test]
async fn what_the_guard_holds_back_is_released_and_what_is_retracted_is_marked() {
    let daemon = Daemon::start(OPEN).await;
    let mut operator = operator(&daemon).await;
    import(&mut operator, "sites/default", labels(30))
        .await
        .unwrap();
    // What contradicts a label of the same words waits for a person.
    let contradiction = vec![labelled("the veeam offer of house one and one", false)];
    let second = import(&mut operator, "sites/default", contradiction)
        .await
        .unwrap();
    let held_back = || ListLabelsRequest {
        parent: "sites/default".to_owned(),
        held_back: true,
        ..ListLabelsRequest::default()
    };
    let held = operator
        .list_labels(held_back())
        .await
        .unwrap()
        .into_inner()
        .labels;
    assert_eq!(held.len(), 2);
    assert!(
        held.iter()
            .all(|label| label.suspicion.contains("contradicts")),
        "{:?}",
        held[0].suspicion
    );
    let of_batch = |batch: &str| LabelFilter {
        batch: batch.to_owned(),
        ..LabelFilter::default()
    };
    let released = operator.release_labels(ReleaseLabelsRequest {
        parent: ALL.to_owned(),
        filter: Some(of_batch(&second.batch)),
        reason: "looked at it".to_owned(),
    });
    assert_eq!(released.await.unwrap().into_inner().label_count, 1);
    let held = operator
        .list_labels(held_back())
        .await
        .unwrap()
        .into_inner()
        .labels;
    assert!(held.iter().all(|label| label.batch != second.batch));

    let retract = |dry_run| RetractLabelsRequest {
        parent: ALL.to_owned(),
        filter: Some(of_batch(&second.batch)),
        reason: "wrong".to_owned(),
        dry_run,
    };
    for dry_run in [true, false] {
        let retracted = operator
            .retract_labels(retract(dry_run))
            .await
            .unwrap()
            .into_inner();
        assert_eq!((retracted.label_count, retracted.by_origin.len()), (1, 1));
    }
    let gone = operator.list_labels(ListLabelsRequest {
        parent: ALL.to_owned(),
        retracted: Some(true),
        ..ListLabelsRequest::default()
    });
    let gone = gone.await.unwrap().into_inner().labels;
    let retraction = gone[0].retraction.as_ref().unwrap();
    assert_eq!(
        (&*retraction.moderator, &*retraction.reason),
        ("ayesha", "wrong")
    );
}

#[tokio::test]
async fn a_candidate_is_tried_in_shadow_and_as_a_canary() {
    let daemon = Daemon::start(&format!("{OPEN}{LAX}")).await;
    let mut site = daemon.client().await;
    let mut operator = operator(&daemon).await;
    import(&mut operator, "sites/default", labels(40))
        .await
        .unwrap();
    let model = train(&mut operator).await;
    let shadow = |name: &str| SetShadowRequest {
        name: name.to_owned(),
        sites: vec!["sites/default".to_owned()],
        ..SetShadowRequest::default()
    };
    let begun = operator.set_shadow(shadow(&model)).await.unwrap();
    let begun = begun.into_inner().promotion.unwrap();
    let trial = begun.shadow.as_ref().unwrap();
    assert_eq!((&*trial.model, trial.sites.len()), (&*model, 1));
    assert_eq!(begun.kind(), PromotionKind::Shadow);
    let end = SetShadowRequest::default;
    let over = operator.set_shadow(end()).await.unwrap().into_inner();
    assert_eq!(over.promotion.unwrap().shadow, None);
    let none = operator.set_shadow(end()).await.unwrap_err();
    assert!(none.message().contains("no model runs in shadow"), "{none}");

    let canary = |name: &str, share: f64| SetCanaryRequest {
        name: name.to_owned(),
        share,
        ..SetCanaryRequest::default()
    };
    for wrong in [0.0, 1.0, -1.0, f64::NAN] {
        let refused = operator
            .set_canary(canary(&model, wrong))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    }
    let begun = operator
        .set_canary(canary(&model, 0.999_999))
        .await
        .unwrap();
    let begun = begun.into_inner().promotion.unwrap();
    assert!((begun.canary.unwrap().share - 0.999_999).abs() < 1e-9);
    until_judged_by(&mut site, model.strip_prefix("models/").unwrap()).await;
    let changed = operator.set_canary(canary("", 0.5)).await.unwrap();
    let changed = changed.into_inner().promotion.unwrap();
    assert!((changed.canary.unwrap().share - 0.5).abs() < 1e-9);
    let over = operator.set_canary(canary("", 0.0)).await.unwrap();
    assert_eq!(over.into_inner().promotion.unwrap().canary, None);
    let none = operator.set_canary(canary("", 0.0)).await.unwrap_err();
    assert_eq!(none.code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn operations_and_models_are_listed_in_pages_and_one_that_ended_stays() {
    let daemon = Daemon::start(OPEN).await;
    let mut operator = operator(&daemon).await;
    import(&mut operator, "sites/default", labels(40))
        .await
        .unwrap();
    let candidate = train(&mut operator).await;
    let settings = ReplaySettings {
        candidate: "models/base".to_owned(),
        ..ReplaySettings::default()
    };
    replay(&mut operator, settings).await;
    let mut list = ListOperationsRequest {
        page_size: 1,
        ..ListOperationsRequest::default()
    };
    let mut listed = Vec::new();
    for _ in 0..2 {
        let page = operator
            .list_operations(list.clone())
            .await
            .unwrap()
            .into_inner();
        listed.extend(page.operations);
        list.page_token = page.next_page_token;
    }
    assert!(list.page_token.is_empty());
    let [replayed, trained] = &listed[..] else {
        panic!("{listed:?}")
    };
    assert_eq!(replayed.kind(), OperationKind::Replay, "the latest first");
    assert_eq!(
        (trained.state(), &trained.outcome),
        (OperationState::Done, &None)
    );
    let cancel = CancelOperationRequest {
        name: trained.name.clone(),
    };
    let cancelled = operator.cancel_operation(cancel).await.unwrap();
    assert_eq!(
        cancelled.into_inner().operation.unwrap().state(),
        OperationState::Done
    );
    let get = GetOperationRequest {
        name: trained.name.clone(),
    };
    let whole = operator.get_operation(get).await.unwrap().into_inner();
    assert!(matches!(
        whole.operation.unwrap().outcome,
        Some(Outcome::TrainResult(_))
    ));
    let models = operator
        .list_models(ListModelsRequest::default())
        .await
        .unwrap();
    let models = models.into_inner();
    assert_eq!(
        (&*models.models[0].name, models.models.len()),
        (&*candidate, 1)
    );
    assert_eq!(models.next_page_token, "");
}
