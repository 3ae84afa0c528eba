//! Sweeps: the documents that are to be looked at are fetched, and what comes is taken batch by batch.
//!
//! What is taken is in the log at once. A sweep that is stopped or killed goes on where it was: its beginning is noted in
//! the archive's folder, and a document that was looked at since is not fetched again.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;

use super::known::Known;
use super::{CaptureError, again, take, text};
use crate::archive::changes::{Detected, Scope as DetectScope, detect};
use crate::archive::{Archive, ArchiveError, Writer};
use crate::fetch::{
    self, Clock, Fetched, Fetcher, Job, Judge, Page, Policy, Request, Results, Stop, Validators,
};
use crate::model::{DocumentName, Instant, Stage, StreamId};
use crate::project::Fares;

/// A batch ends at so many documents, at so many bytes of pages, or so long after its first document.
const BATCH_DOCUMENTS: usize = 256;
const BATCH_BYTES: usize = 32 << 20;
const BATCH_TIME: Duration = Duration::from_secs(5);

/// Which documents are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those that are due.
    Due,
    /// All that are tracked.
    All,
    /// One, or those of a platform.
    Named(String),
}

/// How far a sweep has come.
#[derive(Debug, Clone, Copy)]
pub struct SweepProgress {
    /// Documents looked at.
    pub documents: u64,
    /// Documents in all.
    pub total: u64,
    /// Those among the documents looked at that failed.
    pub failed: u64,
}

/// A look that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedLook {
    /// The document.
    pub document: DocumentName,
    /// How far the look came.
    pub stage: Stage,
    /// Why it came no further.
    pub reason: String,
}

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// When the sweep began that was gone on with, if one was.
    pub resumed: Option<Instant>,
    /// Documents that were to be looked at.
    pub documents: u64,
    /// Pages that differed from those before.
    pub snapshots: u64,
    /// Documents that have a new version.
    pub versions: Vec<DocumentName>,
    /// Documents that say what they said.
    pub unchanged: u64,
    /// Looks that failed.
    pub failed: Vec<FailedLook>,
    /// Documents whose snapshots were read anew, under another declaration or by another extractor, and say otherwise.
    pub re_extracted: u64,
    /// Documents that need their scripts run, by their declarations, and were fetched without a browser.
    pub unshown: u64,
    /// The changes that were found.
    pub changes: Detected,
    /// Whether it was told to stop before its end.
    pub stopped: bool,
}

impl SweepReport {
    fn looks(&self) -> u64 {
        self.versions.len() as u64 + self.unchanged + self.failed.len() as u64
    }
}

/// Looks at documents. What it learns of hosts lives as long as it does.
pub struct Sweeper {
    fetcher: Arc<Fetcher>,
    clock: Clock,
    /// How many documents are fetched at once.
    at_once: usize,
    /// How often documents are looked at.
    every: Duration,
}

impl Sweeper {
    /// A sweeper that fetches so many documents at once, by a policy, and looks at each so often.
    ///
    /// # Errors
    /// [`CaptureError::Policy`].
    pub fn new(
        policy: Policy,
        clock: Clock,
        at_once: usize,
        every: Duration,
    ) -> Result<Self, ArchiveError> {
        let fetcher = Fetcher::new(policy, Arc::clone(&clock)).map_err(CaptureError::Policy)?;
        Ok(Self {
            fetcher: Arc::new(fetcher),
            clock,
            at_once,
            every,
        })
    }

    /// Looks at documents once.
    ///
    /// # Errors
    /// [`CaptureError::NothingTracked`], and what is wrong with the archive. What was recorded until then stays.
    pub fn sweep(
        &self,
        writer: &mut Writer,
        scope: &Scope,
        stop: &Stop,
        progress: &mut dyn FnMut(SweepProgress),
    ) -> Result<SweepReport, ArchiveError> {
        let now = (self.clock)();
        let mut report = SweepReport {
            resumed: writer.layout().begin_sweep(scope, now)?,
            ..SweepReport::default()
        };
        let archive = Archive::open(writer.folder())?;
        let mut wanted = self.wanted(&archive, scope, now)?;
        // A sweep that was broken off may have left versions whose changes were not judged.
        let unjudged = wanted.iter().filter(|(known, _)| !known.is_judged);
        let mut touched: HashSet<StreamId> =
            unjudged.map(|(known, _)| known.document.stream()).collect();
        if let Some(began) = report.resumed {
            wanted.retain(|(_, fares)| fares.last_look.is_none_or(|last| last < began));
        }
        let known: Vec<Known> = wanted.into_iter().map(|(known, _)| known).collect();
        report.documents = known.len() as u64;
        if !self.fetcher.has_browser() {
            report.unshown = known.iter().filter(|one| one.needs_scripts()).count() as u64;
        }
        let known = re_extracted(writer, &archive, known, now, &mut report)?;
        self.fetch(writer, &archive, known, stop, &mut report, progress)?;
        report.stopped = stop.is_stopped();
        touched.extend(report.versions.iter().map(StreamId::of_document));
        let now = || (self.clock)();
        report.changes = detect(writer, DetectScope::New(&touched), &now, &mut |_| ())?;
        if !report.stopped {
            writer.layout().end_sweep()?;
        }
        Ok(report)
    }

    /// The tracked documents of a scope, each with how it fares.
    fn wanted(
        &self,
        archive: &Archive,
        scope: &Scope,
        now: Instant,
    ) -> Result<Vec<(Known, Fares)>, ArchiveError> {
        let of = match scope {
            Scope::Named(name) => Some(name.clone()),
            Scope::Due | Scope::All => None,
        };
        let mut wanted = archive.tracked(of.as_deref(), self.every)?;
        if wanted.is_empty() {
            return Err(CaptureError::NothingTracked { of }.into());
        }
        if *scope == Scope::Due {
            wanted.retain(|(_, fares)| fares.next_look <= now);
        }
        Ok(wanted)
    }

    /// Fetches the documents and records what comes.
    fn fetch(
        &self,
        writer: &mut Writer,
        archive: &Archive,
        known: Vec<Known>,
        stop: &Stop,
        report: &mut SweepReport,
        progress: &mut dyn FnMut(SweepProgress),
    ) -> Result<(), ArchiveError> {
        let mut jobs = Vec::with_capacity(known.len());
        for (id, one) in known.iter().enumerate() {
            jobs.push(Job {
                id,
                pages: archive.requests(one, self.fetcher.has_browser())?,
                judge: judge(one),
            });
        }
        let total = known.len() as u64;
        let mut waiting: Vec<Option<Known>> = known.into_iter().map(Some).collect();
        let (sender, receiver) = mpsc::channel(self.at_once.max(1));
        let (fetcher, at_once) = (Arc::clone(&self.fetcher), self.at_once);
        thread::scope(|scope| {
            let fetching = scope.spawn(move || {
                let sender = sender;
                fetch::run(&fetcher, jobs, at_once, stop, &sender)
            });
            let mut incoming = Incoming::new(receiver)?;
            while let Some(batch) = incoming.batch() {
                let batch: Vec<(Known, Results)> = batch
                    .into_iter()
                    .filter_map(|(id, results)| Some((waiting.get_mut(id)?.take()?, results)))
                    .collect();
                take::take(writer, batch, (self.clock)(), report)?;
                progress(SweepProgress {
                    documents: report.looks(),
                    total,
                    failed: report.failed.len() as u64,
                });
            }
            drop(incoming);
            let ended = fetching.join().map_err(|_| CaptureError::BrokeOff)?;
            Ok(ended.map_err(CaptureError::Network)?)
        })
    }
}

/// Reads stored snapshots anew where their declaration or the extractor changed, and gives what is known then.
fn re_extracted(
    writer: &mut Writer,
    archive: &Archive,
    known: Vec<Known>,
    now: Instant,
    report: &mut SweepReport,
) -> Result<Vec<Known>, ArchiveError> {
    let mut anew = HashSet::new();
    for one in &known {
        if again::re_extract(writer, archive, one, now)? {
            anew.insert(one.document.stream());
        }
    }
    if anew.is_empty() {
        return Ok(known);
    }
    report.re_extracted = anew.len() as u64;
    let archive = Archive::open(writer.folder())?;
    let mut now_known = Vec::with_capacity(known.len());
    for one in known {
        if anew.contains(&one.document.stream()) {
            let document = archive.document(&one.document.name.to_string())?;
            now_known.extend(archive.fetched(document)?);
        } else {
            now_known.push(one);
        }
    }
    Ok(now_known)
}

impl Archive {
    /// The tracked documents, or those of them that a name means: of a document or a platform.
    pub(super) fn tracked(
        &self,
        of: Option<&str>,
        every: Duration,
    ) -> Result<Vec<(Known, Fares)>, ArchiveError> {
        let documents = self.documents_named(of)?;
        let mut tracked = Vec::new();
        for document in documents {
            let stream = document.stream();
            let looks = match document.declaration_seq {
                Some(_) => self.entries(&document, self.log.size())?,
                None => continue,
            };
            if let Some(known) = self.fetched(document)? {
                let fares = Fares::of(stream, &looks, known.is_unconfirmed, every);
                tracked.push((known, fares));
            }
        }
        Ok(tracked)
    }

    /// What is asked for to look at a document: its pages, unless they are as they were fetched last.
    ///
    /// With a browser, a page that one had to show before is shown at once, and one that was no document is asked for
    /// whole.
    fn requests(&self, known: &Known, has_browser: bool) -> Result<Vec<Request>, ArchiveError> {
        let parts = known.declaration.parts().iter();
        parts
            .zip(&known.snapshots)
            .map(|(part, snapshot)| {
                let mut request = Request::first(part);
                if let Some(snapshot) = snapshot
                    && let Some(evidence) = self.evidence(snapshot.seq, &snapshot.evidence)?
                    && evidence.requested == part.address
                    && self.withheld(snapshot.content.blob)?.is_none()
                {
                    match &evidence.shown {
                        Some(shown) if has_browser => {
                            request.browser.get_or_insert_with(|| shown.reason.clone());
                        }
                        None if has_browser && known.version.is_none() => {}
                        _ => request.validators = Validators::of(&evidence),
                    }
                }
                Ok(request)
            })
            .collect()
    }
}

/// Tells why the plain fetcher's pages of a document are not the document.
fn judge(known: &Known) -> Judge {
    let declaration = known.declaration.clone();
    Arc::new(move |results| {
        let mut pages = Vec::with_capacity(results.len());
        for result in results {
            match result {
                Err(failure) if failure.is_blocked() => return Some(failure.reason.clone()),
                Ok(Fetched {
                    page:
                        Page::Body {
                            bytes,
                            media_type,
                            charset,
                        },
                    ..
                }) => pages.push(text::Page {
                    bytes: bytes.clone(),
                    media_type: media_type.clone(),
                    charset: charset.clone(),
                }),
                // What failed otherwise a browser would not get, and what is as it was did before.
                _ => return None,
            }
        }
        let no_text = match text::text(&declaration, &pages) {
            Ok(read) => text::verdict(&read.clauses)?,
            Err(no_text) => no_text,
        };
        matches!(no_text.stage, Stage::Selection | Stage::Quality).then_some(no_text.reason)
    })
}

/// What is fetched, as it comes in.
struct Incoming {
    receiver: mpsc::Receiver<(usize, Results)>,
    runtime: tokio::runtime::Runtime,
}

impl Incoming {
    fn new(receiver: mpsc::Receiver<(usize, Results)>) -> Result<Self, CaptureError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(CaptureError::Network)?;
        Ok(Self { receiver, runtime })
    }

    /// Waits for documents, and gives those of a batch; none at the end.
    fn batch(&mut self) -> Option<Vec<(usize, Results)>> {
        let receiver = &mut self.receiver;
        self.runtime.block_on(async {
            let first = receiver.recv().await?;
            let mut bytes = size(&first.1);
            let mut batch = vec![first];
            let end = tokio::time::Instant::now() + BATCH_TIME;
            while batch.len() < BATCH_DOCUMENTS && bytes < BATCH_BYTES {
                match tokio::time::timeout_at(end, receiver.recv()).await {
                    Ok(Some(next)) => {
                        bytes += size(&next.1);
                        batch.push(next);
                    }
                    Ok(None) | Err(_) => break,
                }
            }
            Some(batch)
        })
    }
}

/// How many bytes of pages came of a job.
fn size(results: &Results) -> usize {
    let fetched = results.iter().flatten();
    fetched
        .map(|fetched| match &fetched.page {
            Page::Body { bytes, .. } => bytes.len(),
            Page::NotModified => 0,
        })
        .sum()
}
