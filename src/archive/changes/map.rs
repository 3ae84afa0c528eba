//! Mapping: what the clauses of each version stipulate, and what became of a document's provisions by it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::follow::Recorded;
use crate::archive::ArchiveError;
use crate::classify::{Classifier, HoldingClause, Holdings, Taxonomy, above, changed, context};
use crate::compare::History;
use crate::model::{
    Clause, ClauseId, Clauses, Event, EventId, Fact, Instant, MappedClause, MappedProvision,
    ProvisionsMapped, ReadingDigest, Span, StreamId,
};
use crate::store::NewEvent;

/// What a clause says and what it stands under.
pub(super) type Key = (ReadingDigest, ReadingDigest);

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
pub(super) struct Known {
    /// Empty until a version that has it is at hand.
    reading: String,
    pub(super) provisions: Vec<MappedProvision>,
}

impl Known {
    /// One of which no version is at hand.
    pub(super) fn unread(provisions: Vec<MappedProvision>) -> Self {
        Self {
            reading: String::new(),
            provisions,
        }
    }
}

/// What a version is to be told of.
struct Told {
    event_id: EventId,
    observed_at: Instant,
    mapped: ProvisionsMapped,
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
    /// The versions that a later one may be told against.
    versions: HashMap<u64, Version>,
    /// Those of them that were taken before.
    before: HashMap<u64, (Arc<Clauses>, Arc<Vec<ClauseId>>)>,
    /// What was mapped now, and of versions that are told against another one now, in the order of the versions.
    told: Vec<Told>,
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
            before: HashMap::new(),
            told: Vec::new(),
            passed: 0,
            has_gap: false,
        })
    }

    /// Goes on behind the versions of a history, with what their clauses hold.
    pub(super) fn resume(
        &mut self,
        history: &History,
        known: HashMap<Key, Option<Known>>,
        has_gap: bool,
    ) {
        let bases = history.bases();
        let bases = bases.map(|(seq, clauses, ids)| (seq, (Arc::clone(clauses), Arc::clone(ids))));
        self.before = bases.collect();
        self.known = known;
        self.has_gap = has_gap;
    }

    /// What the clauses of all versions hold.
    pub(super) fn known(&self) -> &HashMap<Key, Option<Known>> {
        &self.known
    }

    /// Whether the text of a version can't be read.
    pub(super) fn has_gap(&self) -> bool {
        self.has_gap || self.passed < self.recorded.versions.len()
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
        let (classifier, mut fresh) = (self.classifier, Vec::new());
        let version = self.stand(clauses, ids, |clause, reading, context| {
            match told.get(&clause.span) {
                Some(told) => return told.provisions.clone(),
                None if is_known => return Vec::new(),
                None => {}
            }
            let found = classifier.classify_clause(clause.kind, reading, Some(context));
            let provisions: Vec<MappedProvision> = found.iter().map(Into::into).collect();
            if !provisions.is_empty() {
                fresh.push(MappedClause {
                    span: clause.span,
                    provisions: provisions.clone(),
                });
            }
            provisions
        });
        let newest = history.changes().next_back();
        let from = newest.filter(|change| change.to == event.seq);
        let from = from.map(|change| change.from);
        self.tell(event, from, (!is_recorded).then_some(fresh), &version);
        self.versions.insert(event.seq, version);
        let bases: HashSet<u64> = history.bases().map(|(seq, ..)| seq).collect();
        self.versions.retain(|seq, _| bases.contains(seq));
        self.before.retain(|seq, _| bases.contains(seq));
    }

    /// What of a version holds something. `hold` says it of a clause of which nothing is known yet.
    fn stand(
        &mut self,
        clauses: &Clauses,
        ids: &[ClauseId],
        mut hold: impl FnMut(&Clause, &str, &str) -> Vec<MappedProvision>,
    ) -> Version {
        let mut standing = Vec::new();
        for (((clause, key), context), id) in keys(self.document_type, clauses).zip(ids) {
            let reading = clauses.reading(clause);
            let known = self.known.entry(key).or_insert_with(|| {
                let provisions = hold(clause, reading, &context);
                (!provisions.is_empty()).then(|| Known::unread(provisions))
            });
            if let Some(known) = known {
                if known.reading.is_empty() {
                    reading.clone_into(&mut known.reading);
                }
                standing.push(Standing {
                    id: *id,
                    span: clause.span,
                    key,
                });
            }
        }
        let ids = ids.iter().copied().collect();
        Version { standing, ids }
    }

    /// Says what is new of a version that is told against another.
    fn tell(
        &mut self,
        event: &Event,
        from: Option<u64>,
        fresh: Option<Vec<MappedClause>>,
        version: &Version,
    ) {
        if fresh.is_none() && self.recorded.mapped_from.get(&event.seq) == Some(&from) {
            return;
        }
        if let Some((seq, (clauses, ids))) = from.and_then(|from| self.before.remove_entry(&from)) {
            let base = self.stand(&clauses, &ids, |_, _, _| Vec::new());
            self.versions.insert(seq, base);
        }
        let base = from.and_then(|from| self.versions.get(&from));
        let mut changes = base.map_or_else(Vec::new, |base| {
            changed(&self.holdings(base), &self.holdings(version))
        });
        changes.truncate(ProvisionsMapped::LISTED);
        let clauses = fresh.unwrap_or_default();
        if clauses.is_empty() && changes.is_empty() {
            return;
        }
        self.told.push(Told {
            event_id: event.event_id,
            observed_at: event.observed_at,
            mapped: ProvisionsMapped {
                version: event.seq,
                from,
                classifier: self.classifier.id().to_owned(),
                taxonomy: self.taxonomy,
                clauses,
                changes,
            },
        });
    }

    fn holdings<'t>(&'t self, version: &'t Version) -> Holdings<'t> {
        let clauses = version.standing.iter().filter_map(|one| {
            let known = self.known.get(&one.key)?.as_ref()?;
            Some(HoldingClause {
                id: one.id,
                span: one.span,
                reading: &known.reading,
                provisions: &known.provisions,
            })
        });
        Holdings {
            clauses: clauses.collect(),
            ids: &version.ids,
        }
    }

    /// The events of what was mapped now, and of versions that are told against another one now, in the order of the
    /// versions.
    pub(super) fn events(&mut self, stream: StreamId) -> Vec<NewEvent> {
        let mut events = Vec::new();
        for told in std::mem::take(&mut self.told) {
            let from = told.mapped.from;
            let parts = (0..).zip(parts(told.mapped));
            events.extend(parts.map(|(part, mapped)| NewEvent {
                event_id: EventId::provisions_mapped(
                    told.event_id,
                    from,
                    self.classifier.id(),
                    part,
                ),
                stream,
                observed_at: told.observed_at,
                fact: Fact::ProvisionsMapped(mapped),
            }));
        }
        events
    }
}

/// The clauses of a version, each with its key and with what it stands under.
pub(super) fn keys<'t>(
    document_type: &'t str,
    clauses: &'t Clauses,
) -> impl Iterator<Item = ((&'t Clause, Key), String)> {
    let all = clauses.all().iter().zip(above(clauses));
    all.map(move |(clause, above)| {
        let context = context(Some(document_type), above).unwrap_or_default();
        let key = (clause.digest, ReadingDigest::of(context.as_bytes()));
        ((clause, key), context)
    })
}

/// Divides a mapping where it lists more than an event may; the last part tells what became of the provisions.
fn parts(mut mapped: ProvisionsMapped) -> Vec<ProvisionsMapped> {
    let mut lists = vec![Vec::new()];
    let mut listed = 0;
    for clause in std::mem::take(&mut mapped.clauses) {
        let more = 1 + clause.provisions.len();
        if listed + more > ProvisionsMapped::LISTED {
            lists.push(Vec::new());
            listed = 0;
        }
        listed += more;
        if let Some(list) = lists.last_mut() {
            list.push(clause);
        }
    }
    if listed + mapped.changes.len() > ProvisionsMapped::LISTED {
        lists.push(Vec::new());
    }
    let last = lists.len().saturating_sub(1);
    let part = |(place, clauses)| ProvisionsMapped {
        clauses,
        changes: if place == last {
            mapped.changes.clone()
        } else {
            Vec::new()
        },
        ..mapped.clone()
    };
    lists.into_iter().enumerate().map(part).collect()
}
