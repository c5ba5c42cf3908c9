//! Why a call on labels and models got no answer, as gRPC says it.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::review_status::ReviewRefusal;
use super::status::DOMAIN;
use crate::lifecycle::{LifecycleError, ReplayFigures};

/// What a call gets in place of an answer.
#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
pub(super) fn status(error: LifecycleError) -> Status {
    match &error {
        LifecycleError::Store(store) if store.is_passing() => ReviewRefusal::Unavailable.into(),
        LifecycleError::Stopped => ReviewRefusal::Draining.into(),
        told if code(told) == Code::Internal => {
            tracing::error!(%error, "labels and models: a fault");
            let details = info("FAULT", HashMap::new());
            Status::with_error_details(Code::Internal, "a fault in the server", details)
        }
        told => in_words(told),
    }
}

/// The refusal of a model that is worse than the bounds allow, with what was counted.
pub(super) fn worse(model: &str, worse: &[String], figures: &ReplayFigures) -> Status {
    let counts = figures.counts().into_iter();
    let counts = counts.map(|(name, count)| (name.to_owned(), count.to_string()));
    let mut details = info("WORSE_THAN_ALLOWED", counts.collect());
    for told in worse {
        details.add_precondition_failure_violation("WORSE_THAN_ALLOWED", model, told);
    }
    let message = format!(
        "it is worse than [promotion] allows, and was not promoted: {}; override_bounds with a reason \
         promotes it all the same, on the record",
        worse.join("; ")
    );
    Status::with_error_details(Code::FailedPrecondition, message, details)
}

const fn code(error: &LifecycleError) -> Code {
    use LifecycleError as E;
    match error {
        E::Store(_) | E::Output(_) | E::Artefact(_) | E::Evaluation(_) | E::Record(_) => {
            Code::Internal
        }
        E::NoSuchLabel(_) | E::NoSuchModel(_) | E::NoSuchOperation(_) => Code::NotFound,
        E::AllLabels
        | E::AmbiguousModel(_)
        | E::NoSuchSource { .. }
        | E::Option { .. }
        | E::Policy(_)
        | E::WholeCanary
        | E::NoReason => Code::InvalidArgument,
        E::Unusable { .. }
        | E::NotItself { .. }
        | E::Train(_)
        | E::AlreadyLive(_)
        | E::Removed(..)
        | E::NoCanary
        | E::CanaryRuns(_)
        | E::NoShadow
        | E::NothingToRollBack
        | E::Worse(_)
        | E::Busy(_)
        | E::PromotionRuns => Code::FailedPrecondition,
        E::Overtaken(_) => Code::Aborted,
        E::Stopped => Code::Unavailable,
    }
}

/// The field that a wrong input is in.
fn field(error: &LifecycleError) -> Option<String> {
    match error {
        LifecycleError::AllLabels => Some("filter".to_owned()),
        LifecycleError::AmbiguousModel(_) => Some("name".to_owned()),
        LifecycleError::NoSuchSource { .. } => Some("settings.source_weights".to_owned()),
        LifecycleError::Option { option, .. } => Some(format!("settings.{option}")),
        LifecycleError::Policy(_) => Some("settings.policy".to_owned()),
        LifecycleError::WholeCanary => Some("share".to_owned()),
        LifecycleError::NoReason => Some("reason".to_owned()),
        _ => None,
    }
}

fn in_words(error: &LifecycleError) -> Status {
    let told = match error {
        LifecycleError::AllLabels => {
            "expected which labels: by name, or by what they have in common: \
                                      a site, source, moderator, time, batch, comment or domain"
                .to_owned()
        }
        LifecycleError::NoReason => "expected a reason with override_bounds, found none".to_owned(),
        error => error.to_string(),
    };
    let metadata = match error {
        LifecycleError::Busy(running) => {
            HashMap::from([("operation".to_owned(), format!("operations/{}", running.id))])
        }
        _ => HashMap::new(),
    };
    let mut details = info(error.reason(), metadata);
    if let Some(field) = field(error) {
        details.add_bad_request_violation(field, told.clone());
    }
    let resource = match error {
        LifecycleError::NoSuchLabel(id) => Some(("moderato.v1.Label", format!("labels/{id}"))),
        LifecycleError::NoSuchModel(id) => Some(("moderato.v1.Model", format!("models/{id}"))),
        LifecycleError::NoSuchOperation(id) => {
            Some(("moderato.v1.Operation", format!("operations/{id}")))
        }
        _ => None,
    };
    if let Some((kind, name)) = resource {
        details.set_resource_info(kind, name, "", told.clone());
    }
    Status::with_error_details(code(error), told, details)
}

fn info(reason: &str, metadata: HashMap<String, String>) -> ErrorDetails {
    ErrorDetails::with_error_info(reason, DOMAIN, metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worse_comes_with_its_figures() {
        let figures = ReplayFigures {
            new_mistakes: 40,
            ..ReplayFigures::default()
        };
        let status = worse("models/m-12", &["40 new mistakes".to_owned()], &figures);
        assert_eq!(status.code(), Code::FailedPrecondition);
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.metadata["new_mistakes"], "40");
        let failed = status.get_details_precondition_failure().unwrap();
        assert_eq!(failed.violations[0].subject, "models/m-12");
    }

    #[test]
    fn a_wrong_option_names_its_field() {
        let status = status(LifecycleError::Option {
            option: "forgetting_per_label".to_owned(),
            expected: "expected more than 0 nats, found -1".to_owned(),
        });
        assert_eq!(status.code(), Code::InvalidArgument);
        let bad = status.get_details_bad_request().unwrap();
        assert_eq!(
            bad.field_violations[0].field,
            "settings.forgetting_per_label"
        );
    }
}
