//! The program that cargo has built for the tests.

use std::path::PathBuf;

/// Where it is, as cargo says to the tests and benchmarks that it runs.
pub fn path() -> PathBuf {
    let path = std::env::var_os("CARGO_BIN_EXE_moderato");
    path.expect("to be run by cargo test or cargo bench").into()
}
