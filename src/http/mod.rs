//! The HTTP door: the moderators' console, probes and metrics.

pub mod console;
mod readiness;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub use readiness::{Phase, Readiness};

use crate::telemetry::Metrics;

/// The content type of [`Metrics::encode`]'s page.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `/healthz` (the process answers), `/readyz` (it takes calls: 200, else 503),
/// `/metrics` (Prometheus).
pub fn router(metrics: Arc<Metrics>, readiness: Arc<Readiness>) -> Router {
    let probes = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .with_state(readiness);
    let metrics = Router::new()
        .route("/metrics", get(page))
        .with_state(metrics);
    probes.merge(metrics)
}

async fn ready(State(readiness): State<Arc<Readiness>>) -> Response {
    let phase = readiness.phase();
    let status = match phase {
        Phase::Serving => StatusCode::OK,
        Phase::Starting | Phase::Draining => StatusCode::SERVICE_UNAVAILABLE,
    };
    let answer = serde_json::json!({
        "ready": phase == Phase::Serving,
        "reason": phase.reason(),
    });
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, answer.to_string()).into_response()
}

async fn page(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, OPENMETRICS)], metrics.encode())
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;

    async fn get(router: Router, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn readyz_follows_the_phase() {
        let readiness = Arc::new(Readiness::default());
        let router = router(Arc::default(), Arc::clone(&readiness));
        for (phase, status, body) in [
            (
                Phase::Starting,
                503,
                r#"{"ready":false,"reason":"starting"}"#,
            ),
            (Phase::Serving, 200, r#"{"ready":true,"reason":"serving"}"#),
            (
                Phase::Draining,
                503,
                r#"{"ready":false,"reason":"draining"}"#,
            ),
        ] {
            readiness.set(phase);
            let (found, text) = get(router.clone(), "/readyz").await;
            assert_eq!((found.as_u16(), text.as_str()), (status, body));
            let alive = get(router.clone(), "/healthz").await;
            assert_eq!(alive, (StatusCode::OK, "ok".to_owned()));
        }
    }

    #[tokio::test]
    async fn metrics_are_a_whole_page() {
        let router = router(Arc::default(), Arc::default());
        let (status, page) = get(router.clone(), "/metrics").await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.ends_with("# EOF\n"), "{page}");
        assert_eq!(get(router, "/").await.0, StatusCode::NOT_FOUND);
    }
}
