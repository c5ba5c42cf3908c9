//! Word and domain lists.

use divan::{Bencher, black_box};
use moderato::rules::{ListSettings, Passage, RuleSet, RuleSettings};
use moderato::text::Features;
use moderato::verdict::Field;

use crate::{Case, typed};

/// On every text, with this many words and a tenth as many domains listed, none of
/// which is hit.
#[divan::bench(args = [0, 1_000, 100_000])]
fn apply(bencher: Bencher, entries: usize) {
    let rules = rules(entries);
    let samples = Case::All.samples().iter();
    let features: Vec<_> = samples
        .map(|sample| Features::extract(typed(sample)))
        .collect();
    bencher.counter(Case::All.count()).bench(|| {
        for features in &features {
            let text = Passage {
                field: Field::Text,
                text: features.normalised(),
                links: features.links(),
            };
            black_box(rules.apply(black_box(&[text])));
        }
    });
}

fn rules(entries: usize) -> RuleSet {
    let words = (0..entries).map(|number| format!("casino{number}"));
    let domains = (0..entries / 10).map(|number| format!("casino{number}.example"));
    let settings = RuleSettings {
        words: reject(words),
        domains: reject(domains),
    };
    let entries = settings.load(|_| unreachable!("no file is listed"));
    RuleSet::compile(&entries.unwrap()).unwrap()
}

fn reject(entries: impl Iterator<Item = String>) -> ListSettings {
    ListSettings {
        reject: entries.collect(),
        ..ListSettings::default()
    }
}
