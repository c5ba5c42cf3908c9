//! Files of a corpus, in an order that does not depend on the machine.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::options::Format;

/// Files to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundFiles {
    /// To read, each once, in the order given; those of one folder sorted by path.
    pub files: Vec<PathBuf>,
    /// In the folders, but of no format that can be read.
    pub ignored: Vec<PathBuf>,
}

/// Lists the files that `paths` name: files as they are, folders with all files below them whose
/// names promise a format. Hidden files and links to folders are passed over.
///
/// # Errors
/// If a path cannot be read, or a folder holds nothing to read.
pub fn find_files(paths: &[PathBuf]) -> Result<FoundFiles, Error> {
    let mut found = FoundFiles::default();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|cause| cannot_open(path, cause))?;
        if metadata.is_dir() {
            add_folder(path, &mut found)?;
        } else {
            found.files.push(path.clone());
        }
    }
    let mut seen = BTreeSet::new();
    found.files.retain(|file| seen.insert(file.clone()));
    Ok(found)
}

fn add_folder(folder: &Path, found: &mut FoundFiles) -> Result<(), Error> {
    let mut below = Vec::new();
    collect(folder, &mut below)?;
    below.sort();
    let (readable, other): (Vec<_>, Vec<_>) = below
        .into_iter()
        .partition(|path| Format::of_path(path).is_some());
    if readable.is_empty() {
        return Err(Error::NothingToRead {
            path: folder.to_owned(),
        });
    }
    found.files.extend(readable);
    found.ignored.extend(other);
    Ok(())
}

fn collect(folder: &Path, below: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(|cause| cannot_open(folder, cause))? {
        let entry = entry.map_err(|cause| cannot_open(folder, cause))?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry
            .file_type()
            .map_err(|cause| cannot_open(&path, cause))?;
        if kind.is_dir() {
            collect(&path, below)?;
        } else if path.is_file() {
            below.push(path);
        }
    }
    Ok(())
}

fn cannot_open(path: &Path, cause: io::Error) -> Error {
    Error::Open {
        path: path.to_owned(),
        cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_folders_below_folders_in_order_and_names_what_it_ignores() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at("b/c")).unwrap();
        for name in [
            "b/c/1.csv",
            "b/0.JSONL",
            "a.tsv",
            "z.ndjson",
            "README.md",
            ".x.csv",
        ] {
            fs::write(at(name), "").unwrap();
        }
        let found = find_files(&[at("z.ndjson"), root.path().to_owned()]).unwrap();
        assert_eq!(
            found.files,
            ["z.ndjson", "a.tsv", "b/0.JSONL", "b/c/1.csv"].map(at)
        );
        assert_eq!(found.ignored, [at("README.md")]);
    }

    #[test]
    fn refuses_what_is_not_there_and_folders_with_nothing_to_read() {
        let root = tempfile::tempdir().unwrap();
        assert!(matches!(
            find_files(&[root.path().to_owned()]),
            Err(Error::NothingToRead { .. })
        ));
        assert!(matches!(
            find_files(&[root.path().join("nowhere")]),
            Err(Error::Open { .. })
        ));
    }
}
