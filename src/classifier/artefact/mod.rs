//! The artefact: one trained, immutable model file, named by its content.
//!
//! Layout, integers little-endian: magic `MODERATO`, `u32` format version, `u32`
//! header length, header (JSON), `u32` number of entries, entries of 8 bytes
//! sorted by key (`u32` key, `i16` spam weight, `i16` toxicity weight), in format 2 a
//! byte of [`Support`] for each entry, SHA-256 of all that precedes. Format 1, which
//! is written where no support is known, ends with the entries.

mod error;
mod head_fit;
mod header;
mod layout;
mod support;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

pub use error::ArtefactError;
pub use head_fit::{HeadFit, Line, length};
pub(crate) use header::hexadecimal;
pub use header::{
    Adaptation, CorpusRecord, HeadRecord, Header, LabelCount, ModelId, WeightEntry, short_key,
};
use layout::{Reader, check, length as length_of};
pub use support::Support;

use crate::text::FEATURE_VERSION;

/// Newest version of the layout above; those from 1 on are read.
pub const FORMAT_VERSION: u32 = 2;

const FORMAT_WITHOUT_SUPPORTS: u32 = 1;

const MAGIC: &[u8; 8] = b"MODERATO";
const ENTRY_BYTES: usize = 8;
const DIGEST_BYTES: usize = 32;

/// A trained model as it lies in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Artefact {
    id: ModelId,
    header: Header,
    entries: Vec<WeightEntry>,
    /// One for each entry, or none at all.
    supports: Vec<Support>,
}

impl Artefact {
    /// Makes an artefact of a header and entries; sorts the entries by key and
    /// keeps the first of equal keys.
    ///
    /// # Errors
    /// If the header cannot be written as JSON.
    pub fn new(header: Header, mut entries: Vec<WeightEntry>) -> Result<Self, ArtefactError> {
        entries.sort_by_key(|entry| entry.key);
        entries.dedup_by_key(|entry| entry.key);
        let unnamed = Self {
            id: ModelId(String::new()),
            header,
            entries,
            supports: Vec::new(),
        };
        unnamed.named()
    }

    /// The same with the support of each entry, by its key: what adapting it needs.
    ///
    /// # Errors
    /// As [`Artefact::new`].
    pub fn with_supports(self, support: impl Fn(u32) -> Support) -> Result<Self, ArtefactError> {
        let supports = self.entries.iter().map(|entry| support(entry.key));
        let unnamed = Self {
            supports: supports.collect(),
            ..self
        };
        unnamed.named()
    }

    fn named(self) -> Result<Self, ArtefactError> {
        let bytes = self.to_bytes()?;
        Ok(Self {
            id: ModelId::of(&bytes[bytes.len() - DIGEST_BYTES..]),
            ..self
        })
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &ModelId {
        &self.id
    }

    /// What it says of itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Its weights, sorted by key.
    #[must_use]
    pub fn entries(&self) -> &[WeightEntry] {
        &self.entries
    }

    /// The weights of the feature with this key, and its support where that is known.
    #[must_use]
    pub fn find(&self, key: u32) -> Option<([i16; 2], Option<Support>)> {
        let at = self.entries.binary_search_by_key(&key, |entry| entry.key);
        let at = at.ok()?;
        Some((self.entries[at].weights, self.supports.get(at).copied()))
    }

    pub(super) fn into_parts(self) -> (ModelId, Header, Vec<WeightEntry>) {
        (self.id, self.header, self.entries)
    }

    /// Reads and verifies an artefact.
    ///
    /// # Errors
    /// If the bytes are foreign, damaged, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ArtefactError> {
        if !bytes.starts_with(MAGIC) {
            return Err(ArtefactError::Foreign);
        }
        let mut reader = Reader(&bytes[MAGIC.len()..]);
        let found = reader.u32()?;
        if !(FORMAT_WITHOUT_SUPPORTS..=FORMAT_VERSION).contains(&found) {
            return Err(ArtefactError::Format { found });
        }
        let body = bytes
            .len()
            .checked_sub(DIGEST_BYTES)
            .ok_or(ArtefactError::Damaged("cut off"))?;
        let digest = Sha256::digest(&bytes[..body]);
        if digest.as_slice() != &bytes[body..] {
            return Err(ArtefactError::Damaged("its checksum does not match"));
        }
        let header_len = reader.u32()? as usize;
        let header: Header = serde_json::from_slice(reader.take(header_len)?)?;
        if header.feature_version != FEATURE_VERSION {
            return Err(ArtefactError::Features {
                found: header.feature_version,
            });
        }
        let entries = reader.entries()?;
        let supports = if found == FORMAT_WITHOUT_SUPPORTS {
            Vec::new()
        } else {
            reader.supports(entries.len())?
        };
        reader.end()?;
        check(&header, &entries)?;
        Ok(Self {
            id: ModelId::of(&digest),
            header,
            entries,
            supports,
        })
    }

    /// The file's bytes; equal artefacts give equal bytes.
    ///
    /// # Errors
    /// If the header cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ArtefactError> {
        let header = serde_json::to_vec(&self.header)?;
        let format = if self.supports.is_empty() {
            FORMAT_WITHOUT_SUPPORTS
        } else {
            FORMAT_VERSION
        };
        let entry_bytes = ENTRY_BYTES + 1;
        let mut bytes = Vec::with_capacity(64 + header.len() + self.entries.len() * entry_bytes);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&format.to_le_bytes());
        bytes.extend_from_slice(&length_of(header.len())?.to_le_bytes());
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&length_of(self.entries.len())?.to_le_bytes());
        for entry in &self.entries {
            bytes.extend_from_slice(&entry.key.to_le_bytes());
            bytes.extend_from_slice(&entry.weights[0].to_le_bytes());
            bytes.extend_from_slice(&entry.weights[1].to_le_bytes());
        }
        bytes.extend(self.supports.iter().map(|support| support.byte()));
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        Ok(bytes)
    }

    /// Reads and verifies the artefact in a file.
    ///
    /// # Errors
    /// If it cannot be read, or as [`Artefact::from_bytes`].
    pub fn load(path: &Path) -> Result<Self, ArtefactError> {
        let bytes = std::fs::read(path).map_err(|source| io_error(path, source))?;
        Self::from_bytes(&bytes)
    }

    /// Writes the artefact to a file atomically: the file is either as before or
    /// complete and on disk.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn save(&self, path: &Path) -> Result<(), ArtefactError> {
        let bytes = self.to_bytes()?;
        write_atomically(path, READABLE_BY_ALL, |file| file.write_all(&bytes))
            .map_err(|source| io_error(path, source))
    }
}

/// Mode of a file that holds nobody's secrets.
const READABLE_BY_ALL: u32 = 0o644;

/// Writes a file of the given mode atomically, of what `write` gives it: it is either as
/// before or complete and on disk.
///
/// # Errors
/// If its folder cannot be written to, or `write` fails.
pub fn write_atomically<T, E: From<std::io::Error>>(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut File) -> Result<T, E>,
) -> Result<T, E> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
    let mut file = tempfile::Builder::new()
        .permissions(mode)
        .tempfile_in(folder)?;
    let written = write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(std::io::Error::from)?;
    File::open(folder)?.sync_all()?;
    Ok(written)
}

fn io_error(path: &Path, source: std::io::Error) -> ArtefactError {
    ArtefactError::Io {
        path: path.display().to_string(),
        source,
    }
}
