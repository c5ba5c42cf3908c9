//! Certificates of an authority of the test's own, made by openssl.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use moderato::rate_limit::{Credentials, TlsFiles};
use tempfile::TempDir;

const NEW_KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/// An authority `ca`, and what it has signed for this machine: `redis` and `client`.
pub struct Certificates(TempDir);

impl Certificates {
    pub fn make() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        made.authority("ca");
        for name in ["redis", "client"] {
            made.sign(name);
        }
        made
    }

    /// A file of theirs.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What Redis wants to know of them to take clients with a certificate of `ca`'s alone.
    pub fn of_server(&self) -> Vec<String> {
        let file = |name: &str| self.file(name).to_str().unwrap().to_owned();
        let mut arguments = Vec::new();
        for (setting, value) in [
            ("--tls-cert-file", file("redis.pem")),
            ("--tls-key-file", file("redis.key")),
            ("--tls-ca-cert-file", file("ca.pem")),
            ("--tls-auth-clients", "yes".to_owned()),
        ] {
            arguments.extend([setting.to_owned(), value]);
        }
        arguments
    }

    /// What a client needs of them.
    pub fn of_client(&self) -> Credentials {
        Credentials {
            tls: TlsFiles {
                ca: Some(self.file("ca.pem")),
                client: Some((self.file("client.pem"), self.file("client.key"))),
            },
            sentinels: None,
        }
    }

    /// An authority that signs for itself alone.
    pub fn authority(&self, name: &str) {
        let files = format!("-keyout {name}.key -out {name}.pem");
        let request = format!("req -x509 {NEW_KEY} {files} -days 2 -subj /CN={name}");
        openssl(self.0.path(), &request);
    }

    /// A certificate of `ca`'s for this machine.
    fn sign(&self, name: &str) {
        let folder = self.0.path();
        let files = format!("-keyout {name}.key -out {name}.csr");
        openssl(folder, &format!("req {NEW_KEY} {files} -subj /CN={name}"));
        let names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
        std::fs::write(folder.join("names"), names).unwrap();
        let signer = "-CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names";
        let request = format!("x509 -req -in {name}.csr -out {name}.pem {signer}");
        openssl(folder, &request);
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let made = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("openssl, which scripts/test installs");
    assert!(made.status.success(), "openssl {arguments}: {made:?}");
}
