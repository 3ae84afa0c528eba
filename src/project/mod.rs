//! Pure folds over events: which documents there are, what was seen of each and when, and what stood as of an instant.
//!
//! A projection holds no text and no hash of one: it points at events by seq, and the log proves what they say.

#![warn(clippy::wildcard_enum_match_arm)]

use std::sync::LazyLock;

use blake3::hazmat::{ContextKey, HasherExt as _};

mod answer;
mod as_of;
mod document;
mod schedule;
mod timeline;
mod withheld;

pub use answer::{AsOf, Found};
pub use as_of::{Certainty, Next, Sight, Standing, TextKey, insert, standing_as_of};
pub use document::Document;
pub use schedule::Fares;
pub use timeline::{Entry, Look, entries};
pub use withheld::{Withheld, Withholding};

/// What a digest is over, so that digests of different things never agree; written out with its version.
pub(crate) struct DigestContext(LazyLock<ContextKey>);

impl DigestContext {
    /// Names what is digested, by a function that gives `hash_derive_key_context` of the name.
    pub(crate) const fn new(key: fn() -> ContextKey) -> Self {
        Self(LazyLock::new(key))
    }

    /// A hasher of this context: BLAKE3 in its key derivation mode.
    pub(crate) fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_from_context_key(&self.0)
    }

    /// A digest over rows of a projection, to find damage; not a proof, which only the log gives.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = self.hasher();
        for part in parts {
            hasher.update(part);
        }
        *hasher.finalize().as_bytes()
    }
}
