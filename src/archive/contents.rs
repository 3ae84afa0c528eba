//! The contents of the blob store, all read and measured.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::layout::Layout;
use crate::model::{BlobId, Content, Sha256};
use crate::store::Blobs;

/// How often is told how far the reading has come.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// What the blob store gives: for each blob what its content is, or what is wrong.
#[derive(Default)]
pub(super) struct StoredContents {
    contents: Mutex<HashMap<BlobId, Result<Measured, String>>>,
    bytes: AtomicU64,
}

/// A content that was read under its name.
#[derive(Clone, Copy)]
struct Measured {
    size_bytes: u64,
    sha256: Sha256,
}

impl Measured {
    fn of(content: &[u8]) -> Self {
        Self {
            size_bytes: content.len() as u64,
            sha256: Sha256::of(&[content]),
        }
    }
}

impl StoredContents {
    /// How many bytes were read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Reads the store in the order in which it decodes fastest: one series after another.
    ///
    /// A series that can't be listed is left out: its blobs are then asked for one by one. `ended` is dropped at the end,
    /// which is what [`Self::wait`] waits for.
    pub(super) fn read(&self, layout: &Layout, threads: usize, ended: Sender<()>) {
        let series = Blobs::open(&layout.blobs()).and_then(|blobs| blobs.series());
        let series = Mutex::new(series.unwrap_or_default().into_iter());
        std::thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                scope.spawn(|| {
                    let Ok(blobs) = Blobs::open(&layout.blobs()) else {
                        return;
                    };
                    let next = || lock(&series).next();
                    while let Some(series) = next() {
                        let _ = blobs.each_of(series, |blob, content| {
                            let measured = content.map(Measured::of);
                            let bytes = measured.as_ref().map_or(0, |found| found.size_bytes);
                            self.bytes.fetch_add(bytes, Ordering::Relaxed);
                            lock(&self.contents).insert(blob, measured);
                        });
                    }
                });
            }
        });
        drop(ended);
    }

    /// Reads the whole store while `progress` gets the bytes read.
    pub(super) fn read_all(
        layout: &Layout,
        threads: usize,
        progress: &mut dyn FnMut(u64),
    ) -> ReadContents {
        let store = Self::default();
        let (ended, end) = channel();
        std::thread::scope(|scope| {
            scope.spawn(|| store.read(layout, threads, ended));
            store.wait(&end, progress);
        });
        store.finish()
    }

    /// Waits for the end of [`Self::read`], and tells how far it has come.
    pub(super) fn wait(&self, end: &Receiver<()>, progress: &mut dyn FnMut(u64)) {
        while end.recv_timeout(PROGRESS_EVERY) == Err(RecvTimeoutError::Timeout) {
            progress(self.bytes());
        }
    }

    /// Ends the reading.
    pub(super) fn finish(self) -> ReadContents {
        ReadContents(
            self.contents
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// What was read of the store.
pub(super) struct ReadContents(HashMap<BlobId, Result<Measured, String>>);

impl ReadContents {
    /// Compares a content that an event names with what the store gives for it.
    ///
    /// # Errors
    /// What is wrong, as a sentence without its full stop.
    pub(super) fn check<E: std::fmt::Display>(
        &self,
        expected: &Content,
        blobs: Result<&Blobs, E>,
    ) -> Result<(), String> {
        let found = match self.0.get(&expected.blob) {
            Some(found) => found.clone()?,
            // It is not among what the store lists; asked for by its name, the store says why.
            None => measure(expected.blob, blobs)?,
        };
        compare(found, expected)
    }
}

/// Reads a blob by its name.
fn measure<E: std::fmt::Display>(
    blob: BlobId,
    blobs: Result<&Blobs, E>,
) -> Result<Measured, String> {
    match blobs {
        Ok(blobs) => blobs
            .get(blob)
            .map(|content| Measured::of(&content))
            .map_err(|error| error.to_string()),
        Err(error) => Err(format!("blob {blob} can't be read: {error}")),
    }
}

/// Compares what was read with what an event says.
fn compare(found: Measured, expected: &Content) -> Result<(), String> {
    let blob = expected.blob;
    if found.size_bytes != expected.size_bytes {
        return Err(format!(
            "blob {blob} has {} bytes, and its event says {}",
            found.size_bytes, expected.size_bytes
        ));
    }
    if found.sha256 != expected.sha256 {
        return Err(format!(
            "blob {blob} has the SHA-256 {}, and its event says {}",
            found.sha256, expected.sha256
        ));
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
