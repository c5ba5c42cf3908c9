//! A disk that is soon full.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of a size in megabytes, gone when dropped.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where this user may not mount one.
    pub fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path())
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes what room is left, until the file is removed.
    pub fn fill(&self) -> PathBuf {
        let ballast = self.path().join("ballast");
        let mut room = std::fs::File::create(&ballast).unwrap();
        while std::io::Write::write_all(&mut room, &[0; 4096]).is_ok() {}
        ballast
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}
