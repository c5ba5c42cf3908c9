//! `moderato review list`.

use std::io;
use std::process::ExitCode;

use jiff::Timestamp;
use moderato::review::{CommentName, HeldOrder, HeldQuery, Page, Review};
use moderato::site::SiteId;
use moderato::store::{PersonHash, QueueFilter};
use moderato::verdict::Head;

use super::{print, theirs};
use crate::config::site_id;

/// Most comments of a page.
const PAGE: u32 = 200;

/// Which comments, in which order.
#[derive(clap::Args)]
pub struct Query {
    /// Only of this site.
    #[arg(long, value_name = "ID", value_parser = site_id)]
    site: Option<SiteId>,
    /// Only with this reason code, such as `SPAM_SCORE`; may be given more than once.
    #[arg(long, value_name = "CODE")]
    reason: Vec<String>,
    /// What the scores are about: spam or toxicity [default: the higher of both].
    #[arg(long, value_parser = head)]
    head: Option<Head>,
    /// Lowest score, 0 to 1.
    #[arg(long, value_name = "SCORE")]
    min_score: Option<f64>,
    /// Highest score, 0 to 1.
    #[arg(long, value_name = "SCORE")]
    max_score: Option<f64>,
    /// Only by this author, as `show` names them.
    #[arg(long, value_name = "HASH", value_parser = author)]
    author: Option<PersonHash>,
    /// Only with this in text or name, in any case.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only on this page, by the site's id.
    #[arg(long, value_name = "ID")]
    page: Option<String>,
    /// Only near-identical ones of this comment.
    #[arg(long, value_name = "NAME")]
    near: Option<CommentName>,
    /// oldest, newest, score or wave.
    #[arg(long, default_value = "oldest", value_parser = order)]
    sort: HeldOrder,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

fn head(text: &str) -> Result<Head, String> {
    let named = Head::ALL.into_iter().find(|head| head.name() == text);
    named.ok_or_else(|| "expected spam or toxicity".to_owned())
}

fn author(text: &str) -> Result<PersonHash, String> {
    PersonHash::parse(text).ok_or_else(|| "expected 32 hexadecimal digits".to_owned())
}

fn order(text: &str) -> Result<HeldOrder, String> {
    match text {
        "oldest" => Ok(HeldOrder::Oldest),
        "newest" => Ok(HeldOrder::Newest),
        "score" => Ok(HeldOrder::Score),
        "wave" => Ok(HeldOrder::Wave),
        _ => Err("expected oldest, newest, score or wave".to_owned()),
    }
}

impl Query {
    fn held(self) -> HeldQuery {
        HeldQuery {
            filter: QueueFilter {
                site: self.site,
                reason_codes: self.reason,
                head: self.head,
                min_score: self.min_score,
                max_score: self.max_score,
                author: self.author,
                search: self.search,
                page_id: self.page,
                ..QueueFilter::default()
            },
            near: self.near,
            order: self.sort,
        }
    }
}

/// Lists what waits.
pub async fn list(
    review: &Review,
    query: Query,
    json: bool,
    now: Timestamp,
) -> anyhow::Result<ExitCode> {
    let (mut left, mut out) = (query.limit, io::stdout());
    let query = query.held();
    let mut page = Page::default();
    while left > 0 {
        page.size = u32::try_from(left).unwrap_or(PAGE).min(PAGE);
        let found = theirs(review.held(&query, &page, now).await)?;
        for comment in &found.comments {
            print::comment(&mut out, comment, json)?;
        }
        left = left.saturating_sub(found.comments.len());
        match found.next {
            Some(token) => page.token = Some(token),
            None => break,
        }
    }
    Ok(ExitCode::SUCCESS)
}
