//! How Open Terms Archive's histories of versions say what they record: file names, subjects, messages and trailers.
//!
//! The platform and the document type come from the path (`<platform>/<document type>.md`), never from the subject,
//! whose words can't be told apart. What a message claims is kept as evidence.

use crate::model::{CommitId, CommitKind, DocumentName, SnapshotReference, split_part};

/// What a path in a history of versions is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathMeaning {
    /// A version's text.
    Version {
        /// The document.
        document: DocumentName,
        /// Whether it is a numbered part of a larger document (`Terms of Service #2`).
        part: bool,
    },
    /// A raw capture, as histories of snapshots have them (`.html`, `.pdf`).
    Snapshot,
    /// A file that belongs to the repository and to no document.
    Other,
    /// A file that looks like a version and can't be one.
    Unusable {
        /// Why not.
        reason: String,
    },
}

/// Tells what a path is.
#[must_use]
pub fn path_meaning(path: &[u8]) -> PathMeaning {
    let unusable = |reason: String| PathMeaning::Unusable { reason };
    let Ok(path) = std::str::from_utf8(path) else {
        return if path.ends_with(b".md") {
            unusable("its path is not UTF-8".to_owned())
        } else {
            PathMeaning::Other
        };
    };
    let Some((platform, file)) = path.split_once('/').filter(|_| !path.starts_with('.')) else {
        return PathMeaning::Other;
    };
    let Some(document_type) = file.strip_suffix(".md") else {
        let capture = [".html", ".pdf"]
            .iter()
            .any(|ending| file.ends_with(ending));
        return if capture {
            PathMeaning::Snapshot
        } else {
            PathMeaning::Other
        };
    };
    if file.contains('/') {
        return unusable("its path has more than a platform and a document type".to_owned());
    }
    match DocumentName::new(platform, document_type) {
        Ok(document) => {
            let part = split_part(document_type).1.is_some();
            PathMeaning::Version { document, part }
        }
        Err(error) => unusable(error.to_string()),
    }
}

/// Tells what the subject of a message says that the commit records.
#[must_use]
pub fn commit_kind(message: &str) -> CommitKind {
    const SUBJECTS: [(&str, CommitKind); 6] = [
        ("First record of ", CommitKind::FirstRecord),
        ("Start tracking ", CommitKind::FirstRecord),
        ("Record new changes of ", CommitKind::Changes),
        ("Update ", CommitKind::Changes),
        (
            "Apply technical or declaration upgrade on ",
            CommitKind::Upgrade,
        ),
        ("Refilter ", CommitKind::Upgrade),
    ];
    let kind = SUBJECTS
        .iter()
        .find(|(start, _)| message.starts_with(start));
    kind.map_or(CommitKind::Other, |(_, kind)| *kind)
}

/// The most trailers of a message that are kept, and the most bytes of one; what is beyond is hardly a trailer.
const TRAILERS: usize = 32;
const TRAILER_BYTES: usize = 1024;

/// Reads the trailers of a message: the lines `Name: value` of its last paragraph, if it consists of nothing else.
#[must_use]
pub fn trailers(message: &str) -> Vec<(String, String)> {
    let mut paragraphs = message.trim_end().rsplit("\n\n");
    let (Some(last), Some(_)) = (paragraphs.next(), paragraphs.next()) else {
        return Vec::new();
    };
    let trailer = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (is_name && line.len() <= TRAILER_BYTES).then(|| (name.to_owned(), value.trim().to_owned()))
    };
    let trailers: Option<Vec<_>> = last.lines().map(trailer).collect();
    trailers
        .filter(|trailers| trailers.len() <= TRAILERS)
        .unwrap_or_default()
}

/// Finds the snapshot that a message names: by its address, or in older histories by its commit alone.
#[must_use]
pub fn snapshot_reference(message: &str) -> Option<SnapshotReference> {
    let rest = message.lines().find_map(|line| {
        line.strip_prefix("This version was recorded after ")?
            .split_once("snapshot")
            .map(|(_, rest)| rest)
    })?;
    rest.split([' ', ',', '(', ')'])
        .map(|word| word.trim_end_matches('.'))
        .find_map(|word| {
            let (repository, commit) = word.rsplit_once("/commit/").unwrap_or(("", word));
            let commit: CommitId = commit.parse().ok()?;
            (repository.len() <= TRAILER_BYTES).then(|| SnapshotReference {
                repository: repository.to_owned(),
                commit,
            })
        })
}
