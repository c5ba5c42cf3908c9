//! The gRPC door: the contract in `proto/`, its services, and what they answer
//! when there is no verdict.
//!
//! [`guard`](mod@guard) stands before every call (deadline, panics, counting),
//! [`callers`] says whose call it is, by a site's key ([`auth`]) or a moderator's token,
//! [`limits`] how many are judged at once, [`moderation`] asks the pipeline, [`following`] what
//! became of comments, [`review`] is the moderators' service, [`models`] the operators',
//! [`envoy`] asks the quotas alone; `convert`, [`status`], [`review_status`] and
//! [`model_status`] translate.

pub mod auth;
pub mod callers;
mod comments;
mod convert;
pub mod envoy;
pub mod following;
pub mod guard;
pub mod limits;
pub mod model_status;
pub mod models;
pub mod moderation;
mod redact;
pub mod review;
pub mod review_status;
pub mod status;

use tonic::service::Routes;
use tonic_health::server::HealthReporter;

use envoy::SharedLimits;
use envoy_proto::service::ratelimit::v3::rate_limit_service_server::RateLimitServiceServer;
use models::Modelling;
use moderation::Moderation;
use proto::model_service_server::ModelServiceServer;
use proto::moderation_service_server::ModerationServiceServer;
use proto::review_service_server::ReviewServiceServer;
use review::Reviewing;

/// The contract as generated from `proto/moderato/v1/`: messages, client and server.
#[allow(
    missing_docs,
    unused_qualifications,
    clippy::pedantic,
    clippy::doc_lazy_continuation,
    reason = "generated"
)]
pub mod proto {
    tonic::include_proto!("moderato.v1");

    /// The contract's file descriptors, encoded, as reflection serves them.
    pub const DESCRIPTORS: &[u8] = tonic::include_file_descriptor_set!("moderato_descriptor");
}

/// Envoy's rate limit protocol, as far as it is served, by the packages it has there.
#[allow(
    missing_docs,
    unused_qualifications,
    clippy::pedantic,
    clippy::doc_lazy_continuation,
    reason = "generated"
)]
pub mod envoy_proto {
    pub mod config {
        pub mod core {
            pub mod v3 {
                tonic::include_proto!("envoy.config.core.v3");
            }
        }
    }
    pub mod extensions {
        pub mod common {
            pub mod ratelimit {
                pub mod v3 {
                    tonic::include_proto!("envoy.extensions.common.ratelimit.v3");
                }
            }
        }
    }
    pub mod service {
        pub mod ratelimit {
            pub mod v3 {
                tonic::include_proto!("envoy.service.ratelimit.v3");
            }
        }
    }
    pub mod r#type {
        pub mod v3 {
            tonic::include_proto!("envoy.r#type.v3");
        }
    }
}

/// The service that answers gateways.
pub type RateLimitServer = RateLimitServiceServer<SharedLimits>;

/// The longest request of a gateway that is read, in bytes.
const MAX_RATE_LIMIT_BYTES: usize = 64 << 10;

/// The service that answers [`moderation`]'s calls.
pub type ModerationServer = ModerationServiceServer<Moderation>;

/// The service that answers [`review`]'s calls.
pub type ReviewServer = ReviewServiceServer<Reviewing>;

/// The service that answers [`models`]'s calls.
pub type ModelServer = ModelServiceServer<Modelling>;

/// How many times the longest message taken is still read. A message that cannot
/// be read ends its stream; one that was read can be refused by itself.
const READABLE_OVER_TAKEN: usize = 4;

/// Every gRPC service of this server: moderation, which refuses messages of more
/// than `max_message_bytes` and reads none of more than four times that; the review and
/// the models, which read as much; the quotas for gateways; health
/// as `health` reports it; and reflection in both versions that clients speak.
///
/// # Errors
/// If the descriptors compiled into the program cannot be read.
pub fn routes(
    moderation: Moderation,
    reviewing: Reviewing,
    modelling: Modelling,
    shared_limits: SharedLimits,
    health: HealthReporter,
    max_message_bytes: usize,
) -> Result<Routes, tonic_reflection::server::Error> {
    let readable = max_message_bytes.saturating_mul(READABLE_OVER_TAKEN);
    let moderation = ModerationServer::new(moderation).max_decoding_message_size(readable);
    let reviewing = ReviewServer::new(reviewing).max_decoding_message_size(readable);
    let modelling = ModelServer::new(modelling).max_decoding_message_size(readable);
    let shared_limits =
        RateLimitServer::new(shared_limits).max_decoding_message_size(MAX_RATE_LIMIT_BYTES);
    let health = tonic_health::pb::health_server::HealthServer::new(
        tonic_health::server::HealthService::from_health_reporter(health),
    );
    // grpcurl and grpcio still ask by v1alpha; newer tools by v1.
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    Ok(Routes::new(moderation)
        .add_service(reviewing)
        .add_service(modelling)
        .add_service(shared_limits)
        .add_service(health)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .prepare())
}
