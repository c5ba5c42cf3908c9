//! From an Envoy's descriptors to what our quotas count.

use crate::comment::EmailAddress;
use crate::grpc::envoy_proto::extensions::common::ratelimit::v3::RateLimitDescriptor;
use crate::grpc::envoy_proto::extensions::common::ratelimit::v3::rate_limit_descriptor::Entry;
use crate::grpc::envoy_proto::service::ratelimit::v3::RateLimitRequest;
use crate::grpc::status::Refusal;
use crate::pipeline::{Counted, SharedQuestion};
use crate::rate_limit::Cost;

/// Most descriptors of one request.
const MAX_DESCRIPTORS: usize = 32;
/// Most entries of one descriptor.
const MAX_ENTRIES: usize = 16;

/// What `request` asks for each of its descriptors.
///
/// # Errors
/// If it asks for what is not done here, or for too much at once.
pub(super) fn asked(request: &RateLimitRequest) -> Result<Vec<SharedQuestion>, Refusal> {
    let descriptors = &request.descriptors;
    if !(1..=MAX_DESCRIPTORS).contains(&descriptors.len()) {
        let found = descriptors.len();
        let expected = format!("expected 1 to {MAX_DESCRIPTORS}, found {found}");
        return Err(invalid("descriptors".to_owned(), expected));
    }
    let hits = request.hits_addend.max(1);
    let numbered = descriptors.iter().enumerate();
    numbered
        .map(|(index, descriptor)| question(index, descriptor, hits))
        .collect()
}

fn question(
    index: usize,
    descriptor: &RateLimitDescriptor,
    hits: u32,
) -> Result<SharedQuestion, Refusal> {
    let refused = |field: &str, expected: &str| {
        let field = format!("descriptors[{index}].{field}");
        Err(invalid(field, expected.to_owned()))
    };
    if !(1..=MAX_ENTRIES).contains(&descriptor.entries.len()) {
        return refused("entries", &format!("expected 1 to {MAX_ENTRIES}"));
    }
    if descriptor.limit.is_some() {
        return refused(
            "limit",
            "expected none: quotas are set in Moderato's configuration",
        );
    }
    if descriptor.is_negative_hits {
        return refused("is_negative_hits", "expected false: nothing is given back");
    }
    let own_hits = descriptor.hits_addend;
    let hits = own_hits.map_or(hits, |hits| u32::try_from(hits).unwrap_or(u32::MAX));
    Ok(SharedQuestion {
        counted: descriptor.entries.iter().filter_map(counted).collect(),
        cost: Cost::of(hits),
    })
}

/// What an entry is counted as; `None` where no quota is for it, or its value is none.
fn counted(entry: &Entry) -> Option<Counted> {
    let value = || (!entry.value.is_empty()).then(|| entry.value.clone());
    match entry.key.as_str() {
        "remote_address" => entry.value.parse().ok().map(Counted::Address),
        "email" => {
            let email = EmailAddress::parse(&entry.value).ok()?;
            Some(Counted::Email(email.canonical()))
        }
        "page" => value().map(Counted::Page),
        "author" => value().map(Counted::Author),
        "generic_key" if entry.value == "site" => Some(Counted::Site),
        _ => None,
    }
}

fn invalid(field: String, expected: String) -> Refusal {
    Refusal::InvalidField { field, expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::envoy_proto::extensions::common::ratelimit::v3::rate_limit_descriptor::RateLimitOverride;

    fn descriptor(entries: &[(&str, &str)]) -> RateLimitDescriptor {
        let entry = |(key, value): &(&str, &str)| Entry {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        RateLimitDescriptor {
            entries: entries.iter().map(entry).collect(),
            ..RateLimitDescriptor::default()
        }
    }

    fn request(descriptors: Vec<RateLimitDescriptor>) -> RateLimitRequest {
        RateLimitRequest {
            domain: "default".to_owned(),
            descriptors,
            hits_addend: 0,
        }
    }

    #[test]
    fn entries_name_what_is_counted_and_others_are_not() {
        let asked = asked(&request(vec![
            descriptor(&[("remote_address", "192.0.2.7"), ("email", "A@Example.ORG")]),
            descriptor(&[("generic_key", "site"), ("page", "p"), ("author", "u")]),
            descriptor(&[
                ("generic_key", "other"),
                ("path", "/"),
                ("remote_address", "here"),
                ("email", "none"),
                ("page", ""),
            ]),
        ]));
        let counted: Vec<_> = asked
            .unwrap()
            .into_iter()
            .map(|asked| asked.counted)
            .collect();
        assert_eq!(counted[0][0], Counted::Address([192, 0, 2, 7].into()));
        assert!(matches!(&counted[0][1], Counted::Email(email) if email.ends_with("@example.org")));
        let text = str::to_owned;
        let site = [
            Counted::Site,
            Counted::Page(text("p")),
            Counted::Author(text("u")),
        ];
        assert_eq!(counted[1], site);
        assert!(counted[2].is_empty());
    }

    #[test]
    fn a_descriptors_own_hits_go_before_the_requests() {
        let own = RateLimitDescriptor {
            hits_addend: Some(0),
            ..descriptor(&[("page", "p")])
        };
        let request = RateLimitRequest {
            hits_addend: 3,
            ..request(vec![descriptor(&[("page", "p")]), own])
        };
        let costs = asked(&request).unwrap().into_iter().map(|asked| asked.cost);
        assert_eq!(costs.collect::<Vec<_>>(), [Cost::of(3), Cost::NOTHING]);
    }

    #[test]
    fn what_is_not_done_here_is_refused_by_its_field() {
        let page = || descriptor(&[("page", "p")]);
        let with_limit = RateLimitDescriptor {
            limit: Some(RateLimitOverride::default()),
            ..page()
        };
        let negative = RateLimitDescriptor {
            is_negative_hits: true,
            ..page()
        };
        for (descriptors, field) in [
            (Vec::new(), "descriptors"),
            (vec![page(); MAX_DESCRIPTORS + 1], "descriptors"),
            (vec![page(), descriptor(&[])], "descriptors[1].entries"),
            (vec![with_limit], "descriptors[0].limit"),
            (vec![negative], "descriptors[0].is_negative_hits"),
        ] {
            let refusal = asked(&request(descriptors)).unwrap_err();
            assert!(
                matches!(&refusal, Refusal::InvalidField { field: at, .. } if at == field),
                "{refusal:?}"
            );
        }
    }

    #[test]
    fn debug_prints_do_not_tell_who_it_is() {
        let request = request(vec![descriptor(&[("email", "a@example.org")])]);
        assert!(!format!("{request:?}").contains("example.org"));
    }
}
