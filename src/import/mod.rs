//! Histories kept by others, read: git repositories, and what Open Terms Archive writes into them.

mod git;
pub mod ota;

pub use git::{Change, ChangeKind, Commit, GitError, History, ObjectId};
