//! Recension: an event-sourced archive of the documents that govern online platforms, with proofs.
//!
//! ```text
//!   a history in git ──import──▶ events + texts ◀──extract── pages + evidence ◀──fetch── the network
//!                                   │
//!               archive::Writer: blobs ▶ log ▶ signed checkpoint ▶ views
//!                                   │
//!    log.sqlite ──replay (project)──▶ views.sqlite
//!        │                              │ "which event answers?"
//!        └── proof (prove) ◀── archive::Archive ──▶ answers ──export──▶ JSON, CSV, HTML
//! ```
//!
//! The modules stand in layers; arrows only point up this list:
//!
//! * pure: [`model`], [`codec`], [`segment`], [`compare`], [`classify`], [`extract`], [`project`], [`prove`],
//!   [`search`]
//! * edge: [`store`] (SQLite and files), [`import`] (git), [`fetch`] (the network), [`export`] (formats)
//! * application: [`archive`] (the use cases)
//! * front: [`cli`]

#![forbid(unsafe_code)]

pub mod model;

pub mod classify;
pub mod codec;
pub mod compare;
pub mod extract;
pub mod project;
pub mod prove;
pub mod search;
pub mod segment;

pub mod export;
pub mod fetch;
pub mod import;
pub mod store;

pub mod archive;

pub mod cli;
