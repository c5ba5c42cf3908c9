//! What of a comment goes into the store.

use crate::comment::{AuthorUrl, Comment, Locale};
use crate::site::SiteId;
use crate::store::{AuthorHashes, Content, PersonHasher, Texts};

/// What is kept of a comment.
pub(super) fn content(people: &PersonHasher, site: &SiteId, comment: &Comment) -> Content {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let page = comment.page();
    let author = comment.author();
    Content {
        texts: Texts {
            name: comment.name().as_str().to_owned(),
            text: comment.text().as_str().to_owned(),
            url: owned(comment.url().map(AuthorUrl::as_str)),
            page_id: owned(page.id()),
            page_url: owned(page.url()),
            page_title: owned(page.title()),
            user_agent: owned(comment.user_agent()),
            locale: owned(comment.locale().map(Locale::as_str)),
        },
        author: AuthorHashes {
            email: people.email(site, &comment.email().canonical()),
            author: author.id().map(|id| people.author(site, id)),
            address: comment
                .ip_address()
                .map(|address| people.address(site, address)),
        },
        trusted: author.trusted(),
        approved_comments: author.approved_comments(),
        language: comment.locale().map(Locale::language),
        simhash: None,
        shadow: None,
    }
}
