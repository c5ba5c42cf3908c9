//! Certificates for a Redis behind TLS.

use std::io;
use std::path::{Path, PathBuf};

use ::redis::{ClientTlsConfig, TlsCertificates};

/// Files in PEM form, each beside what the system has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// Who may have signed Redis's certificate; none: whom the system trusts.
    pub ca: Option<PathBuf>,
    /// Our own certificate and its private key, for a Redis that asks for one.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// A certificate file that cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot read {}: {reason}", .path.display())]
pub struct TlsError {
    path: PathBuf,
    reason: String,
}

impl TlsFiles {
    /// Whether no file is named.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ca.is_none() && self.client.is_none()
    }

    pub(super) fn load(&self) -> Result<TlsCertificates, TlsError> {
        let client_tls = match &self.client {
            Some((certificate, key)) => Some(ClientTlsConfig {
                client_cert: read(certificate)?,
                client_key: read(key)?,
            }),
            None => None,
        };
        Ok(TlsCertificates {
            client_tls,
            root_cert: self.ca.as_deref().map(read).transpose()?,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error: io::Error| TlsError {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
