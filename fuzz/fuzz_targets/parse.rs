//! Fuzzes the laws of `Comment::parse`.
#![no_main]

use arbitrary::Unstructured;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // An error means that `data` is too short to make an input of.
    let _ = moderato_fuzz::parse(&mut Unstructured::new(data));
});
