//! How well the documents of a report were observed, and what changed in them.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::ReportOn;
use crate::archive::{Archive, ArchiveError, ChangeFilter, Judged, ProvisionReader, Texts};
use crate::compare::summary::summarise;
use crate::export::change::wording::headline;
use crate::export::report::{GAP_DAYS, LONGEST_GAPS};
use crate::export::shape::{
    CoverageLine, GapLine, LeftOutLine, ListedChangeLine, MarkLine, PeriodLine, ProvisionChangeLine,
};
use crate::model::{DocumentName, Instant, ProvisionTurn, Significance, Status};
use crate::project::{Document, Look, Sight};

const DAY_MICROS: u64 = 86_400_000_000;

impl ReportOn {
    /// The period that is told of.
    fn period(&self) -> RangeInclusive<Instant> {
        self.since.unwrap_or(Instant::MIN)..=self.as_of
    }
}

impl Archive {
    /// How well a document was observed in the period, and its versions in it.
    pub(super) fn coverage(
        &self,
        on: &ReportOn,
        document: &Document,
    ) -> Result<(CoverageLine, Vec<MarkLine>), ArchiveError> {
        let (size, period) = (self.size_at(on.known_at)?, on.period());
        let mut entries = self.entries(document, size)?;
        entries.retain(|entry| period.contains(&entry.observed_at));
        let sights = self.views.sights(document, size)?;
        let (gaps, longest_gaps) = gaps(&sights, &period);
        let seen = || {
            let observed = sights.iter().map(|sight| sight.observed_at);
            observed.filter(|at| period.contains(at))
        };
        let is = |look: Look| entries.iter().filter(|one| one.look == look).count() as u64;
        let coverage = CoverageLine {
            looks: entries.len() as u64 - is(Look::Retired),
            versions: is(Look::Version),
            failed: is(Look::Failed),
            first_observed_at: seen().min(),
            last_observed_at: seen().max(),
            gaps,
            longest_gaps,
        };
        let judged = self.changes_of(document, on.known_at)?;
        let versions = entries.iter().filter(|entry| entry.look == Look::Version);
        let marks = versions.map(|entry| {
            let change = judged.get(&entry.seq);
            MarkLine {
                seq: entry.seq,
                observed_at: entry.observed_at,
                significance: change.map(|change| change.significance.word()),
                status: change.map(|change| change.status.word()),
            }
        });
        Ok((coverage, marks.collect()))
    }

    /// Finds what changed in the documents in the period.
    pub(super) fn changed(
        &self,
        on: &ReportOn,
        documents: &[Document],
    ) -> Result<Changed, ArchiveError> {
        let mut listed: Vec<(Judged, DocumentName)> = Vec::new();
        let mut others: HashMap<(Significance, Status), u64> = HashMap::new();
        for document in documents {
            let filter = ChangeFilter {
                streams: Some(vec![document.stream()]),
                observed: on.period(),
                known_at: on.known_at,
                provisions: Vec::new(),
            };
            for judged in self.judged(&filter)? {
                match (judged.significance, judged.status) {
                    (Significance::Substantive, Status::Confirmed) => {
                        listed.push((judged, document.name.clone()));
                    }
                    other => *others.entry(other).or_default() += 1,
                }
            }
        }
        listed.sort_by_key(|(judged, _)| (judged.observed_at, judged.detected_seq));
        let both = [Status::Confirmed, Status::Unconfirmed];
        let judgements = Significance::ALL
            .into_iter()
            .flat_map(|significance| both.map(|status| (significance, status)));
        let left_out = judgements.filter_map(|(significance, status)| {
            Some(LeftOutLine {
                significance: significance.word(),
                status: status.word(),
                changes: others.remove(&(significance, status))?,
            })
        });
        Ok(Changed {
            left_out: left_out.collect(),
            listed,
        })
    }
}

/// What changed in a period: the changes to tell, and how many others there were.
pub(super) struct Changed {
    listed: Vec<(Judged, DocumentName)>,
    left_out: Vec<LeftOutLine>,
}

impl Changed {
    /// How many changes there are to tell.
    pub(super) fn listed(&self) -> usize {
        self.listed.len()
    }

    /// Tells them; `read` is called after each.
    pub(super) fn told(
        self,
        archive: &Archive,
        reader: &mut ProvisionReader<'_>,
        read: &mut dyn FnMut(),
    ) -> Result<PeriodLine, ArchiveError> {
        let listed = self.listed.iter().map(|(judged, name)| {
            let told = archive.told(judged)?;
            let texts = archive.texts(&told)?;
            let compared = texts.as_ref().map(Texts::compared);
            let summary = compared.map(summarise);
            let turns = reader.turns(&told, name)?;
            let (reworded, turned): (Vec<_>, Vec<_>) = turns
                .iter()
                .partition(|(one, _)| one.turn == ProvisionTurn::Reworded);
            let provisions = turned
                .into_iter()
                .map(|(one, remains)| ProvisionChangeLine::new(one, remains.as_ref(), compared));
            read();
            Ok(ListedChangeLine {
                id: told.id,
                document: name.to_string(),
                observed_at: judged.observed_at,
                from_seq: told.change.from,
                to_seq: told.change.to,
                significance: told.change.significance.word(),
                status: told.change.status.word(),
                headline: headline(&told.change, summary.as_ref()),
                provisions: provisions.collect(),
                reworded: reworded.len() as u64,
            })
        });
        Ok(PeriodLine {
            listed: listed.collect::<Result<_, ArchiveError>>()?,
            left_out: self.left_out,
        })
    }
}

/// How many stretches of a period were gaps, and the longest of them. What was seen before the period counts as seen at
/// its beginning.
fn gaps(sights: &[Sight], period: &RangeInclusive<Instant>) -> (u64, Vec<GapLine>) {
    let gap = |from: &Sight, to: Instant, same_text| {
        let from = from.observed_at.max(*period.start());
        let days = to.micros().abs_diff(from.micros()) / DAY_MICROS;
        (from < to && days >= GAP_DAYS).then_some(GapLine {
            from,
            to,
            days,
            same_text,
        })
    };
    let by_end = |sight: &&Sight| sight.observed_at <= *period.end();
    let within: Vec<&Sight> = sights.iter().take_while(by_end).collect();
    let between = within.windows(2).filter_map(|pair| {
        gap(
            pair[0],
            pair[1].observed_at,
            Some(pair[0].text == pair[1].text),
        )
    });
    let last = within.last();
    let mut all: Vec<GapLine> = between
        .chain(last.and_then(|last| gap(last, *period.end(), None)))
        .collect();
    let count = all.len() as u64;
    all.sort_by_key(|gap| (std::cmp::Reverse(gap.days), gap.from));
    all.truncate(LONGEST_GAPS);
    all.sort_by_key(|gap| gap.from);
    (count, all)
}
