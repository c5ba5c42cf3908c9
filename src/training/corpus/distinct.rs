//! The set of distinct samples.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::repeats::Fingerprint;
use crate::label::{Label, LabelledSample};
use crate::text::normalise;
use crate::verdict::{Head, PerHead};

/// Labelled samples of which no two have the same normalised text, in the order in which each
/// text first came.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    samples: Vec<LabelledSample>,
}

/// What making a [`Corpus`] did to the samples. All but `samples` and `texts` count what is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Samples given.
    pub samples: usize,
    /// Distinct texts among them.
    pub texts: usize,
    /// Samples whose text had come before: `samples` less `texts`.
    pub duplicates: usize,
    /// Texts judged both yes and no on a head. They are judged neither there.
    pub contradictions: PerHead<usize>,
    /// Samples that held those judgements.
    pub contradicting_samples: PerHead<usize>,
    /// Texts left without any judgement, and hence out.
    pub dropped: usize,
}

/// A [`Corpus`] in the making: takes samples one at a time and keeps one of each text.
#[derive(Default)]
pub struct CorpusBuilder {
    places: HashMap<Fingerprint, usize>,
    texts: Vec<OneText>,
    samples: usize,
}

impl CorpusBuilder {
    /// Merges `sample` with those of the same normalised text. The first gives text, name and URL;
    /// language and group come from the first that has one.
    pub fn add(&mut self, sample: LabelledSample) {
        self.samples += 1;
        let fingerprint = Fingerprint::of(&sample.text, &normalise(&sample.text));
        match self.places.entry(fingerprint) {
            Entry::Occupied(place) => self.texts[*place.get()].add(sample),
            Entry::Vacant(place) => {
                place.insert(self.texts.len());
                self.texts.push(OneText::new(sample));
            }
        }
    }

    /// Distinct texts so far.
    #[must_use]
    pub const fn texts(&self) -> usize {
        self.texts.len()
    }

    /// The corpus. Judgements of one text are united, and where they contradict each other on a
    /// head, that head is judged by none.
    #[must_use]
    pub fn finish(self) -> (Corpus, Merged) {
        let mut merged = Merged {
            samples: self.samples,
            texts: self.texts.len(),
            duplicates: self.samples - self.texts.len(),
            ..Merged::default()
        };
        let settled = self.texts.into_iter();
        let samples = settled.filter_map(|text| text.settle(&mut merged));
        let corpus = Corpus {
            samples: samples.collect(),
        };
        (corpus, merged)
    }
}

impl Corpus {
    /// Merges samples as [`CorpusBuilder`] does.
    #[must_use]
    pub fn from_samples(samples: Vec<LabelledSample>) -> (Self, Merged) {
        let mut corpus = CorpusBuilder::default();
        for sample in samples {
            corpus.add(sample);
        }
        corpus.finish()
    }

    /// The samples.
    #[must_use]
    pub fn samples(&self) -> &[LabelledSample] {
        &self.samples
    }
}

/// All samples of one text.
struct OneText {
    first: LabelledSample,
    votes: PerHead<Votes>,
}

#[derive(Clone, Copy, Default)]
struct Votes {
    yes: usize,
    no: usize,
}

impl OneText {
    fn new(first: LabelledSample) -> Self {
        let mut text = Self {
            votes: PerHead::default(),
            first,
        };
        text.count(text.first.label);
        text
    }

    fn add(&mut self, sample: LabelledSample) {
        self.count(sample.label);
        if self.first.language.is_empty() {
            self.first.language = sample.language;
        }
        if self.first.group.is_empty() {
            self.first.group = sample.group;
        }
    }

    fn count(&mut self, label: Label) {
        for head in Head::ALL {
            let votes = self.votes.get_mut(head);
            match label.get(head) {
                Some(true) => votes.yes += 1,
                Some(false) => votes.no += 1,
                None => {}
            }
        }
    }

    /// The one sample that stands for all, unless nothing is known of it.
    fn settle(mut self, merged: &mut Merged) -> Option<LabelledSample> {
        self.first.label = PerHead::from_fn(|head| {
            let &Votes { yes, no } = self.votes.get(head);
            if yes > 0 && no > 0 {
                *merged.contradictions.get_mut(head) += 1;
                *merged.contradicting_samples.get_mut(head) += yes + no;
                return None;
            }
            (yes + no > 0).then_some(yes > 0)
        });
        if self.first.label.is_judged() {
            return Some(self.first);
        }
        merged.dropped += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(text: &str, spam: Option<bool>, toxicity: Option<bool>) -> LabelledSample {
        LabelledSample {
            text: text.into(),
            name: String::new(),
            url: String::new(),
            label: Label { spam, toxicity },
            language: String::new(),
            group: String::new(),
            source: "test".into(),
        }
    }

    #[test]
    fn unites_judgements_of_the_same_normalised_text() {
        let mut second = sample("BUY NOW", None, Some(false));
        second.group = "g".into();
        second.language = "en".into();
        let (corpus, merged) = Corpus::from_samples(vec![
            sample("Buy now", Some(true), None),
            sample("other", Some(false), None),
            second,
        ]);
        let [first, other] = corpus.samples() else {
            panic!("expected two samples, found {:?}", corpus.samples());
        };
        assert_eq!(first.text, "Buy now");
        assert_eq!(first.label.spam, Some(true));
        assert_eq!(first.label.toxicity, Some(false));
        assert_eq!((first.group.as_str(), first.language.as_str()), ("g", "en"));
        assert_eq!(other.text, "other");
        assert_eq!((merged.texts, merged.duplicates), (2, 1));
        assert_eq!(merged.contradictions, PerHead::default());
    }

    #[test]
    fn judges_by_neither_where_judgements_contradict() {
        let (corpus, merged) = Corpus::from_samples(vec![
            sample("a", Some(true), Some(true)),
            sample("a", Some(false), None),
            sample("a", Some(true), Some(true)),
            sample("b", None, Some(true)),
            sample("b", None, Some(false)),
        ]);
        assert_eq!(corpus.samples().len(), 1);
        assert_eq!(corpus.samples()[0].label.spam, None);
        assert_eq!(corpus.samples()[0].label.toxicity, Some(true));
        assert_eq!(
            merged,
            Merged {
                samples: 5,
                texts: 2,
                duplicates: 3,
                contradictions: PerHead {
                    spam: 1,
                    toxicity: 1
                },
                contradicting_samples: PerHead {
                    spam: 3,
                    toxicity: 2
                },
                dropped: 1,
            }
        );
    }

    proptest! {
        #[test]
        fn every_sample_is_accounted_for_and_a_second_pass_changes_nothing(
            rows in prop::collection::vec(("[abAB]{1,2}", any::<Option<bool>>(), any::<bool>()), 0..40),
        ) {
            let samples = rows.iter().map(|(text, spam, toxic)| sample(text, *spam, Some(*toxic)));
            let (corpus, merged) = Corpus::from_samples(samples.collect());
            prop_assert_eq!(merged.samples, rows.len());
            prop_assert_eq!(merged.texts, merged.samples - merged.duplicates);
            prop_assert_eq!(corpus.samples().len(), merged.texts - merged.dropped);

            let (again, second) = Corpus::from_samples(corpus.samples().to_vec());
            let texts = |corpus: &Corpus| -> Vec<_> {
                corpus.samples().iter().map(|s| (s.text.clone(), s.label)).collect()
            };
            prop_assert_eq!(texts(&again), texts(&corpus));
            prop_assert_eq!((second.duplicates, second.dropped), (0, 0));
        }
    }
}
