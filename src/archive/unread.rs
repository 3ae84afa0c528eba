//! Events that a verification can't read, and what the views know of them all the same.

use std::ops::RangeInclusive;

use super::Finding;
use crate::store::{Views, ViewsError};

/// Runs of events that can't be read for one reason, each with the place of its finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct UnreadEvents(Vec<(usize, RangeInclusive<u64>)>);

impl UnreadEvents {
    /// Adds an event, with one finding for those that follow each other for the same reason: a damaged bundle or tile is
    /// what is wrong with each of its events.
    pub(super) fn add(&mut self, seq: u64, what: String, findings: &mut Vec<Finding>) {
        match self.0.last_mut() {
            Some((finding, seqs)) if findings.get(*finding).is_some_and(|one| one.what == what) => {
                *seqs = *seqs.start()..=seq;
            }
            _ => {
                self.0.push((findings.len(), seq..=seq));
                findings.push(what.into());
            }
        }
    }

    /// Lists with each finding the looks that its events told of, as the views have them.
    ///
    /// # Errors
    /// A [`ViewsError`].
    pub(super) fn name(&self, views: &Views, findings: &mut [Finding]) -> Result<(), ViewsError> {
        if self.0.is_empty() {
            return Ok(());
        }
        for document in views.documents()? {
            for entry in views.timeline(&document)? {
                let finding = self.0.iter().find(|(_, seqs)| seqs.contains(&entry.seq));
                if let Some(finding) = finding.and_then(|(finding, _)| findings.get_mut(*finding)) {
                    let touched = (document.name.clone(), entry.observed_at, entry.seq);
                    finding.touches.push(touched);
                }
            }
        }
        Ok(())
    }
}
