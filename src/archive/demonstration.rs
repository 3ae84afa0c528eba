//! The demonstration: three invented platforms, whose documents are archived through the same code as real ones.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::changes::{self, Scope};
use super::{ArchiveError, Writer};
use crate::model::{
    Cause, DocumentName, EventId, Fact, Instant, Observation, Origin, Outcome, StreamId,
    VersionRecorded,
};
use crate::store::{Appended, NewEvent};

const HISTORY: &str = include_str!("../../data/demo/history.toml");

macro_rules! texts {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../data/demo/texts/", $name)))),*]
    };
}

/// The texts that the history refers to, by name.
const TEXTS: &[(&str, &str)] = texts! {
    "glimmerfold-guidelines/01.md"
    "glimmerfold-guidelines/02.md"
    "glimmerfold-guidelines/03.md"
    "glimmerfold-privacy/01.md"
    "glimmerfold-privacy/02.md"
    "glimmerfold-privacy/03.md"
    "glimmerfold-privacy/04.md"
    "glimmerfold-privacy/05.md"
    "glimmerfold-privacy/06.md"
    "glimmerfold-privacy/07.md"
    "glimmerfold-privacy/08.md"
    "glimmerfold-privacy/09.md"
    "glimmerfold-privacy/10.md"
    "glimmerfold-privacy/11.md"
    "glimmerfold-privacy/12.md"
    "glimmerfold-terms/01.md"
    "glimmerfold-terms/02.md"
    "glimmerfold-terms/03.md"
    "glimmerfold-terms/04.md"
    "glimmerfold-terms/05.md"
    "menderquay-cookies/01.md"
    "menderquay-cookies/02.md"
    "menderquay-cookies/03.md"
    "menderquay-cookies/04.md"
    "menderquay-terms/01.md"
    "menderquay-terms/02.md"
    "menderquay-terms/03.md"
    "menderquay-terms/04.md"
    "verbelune-developer/01.md"
    "verbelune-developer/02.md"
    "verbelune-privacy/01.md"
    "verbelune-privacy/02.md"
    "verbelune-privacy/03.md"
    "verbelune-privacy/04.md"
};

/// What the demonstration recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demonstration {
    /// Looks at documents, whatever they showed.
    pub looks: u64,
    /// Versions among them.
    pub versions: u64,
}

#[derive(Deserialize)]
struct History {
    look: Vec<Look>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    at: String,
    document: String,
    text: Option<String>,
    unchanged: Option<bool>,
    failed: Option<String>,
    retired: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

/// Archives the demonstration's history, each look as if it had just been made.
///
/// # Errors
/// [`ArchiveError::Demonstration`] where the data is wrong, and what the archive says.
pub fn demonstrate(writer: &mut Writer) -> Result<Demonstration, ArchiveError> {
    let history: History = toml::from_str(HISTORY).map_err(|error| wrong(error.to_string()))?;
    let mut run = Run {
        writer,
        total: Demonstration::default(),
        latest: HashMap::new(),
    };
    for (position, look) in (0..).zip(&history.look) {
        run.take(position, look)?;
    }
    Ok(run.total)
}

fn wrong(what: impl Into<String>) -> ArchiveError {
    ArchiveError::Demonstration(what.into())
}

struct Run<'a> {
    writer: &'a mut Writer,
    total: Demonstration,
    /// The seq of each document's latest version.
    latest: HashMap<StreamId, u64>,
}

impl Run<'_> {
    fn take(&mut self, position: u64, look: &Look) -> Result<(), ArchiveError> {
        let observed_at = Instant::parse_rfc3339(&look.at)
            .ok_or_else(|| wrong(format!("{:?} is not a time", look.at)))?;
        let document = DocumentName::parse(&look.document)?;
        let stream = StreamId::of_document(&document);
        let mut events = Vec::new();
        if !self.latest.contains_key(&stream) {
            let fact = Fact::DocumentDeclared { document };
            events.push(NewEvent {
                event_id: EventId::declared(stream),
                stream,
                observed_at,
                fact,
            });
        }
        let event_id = EventId::demonstration(position);
        let fact = self.fact(stream, observed_at, look)?;
        let is_version = matches!(fact, Fact::VersionRecorded(_));
        let of_document = !matches!(fact, Fact::ObservationsRecorded { .. });
        let stream_of_event = if of_document {
            stream
        } else {
            StreamId::of_archive()
        };
        events.push(NewEvent {
            event_id,
            stream: stream_of_event,
            observed_at,
            fact,
        });
        let appended = self.writer.record(&events, observed_at)?;
        if let Some(Appended::New(event)) = appended.last().filter(|_| is_version) {
            self.latest.insert(stream, event.seq);
            let streams = HashSet::from([stream]);
            let now = || observed_at;
            changes::detect(self.writer, Scope::New(&streams), &now, &mut |_| ())?;
        }
        self.total.looks += 1;
        self.total.versions += u64::from(is_version);
        Ok(())
    }

    fn fact(
        &mut self,
        stream: StreamId,
        observed_at: Instant,
        look: &Look,
    ) -> Result<Fact, ArchiveError> {
        let observed = |outcome| Fact::ObservationsRecorded {
            observations: vec![Observation {
                stream,
                observed_at,
                outcome,
            }],
            evidence: None,
        };
        let latest = self.latest.get(&stream).copied();
        match (&look.text, look.unchanged, &look.failed, &look.retired) {
            (Some(name), None, None, None) => {
                let text = TEXTS.iter().find(|(known, _)| known == name);
                let (_, text) = text.ok_or_else(|| wrong(format!("there is no text {name:?}")))?;
                let text = self.writer.put(stream, text.as_bytes())?;
                let cause = if latest.is_none() {
                    Cause::First
                } else {
                    Cause::Changed
                };
                Ok(Fact::VersionRecorded(VersionRecorded {
                    text,
                    cause,
                    origin: Origin::Demonstration,
                }))
            }
            (None, Some(true), None, None) => {
                let version_seq =
                    latest.ok_or_else(|| wrong(format!("{} had no text before", look.document)))?;
                Ok(observed(Outcome::Unchanged { version_seq }))
            }
            (None, None, Some(reason), None) => Ok(observed(Outcome::Failed {
                stage: None,
                reason: reason.clone(),
            })),
            (None, None, None, Some(reason)) => Ok(Fact::DocumentRetired {
                reason: reason.clone(),
                successor: None,
                origin: Origin::Demonstration,
            }),
            _ => Err(wrong(format!(
                "the look at {} must show exactly one thing",
                look.at
            ))),
        }
    }
}
