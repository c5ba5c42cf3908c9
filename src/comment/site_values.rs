//! What only the site supplies. A malformed value there is no fault of the reader:
//! it is left out and a remark says so.

use std::net::{IpAddr, Ipv6Addr};

use super::faults::characters;
use super::limits::{FieldLimits, SITE_VALUE_MAX_CHARS};
use super::locale::Locale;
use super::submission::{SubmittedAuthor, SubmittedPage};
use super::visible::{is_blank, longer_than};
use super::{Author, Page};
use crate::verdict::{Field, Reason, ReasonCode};

/// Reads what the site supplied and collects what had to be left out.
#[derive(Default)]
pub(super) struct SiteValues {
    remarks: Vec<Reason>,
}

impl SiteValues {
    pub(super) fn into_remarks(self) -> Vec<Reason> {
        self.remarks
    }

    pub(super) fn ip_address(&mut self, sent: &str) -> Option<IpAddr> {
        let expected = "expected an IPv4 or IPv6 address without a port";
        self.well_formed(Field::IpAddress, sent, parse_ip_address, expected)
    }

    pub(super) fn locale(&mut self, sent: &str) -> Option<Locale> {
        let expected = "expected a BCP 47 language tag such as en or ur-PK";
        self.well_formed(Field::Locale, sent, Locale::parse, expected)
    }

    pub(super) fn page(&mut self, sent: SubmittedPage, limits: &FieldLimits) -> Page {
        Page {
            id: self.whole(Field::Page, "page.id", sent.id, SITE_VALUE_MAX_CHARS),
            url: self.whole(Field::Page, "page.url", sent.url, limits.url_max_chars()),
            title: self.beginning(Field::Page, "page.title", sent.title),
        }
    }

    pub(super) fn author(&mut self, sent: SubmittedAuthor) -> Author {
        Author {
            id: self.whole(Field::Author, "author.id", sent.id, SITE_VALUE_MAX_CHARS),
            trusted: sent.trusted,
            approved_comments: sent.approved_comments,
        }
    }

    /// A text that is still of use when its end is cut off.
    pub(super) fn beginning(
        &mut self,
        field: Field,
        path: &str,
        mut sent: String,
    ) -> Option<String> {
        if is_blank(&sent) {
            return None;
        }
        let end = sent.char_indices().nth(SITE_VALUE_MAX_CHARS);
        if let Some((end, _)) = end {
            sent.truncate(end);
            let max = characters(SITE_VALUE_MAX_CHARS);
            self.remark(field, format!("{path} was cut after {max}"));
        }
        Some(sent)
    }

    /// A value that is nothing without its end: half an id is another's id.
    fn whole(&mut self, field: Field, path: &str, sent: String, max: usize) -> Option<String> {
        if is_blank(&sent) {
            return None;
        }
        if longer_than(&sent, max) {
            let max = characters(max);
            self.remark(field, format!("{path} was ignored: expected at most {max}"));
            return None;
        }
        Some(sent)
    }

    fn well_formed<T>(
        &mut self,
        field: Field,
        sent: &str,
        parse: fn(&str) -> Option<T>,
        expected: &str,
    ) -> Option<T> {
        if is_blank(sent) {
            return None;
        }
        let parsed = parse(sent);
        if parsed.is_none() {
            self.remark(field, format!("{} was ignored: {expected}", field.name()));
        }
        parsed
    }

    fn remark(&mut self, field: Field, message: String) {
        self.remarks
            .push(Reason::new(ReasonCode::FieldIgnored, Some(field), message));
    }
}

/// Reads an address with white space around it, in the brackets of a URL's host
/// or with a zone (`fe80::1%eth0`), all of which proxies and libraries add.
fn parse_ip_address(sent: &str) -> Option<IpAddr> {
    let address = sent.trim();
    if let Ok(plain) = address.parse::<IpAddr>() {
        return Some(plain.to_canonical());
    }
    let unbracketed = address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(address);
    let without_zone = unbracketed.split('%').next().unwrap_or(unbracketed);
    let v6 = without_zone.parse::<Ipv6Addr>().ok()?;
    Some(v6.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_come_as_proxies_write_it() {
        for (sent, address) in [
            ("192.0.2.1", "192.0.2.1"),
            (" 192.0.2.1\n", "192.0.2.1"),
            ("2001:DB8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[::ffff:192.0.2.1]", "192.0.2.1"),
        ] {
            assert_eq!(parse_ip_address(sent), address.parse().ok(), "{sent}");
        }
        for bad in [
            "192.0.2.1:80",
            "[192.0.2.1]",
            "192.0.2",
            "1.2.3.4, 5.6.7.8",
            "unknown",
            "[::1]:80",
        ] {
            assert_eq!(parse_ip_address(bad), None, "{bad}");
        }
    }
}
