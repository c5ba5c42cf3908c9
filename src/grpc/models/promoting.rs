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
        call: &Entered,
        asked: PromoteModelRequest,
    ) -> Result<Promotion, Status> {
        let model = asked::model("name", &asked.name)?;
        let promoting = Promoting {
            override_bounds: asked.override_bounds,
            ..call.promoting(asked.reason)?
        };
        let (checked, _turn) = self.checked(&model, &promoting).await?;
        let promoted = self.lifecycle().promote(checked, self.now_as(promoting));
        promoted.await.map_err(status)
    }

    /// Begins a canary, changes its share, or ends it.
    pub(super) async fn set_canary_to(
        &self,
        call: &Entered,
        asked: SetCanaryRequest,
    ) -> Result<Promotion, Status> {
        let ends = ends_canary(&asked);
        let promoting = Promoting {
            override_bounds: asked.override_bounds,
            ..call.promoting(asked.reason)?
        };
        let lifecycle = self.lifecycle();
        if ends {
            return lifecycle.end_canary(promoting).await.map_err(status);
        }
        let share = share(asked.share)?;
        if asked.name.is_empty() {
            let changed = lifecycle.set_canary_share(share, promoting).await;
            return changed.map_err(status);
        }
        let model = asked::model("name", &asked.name)?;
        let base = self.operations.base().id();
        let may_begin = lifecycle.may_begin_canary(&model, base, share).await;
        may_begin.map_err(status)?;
        let (checked, _turn) = self.checked(&model, &promoting).await?;
        let begun = lifecycle.start_canary(checked, share, self.now_as(promoting));
        begun.await.map_err(status)
    }

    /// Begins a shadow, or ends it.
    pub(super) async fn set_shadow_to(
        &self,
        call: &Entered,
        asked: SetShadowRequest,
    ) -> Result<Promotion, Status> {
        let ends = ends_shadow(&asked);
        let promoting = call.promoting(asked.reason)?;
        let lifecycle = self.lifecycle();
        if ends {
            return lifecycle.end_shadow(promoting).await.map_err(status);
        }
        let sites: Vec<_> = asked::sites("sites", &asked.sites)?;
        let mut named = sites.iter().enumerate();
        if let Some((index, site)) = named.find(|(_, site)| !self.callers.keys.knows(site)) {
            let expected = format!("expected a site that there is, found {site}");
            return Err(invalid(&format!("sites[{index}]"), &expected));
        }
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

    /// It is done after what was looked at before, which takes its time.
    fn now_as(&self, promoting: Promoting) -> Promoting {
        Promoting {
            now: (self.now)(),
            ..promoting
        }
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

/// Whether a call ends the canary.
pub(super) fn ends_canary(asked: &SetCanaryRequest) -> bool {
    asked.name.is_empty() && asked.share == 0.0
}

/// Whether a call ends the shadow. With a share or sites and no model it means nothing.
pub(super) fn ends_shadow(asked: &SetShadowRequest) -> bool {
    asked.name.is_empty() && asked.share == 0.0 && asked.sites.is_empty()
}

fn share(share: f64) -> Result<TrialShare, Status> {
    TrialShare::try_from(share).map_err(|error| invalid("share", &error.to_string()))
}
