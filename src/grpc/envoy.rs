//! `envoy.service.ratelimit.v3.RateLimitService`: the site's quotas for its own Envoy,
//! Istio or gateway, in the protocol those speak.

mod descriptors;
mod statuses;

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::auth::SiteKeys;
use super::envoy_proto::service::ratelimit::v3::rate_limit_service_server::RateLimitService;
use super::envoy_proto::service::ratelimit::v3::{RateLimitRequest, RateLimitResponse};
use super::status::Refusal;
use crate::pipeline::Pipeline;

/// Answers a site's gateway.
pub struct SharedLimits {
    keys: Arc<SiteKeys>,
    pipeline: Arc<Pipeline>,
}

impl SharedLimits {
    /// A service that lets in who has one of `keys` and asks `pipeline`'s quotas.
    #[must_use]
    pub const fn new(keys: Arc<SiteKeys>, pipeline: Arc<Pipeline>) -> Self {
        Self { keys, pipeline }
    }
}

#[tonic::async_trait]
impl RateLimitService for SharedLimits {
    async fn should_rate_limit(
        &self,
        request: Request<RateLimitRequest>,
    ) -> Result<Response<RateLimitResponse>, Status> {
        let site = self.keys.site_of(request.metadata())?;
        let request = request.into_inner();
        if request.domain != site.as_str() {
            return Err(Refusal::DomainOfAnotherSite(site.to_string()).into());
        }
        let asked = descriptors::asked(&request)?;
        let answer = self.pipeline.share_quotas(&site, &asked).await;
        Ok(Response::new(statuses::response(&answer)))
    }
}
