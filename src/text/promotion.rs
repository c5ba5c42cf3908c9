//! Signals of what an author wants from readers, and of whose work it is about.
//!
//! What a person would say of such a comment: it asks for something, it is about the author's own
//! channel, shop or song, it tells how many look at something. In English, Roman Urdu and Urdu.

use std::sync::LazyLock;

use super::features::{FeatureKey, KeyMap, word_key};
use super::segment::{Segment, SegmentKind};

/// Words ahead in which a thing or a person is looked for.
const WINDOW: usize = 4;
/// Words after a number in which what it counts is looked for.
const NUMBER_WINDOW: usize = 2;

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
/// What people have to show or to sell.
const WORK: &str = "acc account album app beats blog book business campaign chanel channel channels chnl \
    clip company course cover covers dukaan ebook facebook fb game group ig insta instagram \
    link mixtape music page playlist podcast profile project rap remix service services shop \
    site snapchat song songs soundcloud store stream telegram tiktok track tracks twitch \
    twitter vid video videos vids vlog website youtube ویڈیو چینل";
/// What is counted of an audience.
const AUDIENCE: &str = "dislikes followers hits likes subs subscribers subscriptions views viewers";
/// Numbers in words.
const MANY: &str = "billion bn crore hundred k lakh many million thousand";

/// The part a word plays.
#[derive(Clone, Copy)]
enum Role {
    /// The number of the request.
    Request(usize),
    Own,
    Author,
    Work,
    Audience,
    Many,
}

static ROLES: LazyLock<KeyMap<Role>> = LazyLock::new(|| {
    let requests = REQUESTS.split_whitespace().enumerate();
    let requests = requests.map(|(number, word)| (word, Role::Request(number)));
    let lists = [
        (OWN, Role::Own),
        (AUTHOR, Role::Author),
        (WORK, Role::Work),
        (AUDIENCE, Role::Audience),
        (MANY, Role::Many),
    ];
    let others = lists
        .into_iter()
        .flat_map(|(words, role)| words.split_whitespace().map(move |word| (word, role)));
    let all = requests.chain(others);
    all.map(|(word, role)| (word_key(word, word.chars().count()), role))
        .collect()
});

/// What the words of a comment have shown so far.
#[derive(Default)]
struct Found {
    /// A bit for each request.
    requests: u64,
    own: bool,
    for_author: bool,
    audience: bool,
    /// Where the last of each ended its window.
    own_until: usize,
    request_until: usize,
    number_until: usize,
}

/// The signals that hold for the words of these segments, whose keys are `keys`.
pub(super) fn signals(
    segments: &[Segment],
    keys: impl Iterator<Item = FeatureKey>,
) -> impl Iterator<Item = &'static str> {
    let mut found = Found::default();
    let roles = &*ROLES;
    for (at, (segment, key)) in segments.iter().zip(keys).enumerate() {
        if segment.kind == SegmentKind::Number || segment.mixed {
            found.number_until = at + NUMBER_WINDOW;
        } else if segment.kind == SegmentKind::Word
            && let Some(&role) = roles.get(&key)
        {
            found.look_at(at, role);
        }
    }
    let requests = match found.requests.count_ones() {
        0..2 => None,
        2 => Some("requests:2"),
        _ => Some("requests:3+"),
    };
    let own = found.own.then_some("own-work");
    let asked = (found.own && found.requests != 0).then_some("own-work:asked-for");
    let for_author = found.for_author.then_some("requests:for-author");
    let audience = found.audience.then_some("audience-count");
    [requests, own, asked, for_author, audience]
        .into_iter()
        .flatten()
}

impl Found {
    const fn look_at(&mut self, at: usize, role: Role) {
        match role {
            Role::Request(number) => {
                self.requests |= 1 << number;
                self.request_until = at + WINDOW;
            }
            Role::Own => self.own_until = at + WINDOW,
            Role::Author => self.for_author |= at <= self.request_until && self.requests != 0,
            Role::Work => self.own |= 0 < self.own_until && at <= self.own_until,
            Role::Audience => self.audience |= 0 < self.number_until && at <= self.number_until,
            Role::Many => self.number_until = at + NUMBER_WINDOW,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&'static str> {
        let mut segments = Vec::new();
        super::super::segment::segment(text, 0..text.len(), &mut segments);
        let key = |s: &Segment| word_key(&text[s.range.clone()], s.chars);
        signals(&segments, segments.iter().map(key)).collect()
    }

    #[test]
    fn every_word_plays_one_part() {
        let lists = [REQUESTS, OWN, AUTHOR, WORK, AUDIENCE, MANY];
        let words = lists.into_iter().flat_map(str::split_whitespace);
        assert_eq!(ROLES.len(), words.count());
        assert!(REQUESTS.split_whitespace().count() <= 64);
    }

    #[test]
    fn an_author_who_wants_an_audience_is_told_from_one_who_talks_of_it() {
        let promotes = of("please subscribe to my new cooking channel and share it");
        assert_eq!(promotes, ["requests:2", "own-work", "own-work:asked-for"]);
        assert_eq!(
            of("mera channel subscribe karo"),
            ["own-work", "own-work:asked-for"]
        );
        assert_eq!(of("follow me for tips"), ["requests:for-author"]);
        assert_eq!(of("8 million views already"), ["audience-count"]);
        assert_eq!(of("the minister should watch what he says"), [""; 0]);
    }
}
