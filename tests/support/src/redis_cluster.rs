//! A real Redis Cluster on free ports: three masters, each with a replica.

use std::process::{Command, Stdio};
use std::time::Duration;

use moderato::rate_limit::Credentials;
use redis::Value;
use tempfile::TempDir;

use crate::certificates::Certificates;
use crate::redis_server::{PATIENCE, RedisServer, free_port};

const MASTERS: usize = 3;
const PAUSE: Duration = Duration::from_millis(20);

/// What the README has a cluster grant, but what it takes while slots move.
pub const RIGHTS: [&str; 7] = [
    "~rl:*",
    "+evalsha",
    "+eval",
    "+time",
    "+mget",
    "+set",
    "+cluster|slots",
];

/// How long a node may be silent before the others count it as lost.
const NODE_TIMEOUT_MS: &str = "1000";

/// Six `redis-server` processes that know of each other.
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
    /// Where clients find them.
    hosts: Vec<String>,
    certificates: Option<Certificates>,
    _folder: TempDir,
}

impl RedisCluster {
    /// Starts one and waits until all of it answers.
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// Starts one whose nodes speak TLS with clients and with each other.
    pub async fn start_secured() -> Self {
        Self::start_with(Some(Certificates::make())).await
    }

    async fn start_with(certificates: Option<Certificates>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut nodes = Vec::new();
        let mut hosts = Vec::new();
        let mut addresses = Vec::new();
        for number in 0..2 * MASTERS {
            let bus = free_port().to_string();
            let file = format!("nodes-{number}.conf");
            let secured = certificates.as_ref().map(|certificates| {
                let port = free_port();
                let mut arguments = certificates.of_server();
                arguments.extend(["--tls-port".to_owned(), port.to_string()]);
                for between_nodes in ["--tls-cluster", "--tls-replication"] {
                    arguments.extend([between_nodes.to_owned(), "yes".to_owned()]);
                }
                (port, arguments)
            });
            let mut arguments = vec![
                "--dir",
                folder.path().to_str().unwrap(),
                "--cluster-enabled",
                "yes",
                "--cluster-config-file",
                &file,
                "--cluster-node-timeout",
                NODE_TIMEOUT_MS,
                // Else all of it refuses while a slot has no master.
                "--cluster-require-full-coverage",
                "no",
                "--cluster-port",
                &bus,
                "--repl-diskless-sync-delay",
                "0",
            ];
            if let Some((_, secured)) = &secured {
                arguments.extend(secured.iter().map(String::as_str));
            }
            let node = RedisServer::start_with(&arguments).await;
            let port = secured.map_or(node.port(), |(port, _)| port);
            hosts.push(format!("127.0.0.1:{port}"));
            addresses.push(format!("127.0.0.1:{port}@{bus}"));
            nodes.push(node);
        }
        let mut create = Command::new("redis-cli");
        if let Some(certificates) = &certificates {
            create.arg("--tls");
            for (setting, file) in [
                ("--cacert", "ca.pem"),
                ("--cert", "client.pem"),
                ("--key", "client.key"),
            ] {
                create.arg(setting).arg(certificates.file(file));
            }
        }
        let made = create
            .args(["--cluster", "create"])
            .args(&addresses)
            .args(["--cluster-replicas", "1", "--cluster-yes"])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "redis-cli --cluster create: {made:?}"
        );
        let cluster = Self {
            nodes,
            hosts,
            certificates,
            _folder: folder,
        };
        cluster.settled(2 * MASTERS).await;
        cluster
    }

    /// Where some of it is, as a URL for Moderato.
    pub fn url(&self) -> String {
        self.url_with("")
    }

    /// The same with a login, such as `user:password@`.
    pub fn url_with(&self, login: &str) -> String {
        let scheme = match self.certificates {
            Some(_) => "rediss-cluster",
            None => "redis-cluster",
        };
        format!("{scheme}://{login}{}", self.hosts.join(","))
    }

    /// What a client needs besides.
    pub fn credentials(&self) -> Credentials {
        let certificates = self.certificates.as_ref();
        certificates.map_or_else(Credentials::default, Certificates::of_client)
    }

    /// Lets every node know a user with the password `secret` who may do only what
    /// `rights` say: nodes do not tell each other.
    pub async fn grant(&self, user: &str, rights: &[&str]) {
        let user = ["ACL", "SETUSER", user, "reset", "on", ">secret"];
        for node in &self.nodes {
            let _: String = node.command(&[&user[..], rights].concat()).await;
        }
    }

    /// Lets every node forget what scripts it has seen.
    pub async fn forget_scripts(&self) {
        for node in &self.nodes {
            let _: String = node.command(&["SCRIPT", "FLUSH"]).await;
        }
    }

    /// The node that is the master of the slot of `tag`.
    pub async fn master_of(&mut self, tag: &str) -> &mut RedisServer {
        let slot = self.slot(tag).await;
        let port = self.port_of(slot).await;
        self.node_at(port)
    }

    /// A node that is a master, but not of the slot of `tag`.
    pub async fn other_master(&mut self, tag: &str) -> &mut RedisServer {
        let slot = self.slot(tag).await;
        let mut ports = Vec::new();
        for slot in [0, 8_000, 16_000] {
            ports.push(self.port_of(slot).await);
        }
        let owner = self.port_of(slot).await;
        let other = ports.into_iter().find(|port| *port != owner);
        self.node_at(other.expect("three masters"))
    }

    /// The slot of keys with `{tag}` in them.
    pub async fn slot(&self, tag: &str) -> u16 {
        let mut command = redis::cmd("CLUSTER");
        command.arg("KEYSLOT").arg(format!("{{{tag}}}"));
        let mut connection = self.nodes[0].connection().await;
        command.query_async(&mut connection).await.unwrap()
    }

    /// The port of the master of `slot`, as the first node that answers has it.
    async fn port_of(&self, slot: u16) -> u16 {
        let mut command = redis::cmd("CLUSTER");
        command.arg("SLOTS");
        let mut connection = self.nodes[0].connection().await;
        let ranges: Vec<Vec<Value>> = command.query_async(&mut connection).await.unwrap();
        let owner = ranges.iter().find_map(|range| {
            let number = |at: usize| redis::from_redis_value::<u16>(range[at].clone()).unwrap();
            if !(number(0)..=number(1)).contains(&slot) {
                return None;
            }
            let Value::Array(master) = &range[2] else {
                return None;
            };
            redis::from_redis_value::<u16>(master[1].clone()).ok()
        });
        owner.expect("every slot to have a master")
    }

    /// Whether it is the node that the others are looked up by.
    pub fn is_first(&self, port: u16) -> bool {
        self.nodes[0].port() == port
    }

    /// The node that listens on `port`.
    pub fn node_at(&mut self, port: u16) -> &mut RedisServer {
        let mut nodes = self.nodes.iter_mut();
        nodes.find(|node| node.port() == port).unwrap()
    }

    /// Waits until `count` nodes say that all is well and know of each other.
    async fn settled(&self, count: usize) {
        let settled = async {
            for node in &self.nodes[..count] {
                let mut connection = node.connection().await;
                loop {
                    let mut command = redis::cmd("CLUSTER");
                    command.arg("INFO");
                    let info: String = command.query_async(&mut connection).await.unwrap();
                    let nodes = format!("cluster_known_nodes:{}", self.nodes.len());
                    if info.contains("cluster_state:ok") && info.contains(&nodes) {
                        break;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        let settled = tokio::time::timeout(PATIENCE, settled).await;
        settled.expect("the cluster to settle");
    }
}
