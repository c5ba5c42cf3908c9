//! Our values as either database holds them, and back.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::error::StoreError;
use super::ids::CommentId;
use super::person::PersonHash;
use crate::site::{SiteAccess, SiteId};
use crate::verdict::Decision;

/// Microseconds since 1970.
pub(super) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

pub(super) const fn flag(yes: bool) -> i64 {
    if yes { 1 } else { 0 }
}

/// A text as both databases take it: PostgreSQL has no zero byte in one, so SUBSTITUTE
/// stands there, which is as long.
pub(super) fn text(text: &str) -> String {
    text.replace('\0', "\u{1A}")
}

/// As JSON. Only for our own types, all of which have a JSON form.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| unexpected("JSON", &error))
}

/// Reads columns by name.
pub(super) struct Columns<'r>(pub(super) &'r AnyRow);

impl Columns<'_> {
    pub(super) fn get<'r, T>(&'r self, column: &str) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
    {
        Ok(self.0.try_get(column)?)
    }

    pub(super) fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        let micros = self.get(column)?;
        Timestamp::from_microsecond(micros).map_err(|error| unexpected(column, &error))
    }

    /// A time that may be null.
    pub(super) fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        let micros: Option<i64> = self.get(column)?;
        micros.map(|_| self.time(column)).transpose()
    }

    pub(super) fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.get::<i64>(column)? != 0)
    }

    pub(super) fn decision(&self, column: &str) -> Result<Decision, StoreError> {
        let name: String = self.get(column)?;
        let named = Decision::ALL.into_iter().find(|known| known.name() == name);
        named.ok_or_else(|| unexpected(column, &name))
    }

    pub(super) fn comment_id(&self, column: &str) -> Result<CommentId, StoreError> {
        let bytes: Vec<u8> = self.get(column)?;
        CommentId::from_bytes(&bytes).ok_or_else(|| unexpected(column, &"no UUID"))
    }

    pub(super) fn site(&self, column: &str) -> Result<SiteId, StoreError> {
        let id: String = self.get(column)?;
        SiteId::new(&id).map_err(|error| unexpected(column, &error))
    }

    /// Ids with blanks between; null: every site.
    pub(super) fn site_access(&self, column: &str) -> Result<SiteAccess, StoreError> {
        let Some(stored) = self.get::<Option<String>>(column)? else {
            return Ok(SiteAccess::All);
        };
        let sites = stored.split_whitespace().map(SiteId::new);
        let sites = sites.collect::<Result<Vec<_>, _>>();
        sites
            .map(SiteAccess::only)
            .map_err(|error| unexpected(column, &error))
    }

    pub(super) fn person(&self, column: &str) -> Result<Option<PersonHash>, StoreError> {
        let bytes: Option<Vec<u8>> = self.get(column)?;
        Ok(bytes.as_deref().and_then(PersonHash::from_bytes))
    }

    /// A JSON column; `None` where it is null.
    pub(super) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self.get(column)?;
        text.map(|text| from_json(&text)).transpose()
    }
}

/// Something in the database that this program did not put there.
pub(super) fn unexpected(what: &str, found: &dyn std::fmt::Display) -> StoreError {
    StoreError::Fault(format!("{what}: {found}"))
}
