//! Checkpoints (C2SP tlog-checkpoint): the text of a note that states a log's size and root hash.

use std::fmt;
use std::str::FromStr;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::model::Sha256;

/// Something isn't a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// There are fewer than three lines, or the last has no newline.
    #[error("a checkpoint is three lines or more, each ended by a newline")]
    Lines,
    /// The origin or an extension line is empty or has a control character.
    #[error("{line:?} can't be a line of a checkpoint: it is empty or has a control character")]
    Line {
        /// The line that was given.
        line: String,
    },
    /// The size isn't a decimal number of leaves.
    #[error("{text:?} isn't the size of a log in decimal")]
    Size {
        /// The text that was given.
        text: String,
    },
    /// The root isn't a hash in base64.
    #[error("{text:?} isn't a root hash in base64")]
    Root {
        /// The text that was given.
        text: String,
    },
}

/// What a log of a given size is: the text to be signed, and read from a verified note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Sha256,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// States that the log `origin` has `size` leaves under the hash `root`.
    ///
    /// # Errors
    /// [`CheckpointError::Line`] if `origin` is empty or has a control character.
    pub fn new(origin: &str, size: u64, root: Sha256) -> Result<Self, CheckpointError> {
        Ok(Self {
            origin: checked_line(origin)?,
            size,
            root,
            extensions: Vec::new(),
        })
    }

    /// Adds an extension line. The specification recommends that there be none.
    ///
    /// # Errors
    /// [`CheckpointError::Line`] if `line` is empty or has a control character.
    pub fn with_extension(mut self, line: &str) -> Result<Self, CheckpointError> {
        self.extensions.push(checked_line(line)?);
        Ok(self)
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many leaves the log has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root hash of the tree over them.
    #[must_use]
    pub const fn root(&self) -> &Sha256 {
        &self.root
    }

    /// The extension lines, without their newlines.
    #[must_use]
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }
}

fn checked_line(line: &str) -> Result<String, CheckpointError> {
    if line.is_empty() || line.contains(|c| c < ' ') {
        return Err(CheckpointError::Line {
            line: line.to_owned(),
        });
    }
    Ok(line.to_owned())
}

impl fmt::Display for Checkpoint {
    /// The text to sign: the origin, the size in decimal, the root in base64 and any extensions,
    /// a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = BASE64_STANDARD.encode(self.root.as_bytes());
        writeln!(f, "{}\n{}\n{root}", self.origin, self.size)?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Reads a note's text; only the very text that the checkpoint would be written as will do.
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?;
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Lines);
        };
        let checkpoint = Self::new(origin, parse_size(size)?, parse_root(root)?)?;
        lines.try_fold(checkpoint, Self::with_extension)
    }
}

fn parse_size(text: &str) -> Result<u64, CheckpointError> {
    let size = text
        .parse()
        .ok()
        .filter(|size: &u64| size.to_string() == text);
    size.ok_or_else(|| CheckpointError::Size {
        text: text.to_owned(),
    })
}

fn parse_root(text: &str) -> Result<Sha256, CheckpointError> {
    let bytes = BASE64_STANDARD.decode(text).ok();
    let root = bytes.and_then(|bytes| Sha256::try_from(bytes.as_slice()).ok());
    root.ok_or_else(|| CheckpointError::Root {
        text: text.to_owned(),
    })
}
