//! The archive's answers in forms that other programs and people read.

pub mod change;
mod escape;
pub mod hidden;
pub mod numbers;
mod page;
pub mod picture;
pub mod report;
pub mod shape;
pub mod timeline;
pub mod warc;
