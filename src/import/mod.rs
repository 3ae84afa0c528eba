//! What others keep, read: git histories, what Open Terms Archive writes into them, and declarations.

pub mod declarations;
mod git;
pub mod ota;
pub mod warc;

pub use git::{Change, ChangeKind, Commit, GitError, History, ObjectId};
