//! The JSON that users read is what its schemas in `schema/json` say, no less and no more.

use std::fs;
use std::path::Path;

use recension::archive::{self, Archive, Writer};
use recension::export::shape::{
    AsOfLine, DocumentLine, EntryLine, EventLine, HitLine, Platform, SearchLine, SearchRefusalLine,
    TimelineLine,
};
use recension::model::{
    BlobWithheld, Cause, Change, ChangeReassessed, ClauseChange, ClauseChangeKind, ClauseCounts,
    ClauseId, CommitId, CommitKind, Content, DocumentName, Event, EventId, Extraction, Fact, Fetch,
    HistoryImported, HistoryKind, ImportCounts, ImportedCommit, Instant, MappedClause,
    MappedProvision, MediaType, Modality, Observation, Origin, Outcome, PartName, Polarity,
    ProvisionChange, ProvisionSign, ProvisionTurn, ProvisionsMapped, Reason, Rule, Sign,
    Significance, SnapshotRecorded, SnapshotReference, Span, Stage, Status, StreamId,
    VersionRecorded,
};
use recension::project::{self, Withheld};
use serde::Serialize;
use serde_json::Value;

/// The part of JSON Schema that the schemas use; any other keyword is a fault of the schema, so that nothing is
/// taken for checked that isn't.
pub struct Schema(Value);

impl Schema {
    pub fn read(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/json/{name}.schema.json"));
        let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert_eq!(schema["$id"], format!("{name}.schema.json"));
        Self(schema)
    }

    /// What is wrong with a value, each with its place.
    fn faults(&self, value: &Value) -> Vec<String> {
        self.check(&self.0, value, "$")
    }

    fn check(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let keywords = schema.as_object().unwrap();
        let checked = keywords
            .iter()
            .flat_map(|(keyword, rule)| match keyword.as_str() {
                // From `required` on, they are checked with the keyword that they belong to.
                "$schema"
                | "$id"
                | "$defs"
                | "title"
                | "description"
                | "format"
                | "required"
                | "additionalProperties"
                | "minItems"
                | "maxItems"
                | "maximum" => Vec::new(),
                "$ref" => {
                    let name = rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                    self.check(&self.0["$defs"][name], value, at)
                }
                "oneOf" | "anyOf" => self.check_forms(keyword, rule.as_array().unwrap(), value, at),
                "properties" if value.is_object() => self.check_object(schema, value, at),
                "items" | "prefixItems" if value.is_array() => {
                    self.check_array(schema, rule, value, at)
                }
                _ if fits(schema, keyword, rule, value) => Vec::new(),
                _ => vec![format!("{at} is {value}, against {keyword} {rule}")],
            });
        checked.collect()
    }

    fn check_forms(&self, keyword: &str, forms: &[Value], value: &Value, at: &str) -> Vec<String> {
        let fitting = forms
            .iter()
            .filter(|form| self.check(form, value, at).is_empty())
            .count();
        if fitting == 1 || (fitting > 1 && keyword == "anyOf") {
            return Vec::new();
        }
        vec![format!(
            "{at} is {value}, which fits {fitting} of the forms"
        )]
    }

    fn check_object(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        assert_eq!(schema["additionalProperties"], false, "{schema}");
        let value = value.as_object().unwrap();
        let lacking = schema["required"].as_array().unwrap().iter();
        let lacking = lacking
            .filter(|name| !value.contains_key(name.as_str().unwrap()))
            .map(|name| format!("{at} lacks {name}"));
        let members = value.iter().flat_map(|(name, value)| {
            let at = format!("{at}.{name}");
            match schema["properties"].get(name) {
                Some(rule) => self.check(rule, value, &at),
                None => vec![format!("{at} is not in the schema")],
            }
        });
        lacking.chain(members).collect()
    }

    fn check_array(&self, schema: &Value, rule: &Value, value: &Value, at: &str) -> Vec<String> {
        let values = value.as_array().unwrap();
        let (least, most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
        if !(least.unwrap_or(0)..=most.unwrap_or(u64::MAX)).contains(&(values.len() as u64)) {
            return vec![format!("{at} has {} items", values.len())];
        }
        let items = values.iter().enumerate().flat_map(|(index, value)| {
            let rule = rule.get(index).unwrap_or(rule);
            self.check(rule, value, &format!("{at}[{index}]"))
        });
        items.collect()
    }

    /// Every property and definition says what it is.
    fn check_descriptions(&self, schema: &Value, at: &str) {
        match schema {
            Value::Object(members) => {
                for holder in ["properties", "$defs"] {
                    for (name, inner) in members
                        .get(holder)
                        .and_then(Value::as_object)
                        .into_iter()
                        .flatten()
                    {
                        let described =
                            inner.get("description").is_some() || inner.get("$ref").is_some();
                        assert!(
                            described,
                            "{}: {at}.{name} has no description",
                            self.0["$id"]
                        );
                    }
                }
                for (name, inner) in members {
                    self.check_descriptions(inner, &format!("{at}.{name}"));
                }
            }
            Value::Array(inner) => inner
                .iter()
                .for_each(|inner| self.check_descriptions(inner, at)),
            _ => {}
        }
    }

    #[track_caller]
    pub fn accepts(&self, value: &impl Serialize) {
        let value = serde_json::to_value(value).unwrap();
        assert_eq!(self.faults(&value), [""; 0], "{value:#}");
        // A field more or a field less is seen at every depth.
        let grown = grow(&value);
        assert!(!grown.is_empty());
        for grown in grown {
            assert!(!self.faults(&grown).is_empty(), "{grown:#}");
        }
    }
}

/// Whether a value fits a keyword that says nothing of what is within it.
fn fits(schema: &Value, keyword: &str, rule: &Value, value: &Value) -> bool {
    match keyword {
        // From `required` on, they are checked with the keyword that they belong to, or ask nothing of such a value.
        "contentEncoding"
        | "$schema"
        | "$id"
        | "$defs"
        | "title"
        | "description"
        | "format"
        | "required"
        | "additionalProperties"
        | "minItems"
        | "maxItems"
        | "maximum"
        | "properties"
        | "items"
        | "prefixItems" => true,
        "type" => has_type(rule.as_str().unwrap(), value),
        "const" => rule == value,
        "enum" => rule.as_array().unwrap().contains(value),
        "minimum" => {
            let most = schema["maximum"].as_u64().unwrap_or(u64::MAX);
            let number = value.as_u64();
            number.is_some_and(|number| (rule.as_u64().unwrap()..=most).contains(&number))
        }
        "pattern" => value
            .as_str()
            .is_some_and(|text| has_pattern(rule.as_str().unwrap(), text)),
        other => panic!("the tests know no keyword {other:?}"),
    }
}

fn has_type(name: &str, value: &Value) -> bool {
    match name {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the tests know no type {other:?}"),
    }
}

fn has_pattern(pattern: &str, text: &str) -> bool {
    let hexadecimal = pattern
        .strip_prefix("^[0-9a-f]{")
        .and_then(|rest| rest.strip_suffix("}$"));
    if let Some(digits) = hexadecimal {
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        return text.len() == digits.parse::<usize>().unwrap() && text.chars().all(is_digit);
    }
    match pattern {
        "^[^/]+/[^/]+$" => DocumentName::parse(text).is_ok(),
        instant if instant.starts_with("^[0-9]{4}-") => {
            Instant::parse_rfc3339(text).is_some_and(|instant| instant.to_string() == text)
        }
        other => panic!("the tests know no pattern {other:?}"),
    }
}

/// The value with a field more in one of its objects, once for each object.
fn grow(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(members) => {
            let mut more = members.clone();
            more.insert("and more".to_owned(), Value::Null);
            all.push(more.into());
            for (name, inner) in members {
                for inner in grow(inner) {
                    let mut members = members.clone();
                    members.insert(name.clone(), inner);
                    all.push(members.into());
                }
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                for inner in grow(inner) {
                    let mut items = items.clone();
                    items[index] = inner;
                    all.push(items.into());
                }
            }
        }
        _ => {}
    }
    all
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn imported(snapshot: bool) -> Origin {
    let commit = CommitId([7; 20]);
    Origin::Imported(ImportedCommit {
        commit,
        committed_at: at("2024-01-02T03:04:05.25Z"),
        kind: CommitKind::Upgrade,
        snapshot: snapshot.then(|| SnapshotReference {
            repository: "https://git.example/snapshots".to_owned(),
            commit,
        }),
        trailers: vec![("X-engine-version".to_owned(), "1.0.0".to_owned())],
    })
}

fn facts() -> Vec<Fact> {
    let document = DocumentName::new("Glimmerfold", "Privacy Policy").unwrap();
    let stream = StreamId::of_document(&document);
    let observation = |outcome| Observation {
        stream,
        observed_at: at("2024-01-02T03:04:05Z"),
        outcome,
    };
    let version = |cause, snapshot| {
        Fact::VersionRecorded(VersionRecorded {
            text: Content::of(b"text"),
            cause,
            origin: imported(snapshot),
        })
    };
    let snapshot = |part| {
        Fact::SnapshotRecorded(SnapshotRecorded {
            content: Content::of(b"<p>text</p>"),
            part,
            media_type: MediaType::parse("text/html").unwrap(),
            origin: imported(false),
        })
    };
    let history = |kind| {
        Fact::HistoryImported(HistoryImported {
            kind,
            head: CommitId([1; 20]),
            since: Some(CommitId([2; 20])),
            counts: ImportCounts::default(),
        })
    };
    let failed = Outcome::Failed {
        stage: None,
        reason: "the server answered 503".to_owned(),
    };
    let content = Content::of(b"{}");
    let refused = Outcome::Failed {
        stage: Some(Stage::Robots),
        reason: "robots.txt forbids it".to_owned(),
    };
    vec![
        Fact::DocumentDeclared {
            document: document.clone(),
        },
        Fact::DeclarationChanged {
            declaration: content,
        },
        Fact::SnapshotRecorded(SnapshotRecorded {
            content,
            part: None,
            media_type: MediaType::parse("text/html").unwrap(),
            origin: Origin::Fetched(Fetch {
                address: "https://glimmerfold.example/privacy".to_owned(),
                evidence: content,
                declaration: content.blob,
            }),
        }),
        Fact::VersionRecorded(VersionRecorded {
            text: content,
            cause: Cause::First,
            origin: Origin::Extracted(Extraction {
                snapshots: vec![2],
                declaration: content.blob,
                extractor: 1,
            }),
        }),
        Fact::ObservationsRecorded {
            evidence: Some(content),
            observations: vec![observation(refused)],
        },
        version(Cause::First, true),
        version(Cause::Changed, false),
        version(Cause::ReExtracted, false),
        Fact::ObservationsRecorded {
            evidence: None,
            observations: vec![
                observation(Outcome::Unchanged { version_seq: 1 }),
                observation(failed),
                observation(Outcome::SnapshotUnchanged { snapshot_seq: 2 }),
            ],
        },
        Fact::DocumentRetired {
            reason: "renamed".to_owned(),
            successor: Some(document),
            origin: imported(false),
        },
        history(HistoryKind::Versions),
        history(HistoryKind::Snapshots),
        snapshot(None),
        snapshot(PartName::new("2").ok()),
        Fact::BlobWithheld(BlobWithheld {
            blob: Content::of(b"text").blob,
            size_bytes: 4,
            reason: "an order".to_owned(),
        }),
        Fact::ChangeDetected(change()),
        Fact::ChangeReassessed(ChangeReassessed {
            of: EventId([2; 16]),
            change: change(),
        }),
        Fact::ProvisionsMapped(mapped()),
        Fact::Unknown {
            event_type: 999,
            schema_version: 2,
        },
    ]
}

/// A mapping that has every turn, sign, polarity and modality.
fn mapped() -> ProvisionsMapped {
    let span = Span { start: 3, end: 9 };
    let provisions = Modality::ALL
        .into_iter()
        .zip(Polarity::ALL.into_iter().cycle());
    let provisions = provisions.map(|(modality, polarity)| MappedProvision {
        kind: "data-sale".to_owned(),
        score: 731,
        polarity,
        modality,
        span,
    });
    let turns = ProvisionSign::ALL
        .into_iter()
        .zip(ProvisionTurn::ALL.into_iter().cycle());
    let changes = turns.map(|(sign, turn)| ProvisionChange {
        kind: "data-sale".to_owned(),
        turn,
        sign,
        before: (turn != ProvisionTurn::Added).then_some((span, Polarity::Denied)),
        after: (turn != ProvisionTurn::Removed).then_some((span, Polarity::Stated)),
    });
    ProvisionsMapped {
        version: 7,
        from: Some(3),
        classifier: "linear-0".to_owned(),
        taxonomy: 1,
        clauses: vec![MappedClause {
            span,
            provisions: provisions.collect(),
        }],
        changes: changes.collect(),
    }
}

/// A change that has every reason and rule and every kind of changed clause.
fn change() -> Change {
    let span = Span { start: 3, end: 9 };
    let clauses = ClauseChangeKind::ALL.into_iter().map(|kind| ClauseChange {
        kind,
        rule: Rule::Words,
        clause: ClauseId([5; 16]),
        from: (kind != ClauseChangeKind::Added).then_some(span),
        to: (kind != ClauseChangeKind::Removed).then_some(span),
    });
    let mut counts = ClauseCounts::default();
    for kind in ClauseChangeKind::ALL {
        counts.add(kind);
    }
    let others = [
        Reason::SameReading,
        Reason::Returns { to: 1 },
        Reason::GaveWay { to: 9 },
        Reason::Empty,
        Reason::NotTheDocument(Sign::BotWall),
        Reason::LargeLoss { percent: 60 },
        Reason::Recovered { version: 1 },
        Reason::SeenAgain { version: 9 },
        Reason::SameSnapshot,
        Reason::ReExtracted,
        Reason::Against { left_out: 2 },
    ];
    Change {
        from: 1,
        to: 3,
        detector: 1,
        significance: Significance::CaptureFault,
        status: Status::Unconfirmed,
        reasons: Rule::ALL
            .into_iter()
            .map(Reason::Clause)
            .chain(others)
            .collect(),
        counts,
        clauses: clauses.collect(),
    }
}

fn withheld() -> Withheld {
    Withheld {
        seq: 4,
        recorded_at: at("2024-01-02T03:04:05.000002Z"),
        reason: "an order".to_owned(),
    }
}

fn event(fact: Fact) -> Event {
    let document = DocumentName::new("Glimmerfold", "Privacy Policy").unwrap();
    Event {
        seq: 3,
        event_id: EventId([1; 16]),
        stream: StreamId::of_document(&document),
        stream_seq: 2,
        recorded_at: at("2024-01-02T03:04:05.000001Z"),
        observed_at: at("2024-01-02T03:04:05Z"),
        fact,
    }
}

fn demonstration() -> (tempfile::TempDir, Archive) {
    let folder = tempfile::tempdir().unwrap();
    archive::init(
        folder.path(),
        Some("example.org/shapes"),
        &[7; 40],
        at("2020-01-01T00:00:00Z"),
    )
    .unwrap();
    let mut writer = Writer::open(folder.path()).unwrap();
    archive::demonstrate(&mut writer).unwrap();
    drop(writer);
    let archive = Archive::open(folder.path()).unwrap();
    (folder, archive)
}

#[test]
fn events_are_as_their_schema_says() {
    let schema = Schema::read("event");
    for fact in facts() {
        let event = event(fact);
        let name = event.stream.to_string();
        let gone = withheld();
        schema.accepts(&EventLine::new(&event, b"leaf", Some(&gone), |stream| {
            (stream.to_string() == name).then(|| "Glimmerfold/Privacy Policy".to_owned())
        }));
        schema.accepts(&EventLine::new(&event, b"leaf", None, |_| None));
    }
    let (_folder, archive) = demonstration();
    let names = archive.names().unwrap();
    let take = |event: Event, leaf: &[u8]| {
        let name = |stream| names.get(&stream).map(ToString::to_string);
        schema.accepts(&EventLine::new(&event, leaf, None, name));
        Ok(())
    };
    archive
        .events::<archive::ArchiveError>(0, u64::MAX, take)
        .unwrap();
}

#[test]
fn answers_and_timelines_are_as_their_schemas_say() {
    let (_folder, archive) = demonstration();
    let (as_of, entry) = (Schema::read("as-of"), Schema::read("timeline-entry"));
    let document_schema = Schema::read("document");
    for document in archive.documents().unwrap() {
        document_schema.accepts(&DocumentLine::new(&document, 1));
        for instant in [
            "2020-01-01T00:00:00Z",
            "2023-05-16T23:59:59Z",
            "2025-12-31T00:00:00Z",
        ] {
            let answer = archive
                .as_of(document.clone(), at(instant), Some(Instant::MAX))
                .unwrap();
            let mut line = AsOfLine::from(&answer);
            as_of.accepts(&line);
            line.text = Some("text".to_owned());
            as_of.accepts(&line);
            line.withheld = Some((&withheld()).into());
            as_of.accepts(&line);
        }
        for (look, event, _) in archive.timeline(&document, None).unwrap() {
            entry.accepts(&EntryLine::new(&document, &look, &event, None));
        }
        for fact in facts() {
            let event = event(fact);
            for look in project::entries(&event) {
                let gone = withheld();
                entry.accepts(&EntryLine::new(&document, &look.1, &event, Some(&gone)));
            }
        }
    }
}

#[test]
fn hits_are_as_their_schemas_say() {
    let (folder, _) = demonstration();
    let searcher = archive::Searcher::open(folder.path(), &mut |_| ()).unwrap();
    let (hit, search) = (Schema::read("hit"), Schema::read("search"));
    for (as_of, kinds) in [
        (None, None),
        (
            Some(at("2023-05-16T23:59:59Z")),
            Some(["contact-data", "trackers", "deletion"]),
        ),
    ] {
        let found = searcher
            .ask(&archive::Question {
                query: recension::search::Query::parse("you*").unwrap(),
                as_of,
                documents: None,
                kinds: kinds.map(|kinds| kinds.map(str::to_owned).into()),
                limit: 50,
            })
            .unwrap();
        let hits: Vec<HitLine> = found.hits.iter().map(Into::into).collect();
        assert!(!hits.is_empty());
        for line in &hits {
            hit.accepts(line);
        }
        search.accepts(&SearchLine {
            query: "you*".to_owned(),
            as_of,
            hits,
            has_more: found.has_more,
        });
    }
    Schema::read("search-refusal").accepts(&SearchRefusalLine {
        line: 1,
        query: None,
        error: "why".to_owned(),
        hint: Some("what to do".to_owned()),
    });
}

#[test]
fn exported_timelines_are_as_their_schema_says() {
    let (_folder, archive) = demonstration();
    let schema = Schema::read("timeline-export");
    schema.accepts(&TimelineLine::Checkpoint(&archive.checkpoint_line()));
    schema.accepts(&TimelineLine::End { entries: 3 });
    for document in archive.documents().unwrap() {
        let all = Instant::MIN..=Instant::MAX;
        let (document, entries) = archive.proven_timeline(&document, &all).unwrap();
        schema.accepts(&TimelineLine::Document(&document));
        for entry in &entries {
            schema.accepts(&TimelineLine::Entry(entry));
        }
    }
}

#[test]
fn counts_are_as_their_schemas_say() {
    let (_folder, archive) = demonstration();
    Schema::read("stats").accepts(&archive.stats().unwrap());
    Schema::read("platform").accepts(&Platform {
        platform: "Glimmerfold".to_owned(),
        documents: 3,
        versions: 23,
        first_observed_at: Some(Instant::MIN),
        last_observed_at: None,
    });
}

#[test]
fn schemas_explain_every_field() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/json");
    for file in fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let schema = Schema::read(name.strip_suffix(".schema.json").unwrap());
        schema.check_descriptions(&schema.0, "$");
    }
}

#[test]
fn a_field_less_is_seen() {
    let schema = Schema::read("platform");
    let mut line = serde_json::json!({
        "platform": "Glimmerfold", "documents": 3, "versions": 23,
        "first_observed_at": null, "last_observed_at": "2025-04-08T11:27:46Z",
    });
    assert_eq!(schema.faults(&line), [""; 0]);
    line["documents"] = Value::from("3");
    // Against the type and against the least value.
    assert_eq!(schema.faults(&line).len(), 2);
    line.as_object_mut().unwrap().remove("documents");
    assert_eq!(schema.faults(&line), ["$ lacks \"documents\""]);
}
