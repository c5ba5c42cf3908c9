//! Who is let in to labels and models.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;
use tonic::{Request, Status};

use super::{Modelling, asked};
use crate::grpc::callers::Presented;
use crate::grpc::limits::RETRY_AFTER;
use crate::grpc::status::Refusal;
use crate::lifecycle::{Lifecycle, Promoting};
use crate::moderator::{Moderator, Permission};
use crate::store::Actor;

/// A call that is let in.
pub(super) struct Entered {
    pub(super) moderator: Moderator,
    pub(super) now: Timestamp,
    /// Held while it is worked on; goes along with what outlives the call.
    pub(super) place: Option<OwnedSemaphorePermit>,
}

impl Entered {
    /// Who stands behind what they do.
    pub(super) fn actor(&self) -> Actor {
        Actor::Moderator(self.moderator.name.as_str().to_owned())
    }

    pub(super) fn promoting(&self, reason: String) -> Result<Promoting, Status> {
        Ok(Promoting {
            actor: self.actor(),
            now: self.now,
            why: asked::reason(reason)?,
            override_bounds: false,
        })
    }
}

impl Modelling {
    pub(super) async fn enter<T>(
        &self,
        request: &Request<T>,
        permission: Permission,
    ) -> Result<Entered, Status> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| {
            self.metrics.shed();
            Refusal::ServerFull(RETRY_AFTER)
        })?;
        Ok(Entered {
            place: Some(place),
            ..self.at_once(request, permission).await?
        })
    }

    /// Lets an operator in.
    pub(super) async fn operator<T>(&self, request: &Request<T>) -> Result<Entered, Status> {
        self.enter(request, Permission::Operate).await
    }

    /// Lets an operator in to what must be done however much others do: to take a model back,
    /// to end something, to see how far it is.
    pub(super) async fn urgent<T>(&self, request: &Request<T>) -> Result<Entered, Status> {
        self.at_once(request, Permission::Operate).await
    }

    async fn at_once<T>(
        &self,
        request: &Request<T>,
        permission: Permission,
    ) -> Result<Entered, Status> {
        let presented = Presented::in_call(request);
        Ok(Entered {
            moderator: self.callers.moderator(presented, permission).await?,
            now: (self.now)(),
            place: None,
        })
    }

    pub(super) fn lifecycle(&self) -> &Lifecycle {
        self.operations.lifecycle()
    }
}
