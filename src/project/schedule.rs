//! When a document is looked at next, by the looks that were made.

use std::time::Duration;

use super::{Entry, Look};
use crate::model::{Instant, StreamId};

/// The longest that a document which fails is left alone.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// A change that was seen once is looked at again after this part of the interval; so is a document that failed once.
const SOON: u32 = 4;

/// How a document fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fares {
    /// The last look at it, whatever it showed.
    pub last_look: Option<Instant>,
    /// How many looks failed since the last that showed a text.
    pub failures: u32,
    /// The first of these.
    pub failing_since: Option<Instant>,
    /// The event that tells of the last of these.
    pub failure_seq: Option<u64>,
    /// When it is looked at next; in the past where that is overdue.
    pub next_look: Instant,
}

impl Fares {
    /// Tells how a document fares by its looks in the order of observation. `every` is how often documents are looked
    /// at; `is_unconfirmed` says that its last change was seen only once.
    #[must_use]
    pub fn of(stream: StreamId, looks: &[Entry], is_unconfirmed: bool, every: Duration) -> Self {
        let failed = |entry: &&Entry| entry.look == Look::Failed;
        let failing = looks.iter().rev().take_while(failed);
        let failures = u32::try_from(failing.clone().count()).unwrap_or(u32::MAX);
        let last_look = looks.last().map(|entry| entry.observed_at);
        let wait = if failures > 0 {
            let doubled = 2_u32.saturating_pow((failures - 1).min(16));
            (every / SOON)
                .saturating_mul(doubled)
                .min(LONGEST.max(every))
        } else if is_unconfirmed {
            every / SOON
        } else {
            every
        };
        // Documents differ in how late they are, so that those which began together don't stay together.
        let [spread, ..] = stream.0;
        let wait = wait + wait.mul_f64(f64::from(spread) / 2550.0);
        let wait = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
        let next = last_look.map_or(Instant::MIN.micros(), |last| {
            last.micros().saturating_add(wait)
        });
        Self {
            last_look,
            failures,
            failing_since: failing.clone().last().map(|entry| entry.observed_at),
            failure_seq: failing.clone().next().map(|entry| entry.seq),
            next_look: Instant::from_micros(next).unwrap_or(Instant::MAX),
        }
    }
}
