//! Answers to questions about a document, as the fronts and exports take them.

use super::{Certainty, Document, Standing, Withheld};
use crate::model::{Event, Instant, VersionRecorded};

/// What is known of a document's text as of an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOf {
    /// The document.
    pub document: Document,
    /// The instant asked about.
    pub as_of: Instant,
    /// The limit on what the log held, where one was asked for.
    pub known_at: Option<Instant>,
    /// The version that answers; none if the document had not been observed by then.
    pub found: Option<Found>,
    /// The earliest observation of the document that was known.
    pub first_observed_at: Option<Instant>,
    /// When the document's archiving had ended by the instant asked about, if it had.
    pub retired_at: Option<Instant>,
}

/// A version that answers as of an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The event that recorded the version.
    pub event: Event,
    /// What that event tells.
    pub version: VersionRecorded,
    /// The sight that answers, with its bracket.
    pub standing: Standing,
    /// How sure it is that the text stood at the instant.
    pub certainty: Certainty,
    /// What took its text out of the archive, if anything did, whenever that was recorded.
    pub withheld: Option<Withheld>,
}
