//! The artefact: one trained, immutable model file, named by its content.
//!
//! Layout, integers little-endian: magic `MODERATO`, `u32` format version, `u32`
//! header length, header (JSON), `u32` number of entries, entries of 8 bytes
//! sorted by key (`u32` key, `i16` spam weight, `i16` toxicity weight), SHA-256 of
//! all that precedes.

use std::fmt;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::text::{FEATURE_VERSION, FeatureKey};
use crate::verdict::{Head, PerHead};

/// Version of the layout above.
pub const FORMAT_VERSION: u32 = 1;

const MAGIC: &[u8; 8] = b"MODERATO";
const ENTRY_BYTES: usize = 8;
const DIGEST_BYTES: usize = 32;

/// An artefact's name: `m-` and the first 16 hexadecimal digits of its SHA-256.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ModelId(String);

impl ModelId {
    fn of(digest: &[u8]) -> Self {
        let hex = hexadecimal(&digest[..8]);
        Self(format!("m-{hex}"))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ModelId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
            hex.extend(
                [byte >> 4, byte & 15]
                    .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
            );
            hex
        })
}

/// How one head turns a sum of weights into log-odds:
/// `prior + gain * sum / sqrt(size)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadFit {
    /// Log-odds before reading.
    pub prior: f64,
    /// Log-odds of one quantised unit of weight in a comment of one feature.
    pub gain: f64,
}

/// What an artefact says of one head.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadRecord {
    /// The scoring parameters.
    #[serde(flatten)]
    pub fit: HeadFit,
    /// Judged rows it learned from.
    pub rows: usize,
    /// Positive ones among them.
    pub positives: usize,
    /// Area under the ROC curve over out-of-fold scores.
    pub cross_validated_auc: Option<f64>,
    /// Expected calibration error over out-of-fold scores.
    pub cross_validated_ece: Option<f64>,
}

/// What an artefact was trained on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusRecord {
    /// Name of the source.
    pub source: String,
    /// Rows of it that were learned from.
    pub rows: usize,
}

/// What an artefact says of itself. Holds no time and no path: the same corpus
/// and seed give the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the feature extractor it was trained with.
    pub feature_version: u32,
    /// Seed of everything random in training.
    pub seed: u64,
    /// SHA-256 over the prepared corpus, hexadecimal.
    pub corpus_digest: String,
    /// The corpus by source.
    pub corpus: Vec<CorpusRecord>,
    /// Both heads.
    pub heads: PerHead<HeadRecord>,
}

/// The weights of one feature, in quantised units, `[spam, toxicity]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeightEntry {
    /// [`short_key`] of the feature.
    pub key: u32,
    /// Spam and toxicity weight.
    pub weights: [i16; 2],
}

/// The upper half of a feature's key, never 0. With 10^6 entries one unknown
/// feature in 4,000 meets a stranger's weight.
#[must_use]
pub const fn short_key(key: FeatureKey) -> u32 {
    let short = (key >> 32) as u32;
    if short == 0 { 1 } else { short }
}

/// Why bytes are not a usable artefact.
#[derive(Debug, thiserror::Error)]
pub enum ArtefactError {
    /// The file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// Something else altogether.
    #[error(
        "not a Moderato artefact: it does not start with {:?}",
        String::from_utf8_lossy(MAGIC)
    )]
    Foreign,
    /// Cut off or damaged.
    #[error("damaged artefact: {0}; copy or train it again")]
    Damaged(&'static str),
    /// Written by another version of Moderato.
    #[error(
        "artefact of format {found}, expected {FORMAT_VERSION}: train it again with this version"
    )]
    Format {
        /// The artefact's format version.
        found: u32,
    },
    /// Trained with another feature extractor.
    #[error(
        "artefact trained with features of version {found}, expected {FEATURE_VERSION}: train it again with this version"
    )]
    Features {
        /// The artefact's feature version.
        found: u32,
    },
    /// The header is not what it should be.
    #[error("artefact header: {0}")]
    Header(#[from] serde_json::Error),
}

/// A trained model as it lies in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Artefact {
    id: ModelId,
    header: Header,
    entries: Vec<WeightEntry>,
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
        };
        let bytes = unnamed.to_bytes()?;
        Ok(Self {
            id: ModelId::of(&bytes[bytes.len() - DIGEST_BYTES..]),
            ..unnamed
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
        if found != FORMAT_VERSION {
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
        check(&header, &entries)?;
        Ok(Self {
            id: ModelId::of(&digest),
            header,
            entries,
        })
    }

    /// The file's bytes; equal artefacts give equal bytes.
    ///
    /// # Errors
    /// If the header cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ArtefactError> {
        let header = serde_json::to_vec(&self.header)?;
        let mut bytes = Vec::with_capacity(64 + header.len() + self.entries.len() * ENTRY_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes.extend_from_slice(&length(header.len())?.to_le_bytes());
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&length(self.entries.len())?.to_le_bytes());
        for entry in &self.entries {
            bytes.extend_from_slice(&entry.key.to_le_bytes());
            bytes.extend_from_slice(&entry.weights[0].to_le_bytes());
            bytes.extend_from_slice(&entry.weights[1].to_le_bytes());
        }
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
        write_atomically(path, &bytes).map_err(|source| io_error(path, source))
    }
}

fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // Readable as any file the user makes; a temporary one is private by default.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    let mut file = tempfile::Builder::new()
        .permissions(mode)
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    std::fs::File::open(folder)?.sync_all()
}

fn io_error(path: &Path, source: std::io::Error) -> ArtefactError {
    ArtefactError::Io {
        path: path.display().to_string(),
        source,
    }
}

fn length(value: usize) -> Result<u32, ArtefactError> {
    u32::try_from(value).map_err(|_| ArtefactError::Damaged("larger than the format allows"))
}

/// What the checksum cannot show: a file made wrong by a wrong program.
fn check(header: &Header, entries: &[WeightEntry]) -> Result<(), ArtefactError> {
    let finite = Head::ALL.iter().all(|&head| {
        let fit = header.heads.get(head).fit;
        fit.prior.is_finite() && fit.gain.is_finite()
    });
    if !finite {
        return Err(ArtefactError::Damaged("its parameters are not finite"));
    }
    if entries.first().is_some_and(|e| e.key == 0)
        || entries.windows(2).any(|pair| pair[0].key >= pair[1].key)
    {
        return Err(ArtefactError::Damaged("its keys are not in order"));
    }
    Ok(())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], ArtefactError> {
        let (taken, rest) = self
            .0
            .split_at_checked(len)
            .ok_or(ArtefactError::Damaged("cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, ArtefactError> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn entries(&mut self) -> Result<Vec<WeightEntry>, ArtefactError> {
        let count = self.u32()? as usize;
        let expected = count
            .checked_mul(ENTRY_BYTES)
            .ok_or(ArtefactError::Damaged("cut off"))?;
        let bytes = self.take(expected)?;
        if self.0.len() != DIGEST_BYTES {
            return Err(ArtefactError::Damaged("it has bytes left over"));
        }
        Ok(bytes
            .chunks_exact(ENTRY_BYTES)
            .map(|b| WeightEntry {
                key: u32::from_le_bytes([b[0], b[1], b[2], b[3]]),
                weights: [
                    i16::from_le_bytes([b[4], b[5]]),
                    i16::from_le_bytes([b[6], b[7]]),
                ],
            })
            .collect())
    }
}
