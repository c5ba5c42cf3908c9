use std::future;

use super::*;

const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(20);

/// A service that does what the path says.
async fn answer(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    match request.uri().path() {
        "/panic" => panic!("as asked"),
        "/wait" => future::pending().await,
        "/refuse" => Ok(Status::already_exists("no").into_http()),
        _ => Ok(Response::new(Body::empty())),
    }
}

fn request(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn count(metrics: &Metrics, code: &str) -> bool {
    let line = format!("moderato_grpc_calls_total{{code=\"{code}\"}} 1\n");
    metrics.encode().contains(&line)
}

#[tokio::test]
async fn a_panic_is_answered_and_the_next_call_is_fine() {
    let metrics = Arc::new(Metrics::new());
    let mut service = guarded(tower::service_fn(answer), LONG, Arc::clone(&metrics));
    let Ok(response) = service.call(request("/panic")).await;
    let status = Status::from_header_map(response.headers()).expect("a status");
    assert_eq!(status.code(), Code::Internal);
    assert!(!status.message().contains("as asked"));
    let Ok(response) = service.call(request("/fine")).await;
    assert_eq!(code_of(&response), Code::Ok);
    assert!(count(&metrics, "INTERNAL") && count(&metrics, "OK"));
}

#[tokio::test]
async fn a_slow_call_ends_at_the_servers_limit() {
    let metrics = Arc::new(Metrics::new());
    let mut service = guarded(tower::service_fn(answer), SHORT, Arc::clone(&metrics));
    let Ok(response) = service.call(request("/wait")).await;
    assert_eq!(code_of(&response), Code::DeadlineExceeded);
    assert!(count(&metrics, "DEADLINE_EXCEEDED"));
}

#[tokio::test]
async fn a_client_may_ask_for_less_and_not_for_more() {
    // Either would be waited for forever if it had not the say.
    for (longest, asked) in [(LONG, "20m"), (SHORT, "9H")] {
        let mut service = guarded(tower::service_fn(answer), longest, Arc::default());
        let mut call = request("/wait");
        call.headers_mut()
            .insert("grpc-timeout", asked.parse().unwrap());
        let response = tokio::time::timeout(LONG / 2, service.call(call)).await;
        let Ok(response) = response.expect("an answer in time");
        assert_eq!(code_of(&response), Code::DeadlineExceeded, "{asked}");
    }
}

#[tokio::test]
async fn calls_are_counted_by_their_answer_and_if_given_up() {
    let metrics = Arc::new(Metrics::new());
    let mut service = guarded(tower::service_fn(answer), LONG, Arc::clone(&metrics));
    let Ok(_) = service.call(request("/refuse")).await;
    assert!(service.call(request("/wait")).now_or_never().is_none());
    assert!(count(&metrics, "ALREADY_EXISTS") && count(&metrics, "CANCELLED"));
}

#[test]
fn deadlines_are_read_as_the_protocol_writes_them() {
    let read = |text: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", http::HeaderValue::from_static(text));
        client_deadline(&headers)
    };
    assert_eq!(read("1H"), Some(Duration::from_hours(1)));
    assert_eq!(read("2M"), Some(Duration::from_mins(2)));
    assert_eq!(read("3S"), Some(Duration::from_secs(3)));
    assert_eq!(read("99999999m"), Some(Duration::from_millis(99_999_999)));
    assert_eq!(read("5u"), Some(Duration::from_micros(5)));
    assert_eq!(read("0n"), Some(Duration::ZERO));
    for malformed in ["", "S", "1", "1s", "-1S", "+1S", "123456789S", "1.5S"] {
        assert_eq!(read(malformed), None, "{malformed}");
    }
    assert_eq!(client_deadline(&HeaderMap::new()), None);
}
