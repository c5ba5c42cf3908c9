//! The parts that some words play in what a comment is about: who speaks, what readers are asked to
//! do, whose work it is. In English, Roman Urdu and Urdu.

use std::sync::LazyLock;

use super::features::{KeyMap, word_key};

/// What readers are asked to do.
const REQUESTS: &str = "add apply browse buy call check checkout click contact dm donate download follow hire \
    inbox install invest join kharidein like listen message msg order play rabta register \
    sell share sign sub subscribe support text try view visit vote watch whatsapp دیکھیں \
    رابطہ سبسکرائب شیئر فالو کلک";
/// Whose it is.
const OWN: &str = "hamara hamare hamari humara humare humari mera mere meri mine my our میرا میری ہمارا \
    ہماری ہمارے";
/// Whom to follow.
const AUTHOR: &str = "me us mujhe hamein";
/// Who did it.
const SUBJECTS: &str = "i i'm i've i'll im ive we we're we've we'll";
/// What people do to a work of their own.
const MAKING: &str = "created dropped drop filmed launched made make makes making post posted posting \
    produce produced recorded recording release released releasing remixed uploaded upload uploading \
    started starting";
/// What people have to show or to sell.
const WORK: &str = "acc account album app beats blog book business campaign chanel channel channels chnl \
    clip company course cover covers dukaan ebook facebook fb game group ig insta instagram \
    link mixtape music page playlist podcast profile project rap remix service services shop \
    site snapchat song songs soundcloud store stream telegram tiktok track tracks twitch \
    twitter vid video videos vids vlog vlogs website youtube ویڈیو چینل";
/// What people are who want an audience or clients.
const PERFORMERS: &str = "artist band beatmaker blogger broker comedian dancer dj drummer duo filmmaker gamer \
    guitarist lender musician pianist producer rapper singer songwriter streamer vlogger youtuber";
/// What is counted of an audience.
const AUDIENCE: &str = "dislikes followers hits likes subs subscribers subscriptions views viewers";
/// Numbers in words.
const MANY: &str = "billion bn crore hundred k lakh many million thousand";
/// How people beg.
const PLEAS: &str = "appreciate appreciated chance favor favour kindly please plese pls plz plzz";

/// The part a word plays.
#[derive(Clone, Copy)]
pub(super) enum Role {
    /// The number of the request.
    Request(u8),
    Own,
    Author,
    Subject,
    Making,
    Work,
    Performer,
    Audience,
    Many,
    Plea,
}

static ROLES: LazyLock<KeyMap<Role>> = LazyLock::new(|| {
    let words = lists()
        .into_iter()
        .flat_map(|(words, role)| words.split_whitespace().map(move |word| (word, role)));
    let requests = (0..).zip(REQUESTS.split_whitespace());
    let requests = requests.map(|(number, word)| (word, Role::Request(number)));
    let all = requests.chain(words);
    all.map(|(word, role)| (word_key(word, word.chars().count()), role))
        .collect()
});

const fn lists() -> [(&'static str, Role); 9] {
    [
        (OWN, Role::Own),
        (AUTHOR, Role::Author),
        (SUBJECTS, Role::Subject),
        (MAKING, Role::Making),
        (WORK, Role::Work),
        (PERFORMERS, Role::Performer),
        (AUDIENCE, Role::Audience),
        (MANY, Role::Many),
        (PLEAS, Role::Plea),
    ]
}

/// The roles of all words that have one, by their keys.
pub(super) fn roles() -> &'static KeyMap<Role> {
    &ROLES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_plays_one_part() {
        let words = lists()
            .into_iter()
            .flat_map(|(words, _)| words.split_whitespace());
        let words: Vec<&str> = words.chain(REQUESTS.split_whitespace()).collect();
        let mut distinct = words.clone();
        distinct.sort_unstable();
        for same in distinct.chunk_by(|a, b| a == b) {
            assert_eq!(same.len(), 1, "{}", same[0]);
        }
        assert_eq!(ROLES.len(), words.len());
        assert!(REQUESTS.split_whitespace().count() <= 64);
        assert!(matches!(
            roles().get(&word_key("buy", 3)),
            Some(Role::Request(_))
        ));
    }
}
