//! What is learned from the log: a corpus of the labels that stand.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::guard::{Suspicion, suspicions};
use super::threads::on_one_thread;
use super::{LabelQuery, Lifecycle, LifecycleError};
use crate::label::LabelledSample;
use crate::store::{CommentId, LabelFilter, LabelOrder, LabelSource, StoredLabel};
use crate::training::corpus::{Corpus, CorpusBuilder, Merged};
use crate::verdict::{Head, PerHead};

/// Labels as they are learned from.
#[derive(Clone, Debug)]
pub struct LabelSet {
    /// The texts.
    pub corpus: Corpus,
    /// What became of equal texts.
    pub merged: Merged,
    /// Which labels they are of.
    pub span: LabelSpan,
    /// Labels that the guard holds back.
    pub held_back: u64,
}

/// Which labels something was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelSpan {
    /// How many.
    pub labels: u64,
    /// Of these, how many of each source; of an import, by the file's name.
    pub by_source: BTreeMap<String, u64>,
    /// The time of the first, as RFC 3339.
    pub from: Option<String>,
    /// The time of the last.
    pub until: Option<String>,
}

impl Lifecycle {
    /// The labels that stand and have their text, as a corpus: in the order in which
    /// they were made, one row for each comment. Of one comment a person's word
    /// overrules reports, and a later word an earlier one, head by head.
    ///
    /// What the guard holds back is left out. A label that was retracted leaves no trace
    /// in it.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn label_set(&self) -> Result<LabelSet, LifecycleError> {
        let this = self.clone();
        on_one_thread(async move |broken_off| {
            let labels = this.standing_labels(&broken_off).await?;
            let pairs = this.store.blind_pairs().await?;
            let held_back = suspicions(&labels, &pairs);
            let mut rows = Rows::default();
            for label in labels {
                if !held_back.contains_key(&label.id) {
                    rows.add(label);
                }
            }
            Ok(LabelSet {
                held_back: held_back.len() as u64,
                ..rows.finish()
            })
        })
        .await
    }

    /// The labels that the guard holds back, oldest first, and why.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn held_back(&self) -> Result<Vec<(StoredLabel, Suspicion)>, LifecycleError> {
        let this = self.clone();
        on_one_thread(async move |broken_off| {
            let labels = this.standing_labels(&broken_off).await?;
            let pairs = this.store.blind_pairs().await?;
            let mut found = suspicions(&labels, &pairs);
            let labels = labels.into_iter();
            let held_back = labels.filter_map(|label| {
                let suspicion = found.remove(&label.id)?;
                Some((label, suspicion))
            });
            Ok(held_back.collect())
        })
        .await
    }

    async fn standing_labels(
        &self,
        broken_off: &CancellationToken,
    ) -> Result<Vec<StoredLabel>, LifecycleError> {
        let query = LabelQuery {
            filter: LabelFilter {
                retracted: Some(false),
                ..LabelFilter::default()
            },
            domain: None,
        };
        let mut labels = Vec::new();
        self.each_label(&query, LabelOrder::OldestFirst, usize::MAX, |label| {
            labels.push(label);
            if broken_off.is_cancelled() {
                return Err(LifecycleError::Stopped);
            }
            Ok(())
        })
        .await?;
        Ok(labels)
    }
}

/// Whether a word outweighs another: a person's before a report.
type Rank = bool;

#[derive(Default)]
struct Rows {
    samples: Vec<LabelledSample>,
    /// Where the row of a comment is, and how much what it says weighs.
    of_comments: HashMap<CommentId, (usize, PerHead<Rank>)>,
    span: LabelSpan,
}

impl Rows {
    fn add(&mut self, label: StoredLabel) {
        let Some(texts) = label.texts else {
            return;
        };
        let source = match (label.source, &label.origin) {
            (LabelSource::Import, Some(origin)) => origin.clone(),
            (source, _) => source.name().to_owned(),
        };
        self.count(&source, label.labelled_at);
        let sample = LabelledSample {
            text: texts.text,
            name: texts.name,
            url: texts.url.unwrap_or_default(),
            label: label.label,
            language: label.language.unwrap_or_default(),
            group: label.group.unwrap_or_default(),
            source,
        };
        let rank = matches!(label.source, LabelSource::Moderator | LabelSource::Blind);
        let Some(comment) = label.comment else {
            self.samples.push(sample);
            return;
        };
        let next = self.samples.len();
        let (at, ranks) = self
            .of_comments
            .entry(comment)
            .or_insert((next, PerHead::default()));
        if *at == next {
            self.samples.push(LabelledSample {
                label: PerHead::default(),
                ..sample.clone()
            });
        }
        let row = &mut self.samples[*at];
        for head in Head::ALL {
            let said = *sample.label.get(head);
            if said.is_some() && rank >= *ranks.get(head) {
                *row.label.get_mut(head) = said;
                *ranks.get_mut(head) = rank;
                row.source.clone_from(&sample.source);
            }
        }
    }

    fn count(&mut self, source: &str, at: Timestamp) {
        let span = &mut self.span;
        span.labels += 1;
        *span.by_source.entry(source.to_owned()).or_default() += 1;
        span.from.get_or_insert_with(|| at.to_string());
        span.until = Some(at.to_string());
    }

    fn finish(self) -> LabelSet {
        let mut corpus = CorpusBuilder::default();
        for sample in self.samples {
            corpus.add(sample);
        }
        let (corpus, merged) = corpus.finish();
        LabelSet {
            corpus,
            merged,
            span: self.span,
            held_back: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::Label;
    use crate::site::SiteId;
    use crate::store::{LabelId, LabelTexts};

    fn said(comment: u128, source: LabelSource, spam: Option<bool>) -> StoredLabel {
        StoredLabel {
            id: LabelId::new(uuid::Uuid::from_u128(comment)),
            site: SiteId::default(),
            comment: Some(CommentId::new(uuid::Uuid::from_u128(comment))),
            labelled_at: Timestamp::UNIX_EPOCH,
            label: Label {
                spam,
                toxicity: Some(false),
            },
            source,
            actor: None,
            batch: None,
            origin: None,
            texts: Some(LabelTexts {
                text: format!("text {comment}"),
                ..LabelTexts::default()
            }),
            language: None,
            group: None,
            retracted: None,
            released: false,
        }
    }

    fn learned(labels: Vec<StoredLabel>) -> Vec<Option<bool>> {
        let mut rows = Rows::default();
        for label in labels {
            rows.add(label);
        }
        let set = rows.finish();
        let samples = set.corpus.samples().iter();
        samples.map(|sample| sample.label.spam).collect()
    }

    #[test]
    fn a_person_overrules_reports_and_the_later_word_counts() {
        use LabelSource::{Moderator, Report};
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(
            learned(vec![
                said(1, Report, yes),
                said(1, Moderator, no),
                said(1, Report, yes),
                said(2, Moderator, yes),
                said(2, Moderator, no),
                said(3, Report, yes),
                said(3, Moderator, None),
            ]),
            [no, no, yes]
        );
    }
}
