//! What must hold for every history: replaying the log gives the views that were written live, stored bytes have one
//! meaning and meanings one form, and repeating is safe.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use recension::archive::{self, Archive as Opened, ArchiveError, Writer};
use recension::codec;
use recension::model::{
    BlobId, BlobWithheld, Cause, Change, ChangeReassessed, ClauseChange, ClauseChangeKind,
    ClauseCounts, ClauseId, CommitId, CommitKind, Content, DocumentName, Event, EventId,
    Extraction, Fact, Fetch, HistoryImported, HistoryKind, ImportCounts, ImportedCommit, Instant,
    MappedClause, MappedProvision, MediaType, Modality, Observation, Origin, Outcome, PartName,
    Polarity, ProvisionChange, ProvisionSign, ProvisionTurn, ProvisionsMapped, Reason, Rule,
    Sha256, Sign, Significance, SnapshotRecorded, SnapshotReference, Span, Stage, Status, StreamId,
    VersionRecorded,
};
use recension::project::{Document, Sight, Standing, TextKey, entries, standing_as_of};
use recension::prove::leaf_hash;
use recension::store::{Appended, LogError, NewEvent, Views, ViewsWriter};
use rusqlite::Connection;

use crate::support::archive::{Archive, NOW, seconds};
use crate::support::fixture::Fixture;

fn at(seconds: i64) -> Instant {
    Instant::from_seconds(seconds).unwrap()
}

fn name(number: usize) -> DocumentName {
    DocumentName::new(format!("Platform {number}"), "Terms of Service").unwrap()
}

/// One step of a history: what happened to which document at which of a few instants.
#[derive(Debug, Clone)]
enum Step {
    Version(usize, i64, u8),
    Sweep(Vec<(usize, i64, Option<Index>)>),
    Retired(usize, i64),
    /// Bytes as fetched, and whether they are seen again at once.
    Snapshot(usize, i64, u8, bool),
    /// The content is withheld, whether anything names it or not.
    Withheld(u8),
}

/// Few documents, instants and texts, so that ties, returns and repeats are many.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0..3_usize, 0..9_i64, 0..3_u8).prop_map(|(document, at, text)| Step::Version(document, at, text)),
        4 => vec((0..3_usize, 0..9_i64, option::weighted(0.8, any::<Index>())), 0..6).prop_map(Step::Sweep),
        1 => (0..3_usize, 0..9_i64).prop_map(|(document, at)| Step::Retired(document, at)),
        1 => (0..3_usize, 0..9_i64, 0..3_u8, any::<bool>())
            .prop_map(|(document, at, bytes, again)| Step::Snapshot(document, at, bytes, again)),
        1 => (0..4_u8).prop_map(Step::Withheld),
    ];
    vec(step, 0..24)
}

/// The events of a history, as a log would have them.
fn events(steps: &[Step]) -> Vec<Event> {
    let mut history = History::default();
    for step in steps {
        match step {
            Step::Version(document, seconds, text) => {
                let text = Content::of(&[*text]);
                let version = VersionRecorded {
                    text,
                    cause: Cause::Changed,
                    origin: Origin::Demonstration,
                };
                let seq = history.add(*document, *seconds, Fact::VersionRecorded(version));
                history.versions.entry(*document).or_default().push(seq);
            }
            Step::Sweep(looks) => history.sweep(looks),
            Step::Snapshot(document, seconds, bytes, again) => {
                let snapshot = SnapshotRecorded {
                    content: Content::of(&[*bytes]),
                    part: None,
                    media_type: MediaType::parse("text/html").unwrap(),
                    origin: Origin::Demonstration,
                };
                let seq = history.add(*document, *seconds, Fact::SnapshotRecorded(snapshot));
                if *again {
                    let observation = Observation {
                        stream: StreamId::of_document(&name(*document)),
                        observed_at: at(*seconds),
                        outcome: Outcome::SnapshotUnchanged { snapshot_seq: seq },
                    };
                    let observations = vec![observation];
                    let fact = Fact::ObservationsRecorded {
                        observations,
                        evidence: None,
                    };
                    history.push(StreamId::of_archive(), *seconds, fact);
                }
            }
            Step::Withheld(bytes) => {
                let fact = Fact::BlobWithheld(BlobWithheld {
                    blob: BlobId::of(&[*bytes]),
                    size_bytes: 1,
                    reason: "an order".to_owned(),
                });
                history.push(StreamId::of_archive(), 9, fact);
            }
            Step::Retired(document, seconds) => {
                let (reason, origin) = ("gone".to_owned(), Origin::Demonstration);
                history.add(
                    *document,
                    *seconds,
                    Fact::DocumentRetired {
                        reason,
                        successor: None,
                        origin,
                    },
                );
            }
        }
    }
    history.events
}

#[derive(Default)]
struct History {
    events: Vec<Event>,
    streams: HashMap<StreamId, u64>,
    versions: BTreeMap<usize, Vec<u64>>,
}

impl History {
    fn add(&mut self, document: usize, seconds: i64, fact: Fact) -> u64 {
        let stream = self.declare(document, seconds);
        self.push(stream, seconds, fact)
    }

    fn declare(&mut self, document: usize, seconds: i64) -> StreamId {
        let document = name(document);
        let stream = StreamId::of_document(&document);
        if !self.streams.contains_key(&stream) {
            self.push(stream, seconds, Fact::DocumentDeclared { document });
        }
        stream
    }

    fn push(&mut self, stream: StreamId, seconds: i64, fact: Fact) -> u64 {
        let seq = self.events.len() as u64;
        let next = self.streams.entry(stream).or_default();
        let stream_seq = *next;
        *next += 1;
        let (event_id, recorded_at) = (EventId::demonstration(seq), at(1000 + seq.cast_signed()));
        let observed_at = at(seconds);
        self.events.push(Event {
            seq,
            event_id,
            stream,
            stream_seq,
            recorded_at,
            observed_at,
            fact,
        });
        seq
    }

    fn sweep(&mut self, looks: &[(usize, i64, Option<Index>)]) {
        let mut seen = BTreeSet::new();
        let mut observations = Vec::new();
        for (document, seconds, which) in looks {
            let known = self
                .versions
                .get(document)
                .filter(|known| !known.is_empty());
            let outcome = match (which, known) {
                (Some(which), Some(known)) => Outcome::Unchanged {
                    version_seq: known[which.index(known.len())],
                },
                (Some(_), None) => continue,
                (None, _) => Outcome::Failed {
                    stage: None,
                    reason: "no answer".to_owned(),
                },
            };
            if seen.insert((*document, *seconds)) {
                let stream = self.declare(*document, *seconds);
                observations.push(Observation {
                    stream,
                    observed_at: at(*seconds),
                    outcome,
                });
            }
        }
        self.push(
            StreamId::of_archive(),
            9,
            Fact::ObservationsRecorded {
                observations,
                evidence: None,
            },
        );
    }
}

/// Writes views of the events in batches of these sizes, again and again.
fn views(path: &Path, events: &[Event], sizes: &[usize], reopen: bool) -> Views {
    let mut writer = ViewsWriter::open(path).unwrap();
    let mut sizes = sizes.iter().cycle();
    let mut rest = events;
    while !rest.is_empty() {
        let (batch, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
        rest = after;
        let done = (events.len() - rest.len()) as u64;
        writer
            .apply(batch, Sha256::of(&[&done.to_be_bytes()]))
            .unwrap();
        if reopen {
            writer.close().unwrap();
            writer = ViewsWriter::open(path).unwrap();
        }
    }
    writer.close().unwrap();
    Views::open(path).unwrap()
}

/// The sights of a document, found without any view.
fn sights(events: &[Event], document: &Document) -> Vec<Sight> {
    let text = |seq: u64| match &events[usize::try_from(seq).unwrap()].fact {
        Fact::VersionRecorded(version) => TextKey::of(version.text.blob),
        other => panic!("{other:?}"),
    };
    let looks = events
        .iter()
        .flat_map(entries)
        .filter(|(stream, _)| *stream == document.stream());
    looks
        .filter_map(|(_, entry)| {
            use recension::project::Look;
            let (observed_at, seq) = (entry.observed_at, entry.seq);
            let version_seq = match entry.look {
                Look::Version => seq,
                Look::Unchanged { version_seq } => version_seq,
                Look::Failed | Look::Retired => return None,
            };
            Some(Sight {
                observed_at,
                seq,
                version_seq,
                text: text(version_seq),
            })
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn replaying_in_batches_of_any_size_gives_the_same_views(
        steps in steps(),
        sizes in vec(1..5_usize, 1..4),
        reopen in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let events = events(&steps);
        let whole = views(&folder.path().join("whole"), &events, &[usize::MAX], false);
        let parts = views(&folder.path().join("parts"), &events, &sizes, reopen);
        prop_assert_eq!(whole.state(), parts.state());
        prop_assert_eq!(whole.digest().unwrap(), parts.digest().unwrap());
    }

    #[test]
    fn views_answer_as_the_rule_does(steps in steps(), sizes in vec(1..9_usize, 1..4)) {
        let folder = tempfile::tempdir().unwrap();
        let events = events(&steps);
        let views = views(&folder.path().join("views"), &events, &sizes, false);
        for document in views.documents().unwrap() {
            let all = sights(&events, &document);
            for seconds in -1..10 {
                let expected: Option<Standing> = standing_as_of(&all, at(seconds));
                prop_assert_eq!(views.standing_as_of(&document, at(seconds)).unwrap(), expected);
            }
            for known in 0..=events.len() as u64 {
                let expected: Vec<Sight> = all.iter().filter(|sight| sight.seq < known).copied().collect();
                let found = views.sights(&document, known).unwrap();
                prop_assert!(found.is_sorted_by_key(Sight::order));
                for seconds in -1..10 {
                    let rule = standing_as_of(&expected, at(seconds));
                    prop_assert_eq!(standing_as_of(&found, at(seconds)), rule);
                }
            }
        }
    }

    #[test]
    fn the_rule_is_what_its_words_say(steps in steps(), seconds in -1..10_i64) {
        let events = events(&steps);
        for number in 0..3 {
            let document = Document::declared(0, name(number), 0);
            let mut all = sights(&events, &document);
            all.sort_by_key(Sight::order);
            let before: Vec<&Sight> = all.iter().filter(|sight| sight.observed_at <= at(seconds)).collect();
            let found = standing_as_of(&all, at(seconds));
            prop_assert_eq!(found.map(|found| found.sight), before.last().map(|sight| **sight));
            let Some(found) = found else { continue };
            // The text stood at every sight from the first seen on, and at the one before that it didn't.
            let since: Vec<&&Sight> = before.iter().filter(|sight| sight.observed_at > found.first_seen).collect();
            prop_assert!(since.iter().all(|sight| sight.text == found.sight.text));
            let next = all.iter().find(|sight| sight.observed_at > at(seconds));
            prop_assert_eq!(found.next.map(|next| next.observed_at), next.map(|next| next.observed_at));
            prop_assert_eq!(found.next.map(|n| n.same_text), next.map(|next| next.text == found.sight.text));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The same through the whole archive: what was written batch by batch, bit by bit, is what a rebuild gives.
    #[test]
    fn an_archive_written_in_batches_is_whole_and_repeating_is_safe(
        steps in steps(),
        sizes in vec(1..6_usize, 1..4),
        order in any::<u64>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("archive");
        archive::init(&folder, Some("example.org/test"), &[7; 40], at(0)).unwrap();
        let mut writer = Writer::open(&folder).unwrap();
        for text in 0..3_u8 {
            writer.put(StreamId::of_archive(), &[text]).unwrap();
        }
        let new: Vec<NewEvent> = events(&steps).into_iter().map(new_event).collect();
        let mut batches = Vec::new();
        let (mut rest, mut sizes) = (new.as_slice(), sizes.iter().cycle());
        while !rest.is_empty() {
            let (batch, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            batches.push(batch);
            rest = after;
        }
        for (number, batch) in (0..).zip(&batches) {
            writer.record(batch, at(100 + number)).unwrap();
        }
        let (size, root) = (writer.size(), *Opened::open(&folder).unwrap().checkpoint().root());
        prop_assert_eq!(size, new.len() as u64);
        for number in 0..batches.len() {
            let batch = batches[(number + usize::try_from(order % 7).unwrap()) * 5 % batches.len()];
            let again = writer.record(batch, at(9999)).unwrap();
            let already = again.iter().all(|one| matches!(one, Appended::Already { .. }));
            prop_assert!(already, "{:?}", again);
        }
        if let Some(first) = new.first() {
            let mut other = first.clone();
            other.observed_at = at(77);
            let fresh = NewEvent { event_id: EventId::demonstration(999_999), ..new[0].clone() };
            let refused = writer.record(&[fresh, other], at(9999));
            let conflict = matches!(refused, Err(ArchiveError::Log(LogError::Conflict { seq: 0, .. })));
            prop_assert!(conflict, "{:?}", refused);
        }
        drop(writer);
        let opened = Opened::open(&folder).unwrap();
        prop_assert_eq!((opened.checkpoint().size(), *opened.checkpoint().root()), (size, root));
        drop(opened);
        let rebuilt = archive::rebuild(&folder, |_, _| ()).unwrap();
        prop_assert!(rebuilt.compared && rebuilt.same);
    }
}

fn new_event(event: Event) -> NewEvent {
    let Event {
        event_id,
        stream,
        observed_at,
        fact,
        ..
    } = event;
    NewEvent {
        event_id,
        stream,
        observed_at,
        fact,
    }
}

fn instants() -> impl Strategy<Value = Instant> {
    let any = Instant::MIN.micros()..=Instant::MAX.micros();
    prop_oneof![
        any,
        Just(Instant::MIN.micros()),
        Just(Instant::MAX.micros()),
        Just(0)
    ]
    .prop_map(|micros| Instant::from_micros(micros).unwrap())
}

fn names() -> impl Strategy<Value = DocumentName> {
    ("[^/\\p{Cc}]{1,20}", "[^/\\p{Cc}]{1,20}")
        .prop_filter_map("no name", |(platform, document_type)| {
            DocumentName::new(platform, document_type).ok()
        })
}

fn origins() -> impl Strategy<Value = Origin> {
    let kinds = prop_oneof![
        Just(CommitKind::FirstRecord),
        Just(CommitKind::Changes),
        Just(CommitKind::Upgrade),
        Just(CommitKind::Other)
    ];
    let snapshots =
        (".{0,20}", any::<[u8; 20]>()).prop_map(|(repository, commit)| SnapshotReference {
            repository,
            commit: CommitId(commit),
        });
    let imported = (
        any::<[u8; 20]>(),
        instants(),
        kinds,
        option::of(snapshots),
        vec((".{0,9}", ".{0,9}"), 0..4),
    )
        .prop_map(|(commit, committed_at, kind, snapshot, trailers)| {
            Origin::Imported(ImportedCommit {
                commit: CommitId(commit),
                committed_at,
                kind,
                snapshot,
                trailers,
            })
        });
    prop_oneof![3 => imported, 1 => Just(Origin::Demonstration)]
}

fn snapshots() -> impl Strategy<Value = Fact> {
    let parts =
        option::of("[^/\\p{Cc}]{1,9}".prop_filter_map("no part", |part| PartName::new(part).ok()));
    let media_types = prop_oneof![
        Just("text/html"),
        Just("application/pdf"),
        Just("a/x.y+z-1")
    ]
    .prop_map(|text| MediaType::parse(text).unwrap());
    let fetched =
        (".{0,20}", contents(), any::<[u8; 32]>()).prop_map(|(address, evidence, declaration)| {
            Origin::Fetched(Fetch {
                address,
                evidence,
                declaration: BlobId(declaration),
            })
        });
    let of_snapshot = prop_oneof![2 => origins(), 1 => fetched];
    (contents(), parts, media_types, of_snapshot).prop_map(|(content, part, media_type, origin)| {
        Fact::SnapshotRecorded(SnapshotRecorded {
            content,
            part,
            media_type,
            origin,
        })
    })
}

fn contents() -> impl Strategy<Value = Content> {
    (vec(any::<u8>(), 0..9), any::<u64>()).prop_map(|(bytes, size_bytes)| Content {
        size_bytes,
        ..Content::of(&bytes)
    })
}

fn facts() -> impl Strategy<Value = Fact> {
    let causes = prop_oneof![
        Just(Cause::First),
        Just(Cause::Changed),
        Just(Cause::ReExtracted)
    ];
    let extracted = (vec(any::<u64>(), 1..4), any::<[u8; 32]>(), any::<u32>()).prop_map(
        |(snapshots, declaration, extractor)| {
            Origin::Extracted(Extraction {
                snapshots,
                declaration: BlobId(declaration),
                extractor,
            })
        },
    );
    let of_version = prop_oneof![2 => origins(), 1 => extracted];
    let versions = (contents(), causes, of_version).prop_map(|(text, cause, origin)| {
        Fact::VersionRecorded(VersionRecorded {
            text,
            cause,
            origin,
        })
    });
    let outcomes = prop_oneof![
        any::<u64>().prop_map(|version_seq| Outcome::Unchanged { version_seq }),
        (
            option::of(prop::sample::select(Stage::ALL.to_vec())),
            ".{0,20}"
        )
            .prop_map(|(stage, reason)| Outcome::Failed { stage, reason }),
        any::<u64>().prop_map(|snapshot_seq| Outcome::SnapshotUnchanged { snapshot_seq })
    ];
    let looks = vec((any::<[u8; 16]>(), instants(), outcomes), 0..5);
    let looks = (looks, option::of(contents())).prop_map(|(looks, evidence)| {
        let looks = looks
            .into_iter()
            .map(|(stream, observed_at, outcome)| Observation {
                stream: StreamId(stream),
                observed_at,
                outcome,
            });
        Fact::ObservationsRecorded {
            evidence,
            observations: looks.collect(),
        }
    });
    let retired =
        (".{0,20}", option::of(names()), origins()).prop_map(|(reason, successor, origin)| {
            Fact::DocumentRetired {
                reason,
                successor,
                origin,
            }
        });
    let imported = (
        any::<[u8; 20]>(),
        option::of(any::<[u8; 20]>()),
        any::<([u64; 12], u64, bool)>(),
    )
        .prop_map(|(head, since, (n, unchanged, snapshots))| {
            let (kind, versions, snapshots, unchanged) = if snapshots {
                (HistoryKind::Snapshots, 0, n[3], unchanged)
            } else {
                (HistoryKind::Versions, n[3], 0, 0)
            };
            let counts = ImportCounts {
                commits: n[0],
                merges: n[1],
                commits_without_document: n[2],
                versions,
                snapshots,
                unchanged,
                documents: n[4],
                parts: n[5],
                empty_texts: n[6],
                out_of_order: n[7],
                deleted: n[8],
                renamed: n[9],
                other_files: n[10],
                left_out: n[11],
            };
            Fact::HistoryImported(HistoryImported {
                kind,
                head: CommitId(head),
                since: since.map(CommitId),
                counts,
            })
        });
    let withheld =
        (any::<[u8; 32]>(), any::<u64>(), ".{0,20}").prop_map(|(blob, size_bytes, reason)| {
            Fact::BlobWithheld(BlobWithheld {
                blob: BlobId(blob),
                size_bytes,
                reason,
            })
        });
    let reassessed = (any::<[u8; 16]>(), changes()).prop_map(|(of, change)| {
        Fact::ChangeReassessed(ChangeReassessed {
            of: EventId(of),
            change,
        })
    });
    let declared = contents().prop_map(|declaration| Fact::DeclarationChanged { declaration });
    let mapped = (
        any::<(u64, u16)>(),
        option::of(any::<u64>()),
        ".{0,12}",
        spans(),
    );
    let mapped = mapped.prop_map(|((version, score), from, words, span)| {
        let mut mapped = golden_mapping();
        (mapped.version, mapped.from) = (version, from);
        mapped.classifier.clone_from(&words);
        for clause in &mut mapped.clauses {
            clause.span = span.unwrap_or(clause.span);
            for one in &mut clause.provisions {
                (one.score, one.kind) = (score, words.clone());
            }
        }
        Fact::ProvisionsMapped(mapped)
    });
    prop_oneof![
        changes().prop_map(Fact::ChangeDetected),
        reassessed,
        mapped,
        declared,
        names().prop_map(|document| Fact::DocumentDeclared { document }),
        snapshots(),
        versions,
        looks,
        retired,
        imported,
        withheld
    ]
}

fn spans() -> impl Strategy<Value = Option<Span>> {
    option::of(
        (any::<u32>(), any::<u32>()).prop_map(|(start, length)| Span {
            start: start as usize,
            end: start as usize + length as usize,
        }),
    )
}

prop_compose! {
    fn changes()(
        (from, to, detector) in any::<(u64, u64, u16)>(),
        significance in prop::sample::select(Significance::ALL.to_vec()),
        status in prop::sample::select(vec![Status::Confirmed, Status::Unconfirmed]),
        reasons in vec(reasons(), 0..4),
        counts in any::<[u64; 9]>(),
        clauses in vec(clause_changes(), 0..4),
    ) -> Change {
        let counts = ClauseCounts(counts);
        Change { from, to, detector, significance, status, reasons, counts, clauses }
    }
}

fn reasons() -> impl Strategy<Value = Reason> {
    let signs = vec![
        Sign::ErrorPage,
        Sign::ConsentWall,
        Sign::BotWall,
        Sign::Login,
    ];
    prop_oneof![
        prop::sample::select(Rule::ALL.to_vec()).prop_map(Reason::Clause),
        prop::sample::select(signs).prop_map(Reason::NotTheDocument),
        prop::sample::select(vec![
            Reason::SameReading,
            Reason::Empty,
            Reason::SameSnapshot,
            Reason::ReExtracted
        ]),
        any::<u8>().prop_map(|percent| Reason::LargeLoss { percent }),
        any::<u64>().prop_map(|to| Reason::Returns { to }),
        any::<u64>().prop_map(|to| Reason::GaveWay { to }),
        any::<u64>().prop_map(|version| Reason::Recovered { version }),
        any::<u64>().prop_map(|version| Reason::SeenAgain { version }),
        any::<u64>().prop_map(|left_out| Reason::Against { left_out }),
    ]
}

prop_compose! {
    fn clause_changes()(
        kind in prop::sample::select(ClauseChangeKind::ALL.to_vec()),
        rule in prop::sample::select(Rule::ALL.to_vec()),
        clause in any::<[u8; 16]>(),
        from in spans(),
        to in spans(),
    ) -> ClauseChange {
        ClauseChange { kind, rule, clause: ClauseId(clause), from, to }
    }
}

prop_compose! {
    fn any_event()(
        fact in facts(),
        (seq, stream_seq) in any::<(u64, u64)>(),
        (event_id, stream) in any::<([u8; 16], [u8; 16])>(),
        recorded_at in instants(),
        observed_at in instants(),
    ) -> Event {
        let (event_id, stream) = (EventId(event_id), StreamId(stream));
        Event { seq, event_id, stream, stream_seq, recorded_at, observed_at, fact }
    }
}

/// What may happen to stored bytes.
#[derive(Debug, Clone)]
enum Damage {
    Flip(Index, u8),
    Set(Index, u8),
    Cut(Index),
    Insert(Index, u8),
    Remove(Index),
    /// A small change of one of the fields that say what follows.
    Field(usize, u8),
}

fn damages() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<Index>(), 0..8_u8).prop_map(|(place, bit)| Damage::Flip(place, 1 << bit)),
        (any::<Index>(), any::<u8>()).prop_map(|(place, byte)| Damage::Set(place, byte)),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), any::<u8>()).prop_map(|(place, byte)| Damage::Insert(place, byte)),
        any::<Index>().prop_map(Damage::Remove),
        (4..12_usize, 0..12_u8).prop_map(|(place, byte)| Damage::Field(place, byte)),
        (108..114_usize, 0..4_u8).prop_map(|(place, byte)| Damage::Field(place, byte)),
    ]
}

fn damage(leaf: &mut Vec<u8>, damage: &Damage) {
    if leaf.is_empty() {
        return;
    }
    let length = leaf.len();
    match damage {
        Damage::Flip(place, bits) => leaf[place.index(length)] ^= bits,
        Damage::Set(place, byte) => leaf[place.index(length)] = *byte,
        Damage::Cut(place) => leaf.truncate(place.index(length)),
        Damage::Insert(place, byte) => leaf.insert(place.index(length), *byte),
        Damage::Remove(place) => drop(leaf.remove(place.index(length))),
        Damage::Field(place, byte) => {
            if let Some(field) = leaf.get_mut(*place) {
                *field = *byte;
            }
        }
    }
}

/// Whatever decodes to a fact that is understood has exactly the bytes that encoding it gives.
fn canonical(log: Sha256, leaf: &[u8]) -> Result<(), TestCaseError> {
    match codec::decode(log, leaf) {
        Ok(Event {
            fact: Fact::Unknown { .. },
            ..
        })
        | Err(_) => Ok(()),
        Ok(event) => {
            let again = codec::encode(log, &event).unwrap();
            prop_assert_eq!(again, leaf, "{:?}", event);
            Ok(())
        }
    }
}

const LOG: Sha256 = Sha256([7; 32]);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn events_read_back_as_they_were_written(event in any_event()) {
        let leaf = codec::encode(LOG, &event).unwrap();
        prop_assert_eq!(codec::decode(LOG, &leaf).unwrap(), event);
        prop_assert!(codec::decode(Sha256([8; 32]), &leaf).is_err());
    }

    #[test]
    fn damaged_events_are_refused_or_say_something_else(event in any_event(), damages in vec(damages(), 1..4)) {
        let leaf = codec::encode(LOG, &event).unwrap();
        let mut other = leaf.clone();
        for one in &damages {
            damage(&mut other, one);
        }
        canonical(LOG, &other)?;
        if other != leaf {
            prop_assert!(codec::decode(LOG, &other).ok() != Some(event));
        }
    }

    #[test]
    fn any_bytes_are_refused_or_canonical(bytes in vec(any::<u8>(), 0..300)) {
        canonical(LOG, &bytes)?;
    }
}

#[test]
fn every_single_byte_of_an_event_matters() {
    let event = golden_events().swap_remove(2).1;
    let leaf = codec::encode(LOG, &event).unwrap();
    for place in 0..leaf.len() {
        for byte in 0..=255 {
            let mut other = leaf.clone();
            other[place] = byte;
            canonical(LOG, &other).unwrap();
            let same = codec::decode(LOG, &other).ok().as_ref() == Some(&event);
            assert_eq!(same, byte == leaf[place], "byte {place} as {byte}");
        }
    }
}

#[test]
fn an_event_with_a_blob_that_its_fact_does_not_name_is_refused() {
    for (name, event) in golden_events() {
        let leaf = codec::encode(LOG, &event).unwrap();
        for role in [1_u16, 2] {
            let count = u16::from_be_bytes([leaf[108], leaf[109]]);
            let mut reference = role.to_be_bytes().to_vec();
            reference.push(1);
            reference.extend([9; 40]);
            let mut other = leaf.clone();
            other[108..110].copy_from_slice(&(count + 1).to_be_bytes());
            other.splice(110..110, reference);
            let error = codec::decode(LOG, &other).expect_err(name).to_string();
            assert!(error.contains("blob"), "{name}: {error}");
        }
    }
}

#[test]
fn two_looks_of_one_sweep_at_one_document_and_instant_are_refused() {
    let (stream, observed_at) = (StreamId([1; 16]), at(1));
    let look = |reason: &str| {
        let outcome = Outcome::Failed {
            stage: None,
            reason: reason.to_owned(),
        };
        Observation {
            stream,
            observed_at,
            outcome,
        }
    };
    let fact = Fact::ObservationsRecorded {
        evidence: None,
        observations: vec![look("one"), look("two")],
    };
    let event = Event {
        fact,
        ..golden_events().swap_remove(0).1
    };
    let error = codec::encode(LOG, &event).unwrap_err().to_string();
    assert_eq!(
        error,
        "the sweep looks twice at the document of stream 01010101010101010101010101010101 at 1970-01-01T00:00:01Z"
    );
}

/// An event of each type.
fn golden_events() -> Vec<(&'static str, Event)> {
    let document = DocumentName::new("Ça va?", "Terms of Service").unwrap();
    let stream = StreamId::of_document(&document);
    let origin = Origin::Imported(ImportedCommit {
        commit: CommitId([0xc1; 20]),
        committed_at: Instant::parse_rfc3339("2024-01-10T12:00:00.000001Z").unwrap(),
        kind: CommitKind::Upgrade,
        snapshot: Some(SnapshotReference {
            repository: "https://example.org/snapshots".to_owned(),
            commit: CommitId([0xc2; 20]),
        }),
        trailers: vec![("X-engine-version".to_owned(), "15.1.0".to_owned())],
    });
    let event = |fact| Event {
        seq: 0x0102_0304_0506_0708,
        event_id: EventId([0xe1; 16]),
        stream,
        stream_seq: 3,
        recorded_at: Instant::parse_rfc3339("2025-06-01T12:00:00Z").unwrap(),
        observed_at: Instant::parse_rfc3339("1969-12-31T23:59:59.999999Z").unwrap(),
        fact,
    };
    let look = |observed_at, outcome| Observation {
        stream,
        observed_at: at(observed_at),
        outcome,
    };
    let counts = ImportCounts {
        commits: 1,
        merges: 2,
        commits_without_document: 3,
        versions: 250,
        snapshots: 0,
        unchanged: 0,
        documents: 251,
        parts: 252,
        empty_texts: 65_535,
        out_of_order: 65_536,
        deleted: 4_294_967_295,
        renamed: 4_294_967_296,
        other_files: u64::MAX,
        left_out: 0,
    };
    vec![
        (
            "DocumentDeclared v1",
            event(Fact::DocumentDeclared {
                document: document.clone(),
            }),
        ),
        (
            "DocumentRetired v1",
            event(Fact::DocumentRetired {
                reason: "its file was deleted".to_owned(),
                successor: Some(document),
                origin: origin.clone(),
            }),
        ),
        (
            "VersionRecorded v1",
            event(Fact::VersionRecorded(VersionRecorded {
                text: Content::of(b"One\n"),
                cause: Cause::ReExtracted,
                origin: origin.clone(),
            })),
        ),
        (
            "VersionRecorded v1, demonstration",
            event(Fact::VersionRecorded(VersionRecorded {
                text: Content::of(b""),
                cause: Cause::First,
                origin: Origin::Demonstration,
            })),
        ),
        (
            "ObservationsRecorded v1",
            event(Fact::ObservationsRecorded {
                evidence: None,
                observations: vec![
                    look(1, Outcome::Unchanged { version_seq: 300 }),
                    look(
                        -2,
                        Outcome::Failed {
                            stage: None,
                            reason: "HTTP 503".to_owned(),
                        },
                    ),
                ],
            }),
        ),
        (
            "HistoryImported v1",
            event(Fact::HistoryImported(HistoryImported {
                kind: HistoryKind::Versions,
                head: CommitId([0xaa; 20]),
                since: Some(CommitId([0xbb; 20])),
                counts,
            })),
        ),
        (
            "SnapshotRecorded v1",
            event(Fact::SnapshotRecorded(SnapshotRecorded {
                content: Content::of(b"<p>One</p>"),
                part: Some(PartName::new("2").unwrap()),
                media_type: MediaType::parse("text/html").unwrap(),
                origin: origin.clone(),
            })),
        ),
        (
            "SnapshotRecorded v1, without a part",
            event(Fact::SnapshotRecorded(SnapshotRecorded {
                content: Content::of(b""),
                part: None,
                media_type: MediaType::parse("application/pdf").unwrap(),
                origin,
            })),
        ),
        (
            "ObservationsRecorded v2",
            event(Fact::ObservationsRecorded {
                evidence: None,
                observations: vec![
                    look(1, Outcome::SnapshotUnchanged { snapshot_seq: 7 }),
                    look(1, Outcome::SnapshotUnchanged { snapshot_seq: 8 }),
                    look(1, Outcome::Unchanged { version_seq: 300 }),
                ],
            }),
        ),
        (
            "DeclarationChanged v1",
            event(Fact::DeclarationChanged {
                declaration: Content::of(b"[]"),
            }),
        ),
        (
            "SnapshotRecorded v2",
            event(Fact::SnapshotRecorded(SnapshotRecorded {
                content: Content::of(b"<p>One</p>"),
                part: Some(PartName::new("2").unwrap()),
                media_type: MediaType::parse("text/html").unwrap(),
                origin: Origin::Fetched(Fetch {
                    address: "https://acme.example/terms".to_owned(),
                    evidence: Content::of(b"{}"),
                    declaration: BlobId([0xd1; 32]),
                }),
            })),
        ),
        (
            "VersionRecorded v2",
            event(Fact::VersionRecorded(VersionRecorded {
                text: Content::of(b"One\n"),
                cause: Cause::Changed,
                origin: Origin::Extracted(Extraction {
                    snapshots: vec![7, 300],
                    declaration: BlobId([0xd1; 32]),
                    extractor: 1,
                }),
            })),
        ),
        (
            "ObservationsRecorded v3",
            event(Fact::ObservationsRecorded {
                evidence: Some(Content::of(b"{}\n")),
                observations: vec![
                    look(1, Outcome::Unchanged { version_seq: 300 }),
                    look(1, Outcome::SnapshotUnchanged { snapshot_seq: 7 }),
                    look(
                        2,
                        Outcome::Failed {
                            stage: Some(Stage::TooSlow),
                            reason: "no end".to_owned(),
                        },
                    ),
                ],
            }),
        ),
        (
            "ObservationsRecorded v3, without evidence",
            event(Fact::ObservationsRecorded {
                evidence: None,
                observations: vec![look(
                    2,
                    Outcome::Failed {
                        stage: Some(Stage::Address),
                        reason: String::new(),
                    },
                )],
            }),
        ),
        (
            "HistoryImported v2",
            event(Fact::HistoryImported(HistoryImported {
                kind: HistoryKind::Snapshots,
                head: CommitId([0xaa; 20]),
                since: None,
                counts: ImportCounts {
                    versions: 0,
                    snapshots: 250,
                    unchanged: 5,
                    ..counts
                },
            })),
        ),
        (
            "ChangeDetected v1",
            event(Fact::ChangeDetected(golden_change())),
        ),
        (
            "ChangeDetected v1, re-extracted",
            event(Fact::ChangeDetected(Change {
                significance: Significance::ReExtraction,
                reasons: vec![Reason::ReExtracted],
                clauses: Vec::new(),
                ..golden_change()
            })),
        ),
        (
            "ChangeReassessed v1",
            event(Fact::ChangeReassessed(ChangeReassessed {
                of: EventId([0xc3; 16]),
                change: Change {
                    significance: Significance::Reverted,
                    status: Status::Confirmed,
                    reasons: vec![Reason::GaveWay { to: 305 }],
                    clauses: Vec::new(),
                    ..golden_change()
                },
            })),
        ),
        (
            "ProvisionsMapped v1",
            event(Fact::ProvisionsMapped(golden_mapping())),
        ),
        (
            "BlobWithheld v1",
            event(Fact::BlobWithheld(BlobWithheld {
                blob: BlobId([0xb1; 32]),
                size_bytes: 5_649,
                reason: "an order of a court".to_owned(),
            })),
        ),
    ]
}

/// A mapping with every turn, sign, polarity and modality, so that none of them is ever written otherwise.
fn golden_mapping() -> ProvisionsMapped {
    let span = |start| Span {
        start,
        end: start + 70,
    };
    let provisions = Modality::ALL
        .into_iter()
        .zip(Polarity::ALL.into_iter().cycle());
    let provisions = provisions.map(|(modality, polarity)| MappedProvision {
        kind: "arbitration".to_owned(),
        score: 731,
        polarity,
        modality,
        span: span(0),
    });
    let turns = ProvisionSign::ALL
        .into_iter()
        .zip(ProvisionTurn::ALL.into_iter().cycle());
    let changes = turns.map(|(sign, turn)| ProvisionChange {
        kind: "data-sale".to_owned(),
        turn,
        sign,
        before: (turn != ProvisionTurn::Added).then_some((span(6_000), Polarity::Denied)),
        after: (turn != ProvisionTurn::Removed).then_some((span(70), Polarity::Stated)),
    });
    ProvisionsMapped {
        version: 300,
        from: Some(299),
        classifier: "linear-0123456789ab".to_owned(),
        taxonomy: 1,
        clauses: vec![MappedClause {
            span: span(12),
            provisions: provisions.collect(),
        }],
        changes: changes.collect(),
    }
}

/// A change with every reason, rule and kind, so that none of them is ever written otherwise.
fn golden_change() -> Change {
    let span = |start| Span {
        start,
        end: start + 70,
    };
    let clauses = Rule::ALL
        .into_iter()
        .zip(ClauseChangeKind::ALL.into_iter().cycle());
    let others = [
        Reason::SameReading,
        Reason::Returns { to: 1 },
        Reason::GaveWay { to: 2 },
        Reason::Empty,
        Reason::NotTheDocument(Sign::ErrorPage),
        Reason::NotTheDocument(Sign::ConsentWall),
        Reason::NotTheDocument(Sign::BotWall),
        Reason::NotTheDocument(Sign::Login),
        Reason::LargeLoss { percent: 60 },
        Reason::Recovered { version: 3 },
        Reason::SeenAgain { version: 4 },
        Reason::SameSnapshot,
        Reason::Against { left_out: 5 },
    ];
    Change {
        from: 299,
        to: 300,
        detector: 1,
        significance: Significance::Substantive,
        status: Status::Unconfirmed,
        reasons: Rule::ALL
            .into_iter()
            .map(Reason::Clause)
            .chain(others)
            .collect(),
        counts: ClauseCounts([1, 2, 3, 4, 5, 6, 7, 8, 300]),
        clauses: clauses
            .map(|(rule, kind)| ClauseChange {
                kind,
                rule,
                clause: ClauseId([0xc1; 16]),
                from: (kind != ClauseChangeKind::Added).then(|| span(1)),
                to: (kind != ClauseChangeKind::Removed).then(|| span(70_000)),
            })
            .collect(),
    }
}

/// The stored bytes of each event type and schema version: they are in logs for ever and must never change.
#[test]
fn the_bytes_of_events_never_change() {
    let golden = include_str!("golden/events.txt");
    let written: String = golden_events()
        .iter()
        .map(|(name, event)| {
            let leaf = codec::encode(LOG, event).unwrap();
            let digits: String = leaf.iter().map(|byte| format!("{byte:02x}")).collect();
            let lines: Vec<&str> = digits
                .as_bytes()
                .chunks(96)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect();
            format!("{name}\n{}\n\n", lines.join("\n"))
        })
        .collect();
    assert_eq!(written, golden, "\n{written}");
    for (block, (name, event)) in golden.split("\n\n").zip(golden_events()) {
        let digits: String = block.lines().skip(1).collect();
        let leaf: Vec<u8> = (0..digits.len() / 2)
            .map(|byte| u8::from_str_radix(&digits[2 * byte..2 * byte + 2], 16).unwrap())
            .collect();
        assert_eq!(codec::decode(LOG, &leaf).unwrap(), event, "{name}");
    }
}

#[test]
fn an_event_over_the_limit_is_refused_before_it_is_written() {
    let fact = |length| Fact::DocumentRetired {
        reason: "x".repeat(length),
        successor: None,
        origin: Origin::Demonstration,
    };
    let event = |length| Event {
        fact: fact(length),
        ..golden_events().swap_remove(0).1
    };
    let most = 65_535 - 114 - 5;
    assert_eq!(codec::encode(LOG, &event(most)).unwrap().len(), 65_535);
    let error = codec::encode(LOG, &event(most + 1))
        .unwrap_err()
        .to_string();
    assert_eq!(error, "the event takes 65536 bytes, more than 65535");
    assert!(codec::encode(LOG, &event(70_000)).is_err());
}

/// Puts a leaf behind the last event, as a later program could have written it, without a checkpoint.
fn put_leaf(archive: &Archive, patch: impl Fn(&mut Vec<u8>)) {
    let log = Connection::open(archive.file("log.sqlite")).unwrap();
    let (seq, mut leaf): (u64, Vec<u8>) = log
        .query_row(
            "SELECT (SELECT max(seq) + 1 FROM event), leaf FROM event WHERE seq = 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let stream: u64 = log
        .query_row(
            "SELECT count(*) FROM event WHERE stream = substr(?1, 53, 16)",
            [&leaf],
            |row| row.get(0),
        )
        .unwrap();
    leaf[44..52].copy_from_slice(&seq.to_be_bytes());
    leaf[68..76].copy_from_slice(&stream.to_be_bytes());
    leaf[76] ^= u8::try_from(seq).unwrap();
    patch(&mut leaf);
    log.execute(
        "INSERT INTO event (seq, leaf) VALUES (?1, ?2)",
        (seq, &leaf),
    )
    .unwrap();
    let hash = leaf_hash(&leaf).0;
    // Below 256 events, the tree has one tile of leaf hashes.
    log.execute(
        "UPDATE tile SET hashes = CAST(hashes || ?1 AS BLOB)",
        [hash],
    )
    .unwrap();
}

#[test]
fn events_of_a_later_program_are_kept_proven_and_passed_over() {
    let mut history = Fixture::new();
    history.commit(
        &[("Foo/Terms.md", Some("One\n"))],
        "1",
        seconds("2024-01-10"),
    );
    let archive = Archive::of(&history);
    put_leaf(&archive, |leaf| {
        leaf[6..8].copy_from_slice(&999_u16.to_be_bytes());
    });
    put_leaf(&archive, |leaf| {
        leaf[8..10].copy_from_slice(&9_u16.to_be_bytes());
    });
    put_leaf(&archive, |leaf| leaf[5] = 2);
    // Unsigned events are not there yet.
    assert_eq!(archive.open().checkpoint().size(), 3);
    // The next writer signs what a crash seems to have left.
    assert_eq!(Writer::open(&archive.path()).unwrap().size(), 6);
    let opened = archive.open();
    let kinds: Vec<Fact> = (3..6).map(|seq| opened.event(seq).unwrap().fact).collect();
    let unknown = |event_type, schema_version| Fact::Unknown {
        event_type,
        schema_version,
    };
    assert_eq!(kinds, [unknown(999, 1), unknown(6, 9), unknown(6, 1)]);
    for seq in 3..6 {
        let (leaf, proof) = opened.proof(seq).unwrap();
        let root = opened.checkpoint().root();
        recension::prove::verify_inclusion(&leaf_hash(&leaf), seq, 6, &proof, root).unwrap();
    }
    archive.prints(&["show", "Foo/Terms", "--format", "raw"], "One\n");
    let listed = archive.fine(&["log", "--after", "2"]);
    assert_eq!(listed.matches("Unknown").count(), 3, "{listed}");
    let exported = archive
        .recension(&["export", "events", "--after", "2"])
        .json();
    assert_eq!(
        exported[1]["fact"],
        serde_json::json!({"event_type": 6, "schema_version": 9})
    );
    let rebuilt = archive::rebuild(&archive.path(), |_, _| ()).unwrap();
    assert!(rebuilt.same);
    // The archive goes on.
    history.commit(
        &[("Foo/Terms.md", Some("Two\n"))],
        "2",
        seconds("2024-02-10"),
    );
    archive.import(&history, NOW);
    archive.prints(&["show", "Foo/Terms", "--format", "raw"], "Two\n");
}

#[test]
fn an_event_behind_the_checkpoint_that_is_not_in_the_tree_is_never_signed() {
    let mut history = Fixture::new();
    history.commit(
        &[("Foo/Terms.md", Some("One\n"))],
        "1",
        seconds("2024-01-10"),
    );
    let archive = Archive::of(&history);
    put_leaf(&archive, |leaf| {
        leaf[8..10].copy_from_slice(&9_u16.to_be_bytes());
    });
    let log = Connection::open(archive.file("log.sqlite")).unwrap();
    log.execute(
        "UPDATE tile SET hashes = CAST(substr(hashes, 1, 96) || zeroblob(32) AS BLOB)",
        [],
    )
    .unwrap();
    let refused = Writer::open(&archive.path());
    assert!(
        matches!(
            refused,
            Err(ArchiveError::Log(LogError::OtherRoot { size: 4, .. }))
        ),
        "{refused:?}"
    );
    archive.damaged();
}

/// Two processes may bring the views up to the log at once: the one that comes late changes nothing.
#[test]
fn events_that_another_process_brought_in_are_passed_over_with_their_root() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("views");
    let events = events(&[Step::Version(0, 1, 0), Step::Version(0, 2, 1)]);
    let root = |size: u8| Sha256([size; 32]);
    let mut late = ViewsWriter::open(&path).unwrap();
    let mut early = ViewsWriter::open(&path).unwrap();
    early.apply(&events, root(3)).unwrap();
    let whole = Views::open(&path).unwrap().state();
    late.apply(&events[..2], root(2)).unwrap();
    assert_eq!((whole.cursor, whole.root), (3, root(3)));
    assert_eq!(Views::open(&path).unwrap().state(), whole);
    assert_eq!(late.state(), whole);
}
