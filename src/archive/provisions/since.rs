//! Since when documents have held their provisions, through the versions of each.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{Holding, ProvisionReader};
use crate::archive::ArchiveError;
use crate::classify::Kind;
use crate::export::shape::{HeldSinceLine, SinceLine};
use crate::model::{ClauseId, Instant, Polarity, ReadingDigest};
use crate::project::Sight;

/// A version of a document, by what of the kinds its clauses hold.
struct Version {
    seq: u64,
    observed_at: Instant,
    said: Vec<Said>,
}

/// A clause that holds a provision in a version.
struct Said {
    clause: ClauseId,
    /// Where it begins in the text.
    start: usize,
    /// The place of the kind among those asked for.
    kind: usize,
    polarity: Polarity,
    reading: ReadingDigest,
}

/// What is held, through the versions that were taken.
struct Track {
    first: SinceLine,
    since: SinceLine,
    polarity_since: SinceLine,
    changed: Option<SinceLine>,
    rewordings: u64,
    /// What it was in the version that held it last, and the place of that version.
    polarity: Polarity,
    reading: ReadingDigest,
    place: usize,
}

impl ProvisionReader<'_> {
    /// Since when a document has held its provisions of these kinds: those of the version that answers, in the order of the
    /// kinds and then of the text. Versions that were no continuation of the document are passed over.
    ///
    /// # Errors
    /// What is wrong with the archive.
    pub fn since(
        &mut self,
        holding: &Holding,
        kinds: &[&Kind],
    ) -> Result<Vec<HeldSinceLine>, ArchiveError> {
        let answer = &holding.answer;
        let Some(found) = &answer.found else {
            return Ok(Vec::new());
        };
        let (archive, document) = (self.archive, &answer.document);
        let document_type = document.name.document_type();
        let mut versions = Vec::new();
        let history =
            archive.follow_versions(document, answer.known_at, |event, clauses, ids| {
                let mut said = Vec::new();
                for (place, provisions) in self.clauses(document_type, clauses).enumerate() {
                    for provision in provisions {
                        let kind = kinds.iter().position(|kind| kind.id == provision.kind);
                        let clause = clauses.all().get(place).zip(ids.get(place));
                        said.extend(kind.zip(clause).map(|(kind, (clause, id))| Said {
                            clause: *id,
                            start: clause.span.start,
                            kind,
                            polarity: provision.polarity,
                            reading: clause.digest,
                        }));
                    }
                }
                versions.push(Version {
                    seq: event.seq,
                    observed_at: event.observed_at,
                    said,
                });
            })?;
        let mut faults = Vec::new();
        let answers = |version: &Version| version.seq == found.event.seq;
        let mut kept: Vec<Version> = Vec::new();
        for (version, is_fault) in versions.into_iter().zip(history.faults()) {
            if is_fault && !answers(&version) {
                faults.push(version.seq);
            } else {
                kept.push(version);
            }
        }
        kept.sort_by_key(|version| (version.observed_at, version.seq));
        let end = kept.iter().position(answers).map_or(0, |place| place + 1);
        kept.truncate(end);
        let size = archive.size_at(answer.known_at)?;
        let mut sights = archive.views.sights(document, size)?;
        sights.retain(|sight| !faults.contains(&sight.version_seq));
        Ok(lines(holding, kinds, &kept, &sights))
    }
}

/// The lines of what the last of these versions holds.
fn lines(
    holding: &Holding,
    kinds: &[&Kind],
    versions: &[Version],
    sights: &[Sight],
) -> Vec<HeldSinceLine> {
    let mut clauses: HashMap<(ClauseId, usize), Track> = HashMap::new();
    // What a document holds of a kind has neither one polarity nor one reading; they are those of its last clause.
    let mut documents: HashMap<usize, Track> = HashMap::new();
    for (place, version) in versions.iter().enumerate() {
        let before = sights.partition_point(|sight| sight.observed_at < version.observed_at);
        let absent = before.checked_sub(1).and_then(|place| sights.get(place));
        let at = SinceLine {
            absent_at: absent.map(|sight| sight.observed_at),
            present_at: version.observed_at,
            seq: version.seq,
        };
        for said in &version.said {
            take(clauses.entry((said.clause, said.kind)), said, place, at);
            take(documents.entry(said.kind), said, place, at);
        }
    }
    let said = versions.last().map_or(&[][..], |last| &last.said);
    let lines = kinds.iter().enumerate().flat_map(|(place, kind)| {
        holding.lines(kind).filter_map({
            let (clauses, documents) = (&clauses, &documents);
            move |line| {
                let is_it = |said: &&Said| (said.start, said.kind) == (line.span.start, place);
                let clause = said.iter().find(is_it)?.clause;
                let (track, document) = (clauses.get(&(clause, place))?, documents.get(&place)?);
                Some(HeldSinceLine {
                    line,
                    clause_id: clause,
                    since: track.since,
                    polarity_since: track.polarity_since,
                    first: track.first,
                    rewordings: track.rewordings,
                    changed: track.changed,
                    document_since: document.since,
                    document_first: document.first,
                })
            }
        })
    });
    lines.collect()
}

/// Takes up that something is held in the version at a place.
fn take<K>(entry: Entry<'_, K, Track>, said: &Said, place: usize, at: SinceLine) {
    let track = match entry {
        Entry::Vacant(new) => {
            new.insert(Track {
                first: at,
                since: at,
                polarity_since: at,
                changed: None,
                rewordings: 0,
                polarity: said.polarity,
                reading: said.reading,
                place,
            });
            return;
        }
        Entry::Occupied(known) => known.into_mut(),
    };
    if track.place + 1 < place {
        track.since = at;
        track.polarity_since = at;
    }
    if track.polarity != said.polarity {
        track.polarity_since = at;
        track.changed = Some(at);
    }
    if track.reading != said.reading {
        track.rewordings += 1;
        track.changed = Some(at);
    }
    track.polarity = said.polarity;
    track.reading = said.reading;
    track.place = place;
}
