//! What fetching did, and how documents fare.

use serde::Serialize;

use super::ChangesLine;
use crate::model::Instant;

/// What tracking declarations did.
#[derive(Debug, Serialize)]
pub struct TrackedLine {
    /// Documents that were not tracked before, as `<platform>/<document type>`.
    pub added: Vec<String>,
    /// Documents that are obtained in another way than before.
    pub changed: Vec<String>,
    /// Documents whose declarations say what they said.
    pub unchanged: u64,
    /// What in the files was read without, or left out.
    pub problems: Vec<String>,
}

/// What a sweep did.
#[derive(Debug, Serialize)]
pub struct SweepLine {
    /// When the sweep began that was gone on with, if one was.
    pub resumed: Option<Instant>,
    /// Documents that were to be looked at.
    pub documents: u64,
    /// Pages that differed from those before.
    pub snapshots: u64,
    /// Documents that have a new version, as `<platform>/<document type>`.
    pub versions: Vec<String>,
    /// Documents that say what they said.
    pub unchanged: u64,
    /// Looks that failed.
    pub failed: Vec<FailedLine>,
    /// Documents whose snapshots were read anew and say otherwise.
    pub re_extracted: u64,
    /// Documents that need their scripts run, by their declarations, and were fetched without a browser.
    pub unshown: u64,
    /// The changes that were found.
    pub changes: ChangesLine,
    /// Whether it was told to stop before its end.
    pub stopped: bool,
}

/// A look that failed.
#[derive(Debug, Serialize)]
pub struct FailedLine {
    /// `<platform>/<document type>`.
    pub document: String,
    /// How far the look came.
    pub stage: &'static str,
    /// Why it came no further.
    pub reason: String,
}

/// What a re-extraction did.
#[derive(Debug, Serialize)]
pub struct ReExtractedLine {
    /// Documents that were read.
    pub documents: u64,
    /// Those among them whose versions others extracted, which stay as they are.
    pub left: u64,
    /// Snapshots that were read.
    pub snapshots: u64,
    /// Versions that came of them.
    pub versions: u64,
    /// Snapshots that say what the one before said.
    pub unchanged: u64,
    /// Snapshots that no text came of.
    pub failed: u64,
    /// The changes that were found.
    pub changes: ChangesLine,
}

/// How a tracked document fares.
#[derive(Debug, Serialize)]
pub struct HealthLine {
    /// `<platform>/<document type>`.
    pub document: String,
    /// `new`, `fine` or `failing`.
    pub state: &'static str,
    /// The last look at it.
    pub last_look: Option<Instant>,
    /// When it is looked at next; `null` where that is at once.
    pub next_look: Option<Instant>,
    /// How many looks failed since the last that showed a text.
    pub failures: u32,
    /// The first of these.
    pub failing_since: Option<Instant>,
    /// How far the last of these came, where that is known.
    pub stage: Option<&'static str>,
    /// Why it came no further.
    pub reason: Option<String>,
    /// Selectors that match nothing on the pages fetched last.
    pub unmatched: Vec<UnmatchedLine>,
}

/// A selector that matches nothing.
#[derive(Debug, Serialize)]
pub struct UnmatchedLine {
    /// The address of the page.
    pub address: String,
    /// The selector.
    pub selector: String,
}

/// What an import of a WARC file did.
#[derive(Debug, Serialize)]
pub struct WarcLine {
    /// Records read.
    pub records: u64,
    /// Snapshots that are new to the archive.
    pub snapshots: u64,
    /// Snapshots that were there already, or whose bytes are those of the one before.
    pub already: u64,
    /// Responses of addresses that are not tracked.
    pub untracked: u64,
    /// What could not be taken, each with its record; not all if there are many.
    pub problems: Vec<String>,
}
