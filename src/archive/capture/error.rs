//! What can go wrong with capture, in sentences.

use std::io;
use std::path::PathBuf;

use crate::fetch::Failure;
use crate::import::declarations::Problem;

/// Documents can't be tracked or fetched.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// Files of declarations can't be listed.
    #[error("{} can't be read", path.display())]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Declarations are wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Declarations(Vec<Problem>),
    /// A declaration can't be written as JSON.
    #[error("a declaration can't be written as JSON")]
    NoJson(#[source] serde_json::Error),
    /// An event that is to tell how a document is obtained doesn't.
    #[error("event {seq} holds no declaration that this program can read")]
    Declaration {
        /// Its seq.
        seq: u64,
    },
    /// The evidence of a snapshot is none.
    #[error("the evidence of the snapshot of event {seq} can't be read")]
    Evidence {
        /// The seq of the snapshot's event.
        seq: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// Evidence can't be written as JSON.
    #[error("evidence can't be written as JSON")]
    NoEvidence(#[source] serde_json::Error),
    /// What is exported can't be written.
    #[error("the file can't be written")]
    Write(#[source] io::Error),
    /// No document is tracked.
    #[error("{}", match of { Some(name) => format!("nothing says how \"{name}\" is obtained"), None => "nothing is tracked".to_owned() })]
    NothingTracked {
        /// The document or platform that was asked for.
        of: Option<String>,
    },
    /// The policy of fetching can't be kept.
    #[error(transparent)]
    Policy(Failure),
    /// Nothing can be fetched.
    #[error("nothing can be fetched")]
    Network(#[source] io::Error),
    /// An event stands in another place of the log than was foreseen.
    #[error("another event stands in the place {seq} of the log than was foreseen")]
    Seq {
        /// The place.
        seq: u64,
    },
    /// The thread that fetches came to an end that nobody foresaw.
    #[error("the fetching broke off")]
    BrokeOff,
}

impl CaptureError {
    /// What a person may do about it, where there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NothingTracked { .. } => {
                "`recension track FILE` takes declarations; data/declarations has some to begin with".to_owned()
            }
            Self::Declarations(_) => {
                "mend them, or take those that can be read with --lenient".to_owned()
            }
            Self::Declaration { .. } | Self::Evidence { .. } => {
                "`recension verify` lists everything that is wrong".to_owned()
            }
            _ => return None,
        })
    }
}
