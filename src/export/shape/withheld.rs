//! What was withheld.

use serde::Serialize;

use crate::model::Instant;
use crate::project::Withheld;

/// What took the bytes of a blob out of the archive.
#[derive(Debug, Clone, Serialize)]
pub struct WithheldLine {
    /// The event that says so.
    pub seq: u64,
    /// When the log took it.
    pub recorded_at: Instant,
    /// Why.
    pub reason: String,
}

impl From<&Withheld> for WithheldLine {
    fn from(withheld: &Withheld) -> Self {
        Self {
            seq: withheld.seq,
            recorded_at: withheld.recorded_at,
            reason: withheld.reason.clone(),
        }
    }
}
