//! Asking a cluster, and following where it sends us.
//!
//! The crate's own way of following was measured to fail under load: it sends `ASKING`
//! and waits, and what others send meanwhile over the same connection uses it up. And
//! before it asks again where keys are moving, it waits for longer than a budget.

use ::redis::cluster::ClusterClient;
use ::redis::cluster_async::ClusterConnection;
use ::redis::cluster_routing::SingleNodeRoutingInfo;
use ::redis::{
    Cmd, ConnectionInfo, ErrorKind, RedisError, ServerErrorKind, TlsCertificates, Value,
    from_redis_value, pipe,
};

/// To the new owner of a slot, on to where the slot is moving, and once more if one of
/// them has just changed its mind.
const MAX_REDIRECTS: usize = 3;

/// Knows all masters by some `nodes`; does not connect yet.
pub(super) fn client(
    nodes: Vec<ConnectionInfo>,
    tls: Option<TlsCertificates>,
) -> Result<ClusterClient, RedisError> {
    let tcp = nodes.first().map(|node| node.tcp_settings().clone());
    let mut builder = ClusterClient::builder(nodes).retries(0);
    if let Some(tcp) = tcp {
        builder = builder.tcp_settings(tcp);
    }
    if let Some(certificates) = tls {
        builder = builder.certs(certificates);
    }
    builder.build()
}

/// The whole numbers that `command` is answered with, by whichever node has its keys.
pub(super) async fn ask(
    connection: &ClusterConnection,
    command: &Cmd,
) -> Result<Vec<i64>, RedisError> {
    let mut connection = connection.clone();
    let mut answer = command.query_async(&mut connection).await;
    for _ in 0..MAX_REDIRECTS {
        let Some(redirect) = answer.as_ref().err().and_then(Redirect::of) else {
            break;
        };
        answer = redirect.follow(&mut connection, command).await;
    }
    answer
}

/// Where a node says that the keys are.
struct Redirect {
    host: String,
    port: u16,
    /// Only some of them are, for their slot is still moving (`ASK`).
    asking: bool,
}

impl Redirect {
    fn of(error: &RedisError) -> Option<Self> {
        let (node, _slot) = error.redirect_node()?;
        let (host, port) = node.rsplit_once(':')?;
        Some(Self {
            host: host.to_owned(),
            port: port.parse().ok()?,
            asking: error.kind() == ErrorKind::Server(ServerErrorKind::Ask),
        })
    }

    async fn follow(
        self,
        connection: &mut ClusterConnection,
        command: &Cmd,
    ) -> Result<Vec<i64>, RedisError> {
        // Both at once, for nothing may come between them.
        let mut commands = pipe();
        if self.asking {
            commands.cmd("ASKING");
        }
        commands.add_command(command.clone());
        let (host, port) = (self.host, self.port);
        let node = SingleNodeRoutingInfo::ByAddress { host, port };
        let count = commands.len();
        let answers = connection.route_pipeline(commands, 0, count, node).await?;
        let answer = answers.into_iter().next_back().unwrap_or(Value::Nil);
        Ok(from_redis_value(answer.extract_error()?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect(text: &str) -> Option<(String, u16, bool)> {
        let error = ::redis::parse_redis_value(text.as_bytes()).unwrap();
        let redirect = Redirect::of(&error.extract_error().unwrap_err())?;
        Some((redirect.host, redirect.port, redirect.asking))
    }

    #[test]
    fn only_who_is_sent_elsewhere_goes_there() {
        let to = |host: &str, port, asking| Some((host.to_owned(), port, asking));
        assert_eq!(
            redirect("-MOVED 7 10.0.0.1:6380\r\n"),
            to("10.0.0.1", 6380, false)
        );
        assert_eq!(redirect("-ASK 7 ::1:6380\r\n"), to("::1", 6380, true));
        assert_eq!(redirect("-TRYAGAIN Multiple keys\r\n"), None);
        assert_eq!(redirect("-MOVED 7 nowhere\r\n"), None);
    }
}
