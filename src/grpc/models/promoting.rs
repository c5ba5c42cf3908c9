//! Putting models in force or on trial over gRPC.

use tonic::Status;

use super::entering::Entered;
use super::{Modelling, asked};
use crate::grpc::model_status::{self, status};
use crate::grpc::proto::{PromoteModelRequest, SetCanaryRequest, SetShadowRequest};
use crate::grpc::review_status::invalid;
use crate::lifecycle::{Checked, ModelRef, Promoting, Shadowing, Turn};
use crate::site::SiteAccess;
use crate::store::{Promotion, TrialShare};

impl Modelling {
    /// Puts a model in force.
    pub(super) async fn promote(
        &self,
        call: &Entered<'_>,
        asked: PromoteModelRequest,
    ) -> Result<Promotion, Status> {
        let model = asked::model("name", &asked.name)?;
        let promoting = Promoting {
            override_bounds: asked.override_bounds,
            ..call.promoting(asked.reason)
        };
        let (checked, _turn) = self.checked(&model, &promoting).await?;
        let promoted = self.lifecycle().promote(checked, promoting).await;
        promoted.map_err(status)
    }

    /// Begins a canary, changes its share, or ends it.
    pub(super) async fn set_canary_to(
        &self,
        call: &Entered<'_>,
        asked: SetCanaryRequest,
    ) -> Result<Promotion, Status> {
        let promoting = Promoting {
            override_bounds: asked.override_bounds,
            ..call.promoting(asked.reason)
        };
        let lifecycle = self.lifecycle();
        if asked.name.is_empty() && asked.share == 0.0 {
            return lifecycle.end_canary(promoting).await.map_err(status);
        }
        let share = share(asked.share)?;
        if asked.name.is_empty() {
            let changed = lifecycle.set_canary_share(share, promoting).await;
            return changed.map_err(status);
        }
        let model = asked::model("name", &asked.name)?;
        let (checked, _turn) = self.checked(&model, &promoting).await?;
        let begun = lifecycle.start_canary(checked, share, promoting).await;
        begun.map_err(status)
    }

    /// Begins a shadow, or ends it.
    pub(super) async fn set_shadow_to(
        &self,
        call: &Entered<'_>,
        asked: SetShadowRequest,
    ) -> Result<Promotion, Status> {
        let promoting = call.promoting(asked.reason);
        let lifecycle = self.lifecycle();
        if asked.name.is_empty() {
            return lifecycle.end_shadow(promoting).await.map_err(status);
        }
        let sites = asked.sites.iter().enumerate();
        let sites = sites.map(|(index, name)| asked::site(&format!("sites[{index}]"), name));
        let sites = sites.collect::<Result<Vec<_>, _>>()?;
        let shadowing = Shadowing {
            model: asked::model("name", &asked.name)?,
            share: if asked.share == 0.0 {
                TrialShare::ALL
            } else {
                share(asked.share)?
            },
            sites: if sites.is_empty() {
                SiteAccess::All
            } else {
                SiteAccess::only(sites)
            },
        };
        let base = self.operations.base().id();
        let begun = lifecycle.start_shadow(shadowing, base, promoting).await;
        begun.map_err(status)
    }

    /// What speaks for and against a model; refused where it is worse than allowed and
    /// nobody overrides that.
    async fn checked(
        &self,
        model: &ModelRef,
        promoting: &Promoting,
    ) -> Result<(Checked, Turn), Status> {
        let checked = self.operations.check(model, promoting.now).await;
        let (checked, turn) = checked.map_err(status)?;
        if checked.worse().is_empty() || promoting.override_bounds {
            return Ok((checked, turn));
        }
        let (name, figures) = (format!("models/{model}"), &checked.replay().figures);
        Err(model_status::worse(&name, checked.worse(), figures))
    }
}

fn share(share: f64) -> Result<TrialShare, Status> {
    TrialShare::try_from(share).map_err(|error| invalid("share", &error.to_string()))
}
