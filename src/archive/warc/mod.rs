//! Fetches as WARC files: written for other archives, and read from them.

mod arrived;
mod import;
mod write;

pub use import::{WarcImported, import_warc};
pub use write::WarcWritten;
