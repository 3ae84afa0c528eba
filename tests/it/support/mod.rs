//! What several tests need.

pub mod archive;
pub mod fixture;
pub mod pdf;
