//! Changes: what each version of a document changed, recorded as events and asked for.

mod detect;
mod find;
mod follow;
mod keep;
mod life;
mod map;
mod state;
mod told;

pub use detect::{DetectProgress, Detected, reassess};
pub(super) use detect::{Scope, detect};
pub(super) use follow::change_of;
pub(super) use keep::{findings as history_findings, remove as remove_histories};
pub use told::{ChangeFilter, Judged, Texts, ToldChange, VersionTold};
