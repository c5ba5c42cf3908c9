//! Where a configuration comes from: a file, and the environment over it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::environment::{self, Environment};
use super::place::{key_at, place};
use super::private_url::without_passwords;
use super::{CONFIG_VARIABLE, Config, ConfigError, consistency};
use crate::rules::{ListSettings, RuleSettings};

/// The file that is read where none is named, if it is there.
pub const DEFAULT_FILE: &str = "moderato.toml";

/// Reads a file as text.
pub type Reader<'a> = &'a mut dyn FnMut(&Path) -> io::Result<String>;

/// The places a configuration is put together from.
pub struct Sources {
    file: Option<PathBuf>,
    environment: Box<Environment>,
}

impl Sources {
    /// The file named on the command line, if one is, and the environment.
    #[must_use]
    pub fn new(
        file: Option<PathBuf>,
        environment: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
    ) -> Self {
        Self {
            file,
            environment: Box::new(environment),
        }
    }

    /// `file` alone, whatever the environment says.
    #[must_use]
    pub fn file(file: PathBuf) -> Self {
        Self::new(Some(file), |_| None)
    }

    /// Reads the configuration as it is now.
    ///
    /// # Errors
    /// If a key or a value cannot be meant, or if settings contradict each other.
    pub fn load(&self, read: Reader<'_>) -> Result<Config, ConfigError> {
        let source = self.source(read)?;
        let mut config = match &source {
            Some((file, text)) => parse(file, text)?,
            None => Config::default(),
        };
        environment::override_by(&self.environment, &mut config)?;
        consistency::check(&config).map_err(|contradiction| match &source {
            Some((file, text)) => contradiction.in_file(file, text),
            None => contradiction.anywhere(),
        })?;
        Ok(config)
    }

    /// The file and its content; `None` if there is none and none was named.
    fn source(&self, read: Reader<'_>) -> Result<Option<(PathBuf, String)>, ConfigError> {
        let named = self.file.clone().or_else(|| {
            let variable = (self.environment)(CONFIG_VARIABLE)?;
            (!variable.is_empty()).then(|| variable.into())
        });
        let file = named.clone().unwrap_or_else(|| DEFAULT_FILE.into());
        match read(&file) {
            Ok(text) => Ok(Some((file, text))),
            Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ConfigError::Read { file, source }),
        }
    }
}

fn parse(file: &Path, text: &str) -> Result<Config, ConfigError> {
    let mut config: Config = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let message = without_passwords(error.message());
        let message = match key_at(text, offset) {
            // The message of an unknown key names it already.
            Some(key) if !message.starts_with("unknown field") => format!("{key}: {message}"),
            _ => message,
        };
        ConfigError::File {
            place: place(file, text, offset),
            message,
        }
    })?;
    for path in paths(&mut config) {
        *path = beside(file, path);
    }
    Ok(config)
}

/// `path` as it stands in `file`, made absolute.
fn beside(file: &Path, path: &Path) -> PathBuf {
    let path = file.with_file_name("").join(path);
    std::path::absolute(&path).unwrap_or(path)
}

/// Every path that a configuration holds.
fn paths(config: &mut Config) -> impl Iterator<Item = &mut PathBuf> {
    let shared = std::iter::once(&mut config.rules);
    let rules = shared.chain(config.sites.values_mut().map(|site| &mut site.rules));
    std::iter::once(&mut config.data_dir)
        .chain(&mut config.hash_key_file)
        .chain(&mut config.model.path)
        .chain(config.redis.paths())
        .chain(rules.flat_map(list_files))
}

fn list_files(rules: &mut RuleSettings) -> impl Iterator<Item = &mut PathBuf> {
    [&mut rules.words, &mut rules.domains]
        .into_iter()
        .flat_map(|lists| {
            let ListSettings {
                reject_files,
                hold_files,
                allow_files,
                ..
            } = lists;
            reject_files.iter_mut().chain(hold_files).chain(allow_files)
        })
}
