//! Where `scripts/test` has put Python, Node and their packages.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages for clients in other languages.
pub struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// The folder `test-clients` beside the build, as `scripts/test` makes it.
    pub fn new() -> Self {
        let build = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
        Self {
            folder: build.unwrap().join("test-clients"),
        }
    }

    /// Python with grpcio; `MODERATO_TEST_PYTHON` names another.
    pub fn python(&self) -> Command {
        let default = self.folder.join("python/bin/python");
        let python = env::var_os("MODERATO_TEST_PYTHON").map_or(default, PathBuf::from);
        Command::new(present("Python with grpcio", python))
    }

    /// Node, run in the folder that holds `node_modules`.
    pub fn node(&self) -> Command {
        let modules = self.node_modules();
        let mut node = Command::new("node");
        node.current_dir(modules.parent().unwrap());
        node.env("NODE_PATH", modules);
        node
    }

    /// The packages for Node; `MODERATO_TEST_NODE_MODULES` names others.
    pub fn node_modules(&self) -> PathBuf {
        let default = self.folder.join("node/node_modules");
        let modules = env::var_os("MODERATO_TEST_NODE_MODULES").map_or(default, PathBuf::from);
        present("packages for Node", modules)
    }
}

fn present(what: &str, path: PathBuf) -> PathBuf {
    assert!(
        path.exists(),
        "no {what} at {}: run scripts/test, which installs what the tests need",
        path.display()
    );
    path
}
