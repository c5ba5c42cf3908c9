//! The author's e-mail address.

use email_address::Options;

use super::faults::fault;
use super::limits::EMAIL_MAX_OCTETS;
use super::redact::debug_as_length;
use super::visible::{breaks_line, is_blank, is_invisible, trim};
use crate::verdict::{Field, Reason, ReasonCode};

/// A mailbox on the internet: a name at a domain with at least one dot. Neither
/// `Name <a@example.org>` nor an address literal (`a@[192.0.2.1]`) is one: people
/// do not type those into a comment form.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(email_address::EmailAddress);

impl EmailAddress {
    /// Takes an address as it was sent, less the white space and invisible
    /// characters around it (pasting leaves them behind).
    ///
    /// # Errors
    /// The first fault: `EMAIL_REQUIRED`, `EMAIL_TOO_LONG` or `EMAIL_INVALID`.
    pub fn parse(sent: &str) -> Result<Self, Reason> {
        if is_blank(sent) {
            let sentence = "Please enter your e-mail address.";
            return Err(fault(ReasonCode::EmailRequired, Field::Email, sentence));
        }
        let address = trim(sent);
        if address.len() > EMAIL_MAX_OCTETS {
            let sentence = format!(
                "This is too long for an e-mail address; one has at most {EMAIL_MAX_OCTETS} characters."
            );
            return Err(fault(ReasonCode::EmailTooLong, Field::Email, sentence));
        }
        parse_mailbox(address).map(Self).ok_or_else(|| {
            let sentence = "This does not look like an e-mail address; \
                            expected something like name@example.org.";
            fault(ReasonCode::EmailInvalid, Field::Email, sentence)
        })
    }

    /// The address as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What follows the last `@`, as typed.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.domain()
    }

    /// The address in lower case, for telling people apart. The part before the
    /// `@` is folded too: no known provider gives `Ali@` and `ali@` to two people.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.as_str().to_lowercase()
    }
}

debug_as_length!(EmailAddress);

fn parse_mailbox(address: &str) -> Option<email_address::EmailAddress> {
    // The library lets through some characters that nobody can see or type, such
    // as Hangul fillers, which would make one mailbox look like many.
    if address.contains(|character| breaks_line(character) || is_invisible(character)) {
        return None;
    }
    let options = Options::default()
        .with_required_tld()
        .without_domain_literal()
        .without_display_text();
    email_address::EmailAddress::parse_with_options(address, options).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn assert_fault(sent: &str, code: ReasonCode) {
        let fault = EmailAddress::parse(sent).expect_err(sent);
        assert_eq!(
            (fault.code, fault.field),
            (code, Some(Field::Email)),
            "{sent:?}"
        );
    }

    #[test]
    fn every_fault() {
        for blank in ["", "  ", "\0", "\u{200E}"] {
            assert_fault(blank, ReasonCode::EmailRequired);
        }
        let long = format!("{}@example.org", "a".repeat(243));
        assert_fault(&long, ReasonCode::EmailTooLong);
        for bad in [
            "ayesha",
            "ayesha@",
            "@example.org",
            "ayesha@localhost",
            "ayesha@[192.0.2.1]",
            "ayesha@example..org",
            "ayesha@example.org.",
            "ayesha@-example.org",
            "ayesha khan@example.org",
            "a@b@example.org",
            ".ayesha@example.org",
            "Ayesha <ayesha@example.org>",
            "<ayesha@example.org>",
            "ayesha@example.org\0",
            "ayesha\n@example.org",
            "ayesha\u{3164}@example.org",
            "ayesha@exam\u{200B}ple.org",
            "ayesha@example.org, ali@example.org",
            "mailto:ayesha@example.org",
            &format!("{}@example.org", "a".repeat(65)),
        ] {
            assert_fault(bad, ReasonCode::EmailInvalid);
        }
    }

    #[test]
    fn addresses_that_people_have() {
        for (sent, address) in [
            (
                "Ayesha.Khan+news@Example.ORG",
                "Ayesha.Khan+news@Example.ORG",
            ),
            (" ayesha@example.org\r\n", "ayesha@example.org"),
            ("\u{200F}ayesha@example.org\u{200B}", "ayesha@example.org"),
            ("عائشہ@مثال.پاکستان", "عائشہ@مثال.پاکستان"),
            ("o'neill@mail.example.co.uk", "o'neill@mail.example.co.uk"),
        ] {
            let parsed = EmailAddress::parse(sent);
            assert_eq!(
                parsed.as_ref().map(EmailAddress::as_str),
                Ok(address),
                "{sent:?}"
            );
        }
    }

    #[test]
    fn the_longest_address_of_rfc_5321_passes() {
        let label = "d".repeat(57);
        let domain = format!("{label}.{label}.{label}.{}.org", "d".repeat(11));
        let longest = format!("{}@{domain}", "a".repeat(64));
        assert_eq!(longest.len(), EMAIL_MAX_OCTETS);
        assert!(EmailAddress::parse(&longest).is_ok());
    }

    #[test]
    fn one_mailbox_has_one_canonical_address() {
        let email = EmailAddress::parse(" Ayesha.K@Mail.Example.ORG ").unwrap();
        assert_eq!(email.canonical(), "ayesha.k@mail.example.org");
        assert_eq!(email.domain(), "Mail.Example.ORG");
    }

    proptest! {
        #[test]
        fn an_address_parses_to_itself(
            sent in "[ \u{200B}\u{FEFF}]{0,2}[a-zA-Zآ-ی.+]{1,9}@[a-z0-9آ-ی-]{1,12}\\.(org|پاکستان)[ \r\n]?"
        ) {
            if let Ok(email) = EmailAddress::parse(&sent) {
                let again = EmailAddress::parse(email.as_str());
                prop_assert_eq!(again.as_ref(), Ok(&email));
                let canonical = EmailAddress::parse(&email.canonical());
                prop_assert_eq!(canonical.map(|again| again.canonical()), Ok(email.canonical()));
            }
        }
    }
}
