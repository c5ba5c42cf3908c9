//! The limiter that counts in the process, with the default quotas: address,
//! e-mail, page and site of readers who come once each.

use std::net::Ipv4Addr;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use moderato::rate_limit::{Charge, Cost, InProcess, KeyHasher, Quotas, Subject};
use moderato::site::SiteId;

use crate::site_of;

/// From identifiers to keyed hashes.
#[divan::bench]
fn make_keys(bencher: Bencher) {
    let charges = charges();
    let readers = readers();
    bencher
        .counter(ItemsCount::new(1_u8))
        .with_inputs(readers)
        .bench_local_refs(|reader| black_box(charges(reader)));
}

#[divan::bench]
fn charge(bencher: Bencher) {
    let limiter = InProcess::new();
    let charges = charges();
    let mut readers = readers();
    bencher
        .counter(ItemsCount::new(1_u8))
        .with_inputs(move || charges(&readers()))
        .bench_local_refs(|charges| {
            let admission = limiter.decide(black_box(charges));
            assert!(admission.is_admitted());
            black_box(admission)
        });
}

/// One who submits.
struct Reader {
    site: SiteId,
    address: Ipv4Addr,
    email: String,
    page: String,
}

/// A reader who was not there before, on every call.
fn readers() -> impl FnMut() -> Reader {
    let mut numbers = 0_u64..;
    move || {
        let number = numbers.next().unwrap();
        let [.., a, b, c] = number.to_be_bytes();
        Reader {
            site: site_of(number),
            address: [11, a, b, c].into(),
            email: format!("reader-{number}@example.org"),
            page: format!("story-{}", number / 50),
        }
    }
}

fn charges() -> impl Fn(&Reader) -> Vec<Charge> {
    let quotas = Quotas::default();
    let hasher = KeyHasher::new([7; 32]);
    move |reader| {
        let subject = Subject {
            address: Some(reader.address.into()),
            email: Some(&reader.email),
            page: Some(&reader.page),
            author: None,
            site: true,
        };
        quotas.charges(&hasher, &reader.site, &subject, Cost::ONE)
    }
}
