//! The archive on disk: the event log, the blobs, the views, and the small files beside them.

mod base;
mod blob_names;
mod blob_writer;
mod blobs;
mod bundle;
mod compact;
mod content_cache;
mod delta;
mod files;
mod frames;
mod log;
mod log_rows;
mod log_writer;
mod repair;
mod seal;
mod sealed;
mod similar;
mod sqlite;
mod views;
mod views_rows;
mod views_writer;
mod way;
mod withhold;

pub use blob_writer::BlobWriter;
pub use blobs::{BlobError, Blobs, MAX_BLOB_BYTES};
pub use compact::{Compacted, compact_log};
pub use files::{FileError, ViewsLock, WriterLock, read_small, replace, scratch_folder};
pub use frames::Frame;
pub use log::{Log, LogError, SignedCheckpointError, read_checkpoint};
pub use log_writer::{Appended, LogWriter, NewEvent};
pub use repair::{RepairedLog, repair_log};
pub use seal::migrate_log;
pub use sealed::BundleError;
pub use sqlite::SqliteError;
pub use views::{State, Views, ViewsError};
pub use views_writer::ViewsWriter;
