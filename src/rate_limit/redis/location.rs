//! Where Redis is, as a URL says it.

use ::redis::io::tcp::TcpSettings;
use ::redis::{ConnectionInfo, ErrorKind, IntoConnectionInfo, RedisError};

use super::connector::CONNECTION_TIMEOUT;
use super::credentials::{Credentials, Login};
use crate::rate_limit::LimiterError;

/// One server, or nodes by which the others are found. The forms with several hosts
/// are those of Lettuce, the Java client:
/// `redis-cluster://user:password@host:port,host:port` and
/// `redis-sentinel://user:password@host:port,host:port/0#master-name`.
pub(super) struct Location {
    pub(super) nodes: Vec<ConnectionInfo>,
    pub(super) kind: Kind,
    pub(super) tls: Option<::redis::TlsCertificates>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Single,
    Cluster,
    Sentinel {
        master: String,
        /// Ours with the sentinels; the URL's is ours with the master.
        login: Option<Login>,
    },
}

impl Location {
    /// Reads `url`; certificates may be named only where there is TLS, a login for
    /// sentinels only where there are any.
    pub(super) fn parse(url: &str, credentials: &Credentials) -> Result<Self, LimiterError> {
        let Credentials {
            tls: files,
            sentinels,
        } = credentials;
        let is_tls = url.starts_with("rediss") || url.starts_with("valkeys");
        if !is_tls && !files.is_empty() {
            return Err(LimiterError::CertificatesWithoutTls);
        }
        let tls = (!files.is_empty()).then(|| files.load()).transpose()?;
        let (kind, urls) = split(url).map_err(LimiterError::Url)?;
        let nodes = urls.iter().map(|url| node(url)).collect::<Result<_, _>>();
        let nodes: Vec<ConnectionInfo> = nodes.map_err(LimiterError::Url)?;
        let has_database = nodes.iter().any(|node| node.redis_settings().db() != 0);
        if kind == Kind::Cluster && has_database {
            let message = "a cluster has no databases but 0";
            return Err(LimiterError::Url(malformed(message)));
        }
        let kind = match (kind, sentinels) {
            (Kind::Sentinel { master, .. }, login) => Kind::Sentinel {
                master,
                login: login.clone(),
            },
            (_, Some(_)) => return Err(LimiterError::LoginWithoutSentinels),
            (kind, None) => kind,
        };
        Ok(Self { nodes, kind, tls })
    }
}

/// The kind of location, and a plain URL for each of its hosts.
fn split(url: &str) -> Result<(Kind, Vec<String>), RedisError> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let Some((scheme, kind)) = scheme.split_once('-') else {
        return Ok((Kind::Single, vec![url.to_owned()]));
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let kind = match (kind, fragment) {
        ("cluster", "") => Kind::Cluster,
        ("sentinel", "") => return Err(malformed("no name of a master after #")),
        ("sentinel", master) => Kind::Sentinel {
            master: master.to_owned(),
            login: None,
        },
        _ => return Err(malformed("unknown kind of URL")),
    };
    // The last @ ends the login, for a password may hold others, and slashes.
    let hosts_at = rest.rfind('@').map_or(0, |at| at + 1);
    let (login, rest) = rest.split_at(hosts_at);
    let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (hosts, path) = rest.split_at(path_at);
    let url = |host| format!("{scheme}://{login}{host}{path}");
    Ok((kind, hosts.split(',').map(url).collect()))
}

fn node(url: &str) -> Result<ConnectionInfo, RedisError> {
    let tcp = TcpSettings::default().set_nodelay(true);
    // How long sent bytes may stay unacknowledged before the connection is lost.
    #[cfg(target_os = "linux")]
    let tcp = tcp.set_user_timeout(CONNECTION_TIMEOUT);
    Ok(url.into_connection_info()?.set_tcp_settings(tcp))
}

pub(super) fn malformed(message: &'static str) -> RedisError {
    RedisError::from((ErrorKind::InvalidClientConfig, message))
}

#[cfg(test)]
mod tests {
    use super::super::credentials::Password;
    use super::super::tls::TlsFiles;
    use super::*;

    fn split_ok(url: &str) -> (Kind, Vec<String>) {
        split(url).unwrap()
    }

    #[test]
    fn one_server_is_taken_as_it_is() {
        for url in [
            "redis://:pa-ss@host/2",
            "unix:///run/redis.sock",
            "rediss://h",
        ] {
            assert_eq!(split_ok(url), (Kind::Single, vec![url.to_owned()]));
        }
    }

    #[test]
    fn a_cluster_is_found_by_any_of_its_nodes() {
        let (kind, urls) = split_ok("rediss-cluster://me:s/e@c@one:7000,two,[::1]:7001");
        assert_eq!(kind, Kind::Cluster);
        let login = "rediss://me:s/e@c@";
        assert_eq!(
            urls,
            ["one:7000", "two", "[::1]:7001"].map(|host| format!("{login}{host}"))
        );
    }

    #[test]
    fn sentinels_know_a_master_by_name() {
        let (kind, urls) = split_ok("redis-sentinel://one:26379,two:26379/3#comments");
        let master = "comments".to_owned();
        let login = None;
        assert_eq!(kind, Kind::Sentinel { master, login });
        assert_eq!(urls, ["redis://one:26379/3", "redis://two:26379/3"]);
    }

    #[test]
    fn certificates_are_refused_where_nothing_is_encrypted() {
        let credentials = Credentials {
            tls: TlsFiles {
                ca: Some("ca.pem".into()),
                client: None,
            },
            sentinels: None,
        };
        let refused = |url| {
            let error = Location::parse(url, &credentials).err().unwrap();
            error.to_string()
        };
        let error = refused("redis://host");
        assert!(error.contains("rediss://"), "{error}");
        let error = refused("rediss://host");
        assert!(error.starts_with("cannot read ca.pem"), "{error}");
    }

    #[test]
    fn a_login_for_sentinels_is_refused_where_there_are_none() {
        let credentials = Credentials {
            tls: TlsFiles::default(),
            sentinels: Some(Login {
                user: None,
                password: Password::new("s3cret"),
            }),
        };
        for url in ["redis://host", "redis-cluster://one,two"] {
            let error = Location::parse(url, &credentials).err().unwrap();
            assert!(error.to_string().contains("redis-sentinel://"), "{error}");
        }
        assert!(Location::parse("redis-sentinel://one#name", &credentials).is_ok());
    }
}
