//! Looks at every byte of a text, many at a time.
//!
//! None of these has a way out, so that they compile to vector instructions: over a comment that
//! is many times as quick as a look at each byte.

/// Whether `is_meant` holds for any byte.
pub(super) fn any(text: &str, is_meant: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(false, |any, byte| any | is_meant(byte))
}

/// Whether `is_meant` holds for every byte.
pub(super) fn all(text: &str, is_meant: impl Fn(u8) -> bool) -> bool {
    !any(text, |byte| !is_meant(byte))
}

/// For how many bytes `is_meant` holds.
pub(super) fn count(text: &str, is_meant: impl Fn(u8) -> bool) -> usize {
    // Counted in bytes, of which a vector has most.
    let counted = |piece: &[u8]| {
        let piece = piece.iter();
        piece.fold(0_u8, |count, &byte| count + u8::from(is_meant(byte)))
    };
    let pieces = text.as_bytes().chunks(usize::from(u8::MAX));
    pieces.map(|piece| usize::from(counted(piece))).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    // By name: `proptest` has an `any` too.
    use super::{all, any, count};

    proptest! {
        #[test]
        fn answers_are_those_of_a_look_at_each(text in "[a-c]{0,600}") {
            let is_meant = |byte: u8| byte == b'c';
            prop_assert_eq!(any(&text, is_meant), text.contains('c'));
            prop_assert_eq!(all(&text, is_meant), !text.contains(['a', 'b']));
            prop_assert_eq!(count(&text, is_meant), text.matches('c').count());
        }
    }
}
