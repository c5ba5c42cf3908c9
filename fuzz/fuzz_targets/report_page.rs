//! Fuzzes the laws of the report page.
#![no_main]

use arbitrary::Unstructured;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // An error means that `data` is too short to make an input of.
    let _ = moderato_fuzz::report_page(&mut Unstructured::new(data));
});
