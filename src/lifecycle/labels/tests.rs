use super::*;
use crate::label::Label;
use crate::site::SiteId;
use crate::store::{LabelSource, LabelTexts};

fn label(text: &str, url: Option<&str>) -> StoredLabel {
    StoredLabel {
        id: LabelId::new(uuid::Uuid::from_u128(1)),
        site: SiteId::default(),
        comment: None,
        labelled_at: Timestamp::UNIX_EPOCH,
        label: Label::default(),
        source: LabelSource::Import,
        actor: None,
        batch: None,
        origin: None,
        texts: Some(LabelTexts {
            text: text.to_owned(),
            url: url.map(str::to_owned),
            ..LabelTexts::default()
        }),
        language: None,
        group: None,
        retracted: None,
        released: false,
    }
}

#[test]
fn a_domain_is_found_in_text_and_url_with_all_hosts_under_it() {
    let query = LabelQuery {
        domain: Some("Spam.example.com".parse().unwrap()),
        ..LabelQuery::default()
    };
    assert!(query.takes(&label("see https://www.spam.example.com/x", None)));
    assert!(query.takes(&label("nice", Some("http://spam.example.com"))));
    assert!(!query.takes(&label("see https://notspam.example.com", None)));
    assert!(!query.takes(&label("nothing", None)));
}
