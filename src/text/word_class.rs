//! Classes of words that say much the same of people: peoples and faiths, insults to the mind, what
//! vermin is, what is to be done to criminals, and what a civil argument is made of.
//!
//! Corpora differ in whom they are about and in the words they have for it. A model that knows a word by its
//! class as well reads an unseen word, or one that was seen in one corpus only, as it reads its like.
//! The list was written for this project, like the seed corpus. A class is a feature of each of its
//! words, as a character n-gram is: a known word is still one look-up.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::features::{FeatureKey, KeyMap, class_key, word_key};

/// A class a line: its name, then its words. A word may be of several.
const LIST: &str = include_str!("word_classes.txt");

static CLASSES: LazyLock<WordClasses> = LazyLock::new(|| WordClasses::parse(LIST));

struct WordClasses {
    /// Of each word its classes, as a range of `classes`.
    words: KeyMap<(u32, u32)>,
    classes: Vec<FeatureKey>,
}

impl WordClasses {
    fn parse(list: &str) -> Self {
        let mut classes_of = BTreeMap::<&str, Vec<FeatureKey>>::new();
        for line in list.lines() {
            let mut line = line.split_whitespace();
            let class = line.next().map(class_key);
            for word in line {
                classes_of.entry(word).or_default().extend(class);
            }
        }
        let mut parsed = Self {
            words: KeyMap::default(),
            classes: Vec::new(),
        };
        let mut start = 0;
        for (word, classes) in classes_of {
            // A word is of a few classes, and there are thousands of words.
            let end = start + u32::try_from(classes.len()).unwrap_or_default();
            let key = word_key(word, word.chars().count());
            parsed.words.insert(key, (start, end));
            parsed.classes.extend(classes);
            start = end;
        }
        parsed
    }
}

/// The classes of the word of this key.
pub(super) fn of(word: FeatureKey) -> impl Iterator<Item = FeatureKey> {
    let all = &*CLASSES;
    let (start, end) = all.words.get(&word).copied().unwrap_or_default();
    all.classes[start as usize..end as usize].iter().copied()
}

/// Reads the list now rather than at the first comment.
pub(super) fn prepare() {
    LazyLock::force(&CLASSES);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::text::{Features, Typed};

    fn classes(text: &str) -> BTreeSet<FeatureKey> {
        let features = Features::extract(Typed { text, name: "" });
        let mut found = BTreeSet::new();
        for token in features.tokens() {
            features.classes(token, |key| {
                found.insert(key);
            });
        }
        found
    }

    #[test]
    fn a_word_is_of_its_classes_in_disguise_too() {
        let of = |names: &[&str]| names.iter().map(|name| class_key(name)).collect();
        assert_eq!(classes("Parasites"), of(&["base", "beast"]));
        assert_eq!(classes("p a r a s i t e s"), of(&["base", "beast"]));
        assert_eq!(classes("lamp"), of(&[]));
    }

    #[test]
    fn every_word_in_the_list_is_one_that_a_text_can_have() {
        let mut unreachable = Vec::new();
        for line in LIST.lines() {
            let mut line = line.split_whitespace();
            let class = class_key(line.next().unwrap());
            let mut words = BTreeSet::new();
            for word in line {
                assert!(words.insert(word), "{word} stands twice");
                if !classes(word).contains(&class) {
                    unreachable.push(word);
                }
            }
            assert!(!words.is_empty());
        }
        assert!(unreachable.is_empty(), "{unreachable:?}");
    }
}
