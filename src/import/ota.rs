//! How Open Terms Archive's histories say what they record: file names, subjects, messages and trailers.
//!
//! The platform and the document type come from the path (`<platform>/<document type>.md` of a version, `.html` and the
//! like of a snapshot), never from the subject, whose words can't be told apart. What a message claims is kept as
//! evidence.

use std::borrow::Cow;

use crate::model::{
    CommitId, CommitKind, DocumentName, HistoryKind, MediaType, NameError, PartName,
    SnapshotReference, split_part,
};

/// What a path in a history is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathMeaning {
    /// A version's text in a history of versions, a snapshot in a history of snapshots.
    Content(Named),
    /// Content such as the other kind of history has it.
    OtherKind,
    /// A file that belongs to the repository and to no document.
    Other,
    /// A file that looks like a version or a snapshot and can't be one.
    Unusable {
        /// Why not.
        reason: String,
    },
}

/// What the path of a content names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named {
    /// The document. In a history of versions, a part of a larger document is a document of its own.
    pub document: DocumentName,
    /// Which part of a larger document it is (`Terms of Service #2`), if it is one.
    pub part: Option<PartName>,
    /// What the file's ending stands for.
    pub media_type: MediaType,
}

/// The ending of a version's file.
const VERSION: (&str, &str) = ("md", "text/markdown");
/// The endings of snapshots' files. No media type stands here twice, so that it says which file it was.
const SNAPSHOTS: [(&str, &str); 10] = [
    ("html", "text/html"),
    ("pdf", "application/pdf"),
    ("xhtml", "application/xhtml+xml"),
    ("txt", "text/plain"),
    ("xml", "application/xml"),
    ("json", "application/json"),
    ("rtf", "application/rtf"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
];
/// The endings that tell a history of snapshots: the others stand in any repository.
const TELLING: [&str; 2] = ["html", "pdf"];

/// The media types of the snapshots that a history can have.
pub fn snapshot_media_types() -> impl Iterator<Item = MediaType> {
    let types = SNAPSHOTS.iter();
    types.filter_map(|(_, media_type)| MediaType::parse(media_type))
}

/// Tells what a path in a history of this kind is.
#[must_use]
pub fn path_meaning(kind: HistoryKind, path: &[u8]) -> PathMeaning {
    let unusable = |reason: String| PathMeaning::Unusable { reason };
    let endings: &[(&str, &str)] = match kind {
        HistoryKind::Versions => &[VERSION],
        HistoryKind::Snapshots => &SNAPSHOTS,
    };
    let lossy = String::from_utf8_lossy(path);
    let (stem, ending) = lossy.rsplit_once('.').unwrap_or((&lossy, ""));
    let media_type = endings
        .iter()
        .find(|(one, _)| *one == ending)
        .and_then(|(_, media_type)| MediaType::parse(media_type));
    if matches!(lossy, Cow::Owned(_)) {
        return match media_type {
            Some(_) => unusable("its path is not UTF-8".to_owned()),
            None => PathMeaning::Other,
        };
    }
    let Some((platform, name)) = stem.split_once('/').filter(|_| !stem.starts_with('.')) else {
        return PathMeaning::Other;
    };
    let is_deep = name.contains('/');
    let Some(media_type) = media_type else {
        return match kind {
            HistoryKind::Versions if TELLING.contains(&ending) => PathMeaning::OtherKind,
            HistoryKind::Snapshots if ending == VERSION.0 => PathMeaning::OtherKind,
            HistoryKind::Snapshots if !is_deep && !name.is_empty() && !ending.is_empty() => {
                let endings: Vec<&str> = endings.iter().map(|(ending, _)| *ending).collect();
                let endings = endings.join(", ");
                unusable(format!("its ending is none of a snapshot's ({endings})"))
            }
            HistoryKind::Versions | HistoryKind::Snapshots => PathMeaning::Other,
        };
    };
    if is_deep {
        return unusable("its path has more than a platform and a document type".to_owned());
    }
    named(kind, platform, name, media_type)
        .map_or_else(|error| unusable(error.to_string()), PathMeaning::Content)
}

fn named(
    kind: HistoryKind,
    platform: &str,
    name: &str,
    media_type: MediaType,
) -> Result<Named, NameError> {
    let (whole, part) = split_part(name);
    let document_type = match kind {
        HistoryKind::Versions => name,
        HistoryKind::Snapshots => whole,
    };
    Ok(Named {
        document: DocumentName::new(platform, document_type)?,
        part: part.map(PartName::new).transpose()?,
        media_type,
    })
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
