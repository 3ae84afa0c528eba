//! Mapping: what the clauses of each version stipulate, and what became of a document's provisions by it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::follow::Recorded;
use crate::archive::ArchiveError;
use crate::classify::{Classifier, HoldingClause, Holdings, Taxonomy, above, changed, context};
use crate::compare::History;
use crate::model::{
    ClauseId, Event, EventId, Fact, MappedClause, MappedProvision, ProvisionsMapped, ReadingDigest,
    Span, StreamId,
};
use crate::store::NewEvent;

/// What a clause says and what it stands under.
type Key = (ReadingDigest, ReadingDigest);

/// A clause that holds something, in a version.
struct Standing {
    id: ClauseId,
    span: Span,
    key: Key,
}

/// A version, by what of it holds something.
struct Version {
    standing: Vec<Standing>,
    ids: HashSet<ClauseId>,
}

/// A clause that holds something, wherever it stands.
struct Known {
    reading: String,
    provisions: Vec<MappedProvision>,
}

/// Maps the versions of one document, one after the other. A clause is classified where it comes, and not again.
pub(super) struct Mapper<'a> {
    classifier: &'static Classifier,
    taxonomy: u32,
    document_type: &'a str,
    recorded: &'a Recorded,
    /// Whether what was recorded by another classifier is mapped anew.
    anew: bool,
    /// What clauses hold; nothing for one that holds nothing.
    known: HashMap<Key, Option<Known>>,
    versions: HashMap<u64, Version>,
    /// The clauses that were mapped now, by the version in which they came.
    fresh: HashMap<u64, Vec<MappedClause>>,
    /// How many versions were passed over or taken.
    passed: usize,
    /// Whether a version was passed over: what was recorded of it can't be read.
    has_gap: bool,
}

impl<'a> Mapper<'a> {
    pub(super) fn new(
        document_type: &'a str,
        recorded: &'a Recorded,
        anew: bool,
    ) -> Result<Self, ArchiveError> {
        let classifier = Classifier::built_in()?;
        let taxonomy = Taxonomy::built_in()?;
        Ok(Self {
            classifier,
            taxonomy: taxonomy.version,
            document_type,
            recorded,
            anew,
            known: HashMap::new(),
            versions: HashMap::new(),
            fresh: HashMap::new(),
            passed: 0,
            has_gap: false,
        })
    }

    /// Takes the next version, with the history behind it.
    pub(super) fn take(&mut self, event: &Event, history: &History) {
        let Some((clauses, ids)) = history.newest() else {
            return;
        };
        let at = self.recorded.versions.get(self.passed);
        if at.is_none_or(|version| version.seq != event.seq) {
            self.has_gap = true;
            let mut versions = self.recorded.versions.iter();
            let place = versions.position(|version| version.seq == event.seq);
            self.passed = place.unwrap_or(self.passed);
        }
        self.passed += 1;
        let classifier = self.anew.then_some(self.classifier.id());
        let told = self.recorded.mapping(event.seq, classifier);
        let is_recorded = told.is_some();
        // Behind a version that can't be read, what is not recorded of a clause may have been recorded there.
        let is_known = is_recorded && !self.has_gap;
        let told: HashMap<Span, &MappedClause> = told
            .into_iter()
            .flatten()
            .map(|clause| (clause.span, clause))
            .collect();
        let (mut fresh, mut standing) = (Vec::new(), Vec::new());
        for ((clause, id), above) in clauses.all().iter().zip(ids).zip(above(clauses)) {
            let context = context(Some(self.document_type), above).unwrap_or_default();
            let key = (clause.digest, ReadingDigest::of(context.as_bytes()));
            if let Entry::Vacant(unknown) = self.known.entry(key) {
                let reading = clauses.reading(clause);
                let provisions = match told.get(&clause.span) {
                    Some(told) => told.provisions.clone(),
                    None if is_known => Vec::new(),
                    None => {
                        let found =
                            self.classifier
                                .classify_clause(clause.kind, reading, Some(&context));
                        let provisions: Vec<_> = found.iter().map(Into::into).collect();
                        if !provisions.is_empty() {
                            fresh.push(MappedClause {
                                span: clause.span,
                                provisions: provisions.clone(),
                            });
                        }
                        provisions
                    }
                };
                unknown.insert((!provisions.is_empty()).then(|| Known {
                    reading: reading.to_owned(),
                    provisions,
                }));
            }
            if self.known.get(&key).is_some_and(Option::is_some) {
                standing.push(Standing {
                    id: *id,
                    span: clause.span,
                    key,
                });
            }
        }
        let ids = ids.iter().copied().collect();
        self.versions.insert(event.seq, Version { standing, ids });
        if !is_recorded {
            self.fresh.insert(event.seq, fresh);
        }
    }

    fn holdings(&self, version: u64) -> Option<Holdings<'_>> {
        let version = self.versions.get(&version)?;
        let clauses = version.standing.iter().filter_map(|one| {
            let known = self.known.get(&one.key)?.as_ref()?;
            Some(HoldingClause {
                id: one.id,
                span: one.span,
                reading: &known.reading,
                provisions: &known.provisions,
            })
        });
        Some(Holdings {
            clauses: clauses.collect(),
            ids: &version.ids,
        })
    }

    /// The events of what was mapped now, and of versions that are told against another one now, in the order of the
    /// versions. `history` is that of all of them.
    pub(super) fn events(mut self, stream: StreamId, history: &History) -> Vec<NewEvent> {
        let changes = history.changes().iter();
        let from: HashMap<u64, u64> = changes.map(|change| (change.to, change.from)).collect();
        let mut fresh = std::mem::take(&mut self.fresh);
        let mut events = Vec::new();
        for version in &self.recorded.versions {
            let from = from.get(&version.seq).copied();
            let fresh = fresh.remove(&version.seq);
            if fresh.is_none() && self.recorded.mapped_from.get(&version.seq) == Some(&from) {
                continue;
            }
            let sides = from.and_then(|from| self.holdings(from).zip(self.holdings(version.seq)));
            let mut changes =
                sides.map_or_else(Vec::new, |(before, after)| changed(&before, &after));
            changes.truncate(ProvisionsMapped::LISTED);
            let clauses = fresh.unwrap_or_default();
            if clauses.is_empty() && changes.is_empty() {
                continue;
            }
            let mapped = ProvisionsMapped {
                version: version.seq,
                from,
                classifier: self.classifier.id().to_owned(),
                taxonomy: self.taxonomy,
                clauses,
                changes,
            };
            let parts = (0..).zip(parts(mapped));
            events.extend(parts.map(|(part, mapped)| NewEvent {
                event_id: EventId::provisions_mapped(
                    version.event_id,
                    from,
                    self.classifier.id(),
                    part,
                ),
                stream,
                observed_at: version.observed_at,
                fact: Fact::ProvisionsMapped(mapped),
            }));
        }
        events
    }
}

/// Divides a mapping where it lists more clauses than an event may; the last part tells what became of the provisions.
fn parts(mut mapped: ProvisionsMapped) -> Vec<ProvisionsMapped> {
    let mut parts = Vec::new();
    while mapped.clauses.len() > ProvisionsMapped::LISTED {
        let rest = mapped.clauses.split_off(ProvisionsMapped::LISTED);
        parts.push(ProvisionsMapped {
            clauses: std::mem::replace(&mut mapped.clauses, rest),
            changes: Vec::new(),
            ..mapped.clone()
        });
    }
    parts.push(mapped);
    parts
}
