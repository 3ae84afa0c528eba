//! The integration tests: one binary, one module a subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that can't go on stops, and one that is skipped says so"
)]

mod bad_input;
mod cli;
mod concurrent;
mod export;
mod faults;
mod generated;
mod git;
mod names;
mod period;
mod processes;
mod properties;
mod prove;
mod schema;
mod shapes;
mod support;
mod tidy;
