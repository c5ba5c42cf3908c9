//! Signals of what an author wants from readers, and of whose work it is about.
//!
//! What a person would say of such a comment: it asks for something, it is about the author's own
//! channel, shop or song, it tells how many look at something. In English, Roman Urdu and Urdu.

use super::features::FeatureKey;
use super::role::{Role, roles};
use super::segment::{Segment, SegmentKind};

/// Words ahead in which a thing or a person is looked for.
const WINDOW: usize = 4;
/// Words after a number in which what it counts is looked for.
const NUMBER_WINDOW: usize = 2;

/// What the words of a comment have shown so far.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a signal that holds or not, whatever the others do"
)]
struct Found {
    /// A bit for each request.
    requests: u64,
    own: bool,
    for_author: bool,
    audience: bool,
    performer: bool,
    plea: bool,
    /// Where the last of each ended its window.
    own_until: usize,
    subject_until: usize,
    request_until: usize,
    number_until: usize,
}

/// The signals that hold for the words of these segments, whose keys are `keys`.
pub(super) fn signals(
    segments: &[Segment],
    keys: impl Iterator<Item = FeatureKey>,
) -> impl Iterator<Item = &'static str> {
    let mut found = Found::default();
    let roles = roles();
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
    let performer = found.performer.then_some("author:performer");
    let plea = (found.plea && found.requests != 0).then_some("requests:plea");
    [requests, own, asked, for_author, audience, performer, plea]
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
            Role::Subject => self.subject_until = at + WINDOW,
            // Of somebody who made it, that comes next.
            Role::Making if 0 < self.subject_until && at <= self.subject_until => {
                self.own_until = at + WINDOW;
            }
            Role::Performer => self.performer |= 0 < self.subject_until && at <= self.subject_until,
            Role::Plea => self.plea = true,
            Role::Author => self.for_author |= at <= self.request_until && self.requests != 0,
            Role::Work => self.own |= 0 < self.own_until && at <= self.own_until,
            Role::Audience => self.audience |= 0 < self.number_until && at <= self.number_until,
            Role::Many => self.number_until = at + NUMBER_WINDOW,
            Role::Making => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::features::word_key;
    use super::*;

    fn of(text: &str) -> Vec<&'static str> {
        let mut segments = Vec::new();
        super::super::segment::segment(text, 0..text.len(), &mut segments);
        let key = |s: &Segment| word_key(&text[s.range.clone()], s.chars);
        signals(&segments, segments.iter().map(key)).collect()
    }

    #[test]
    fn an_author_who_wants_an_audience_is_told_from_one_who_talks_of_it() {
        let promotes = of("subscribe to my new cooking channel and share it");
        assert_eq!(promotes, ["requests:2", "own-work", "own-work:asked-for"]);
        assert_eq!(
            of("mera channel subscribe karo"),
            ["own-work", "own-work:asked-for"]
        );
        assert_eq!(of("follow me for tips"), ["requests:for-author"]);
        assert_eq!(of("i uploaded a new cover"), ["own-work"]);
        assert_eq!(of("we made a song last night"), ["own-work"]);
        assert_eq!(of("i'm a young rapper"), ["author:performer"]);
        assert_eq!(of("please sign here"), ["requests:plea"]);
        assert_eq!(of("8 million views already"), ["audience-count"]);
        assert_eq!(of("i love this song, what a band"), [""; 0]);
        assert_eq!(of("they made a video, please be fair"), [""; 0]);
        assert_eq!(of("the minister should watch what he says"), [""; 0]);
    }
}
