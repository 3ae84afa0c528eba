//! Changes: what each version of a document changed, recorded as events and asked for.

mod detect;
mod follow;
mod life;
mod map;
mod told;

pub use detect::{DetectProgress, Detected, reassess};
pub(super) use detect::{Scope, detect};
pub(super) use follow::change_of;
pub use told::{ChangeFilter, Judged, Texts, ToldChange, VersionTold};
