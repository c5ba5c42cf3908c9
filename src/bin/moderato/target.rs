//! Where a result is to be written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

/// Mode of a file that holds readers' comments: for its owner's eyes.
pub const PRIVATE: u32 = 0o600;

/// A regular file that can be written, there already or not.
pub struct Target(PathBuf);

impl Target {
    /// The target that `flag` names, asked before minutes of work. A symbolic
    /// link stands for the file it leads to, which is replaced in its own folder.
    ///
    /// # Errors
    /// If it is something else than a file, or its folder cannot be written to.
    pub fn find(flag: &str, out: &Path) -> anyhow::Result<Self> {
        Self::at(out).with_context(|| format!("{flag} {}", out.display()))
    }

    fn at(out: &Path) -> anyhow::Result<Self> {
        let path = match fs::symlink_metadata(out) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => out.to_owned(),
            Err(error) => return Err(error).context("cannot be written"),
            Ok(_) => existing(out)?,
        };
        let written_as_folder = out.as_os_str().as_encoded_bytes().ends_with(b"/");
        ensure!(
            path.file_name().is_some() && !written_as_folder,
            "expected a file"
        );
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        tempfile::NamedTempFile::new_in(folder).context("cannot write to its folder")?;
        Ok(Self(path))
    }

    /// The file itself, never a link to it.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

fn existing(out: &Path) -> anyhow::Result<PathBuf> {
    let path = fs::canonicalize(out).context("expected a file, found a link to none")?;
    let kind = fs::metadata(&path)?.file_type();
    ensure!(!kind.is_dir(), "expected a file, found a folder");
    ensure!(
        kind.is_file(),
        "expected a regular file, found a device, pipe or socket"
    );
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileTypeExt as _, symlink};
    use std::process::Command;

    use super::*;

    fn refusal(out: &Path) -> String {
        let error = Target::find("--out", out).err().unwrap();
        moderato::telemetry::with_causes(error.as_ref())
    }

    #[test]
    fn what_is_no_regular_file_is_refused_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let [fifo, dangling] = ["fifo", "dangling"].map(|name| folder.path().join(name));
        let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
        assert!(made.success());
        symlink("nowhere", &dangling).unwrap();
        for (out, found) in [
            (Path::new("/dev/null"), "found a device"),
            (&fifo, "found a device, pipe"),
            (folder.path(), "found a folder"),
            (&dangling, "found a link to none"),
            (Path::new("no/such/folder/m"), "cannot write to its folder"),
        ] {
            let said = refusal(out);
            let named = format!("--out {}: ", out.display());
            assert!(said.starts_with(&named) && said.contains(found), "{said}");
        }
        let null = fs::metadata("/dev/null").unwrap().file_type();
        assert!(null.is_char_device());
        assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());
    }

    #[test]
    fn a_link_stands_for_the_file_it_leads_to() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (link, file) = (here.path().join("link"), there.path().join("model"));
        fs::write(&file, "").unwrap();
        symlink(&file, &link).unwrap();
        let target = Target::find("--out", &link).unwrap();
        assert_eq!(target.path(), fs::canonicalize(&file).unwrap());
        let new = here.path().join("new");
        assert_eq!(Target::find("--out", &new).unwrap().path(), new);
    }
}
