//! Passwords: what is taken, and how they are kept (argon2id, RFC 9106).

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use super::error::{AccountError, Invalid};
use crate::moderator::ModeratorName;

/// Shortest password, in characters.
pub const SHORTEST_PASSWORD: usize = 12;
/// Longest password, in bytes: hashing takes time for each.
pub const LONGEST_PASSWORD: usize = 1024;

/// Hashings at once. Each takes 19 MiB for some 20 ms of a core; who floods the
/// sign-in page must not take the memory that judging needs.
const AT_ONCE: usize = 2;

/// A hash that no password has. Checked where there is no account, so that the time
/// taken does not tell.
static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| hashed("nobody's").ok());

/// Hashes and checks passwords, a few at a time, off the threads that serve.
#[derive(Clone)]
pub(super) struct Passwords(Arc<Semaphore>);

impl Passwords {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// The hash of a new password of `name`.
    ///
    /// # Errors
    /// If it is too short, too long or too plain.
    pub(super) async fn hash(
        &self,
        name: &ModeratorName,
        password: &str,
    ) -> Result<String, AccountError> {
        accept(name, password)?;
        let password = password.to_owned();
        self.aside(move || hashed(&password)).await?
    }

    /// Whether `password` is the one that was hashed. Without a hash: no, but in the
    /// same time.
    pub(super) async fn fits(
        &self,
        password: &str,
        hash: Option<String>,
    ) -> Result<bool, AccountError> {
        if password.len() > LONGEST_PASSWORD {
            return Ok(false);
        }
        let password = password.to_owned();
        self.aside(move || {
            let real = hash.is_some();
            let hash = hash
                .or_else(|| NOBODYS.clone())
                .ok_or(AccountError::Hashing)?;
            let hash = PasswordHash::new(&hash).map_err(|_| AccountError::Hashing)?;
            let fits = Argon2::default().verify_password(password.as_bytes(), &hash);
            Ok(fits.is_ok() && real)
        })
        .await?
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let permit = Arc::clone(&self.0).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.map_err(|_| AccountError::Hashing)
    }
}

fn hashed(password: &str) -> Result<String, AccountError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|_| AccountError::Hashing)
}

/// Length is what counts (NIST SP 800-63B); what anybody would try first is refused.
fn accept(name: &ModeratorName, password: &str) -> Result<(), Invalid> {
    let characters = password.chars().count();
    if characters < SHORTEST_PASSWORD {
        return Err(Invalid::PasswordTooShort(characters));
    }
    if password.len() > LONGEST_PASSWORD {
        return Err(Invalid::PasswordTooLong(password.len()));
    }
    let folded = password.to_lowercase();
    let distinct: std::collections::HashSet<char> = folded.chars().collect();
    if distinct.len() < 5 {
        return Err(Invalid::PasswordTooPlain(
            "it has fewer than five different characters",
        ));
    }
    if folded.replace(&name.folded(), "").chars().count() < SHORTEST_PASSWORD / 2 {
        return Err(Invalid::PasswordTooPlain("it is hardly more than the name"));
    }
    if ["password", "123456", "qwerty", "moderato"]
        .iter()
        .any(|w| folded.starts_with(w))
    {
        return Err(Invalid::PasswordTooPlain(
            "it begins as those do that are tried first",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ModeratorName {
        text.parse().unwrap()
    }

    #[test]
    fn says_what_is_wrong_with_a_password() {
        let accept = |password: &str| accept(&name("Ayesha Khan"), password);
        assert_eq!(accept("short"), Err(Invalid::PasswordTooShort(5)));
        assert_eq!(
            accept(&"ab c".repeat(300)),
            Err(Invalid::PasswordTooLong(1200))
        );
        for plain in [
            "aaaaaaaaaaaaaaa",
            "ayesha khan 1",
            "Password2026!",
            "123456789012",
        ] {
            let refused = accept(plain);
            assert!(
                matches!(refused, Err(Invalid::PasswordTooPlain(_))),
                "{plain}"
            );
        }
        assert_eq!(accept("correct horse battery"), Ok(()));
        assert_eq!(accept("بارہ حروف کا لفظ"), Ok(()));
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let passwords = Passwords::new();
        let hash = passwords
            .hash(&name("a"), "correct horse battery")
            .await
            .unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let fits = async |password, hash| passwords.fits(password, hash).await.unwrap();
        assert!(fits("correct horse battery", Some(hash.clone())).await);
        assert!(!fits("correct horse batterz", Some(hash)).await);
        assert!(!fits("nobody's", None).await);
    }
}
