//! What several tests need.

pub mod fixture;
