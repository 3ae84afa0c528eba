//! What a document said as of an instant: the sight that answers, and the bracket within which it is known to hold.
//!
//! Sights are ordered by the time of observation and, where two share one, by seq (the order of the history). The
//! answer as of X is the last sight at or before X. Each sight carries its own bracket, so that one row answers a
//! question and says over which stretch of time it does.

use blake3::hazmat::hash_derive_key_context;

use super::DigestContext;
use crate::model::{BlobId, Instant};

static AS_OF: DigestContext =
    DigestContext::new(|| hash_derive_key_context("recension 2026-11 as of digest"));

/// The first half of a text's blob name: enough to tell the texts of one document apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextKey(pub [u8; 16]);

impl TextKey {
    /// The key of a text.
    #[must_use]
    pub fn of(blob: BlobId) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&blob.0[..16]);
        Self(key)
    }
}

/// A text of a document, seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// When it was seen.
    pub observed_at: Instant,
    /// The event that tells of the sight.
    pub seq: u64,
    /// The event that recorded the text.
    pub version_seq: u64,
    /// Which text.
    pub text: TextKey,
}

impl Sight {
    /// Its place among the document's sights.
    #[must_use]
    pub fn order(&self) -> (Instant, u64) {
        (self.observed_at, self.seq)
    }
}

/// A sight with its bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The sight.
    pub sight: Sight,
    /// The first of the unbroken row of sights of this text that ends with this sight.
    pub first_seen: Instant,
    /// The sight after it.
    pub next: Option<Next>,
}

/// The sight after a sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// When the document was seen next.
    pub observed_at: Instant,
    /// Whether it still showed the same text.
    pub same_text: bool,
}

/// How sure it is that a text stood at the instant asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It was seen at that instant, or before and after it with nothing else seen between.
    Held,
    /// The next observation showed another text: the change came somewhere between the two.
    ChangedInBetween,
    /// It is the latest observation; nothing was seen after it.
    Latest,
}

impl Certainty {
    /// The word for it in answers and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::ChangedInBetween => "changed in between",
            Self::Latest => "latest",
        }
    }
}

impl Standing {
    /// Whether this sight is the one that answers as of `instant`.
    #[must_use]
    pub fn covers(&self, instant: Instant) -> bool {
        self.sight.observed_at <= instant && self.next.is_none_or(|next| next.observed_at > instant)
    }

    /// How sure the answer as of `instant` is.
    #[must_use]
    pub fn certainty(&self, instant: Instant) -> Certainty {
        match self.next {
            _ if self.sight.observed_at == instant => Certainty::Held,
            Some(next) if next.same_text => Certainty::Held,
            Some(_) => Certainty::ChangedInBetween,
            None => Certainty::Latest,
        }
    }

    /// A digest over the row and the document that it belongs to, for finding damage in a stored row.
    #[must_use]
    pub fn digest(&self, document: u64) -> [u8; 32] {
        let (next_at, same_text) = self.next.map_or((i64::MIN, false), |next| {
            (next.observed_at.micros(), next.same_text)
        });
        AS_OF.digest(&[
            &document.to_be_bytes(),
            &self.sight.observed_at.micros().to_be_bytes(),
            &self.sight.seq.to_be_bytes(),
            &self.sight.version_seq.to_be_bytes(),
            &self.sight.text.0,
            &self.first_seen.micros().to_be_bytes(),
            &next_at.to_be_bytes(),
            &[u8::from(same_text)],
        ])
    }
}

/// Puts a sight in its place between `before` and `after`, the standings around it in order, and corrects these.
///
/// `after` needs to yield only as much as is asked of it: it is read until a standing needs no correction. Returns the
/// new standing and the corrected ones that follow it.
///
/// # Errors
/// Those of `after`.
pub fn insert<E>(
    sight: Sight,
    before: Option<&mut Standing>,
    after: impl IntoIterator<Item = Result<Standing, E>>,
) -> Result<(Standing, Vec<Standing>), E> {
    let mut first_seen = sight.observed_at;
    if let Some(before) = before {
        let same_text = before.sight.text == sight.text;
        before.next = Some(Next {
            observed_at: sight.observed_at,
            same_text,
        });
        if same_text {
            first_seen = before.first_seen;
        }
    }
    let mut placed = Standing {
        sight,
        first_seen,
        next: None,
    };
    let mut corrected: Vec<Standing> = Vec::new();
    for following in after {
        let mut following = following?;
        let previous = corrected.last().unwrap_or(&placed);
        let same_text = previous.sight.text == following.sight.text;
        let first_seen = if same_text {
            previous.first_seen
        } else {
            following.sight.observed_at
        };
        if corrected.is_empty() {
            placed.next = Some(Next {
                observed_at: following.sight.observed_at,
                same_text,
            });
        }
        if following.first_seen == first_seen {
            break;
        }
        following.first_seen = first_seen;
        corrected.push(following);
    }
    Ok((placed, corrected))
}

/// Answers as of `instant` from the sights alone, in any order: the rule that the stored brackets must agree with.
#[must_use]
pub fn standing_as_of(sights: &[Sight], instant: Instant) -> Option<Standing> {
    let mut ordered: Vec<&Sight> = sights.iter().collect();
    ordered.sort_by_key(|sight| sight.order());
    let after = ordered.partition_point(|sight| sight.observed_at <= instant);
    let sight = **ordered[..after].last()?;
    let run = ordered[..after]
        .iter()
        .rev()
        .take_while(|earlier| earlier.text == sight.text);
    let first_seen = run
        .last()
        .map_or(sight.observed_at, |first| first.observed_at);
    let next = ordered.get(after).map(|next| Next {
        observed_at: next.observed_at,
        same_text: next.text == sight.text,
    });
    Some(Standing {
        sight,
        first_seen,
        next,
    })
}
