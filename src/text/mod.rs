//! From what a reader typed to what the filter sees: normalised text, links,
//! tokens, structural signals.
//!
//! Rules, training and serving all read text through this module alone.

mod bytes;
mod disguise;
mod domain;
mod features;
mod fold;
mod lexicon;
mod link;
mod link_kind;
mod lookalike;
mod markup;
mod normalise;
mod offset;
mod phone;
mod promotion;
mod role;
mod segment;
mod signal;
mod simhash;
mod spaced;
mod word_class;
mod writer;

pub use domain::{Domain, NotADomain};
pub use features::{FEATURE_VERSION, FeatureKey, Features, Token, Typed};
pub use link::{Link, links};
pub use normalise::{Normalised, normalise};
pub use simhash::SimHash;

/// Makes the character tables now (some 20 ms) rather than at the first comment.
pub fn prepare() {
    fold::prepare();
    lexicon::prepare();
    word_class::prepare();
}
