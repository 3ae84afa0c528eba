//! Verification: everything that the archive says is computed again from the bytes on disk.
//!
//! What is wrong never stops it: all findings are listed, each with the documents and dates that it touches.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::mpsc::channel;

use super::changes::history_findings;
use super::contents::StoredContents;
use super::layout::{Layout, Manifest};
use super::places::Places;
use super::search::index_findings;
use super::unread::UnreadEvents;
use super::withheld::withheld_since;
use super::{ArchiveError, rebuild};
use crate::model::{BlobId, Content, DocumentName, Fact, Instant, Sha256, StreamId};
use crate::prove::{RightEdge, TILE_WIDTH, VerifierKey, leaf_hash};
use crate::store::{Blobs, Log, LogError, Views, read_checkpoint};

/// How many events a bundle has.
const BUNDLE: u64 = TILE_WIDTH as u64;

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Events whose bytes could be read, which were checked with their place and meaning.
    pub events: u64,
    /// Checkpoints whose signature and root are right.
    pub checkpoints: u64,
    /// Blobs whose content is the one that events name.
    pub blobs: u64,
    /// The length of these contents, in bytes.
    pub content_bytes: u64,
    /// Blobs that events name and that are gone because another event withholds them.
    pub withheld: u64,
    /// The root of the log's tree, as computed from the events.
    pub root: Option<Sha256>,
    /// What is wrong; nothing if empty.
    pub findings: Vec<Finding>,
    /// The events that can't be read.
    unread: UnreadEvents,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, as a sentence without its full stop.
    pub what: String,
    /// The versions and snapshots that it touches, each by its document, its observation and its event.
    pub touches: Vec<(DocumentName, Instant, u64)>,
}

/// What is wrong where an event withholds a blob whose row is there.
fn still_there(blob: BlobId, seq: u64) -> String {
    format!(
        "blob {blob} is withheld by event {seq} and not gone yet: `recension withhold` on it goes on"
    )
}

impl From<String> for Finding {
    fn from(what: String) -> Self {
        Self {
            what,
            touches: Vec::new(),
        }
    }
}

/// What events say of contents.
#[derive(Default)]
struct Named {
    /// Those that they name.
    contents: HashMap<BlobId, Content>,
    /// Those that they withhold, each with the event.
    withheld: HashMap<BlobId, u64>,
}

/// How far a verification has come.
#[derive(Debug, Clone, Copy)]
pub struct VerifyProgress {
    /// Events checked.
    pub events: u64,
    /// Events in all.
    pub total: u64,
    /// Bytes of contents read.
    pub content_bytes: u64,
}

impl Verification {
    /// Verifies the archive in `folder`.
    ///
    /// `trusted` is the key that must have signed, if the caller knows it from elsewhere; else the archive's own word
    /// is taken for it. `scratch` is a folder for the views that are built to compare with; `threads` read blobs.
    ///
    /// # Errors
    /// [`ArchiveError`] only where there is no archive to verify or `scratch` can't be used: damage is a finding.
    pub fn run(
        folder: &Path,
        trusted: Option<&VerifierKey>,
        scratch: &Path,
        threads: usize,
        progress: &mut dyn FnMut(VerifyProgress),
    ) -> Result<Self, ArchiveError> {
        let layout = Layout::new(folder);
        let manifest = layout.read_manifest()?;
        let mut verification = Self::default();
        if let Some(trusted) = trusted.filter(|trusted| **trusted != manifest.verifier) {
            let what = format!(
                "the archive names the key {}, not {trusted}",
                manifest.verifier
            );
            verification.findings.push(what.into());
        }
        let sidecar = layout.read_sidecar(&manifest);
        let log = match layout.open_log(&manifest) {
            Ok(log) => log,
            Err(error) => {
                verification.findings.push(error.to_string().into());
                return Ok(verification);
            }
        };
        match sidecar.compare(&log) {
            Ok(alarm) => verification
                .findings
                .extend(alarm.map(|alarm| alarm.to_string().into())),
            Err(error) => verification.findings.push(error.to_string().into()),
        }
        verification.note("log.sqlite", log.check_structure());
        verification.checkpoints(&log, &manifest.verifier);
        verification.events_and_blobs(&layout, &manifest, &log, threads, progress);
        verification.views(&layout, &manifest, scratch)?;
        let mut of_caches = index_findings(&layout, &log);
        of_caches.extend(history_findings(&layout));
        verification
            .findings
            .extend(of_caches.into_iter().map(Finding::from));
        Ok(verification)
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn note<E: std::fmt::Display>(&mut self, file: &str, structure: Result<Vec<String>, E>) {
        match structure {
            Ok(lines) => {
                self.findings.extend(
                    lines
                        .iter()
                        .map(|line| format!("SQLite on {file}: {line}").into()),
                );
            }
            Err(error) => self.findings.push(error.to_string().into()),
        }
    }

    /// Every checkpoint ever signed must be one of a prefix of the log.
    fn checkpoints(&mut self, log: &Log, key: &VerifierKey) {
        let notes = match log.checkpoint_notes() {
            Ok(notes) => notes,
            Err(error) => return self.findings.push(error.to_string().into()),
        };
        for (size, note) in notes {
            let wrong = match read_checkpoint(note.as_bytes(), key) {
                Err(error) => Some(error.to_string()),
                Ok((_, checkpoint)) if checkpoint.size() != size => {
                    Some(format!("it was signed over {} events", checkpoint.size()))
                }
                Ok((_, checkpoint)) => match log.root_at(size) {
                    Ok(root) if root == *checkpoint.root() => None,
                    Ok(root) => Some(format!(
                        "it was signed over the root {}, not {root}",
                        checkpoint.root()
                    )),
                    // The bundle is what is wrong, and is told when the events are walked.
                    Err(LogError::Bundle { .. }) => continue,
                    Err(error) => Some(error.to_string()),
                },
            };
            self.checkpoints += u64::from(wrong.is_none());
            self.findings
                .extend(wrong.map(|why| {
                    format!("the checkpoint over {size} events is wrong: {why}").into()
                }));
        }
    }

    fn events_and_blobs(
        &mut self,
        layout: &Layout,
        manifest: &Manifest,
        log: &Log,
        threads: usize,
        progress: &mut dyn FnMut(VerifyProgress),
    ) {
        let store = StoredContents::default();
        let (ended, end) = channel();
        let Named { contents, withheld } = std::thread::scope(|scope| {
            scope.spawn(|| store.read(layout, threads, ended));
            let named = self.walk_events(log, &mut |events| {
                progress(VerifyProgress {
                    events,
                    total: log.size(),
                    content_bytes: store.bytes(),
                });
            });
            store.wait(&end, &mut |content_bytes| {
                progress(VerifyProgress {
                    events: log.size(),
                    total: log.size(),
                    content_bytes,
                });
            });
            named
        });
        let blobs = Blobs::open(&layout.blobs());
        let stored = store.finish();
        let mut bad = BTreeMap::new();
        for content in contents.values() {
            if let Some(seq) = withheld.get(&content.blob) {
                match blobs.as_ref().map(|blobs| blobs.has(content.blob)) {
                    Ok(Ok(false)) => self.withheld += 1,
                    Ok(Ok(true)) => {
                        bad.insert(content.blob, still_there(content.blob, *seq));
                    }
                    // What can't be read at all is told below.
                    Err(_) => {}
                    Ok(Err(error)) => {
                        bad.insert(content.blob, error.to_string());
                    }
                }
                continue;
            }
            match stored.check(content, blobs.as_ref()) {
                Ok(()) => {
                    self.blobs += 1;
                    self.content_bytes += content.size_bytes;
                }
                Err(reason) => {
                    bad.insert(content.blob, reason);
                }
            }
        }
        match blobs {
            Ok(blobs) => self.note("blobs.sqlite", blobs.check_structure()),
            Err(error) => self.findings.push(error.to_string().into()),
        }
        self.leave_withheld_since(layout, manifest, log, &mut bad);
        if !bad.is_empty() {
            self.name_touched(log, &bad);
        }
    }

    /// Takes out of the bad blobs those that went because they were withheld after the log was opened.
    fn leave_withheld_since(
        &mut self,
        layout: &Layout,
        manifest: &Manifest,
        log: &Log,
        bad: &mut BTreeMap<BlobId, String>,
    ) {
        if bad.is_empty() {
            return;
        }
        let now = layout.open_log(manifest);
        let Ok(withheld) = now.and_then(|now| withheld_since(&now, log.size())) else {
            // Then nothing tells that they were.
            return;
        };
        for blob in withheld {
            self.withheld += u64::from(bad.remove(&blob).is_some());
        }
    }

    /// Reads every event, and returns the contents that they name and withhold.
    fn walk_events(&mut self, log: &Log, progress: &mut dyn FnMut(u64)) -> Named {
        let mut edge = RightEdge::default();
        let mut places = Places::default();
        let mut named = Named::default();
        let mut look_ups = log.check_look_ups();
        for seq in 0..log.size() {
            if seq % BUNDLE == 0
                && let Err(error @ LogError::LookUps { .. }) = log.check_bundle(seq / BUNDLE)
            {
                look_ups = Err(error);
            }
            let event = match log.leaf(seq) {
                Ok(leaf) => {
                    // Only the root is wanted, not the tiles.
                    let _full = edge.append(leaf_hash(&leaf));
                    log.decode(seq, &leaf)
                }
                Err(error) => Err(error),
            };
            match event {
                Ok(event) => {
                    self.events += 1;
                    let wrong = places.check(log, &event).into_iter();
                    self.findings.extend(wrong.map(Finding::from));
                    for content in event.fact.contents() {
                        named.contents.insert(content.blob, *content);
                    }
                    if let Fact::BlobWithheld(withheld) = &event.fact {
                        named.withheld.insert(withheld.blob, seq);
                    }
                }
                Err(error) => {
                    places.pass_over();
                    self.unread.add(seq, error.to_string(), &mut self.findings);
                }
            }
            if seq % 1024 == 0 {
                progress(seq);
            }
        }
        // Without the bytes of every event there is no root to compare, and a lost bundle's look-ups are lost with it.
        if edge.size() < log.size() {
            return named;
        }
        self.findings
            .extend(look_ups.err().map(|error| error.to_string().into()));
        let (found, signed) = (edge.root(), *log.checkpoint().root());
        self.root = Some(found);
        if found != signed {
            self.findings
                .push(format!("the events have the root {found}, and {signed} was signed").into());
        }
        named
    }

    /// Lists the versions and snapshots whose contents are among the bad blobs.
    fn name_touched(&mut self, log: &Log, bad: &BTreeMap<BlobId, String>) {
        let mut names: HashMap<StreamId, DocumentName> = HashMap::new();
        let mut touches: HashMap<BlobId, Vec<(DocumentName, Instant, u64)>> = HashMap::new();
        for event in (0..log.size()).filter_map(|seq| log.event(seq).ok()) {
            for content in event.fact.contents() {
                if !bad.contains_key(&content.blob) {
                    continue;
                }
                let place = names
                    .get(&event.stream)
                    .map(|name| (name.clone(), event.observed_at, event.seq));
                touches.entry(content.blob).or_default().extend(place);
            }
            if let Fact::DocumentDeclared { document } = event.fact {
                names.insert(event.stream, document);
            }
        }
        self.findings
            .extend(bad.iter().map(|(blob, reason)| Finding {
                what: reason.clone(),
                touches: touches.remove(blob).unwrap_or_default(),
            }));
    }

    /// Replays the log and compares with the views on disk.
    fn views(
        &mut self,
        layout: &Layout,
        manifest: &Manifest,
        scratch: &Path,
    ) -> Result<(), ArchiveError> {
        // The log is opened anew: an import may have gone on while its events were walked.
        let stored = rebuild::current(layout, manifest);
        let stored = stored.and_then(|(log, views)| {
            self.note("views.sqlite", views.check_structure());
            self.unread.name(&views, &mut self.findings)?;
            Ok((log, views.state(), views.digest()?))
        });
        let (log, state, digest) = match stored {
            Ok(stored) => stored,
            Err(error) => {
                self.findings.push(error.to_string().into());
                return Ok(());
            }
        };
        let fresh = scratch.join("views.sqlite");
        match rebuild::build(&fresh, &log, state.cursor, &mut |_, _| ()) {
            Ok(()) => {}
            // Events that can't be read were reported when they were walked.
            Err(ArchiveError::Log(_)) => return Ok(()),
            Err(error) => return Err(error),
        }
        let fresh = Views::open(&fresh)?;
        if (state, digest) != (fresh.state(), fresh.digest()?) {
            let what = "views.sqlite is not what replaying the log gives (`recension rebuild` builds it again)";
            self.findings.push(what.to_owned().into());
        }
        Ok(())
    }
}
