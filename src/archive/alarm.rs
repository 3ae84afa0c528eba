//! What the checkpoint outside the log shows to be wrong with the log.

use crate::model::Sha256;

/// What the sidecar shows to be wrong with the log: the archive is then only read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    /// There is no sidecar.
    #[error(
        "its file `checkpoint` is missing, without which the loss of the newest events would go unseen; put it back from a copy"
    )]
    NoSidecar,
    /// The sidecar is no checkpoint of this archive.
    #[error(
        "its file `checkpoint` is not a checkpoint of this archive ({reason}); put it back from a copy"
    )]
    BadSidecar {
        /// What is wrong with it.
        reason: String,
    },
    /// The log lost events.
    #[error(
        "the log holds {held} signed events, and its file `checkpoint` was signed over {signed}: the newest are lost"
    )]
    Shorter {
        /// How many signed events the log has.
        held: u64,
        /// How many the sidecar counts.
        signed: u64,
    },
    /// The log has another past.
    #[error(
        "the first {size} events of the log have the root {found}, and its file `checkpoint` was signed over {signed}: the log was altered"
    )]
    OtherRoot {
        /// How many events the sidecar counts.
        size: u64,
        /// The root that was signed.
        signed: Sha256,
        /// The root of what is stored.
        found: Sha256,
    },
}
