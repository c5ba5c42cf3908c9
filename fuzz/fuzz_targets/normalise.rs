//! Fuzzes the laws of the normaliser.
#![no_main]

use arbitrary::Unstructured;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // An error means that `data` is too short to make an input of.
    let _ = moderato_fuzz::normalise(&mut Unstructured::new(data));
});
