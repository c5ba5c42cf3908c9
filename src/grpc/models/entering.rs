//! Who is let in to labels and models.

use jiff::Timestamp;
use tokio::sync::SemaphorePermit;
use tonic::{Request, Status};

use super::{Modelling, asked};
use crate::grpc::callers::Presented;
use crate::grpc::limits::RETRY_AFTER;
use crate::grpc::status::Refusal;
use crate::lifecycle::{Lifecycle, Promoting};
use crate::moderator::{Moderator, Permission};
use crate::store::Actor;

/// A call that is let in.
pub(super) struct Entered<'a> {
    pub(super) moderator: Moderator,
    pub(super) now: Timestamp,
    _place: SemaphorePermit<'a>,
}

impl Entered<'_> {
    /// Who stands behind what they do.
    pub(super) fn actor(&self) -> Actor {
        Actor::Moderator(self.moderator.name.as_str().to_owned())
    }

    pub(super) fn promoting(&self, reason: String) -> Promoting {
        Promoting {
            actor: self.actor(),
            now: self.now,
            why: asked::given(reason),
            override_bounds: false,
        }
    }
}

impl Modelling {
    pub(super) async fn enter<T>(
        &self,
        request: &Request<T>,
        permission: Permission,
    ) -> Result<Entered<'_>, Status> {
        let place = self.places.try_acquire().map_err(|_| {
            self.metrics.shed();
            Refusal::ServerFull(RETRY_AFTER)
        })?;
        let presented = Presented::in_call(request);
        let moderator = self.callers.moderator(presented, permission).await?;
        Ok(Entered {
            moderator,
            now: (self.now)(),
            _place: place,
        })
    }

    /// Lets an operator in.
    pub(super) async fn operator<T>(&self, request: &Request<T>) -> Result<Entered<'_>, Status> {
        self.enter(request, Permission::Operate).await
    }

    pub(super) fn lifecycle(&self) -> &Lifecycle {
        self.operations.lifecycle()
    }
}
