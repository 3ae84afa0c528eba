//! Capture: declared documents are fetched, and what comes is recorded with its evidence.
//!
//! ```text
//!   declarations ─track─▶ DeclarationChanged
//!        │
//!   documents that are due ─fetch─▶ pages ─take─▶ snapshots ▶ versions, looks ─▶ changes
//! ```
//!
//! A page that differs from the one before is a snapshot. A text whose reading differs from the one before is a version.
//! Everything else is a look, told in one event for many documents. Nothing that failed, and no page that is not the
//! document, becomes a version.

mod again;
mod error;
mod health;
mod history;
mod known;
mod looks;
mod note;
mod stored;
mod sweep;
mod take;
mod text;
mod track;

pub use error::CaptureError;
pub use health::{Health, State};
pub use history::{ReExtractProgress, ReExtracted, re_extract};
pub use sweep::{FailedLook, Scope, SweepProgress, SweepReport, Sweeper};
pub use track::{Tracked, Tracking, track};
