//! Pure folds over events: which documents there are, what was seen of each and when, and what stood as of an instant.
//!
//! A projection holds no text and no hash of one: it points at events by seq, and the log proves what they say.

#![warn(clippy::wildcard_enum_match_arm)]

mod answer;
mod as_of;
mod document;
mod timeline;

pub use answer::{AsOf, Found};
pub use as_of::{Certainty, Next, Sight, Standing, TextKey, insert, standing_as_of};
pub use document::Document;
pub use timeline::{Entry, Look, entries};

/// A digest over rows of a projection, to find damage; not a proof, which only the log gives.
pub(crate) fn digest(context: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}
