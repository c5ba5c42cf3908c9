//! How the server treats its callers: sizes, numbers, times.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The `[server]` table. Times are written as `"250ms"`, `"5s"`, `"2m"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerOptions {
    /// The longest submission taken, in bytes; beyond it a call, or one request
    /// of a stream that goes on, fails with `OUT_OF_RANGE`. A message of more than
    /// four times as many is not read at all and ends its stream. Default 1 MiB.
    pub max_message_bytes: NonZeroUsize,
    /// How many comments are judged at once, over all connections; beyond it a
    /// call fails with `RESOURCE_EXHAUSTED`. Default 512.
    pub max_in_flight: NonZeroUsize,
    /// How long a call may take, from its first byte to its answer, if the
    /// client does not ask for less; beyond it a call fails with
    /// `DEADLINE_EXCEEDED`. Default 5 s.
    #[serde(with = "above_zero")]
    pub request_timeout: Duration,
    /// How long a server that was told to stop still shows itself as not ready
    /// before it closes its door, so that balancers look elsewhere first.
    /// Default 0 s.
    #[serde(with = "super::duration_text")]
    pub drain_delay: Duration,
    /// How long calls under way may still take once the door is closed; what is
    /// left then is cut. Default 20 s.
    #[serde(with = "super::duration_text")]
    pub drain_timeout: Duration,
    /// How long a connection may be silent before the server asks whether the
    /// client is still there. Default 30 s.
    #[serde(with = "above_zero")]
    pub http2_keepalive_interval: Duration,
    /// How long the answer to that may take before the connection is closed.
    /// Default 10 s.
    #[serde(with = "above_zero")]
    pub http2_keepalive_timeout: Duration,
    /// How many calls one connection may have open. Default 256.
    pub max_concurrent_streams: NonZeroU32,
}

impl Default for ServerOptions {
    fn default() -> Self {
        const MESSAGE_BYTES: NonZeroUsize = NonZeroUsize::new(1 << 20).unwrap();
        const IN_FLIGHT: NonZeroUsize = NonZeroUsize::new(512).unwrap();
        const STREAMS: NonZeroU32 = NonZeroU32::new(256).unwrap();
        Self {
            max_message_bytes: MESSAGE_BYTES,
            max_in_flight: IN_FLIGHT,
            request_timeout: Duration::from_secs(5),
            drain_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(20),
            http2_keepalive_interval: Duration::from_secs(30),
            http2_keepalive_timeout: Duration::from_secs(10),
            max_concurrent_streams: STREAMS,
        }
    }
}

/// A duration in words, and not none.
mod above_zero {
    use std::time::Duration;

    use serde::{Deserializer, Serializer, de::Error as _};

    use crate::server::duration_text;

    pub fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        duration_text::serialize(duration, to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let duration = duration_text::deserialize(from)?;
        if duration.is_zero() {
            return Err(D::Error::custom(
                "expected a duration above zero, found none",
            ));
        }
        Ok(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_table_is_the_default_and_prints_as_itself() {
        let options: ServerOptions = toml::from_str("").unwrap();
        assert_eq!(options, ServerOptions::default());
        let printed = toml::to_string(&options).unwrap();
        assert!(printed.contains("request_timeout = \"5s\""), "{printed}");
        assert_eq!(toml::from_str::<ServerOptions>(&printed).unwrap(), options);
    }

    #[test]
    fn keys_override_the_default() {
        let table = "max_in_flight = 8\nrequest_timeout = \"250ms\"\ndrain_timeout = \"0s\"";
        let options: ServerOptions = toml::from_str(table).unwrap();
        assert_eq!(options.max_in_flight.get(), 8);
        assert_eq!(options.request_timeout, Duration::from_millis(250));
        assert_eq!(options.drain_timeout, Duration::ZERO);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_and_says_what_was_expected() {
        for (table, expected) in [
            ("max_inflight = 8", "unknown field `max_inflight`"),
            ("max_in_flight = 0", "nonzero"),
            ("request_timeout = \"0s\"", "above zero"),
            ("request_timeout = 5", "such as \"250ms\""),
            ("drain_timeout = \"soon\"", "such as \"250ms\""),
        ] {
            let error = toml::from_str::<ServerOptions>(table)
                .unwrap_err()
                .to_string();
            assert!(error.contains(expected), "{table}: {error}");
        }
    }
}
