//! Hits as JSON shows them.

use super::{Hit, Stood};
use crate::export::shape::{HitLine, HitProvisionLine, StoodLine};
use crate::search::Nearness;

impl From<&Hit> for HitLine {
    fn from(hit: &Hit) -> Self {
        let stood: Vec<StoodLine> = hit.stood.iter().map(Into::into).collect();
        Self {
            document: hit.document.name.to_string(),
            headings: hit.headings.clone(),
            version_seq: hit.version_seq,
            sha256: hit.sha256.to_string(),
            span: hit.span,
            quote: hit.quote.clone(),
            marks: hit.marks.clone(),
            nearness: match hit.nearness {
                Nearness::Adjacent => "adjacent",
                Nearness::Near => "near",
                Nearness::Anywhere => "anywhere",
            },
            since: hit.since,
            until: stood.last().and_then(|last| last.until),
            stood,
            retired_at: hit.document.retired_at(),
            provisions: hit
                .provisions
                .iter()
                .map(|one| HitProvisionLine {
                    kind: one.kind.clone(),
                    score: f64::from(one.score) / 1000.0,
                    polarity: one.polarity.word(),
                })
                .collect(),
        }
    }
}

impl From<&Stood> for StoodLine {
    fn from(stood: &Stood) -> Self {
        let Stood { since, until } = *stood;
        Self { since, until }
    }
}
