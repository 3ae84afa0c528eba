//! The integration tests: one binary, one module a subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::format_collect,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "a test that can't go on stops, one that is skipped says so, and none is in a hurry"
)]

mod bad_input;
mod capture;
mod cat;
mod change_pages;
mod changes;
mod cli;
mod concurrent;
mod declarations;
mod export;
mod extract;
mod faults;
mod fetch;
mod fidelity;
mod generated;
mod git;
mod hostile;
mod measure;
mod names;
mod pdf;
mod period;
mod picture;
mod processes;
mod properties;
mod prove;
mod provision_page;
mod provisions;
mod redline;
mod report;
mod schema;
mod sealed;
mod search;
mod shapes;
mod snapshots;
mod storage;
mod support;
mod tidy;
mod warc;
mod withhold;
