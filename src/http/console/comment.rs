//! One comment: all that is known of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;

use super::Console;
use super::card::{Card, decision_class, name_shown, path};
use super::error::Trouble;
use super::excerpt::Room;
use super::flash::Flash;
use super::page::{Frame, Page};
use super::queue::{REJECT_REASONS, RejectChoice};
use super::time::Moment;
use super::visitor::{Sent, Visitor};
use crate::review::{CommentName, Dossier};
use crate::site::SiteId;
use crate::store::{AuthorRecord, CommentId, StoredDecision};
use crate::verdict::{Decision, Evidence, EvidenceKind, Head};

/// Reasons that are seen without asking.
const SHOWN_REASONS: usize = 12;

#[derive(Template)]
#[template(path = "comment.html")]
struct CommentPage {
    frame: Frame,
    card: Card,
    here: String,
    flash: Option<Flash>,
    reject_reasons: [RejectChoice; 6],
    reasons: Vec<(String, String)>,
    /// Those that are closed until asked for.
    more_reasons: Vec<(String, String)>,
    evidence: Vec<EvidenceRow>,
    model: Option<String>,
    decisions: Vec<DecisionRow>,
    notes: Vec<NoteRow>,
    reports: Vec<NoteRow>,
    near: Vec<Card>,
    past: Past,
    /// The viewer has claimed it.
    claimed: bool,
    /// It can be decided on.
    resolvable: bool,
    /// The last decision is the viewer's to take back.
    undoable: bool,
}

/// A piece of evidence.
pub(super) struct EvidenceRow {
    pub(super) head: &'static str,
    pub(super) token: String,
    pub(super) kind: &'static str,
    pub(super) log_odds: String,
    pub(super) against: bool,
}

/// A decision.
pub(super) struct DecisionRow {
    pub(super) at: Moment,
    pub(super) who: String,
    pub(super) what: &'static str,
    pub(super) class: &'static str,
    pub(super) why: Option<String>,
    pub(super) note: Option<String>,
}

struct NoteRow {
    at: Moment,
    who: String,
    text: String,
}

/// How an author fared, and what else they wrote.
pub(super) struct Past {
    pub(super) author: Option<String>,
    pub(super) address: String,
    pub(super) record: AuthorRecord,
    pub(super) first: Option<Moment>,
    pub(super) comments: Vec<Card>,
}

impl Past {
    pub(super) fn new(dossier: &Dossier, visitor: &Visitor, now: Timestamp) -> Self {
        let viewer = visitor.0.moderator.name.as_str();
        let comment = &dossier.comment.queued.comment;
        let texts = comment.texts.as_ref();
        let card = |held| Card::new(held, viewer, Room::ASIDE, now);
        Self {
            author: texts.map(|texts| name_shown(&texts.name).to_owned()),
            address: format!("/console/authors/{}/{}", comment.site, comment.author.email),
            first: dossier.author.first_at.map(|at| Moment::new(at, now)),
            record: dossier.author,
            comments: dossier.author_comments.iter().map(card).collect(),
        }
    }
}

impl DecisionRow {
    pub(super) fn new(decision: &StoredDecision, now: Timestamp) -> Self {
        let what = match decision.decision {
            Decision::Approve => "approved",
            Decision::Hold => "held",
            Decision::Reject => "rejected",
        };
        let (what, class) = match decision.undoes {
            Some(_) => ("took it back", ""),
            None => (what, decision_class(decision.decision)),
        };
        Self {
            at: Moment::new(decision.decided_at, now),
            who: decision.actor.called().to_owned(),
            what,
            class,
            why: decision.why.as_ref().map(|why| why.replace('_', " ")),
            note: decision.note.clone(),
        }
    }
}

impl EvidenceRow {
    pub(super) fn new(evidence: &Evidence) -> Self {
        Self {
            head: match evidence.head {
                Head::Spam => "spam",
                Head::Toxicity => "toxic",
            },
            token: match evidence.kind {
                EvidenceKind::Signal => evidence.token.replace('_', " "),
                _ => evidence.token.clone(),
            },
            kind: evidence.kind.in_words(),
            log_odds: format!("{:+.2}", evidence.log_odds),
            against: evidence.log_odds > 0.0,
        }
    }
}

/// The comment that an address names.
pub(super) fn named(site: &str, id: &str) -> Result<CommentName, Trouble> {
    let site = SiteId::new(site).map_err(|_| Trouble::not_found("site"))?;
    let id = CommentId::parse(id).map_err(|_| Trouble::not_found("comment"))?;
    Ok(CommentName { site, id })
}

/// The comment that a form names.
pub(super) fn named_whole(name: &str) -> Result<CommentName, Trouble> {
    name.parse().map_err(|_| Trouble::not_found("comment"))
}

/// The page.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path((site, id)): Path<(String, String)>,
    Query(flash): Query<Flash>,
) -> Result<Response, Trouble> {
    let now = (console.now)();
    let viewer = visitor.0.moderator.name.as_str();
    let name = named(&site, &id)?;
    let dossier = visitor.review(&console).dossier(&name, now).await?;
    let queued = &dossier.comment.queued;
    let claim = queued.claim.as_ref();
    let reasons = queued.reasons.iter();
    let mut reasons: Vec<_> = reasons
        .map(|reason| (reason.code.name().to_owned(), reason.message.clone()))
        .collect();
    let more_reasons = reasons.split_off(reasons.len().min(SHOWN_REASONS));
    let last = dossier.decisions.last();
    Ok(Page(CommentPage {
        frame: Frame::new("", &visitor, &console).await?,
        card: Card::new(&dossier.comment, viewer, Room::WHOLE, now),
        here: path(&name),
        flash: flash.said(),
        reject_reasons: REJECT_REASONS,
        reasons,
        more_reasons,
        evidence: queued.evidence.iter().map(EvidenceRow::new).collect(),
        model: queued.model.clone(),
        decisions: dossier
            .decisions
            .iter()
            .map(|decision| DecisionRow::new(decision, now))
            .collect(),
        notes: dossier
            .notes
            .iter()
            .map(|note| NoteRow {
                at: Moment::new(note.written_at, now),
                who: note.moderator.clone(),
                text: note.text.clone(),
            })
            .collect(),
        reports: dossier
            .reports
            .iter()
            .map(|report| NoteRow {
                at: Moment::new(report.reported_at, now),
                who: report.reporter.name().to_owned(),
                text: format!(
                    "{}{}",
                    report.complaint.name().replace('_', " "),
                    report
                        .note
                        .as_ref()
                        .map(|note| format!(": {note}"))
                        .unwrap_or_default()
                ),
            })
            .collect(),
        near: dossier
            .near
            .iter()
            .map(|held| Card::new(held, viewer, Room::ASIDE, now))
            .collect(),
        past: Past::new(&dossier, &visitor, now),
        claimed: claim.is_some_and(|claim| claim.moderator == viewer),
        resolvable: dossier.resolvable,
        undoable: dossier.undoable && last.is_some_and(|last| visitor.may_undo(last)),
    })
    .into_response())
}

/// Writes a note, claims it, or gives it back.
pub(super) async fn change(
    State(console): State<Arc<Console>>,
    Path((site, id)): Path<(String, String)>,
    Sent { visitor, fields }: Sent,
) -> Result<Redirect, Trouble> {
    let name = named(&site, &id)?;
    let (who, now) = (visitor.0.moderator.name.as_str(), (console.now)());
    let one = std::slice::from_ref(&name);
    match fields.one("action") {
        "note" => {
            visitor
                .review(&console)
                .note(&name, who, fields.one("text"), now)
                .await?;
        }
        "claim" => {
            let outcomes = visitor.review(&console).claim(one, who, now).await?;
            for outcome in outcomes {
                outcome.map_err(crate::review::ReviewError::Obstacle)?;
            }
        }
        "release" => visitor.review(&console).release(one, who).await?,
        _ => return Err(Trouble::not_found("action")),
    }
    Ok(Redirect::to(&path(&name)))
}
