//! The integration tests: one binary, one module a subject.

mod git;
mod names;
mod period;
mod prove;
