//! Approve or reject, one or many.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::waves::Waves;
use super::{CommentName, RejectReason, Review, ReviewError};
use crate::label::Label;
use crate::site::SiteId;
use crate::store::{Actor, CommentId, Outcome, RuledOn, Ruling};
use crate::verdict::{Decision, PerHead};

/// The most comments of one call.
pub const MOST_COMMENTS: usize = 1_000;
/// The most comments of one transaction: others wait for it to end.
const AT_ONCE: usize = 250;
/// Longest note, in characters.
pub(super) const LONGEST_NOTE: usize = 2_000;

/// What to do with comments.
#[derive(Clone)]
pub struct Resolve {
    /// Which comments, each once.
    pub names: Vec<CommentName>,
    /// Approve or reject.
    pub verdict: Verdict,
    /// What they are, for the model to learn; `None`: as the verdict implies.
    pub label: Option<Label>,
    /// A note for other moderators.
    pub note: Option<String>,
    /// Also everything in the queue that is near-identical to one of them.
    pub whole_waves: bool,
    /// Also what another moderator has claimed.
    pub override_claims: bool,
}

/// What a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Publish it.
    Approve,
    /// Do not, for this reason if one is given.
    Reject(Option<RejectReason>),
}

impl Verdict {
    /// The decision.
    #[must_use]
    pub const fn decision(self) -> Decision {
        match self {
            Self::Approve => Decision::Approve,
            Self::Reject(_) => Decision::Reject,
        }
    }

    /// The structured reason, as it is stored.
    pub(super) fn why(self) -> Option<String> {
        match self {
            Self::Reject(reason) => reason.map(|reason| reason.name().to_owned()),
            Self::Approve => None,
        }
    }

    /// What it says of the text where no label is given: approved is ham.
    #[must_use]
    pub fn label(self) -> Label {
        match self {
            Self::Approve => PerHead {
                spam: Some(false),
                toxicity: Some(false),
            },
            Self::Reject(reason) => reason.map(RejectReason::label).unwrap_or_default(),
        }
    }
}

/// What became of comments.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Of each: first those named, in their order, then the rest of the waves.
    pub outcomes: Vec<(CommentName, Outcome)>,
    /// Labels added: one for each group of near-identical texts.
    pub labels: u32,
}

impl Review {
    /// Decides on comments, each by itself. Of near-identical ones, one teaches.
    ///
    /// # Errors
    /// If the request cannot be meant, or the store has no answer. Of more than 250
    /// comments, some may have been decided on then; asking the same again is safe.
    pub async fn resolve(
        &self,
        request: &Resolve,
        who: &Actor,
        now: Timestamp,
    ) -> Result<Resolved, ReviewError> {
        distinct(&request.names)?;
        let named = &request.names;
        let note = checked_note("note", request.note.as_deref())?;
        let request = &self.own_request(request);
        let grouped = self.grouped(request, now).await?;
        let mut resolved = Resolved {
            outcomes: Vec::with_capacity(grouped.len()),
            labels: 0,
        };
        let why = request.verdict.why();
        let (mut taught, mut lessons) = (HashSet::new(), HashMap::new());
        for some in grouped.chunks(AT_ONCE) {
            let comment = |(name, group): &(CommentName, usize)| RuledOn {
                site: name.site.clone(),
                id: name.id,
                lesson: *lessons.entry(*group).or_insert_with(self.new_id),
                teaches: !taught.contains(group),
                overrules: None,
            };
            let ruling = Ruling {
                comments: some.iter().map(comment).collect(),
                decision: request.verdict.decision(),
                why: why.clone(),
                note: note.clone(),
                label: request.label.unwrap_or_else(|| request.verdict.label()),
                actor: who.clone(),
                override_claims: request.override_claims,
                now,
                new_id: self.new_id,
            };
            let ruled = self.store.resolve(&ruling).await?;
            resolved.labels += ruled.labels;
            for ((name, group), outcome) in some.iter().zip(ruled.outcomes) {
                if outcome.is_ok() {
                    taught.insert(*group);
                }
                resolved.outcomes.push((name.clone(), outcome));
            }
        }
        for (name, outcome) in &resolved.outcomes {
            if outcome.is_ok() {
                self.waves.remove(&name.site, [name.id]);
            }
        }
        resolved.outcomes = self.of_all(named, resolved.outcomes);
        Ok(resolved)
    }

    /// The comments that are meant, each with the number of its wave.
    async fn grouped(
        &self,
        request: &Resolve,
        now: Timestamp,
    ) -> Result<Vec<(CommentName, usize)>, ReviewError> {
        let mut meant: HashSet<_> = request.names.iter().map(|name| name.id).collect();
        let mut numbers: HashMap<(SiteId, CommentId), usize> = HashMap::new();
        let mut named = HashMap::new();
        let mut rest = Vec::new();
        for site in sites(&request.names) {
            let of_site = request.names.iter().filter(|name| name.site == site);
            let of_site: Vec<_> = of_site.map(|name| name.id).collect();
            // One may be decided on while the rest of its wave waits: by the policy, or by
            // this very request, which failed half-way and is made again.
            let prints = if request.whole_waves {
                self.fingerprints(&site, &of_site, now).await?
            } else {
                HashMap::new()
            };
            let group = |waves: &Waves| {
                for id in of_site {
                    let wave = waves.alike(id, prints.get(&id).copied());
                    let leader = wave.first().copied().unwrap_or(id);
                    let next = numbers.len();
                    let number = *numbers.entry((site.clone(), leader)).or_insert(next);
                    named.insert(id, number);
                    if request.whole_waves {
                        let others = wave.iter().copied().filter(|id| meant.insert(*id));
                        rest.extend(others.map(|id| (site.clone(), id, number)));
                    }
                }
            };
            self.waves.fresh(&site, now, group).await?;
        }
        let first = request.names.iter().map(|name| {
            let number = named.get(&name.id).copied().unwrap_or_default();
            (name.clone(), number)
        });
        let rest = rest
            .into_iter()
            .map(|(site, id, number)| (CommentName { site, id }, number));
        Ok(first.chain(rest).collect())
    }
}

fn sites(names: &[CommentName]) -> HashSet<SiteId> {
    names.iter().map(|name| name.site.clone()).collect()
}

/// Refuses no names, too many, and one twice.
pub(super) fn distinct(names: &[CommentName]) -> Result<(), ReviewError> {
    if names.is_empty() || names.len() > MOST_COMMENTS {
        return Err(ReviewError::invalid(
            "names",
            format!(
                "expected 1 to {MOST_COMMENTS} comments, found {}",
                names.len()
            ),
        ));
    }
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(name.id)) {
        Some(twice) => Err(ReviewError::invalid(
            "names",
            format!("expected each comment once, found {twice} twice"),
        )),
        None => Ok(()),
    }
}

/// A note that is not too long; an empty one is none.
pub(super) fn checked_note(
    field: &'static str,
    note: Option<&str>,
) -> Result<Option<String>, ReviewError> {
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    let found = note.map_or(0, |note| note.chars().count());
    if found > LONGEST_NOTE {
        return Err(ReviewError::invalid(
            field,
            format!("expected at most {LONGEST_NOTE} characters, found {found}"),
        ));
    }
    Ok(note.map(str::to_owned))
}
