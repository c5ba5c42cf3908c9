//! Which held comments are meant, as conditions of a query.

use jiff::Timestamp;

use crate::site::{SiteAccess, SiteId};
use crate::store::ids::CommentId;
use crate::store::person::PersonHash;
use crate::store::sql::Sql;
use crate::store::values::micros;
use crate::verdict::Head;

/// Which held comments. What is left out restricts nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueFilter {
    /// Only this site's.
    pub site: Option<SiteId>,
    /// Only these sites': those that whoever asks may see.
    pub sites: SiteAccess,
    /// Only with one of these reason codes.
    pub reason_codes: Vec<String>,
    /// What the scores are about; `None`: the higher of both.
    pub head: Option<Head>,
    /// Lowest score.
    pub min_score: Option<f64>,
    /// Highest score.
    pub max_score: Option<f64>,
    /// Received at this time or later.
    pub from: Option<Timestamp>,
    /// Received before this time.
    pub before: Option<Timestamp>,
    /// Only by this author; nobody who was erased has any.
    pub author: Option<PersonHash>,
    /// Only with this in name or text, in any case.
    pub search: Option<String>,
    /// Only on this page.
    pub page_id: Option<String>,
    /// Only these.
    pub among: Option<Vec<CommentId>>,
    /// Not what anybody but this moderator has claimed.
    pub free_for: Option<String>,
}

pub(super) const fn score_column(head: Option<Head>) -> &'static str {
    match head {
        None => " AND c.score",
        Some(Head::Spam) => " AND c.spam",
        Some(Head::Toxicity) => " AND c.toxicity",
    }
}

/// Adds the conditions of `filter` on `comments c`. All but the search and the page stand
/// in the indexes that the queue is read from.
pub(super) fn restrict(sql: &mut Sql, filter: &QueueFilter, now: Timestamp) {
    if let Some(site) = &filter.site {
        sql.push(" AND c.site = ").bind(site.as_str());
    }
    if let SiteAccess::Only(sites) = &filter.sites {
        sql.push(" AND c.site")
            .is_in(sites.iter().map(SiteId::as_str));
    }
    for (number, code) in filter.reason_codes.iter().enumerate() {
        sql.push(if number == 0 { " AND (" } else { " OR " });
        sql.push("c.reason_codes LIKE ").bind(format!("% {code} %"));
    }
    if !filter.reason_codes.is_empty() {
        sql.push(")");
    }
    if let Some(least) = filter.min_score {
        sql.push(score_column(filter.head)).push(" >= ").bind(least);
    }
    if let Some(most) = filter.max_score {
        sql.push(score_column(filter.head)).push(" <= ").bind(most);
    }
    if let Some(from) = filter.from {
        sql.push(" AND c.received_at >= ").bind(micros(from));
    }
    if let Some(before) = filter.before {
        sql.push(" AND c.received_at < ").bind(micros(before));
    }
    if let Some(author) = filter.author {
        sql.push(" AND c.email_hash = ").bind(author.as_bytes());
        // Those who were erased are nobody in particular.
        if author.is_erased() {
            sql.push(" AND 1 = 0");
        }
    }
    if let Some(search) = &filter.search {
        sql.push(" AND c.search_text LIKE ")
            .bind(containing(search))
            .push(" ESCAPE '!'");
    }
    if let Some(page) = &filter.page_id {
        sql.push(" AND c.page_id = ").bind(page.as_str());
    }
    if let Some(among) = &filter.among {
        sql.push(" AND c.id").is_among(among);
    }
    if let Some(moderator) = &filter.free_for {
        sql.push(" AND c.id NOT IN (SELECT x.comment_id FROM claims x")
            .push(" WHERE x.moderator <> ")
            .bind(moderator.as_str())
            .push(" AND x.expires_at > ")
            .bind(micros(now))
            .push(")");
    }
}

/// A pattern of `LIKE` for what holds `search`, in lower case as it is stored.
fn containing(search: &str) -> String {
    let mut pattern = "%".to_owned();
    for character in crate::store::values::text(search).to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
