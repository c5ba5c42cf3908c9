//! Files whose change puts another configuration in force.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The files that were read, with a hash of what was in them.
///
/// Contents are compared, not times: an atomic rename, a symbolic link that is
/// swapped (as Kubernetes does) and two writes in one tick of the clock all show.
#[derive(Debug, Default)]
pub struct WatchedFiles(HashMap<PathBuf, Option<[u8; 32]>>);

impl WatchedFiles {
    /// Reads a file and watches it from then on, whether it is there or not.
    ///
    /// # Errors
    /// As [`std::fs::read_to_string`].
    pub fn read(&mut self, path: &Path) -> io::Result<String> {
        let bytes = std::fs::read(path);
        self.0.insert(path.to_owned(), hash(&bytes));
        String::from_utf8(bytes?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
    }

    /// Whether any of them reads otherwise now.
    #[must_use]
    pub fn have_changed(&self) -> bool {
        self.0
            .iter()
            .any(|(path, known)| hash(&std::fs::read(path)) != *known)
    }
}

/// Of the content; `None` if it could not be read.
fn hash(content: &io::Result<Vec<u8>>) -> Option<[u8; 32]> {
    content
        .as_ref()
        .ok()
        .map(|bytes| Sha256::digest(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_content_shows_whatever_kind_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        let mut files = WatchedFiles::default();
        files.read(&path).unwrap_err();
        assert!(!files.have_changed(), "it was and is not there");

        std::fs::write(&path, "one").unwrap();
        assert!(files.have_changed(), "it came");
        assert_eq!(files.read(&path).unwrap(), "one");
        std::fs::write(&path, "one").unwrap();
        assert!(!files.have_changed(), "written again, the same");

        let other = folder.path().join("other");
        std::fs::write(&other, "two").unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert!(files.have_changed(), "it was replaced");
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        std::fs::write(&path, b"\xff").unwrap();
        let error = WatchedFiles::default().read(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
