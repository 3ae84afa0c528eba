//! The note of a sweep that has not ended, so that the next one goes on with it.

use std::fs;
use std::io;

use super::Scope;
use crate::archive::ArchiveError;
use crate::archive::layout::Layout;
use crate::model::Instant;
use crate::store::{self, FileError};

/// A sweep that was broken off longer ago than this is not gone on with: a day, in µs.
const HOLDS_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
/// A note is a line.
const MAX_BYTES: u64 = 4096;

impl Scope {
    /// What a note says of it. What is due is known without one.
    fn noted(&self) -> Option<String> {
        match self {
            Self::Due => None,
            Self::All => Some("all".to_owned()),
            Self::Named(name) => Some(format!("of {name}")),
        }
    }
}

impl Layout {
    /// Notes that a sweep begins, unless one of the same scope was broken off: then gives the instant at which that began.
    ///
    /// # Errors
    /// [`FileError`].
    pub(super) fn begin_sweep(
        &self,
        scope: &Scope,
        now: Instant,
    ) -> Result<Option<Instant>, ArchiveError> {
        let Some(noted) = scope.noted() else {
            return Ok(None);
        };
        let path = self.sweep();
        let note = match store::read_small(&path, MAX_BYTES) {
            Ok(note) => String::from_utf8_lossy(&note).into_owned(),
            Err(FileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                String::new()
            }
            Err(error) => return Err(error.into()),
        };
        if let Some((began, of)) = note.trim_end().split_once(' ')
            && let Some(began) = Instant::parse_rfc3339(began)
            && of == noted
            && began <= now
            && now.micros() - began.micros() < HOLDS_MICROS
        {
            return Ok(Some(began));
        }
        store::replace(&path, format!("{now} {noted}\n").as_bytes(), false)?;
        Ok(None)
    }

    /// Takes the note away.
    ///
    /// # Errors
    /// [`FileError`].
    pub(super) fn end_sweep(&self) -> Result<(), ArchiveError> {
        let path = self.sweep();
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(FileError::Write { path, source }.into())
            }
            _ => Ok(()),
        }
    }
}
