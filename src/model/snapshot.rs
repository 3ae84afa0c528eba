//! Snapshots: the bytes of a document as they were fetched, and which of its parts they are.

use std::fmt;

use super::names::{NameError, NamePart, check_half};
use super::{Content, Origin};

/// Bytes of a document as fetched, and where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRecorded {
    /// The bytes, a blob.
    pub content: Content,
    /// Which part of the document they are, where it has parts.
    pub part: Option<PartName>,
    /// What the source says that the bytes are.
    pub media_type: MediaType,
    /// Where the snapshot comes from.
    pub origin: Origin,
}

/// The name of a part of a document that is published in several: the `2` of `Terms of Service #2`.
///
/// It is 1 to 255 bytes, not blank, and free of slashes and control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartName(String);

impl PartName {
    /// Takes a name, kept exactly as given.
    ///
    /// # Errors
    /// A [`NameError`] that says why it can't be one.
    pub fn new(name: impl Into<String>) -> Result<Self, NameError> {
        let name = name.into();
        check_half(NamePart::Part, &name, &name)?;
        Ok(Self(name))
    }

    /// The name, as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What bytes are said to be: `text/html`. A type, a slash and a subtype, in lower case and without parameters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaType(String);

impl MediaType {
    /// The most bytes of a type and of a subtype (RFC 6838).
    const MAX_BYTES: usize = 127;

    /// Reads a media type; none if it isn't one in this form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = |name: &str| {
            let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            name.len() <= Self::MAX_BYTES
                && name.bytes().next().is_some_and(is_letter)
                && name
                    .bytes()
                    .all(|byte| is_letter(byte) || b"!#$&-^_.+".contains(&byte))
        };
        let (kind, subtype) = text.split_once('/')?;
        (is_name(kind) && is_name(subtype)).then(|| Self(text.to_owned()))
    }

    /// The media type as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it says that the bytes can be read as text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        let (kind, subtype) = self.0.split_once('/').unwrap_or_default();
        kind == "text" || ["json", "xml"].contains(&subtype) || subtype.ends_with("+xml")
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
