//! Fuzzes the laws of corpus readers.
#![no_main]

use arbitrary::Unstructured;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // An error means that `data` is too short to make an input of.
    let _ = moderato_fuzz::read_corpus(&mut Unstructured::new(data));
});
