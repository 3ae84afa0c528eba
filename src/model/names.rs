//! Names of documents: how they are checked, compared tolerantly and suggested.
//!
//! A document's name is a platform and a document type, as in `Facebook/Terms of Service`. Names
//! are kept exactly as given; only [`matching_key`] forgets case, separators and quote styles.

use std::fmt;

/// How many bytes each half of a name may have: as many as file systems allow a file name.
const MAX_BYTES: usize = 255;
/// How many characters of a text a message repeats.
const QUOTED_CHARS: usize = 60;
/// How many characters of a query or candidate [`suggest`] looks at.
const SEARCHED_CHARS: usize = 512;
/// How many leading characters of a query or candidate are compared by edit distance.
const COMPARED_CHARS: usize = 64;
/// The greatest edit distance of a suggestion.
const MAX_DISTANCE: usize = 8;

/// Puts a text in double quotes for a message: escaped as in Rust, and cut when it is long.
pub(crate) fn quote(text: &str) -> String {
    let mut head: String = text.chars().take(QUOTED_CHARS).collect();
    if head.len() < text.len() {
        head.push('…');
    }
    format!("{head:?}")
}

/// One of the two halves of a document's name, or the name of a part of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamePart {
    /// The platform, before the slash.
    Platform,
    /// The document type, after the slash.
    DocumentType,
    /// The part of the document.
    Part,
}

impl fmt::Display for NamePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Platform => "platform",
            Self::DocumentType => "document type",
            Self::Part => "part",
        })
    }
}

/// Why a text can't name a document; every `text` is quoted, escaped and cut for display.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is no slash between a platform and a document type.
    #[error(
        "{text} does not name a document; write the platform, a slash and the document type, as \
         in \"Facebook/Terms of Service\"."
    )]
    NoSlash {
        /// The name given.
        text: String,
    },
    /// A half is empty or only white space.
    #[error("The {part} in {text} is empty.")]
    Empty {
        /// Which half.
        part: NamePart,
        /// The whole name given.
        text: String,
    },
    /// A half is `.` or `..`, which would be a directory in a file tree.
    #[error("The {part} {text} is a reserved name; it cannot be \".\" or \"..\".")]
    Reserved {
        /// Which half.
        part: NamePart,
        /// That half.
        text: String,
    },
    /// A half contains a slash.
    #[error("The {part} {text} contains a slash; only one slash may stand in a document's name.")]
    Slash {
        /// Which half.
        part: NamePart,
        /// That half.
        text: String,
    },
    /// A half contains a control character, such as a line break or NUL.
    #[error("The {part} {text} contains the control character U+{code:04X}.")]
    Control {
        /// Which half.
        part: NamePart,
        /// That half.
        text: String,
        /// The first control character's code point.
        code: u32,
    },
    /// A half is longer than 255 bytes.
    #[error("The {part} {text} is {bytes} bytes long; at most {MAX_BYTES} are allowed.")]
    TooLong {
        /// Which half.
        part: NamePart,
        /// That half.
        text: String,
        /// How many bytes of UTF-8 it has.
        bytes: usize,
    },
}

/// The name of a document: the platform that publishes it, and the type of document.
///
/// Both halves are 1 to 255 bytes, not blank, not `.` or `..`, and free of slashes and control
/// characters. They compare exactly; use [`DocumentName::key`] to compare them as people do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentName {
    platform: String,
    document_type: String,
}

impl DocumentName {
    /// Joins a platform and a document type, kept exactly as given.
    ///
    /// # Errors
    ///
    /// Fails when either half is blank, reserved, too long, or has a slash or control character.
    pub fn new(
        platform: impl Into<String>,
        document_type: impl Into<String>,
    ) -> Result<Self, NameError> {
        let name = Self {
            platform: platform.into(),
            document_type: document_type.into(),
        };
        for (part, half) in [
            (NamePart::Platform, &name.platform),
            (NamePart::DocumentType, &name.document_type),
        ] {
            check_half(part, half, &name.to_string())?;
        }
        Ok(name)
    }

    /// Reads `Platform/Document Type`; what is printed reads back as the same name.
    ///
    /// # Errors
    ///
    /// Fails when there isn't exactly one slash, or as [`DocumentName::new`] does.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match text.split_once('/') {
            Some((platform, document_type)) => Self::new(platform, document_type),
            None => Err(NameError::NoSlash { text: quote(text) }),
        }
    }

    /// The platform, as given.
    #[must_use]
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// The document type, as given.
    #[must_use]
    pub fn document_type(&self) -> &str {
        &self.document_type
    }

    /// The form that is equal for names that people take for the same: see [`matching_key`].
    #[must_use]
    pub fn key(&self) -> String {
        format!(
            "{}/{}",
            matching_key(&self.platform),
            matching_key(&self.document_type)
        )
    }
}

impl fmt::Display for DocumentName {
    /// The platform, a slash and the document type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.platform, self.document_type)
    }
}

/// Checks a half of the name `whole`.
pub(super) fn check_half(part: NamePart, half: &str, whole: &str) -> Result<(), NameError> {
    let text = || quote(half);
    if half.trim().is_empty() {
        return Err(NameError::Empty {
            part,
            text: quote(whole),
        });
    }
    if half.len() > MAX_BYTES {
        return Err(NameError::TooLong {
            part,
            text: text(),
            bytes: half.len(),
        });
    }
    if half == "." || half == ".." {
        return Err(NameError::Reserved { part, text: text() });
    }
    if half.contains('/') {
        return Err(NameError::Slash { part, text: text() });
    }
    match half.chars().find(|c| c.is_control()) {
        Some(c) => Err(NameError::Control {
            part,
            text: text(),
            code: u32::from(c),
        }),
        None => Ok(()),
    }
}

/// The form in which names are matched: lower case, ASCII quotes, and one space for every run of
/// white space, hyphens, dashes and underscores, with none at the ends.
///
/// A slash stays as it is, with the spaces around it; the key of a key is itself.
#[must_use]
pub fn matching_key(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '-' | '_' | '\u{2010}'..='\u{2015}' => push_separator(&mut plain),
            c if c.is_whitespace() => push_separator(&mut plain),
            '‘' | '’' | '‚' | '‛' | 'ʼ' | '′' => plain.push('\''),
            '“' | '”' | '„' | '‟' | '″' | '«' | '»' => plain.push('"'),
            c => plain.push(c),
        }
    }
    plain.trim_end_matches(' ').to_lowercase()
}

fn push_separator(plain: &mut String) {
    if !plain.is_empty() && !plain.ends_with(' ') {
        plain.push(' ');
    }
}

/// Splits the name of one page of a document, as Open Terms Archive writes it (`Type #page`).
///
/// There is a page only when the last ` #` has something on both sides; otherwise the document
/// type is returned whole.
#[must_use]
pub fn split_part(document_type: &str) -> (&str, Option<&str>) {
    match document_type.rsplit_once(" #") {
        Some((base, page)) if !base.trim().is_empty() && !page.trim().is_empty() => {
            (base, Some(page))
        }
        _ => (document_type, None),
    }
}

/// How well a candidate fits a query; the least fits best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// They have the same key.
    Same,
    /// The candidate begins with the query.
    Prefix,
    /// The candidate contains the query.
    Within,
    /// The candidate contains every word of the query.
    Words,
    /// The candidate becomes the query in so many edits.
    Edits(usize),
}

/// The `limit` candidates nearest to `query`, best first and without repeats.
///
/// Candidates that equal, start with or contain the query come first, then those that contain all
/// of its words, then those that are few edits away: in each half of the name, or in either if the
/// query has no slash. The result doesn't depend on the candidates' order, and the work for one
/// candidate is bounded however long the texts are.
#[must_use]
pub fn suggest<'a>(
    query: &str,
    candidates: impl Iterator<Item = &'a str>,
    limit: usize,
) -> Vec<String> {
    let query = search_key(query);
    if query.is_empty() || limit == 0 {
        return Vec::new();
    }
    let mut found: Vec<(Fit, usize, &str)> = candidates
        .filter_map(|candidate| {
            fit(&query, &search_key(candidate)).map(|fit| (fit, candidate.len(), candidate))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
        .into_iter()
        .take(limit)
        .map(|(_, _, candidate)| candidate.to_owned())
        .collect()
}

fn search_key(text: &str) -> String {
    matching_key(&text.chars().take(SEARCHED_CHARS).collect::<String>())
}

fn fit(query: &str, candidate: &str) -> Option<Fit> {
    if candidate == query {
        return Some(Fit::Same);
    }
    if candidate.starts_with(query) {
        return Some(Fit::Prefix);
    }
    if candidate.contains(query) {
        return Some(Fit::Within);
    }
    let words = || {
        query
            .split([' ', '/'])
            .filter(|word| !word.is_empty())
            .take(COMPARED_CHARS)
    };
    if words().count() > 1 && words().all(|word| candidate.contains(word)) {
        return Some(Fit::Words);
    }
    let distance = match (query.split_once('/'), candidate.split_once('/')) {
        (Some(query), Some(candidate)) => {
            edits(query.0, candidate.0)?.saturating_add(edits(query.1, candidate.1)?)
        }
        (None, Some((platform, document_type))) => {
            let halves = [edits(query, platform), edits(query, document_type)];
            halves.into_iter().flatten().min()?
        }
        _ => edits(query, candidate)?,
    };
    Some(Fit::Edits(distance))
}

/// The edits between the beginnings of two keys, when they are few for the query's length.
fn edits(query: &str, candidate: &str) -> Option<usize> {
    let head = |text: &str| text.chars().take(COMPARED_CHARS).collect::<String>();
    let (query, candidate) = (head(query), head(candidate));
    let (length, other) = (query.chars().count(), candidate.chars().count());
    let most = (length.max(3) / 3).min(MAX_DISTANCE);
    if length.abs_diff(other) > most {
        return None;
    }
    // A text that shares nothing with the query is no suggestion, however short both are.
    let distance = strsim::osa_distance(&query, &candidate);
    (distance <= most && distance < length).then_some(distance)
}
