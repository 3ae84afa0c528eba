//! `recension init`.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;

use super::args::Init;
use super::context::Context;
use super::{Outcome, output};
use crate::archive;

pub(super) fn run(args: &Init, context: &Context) -> anyhow::Result<Outcome> {
    let folder = args.folder.clone().unwrap_or_else(|| PathBuf::from("."));
    let verifier = archive::init(&folder, args.origin.as_deref(), &entropy()?, context.now())?;
    let mut out = output::stdout();
    writeln!(out, "An archive was made in {}.", folder.display())?;
    writeln!(
        out,
        "Its checkpoints are verified with this key; keep a copy elsewhere:\n{verifier}"
    )?;
    out.flush()?;
    Ok(Outcome::Fine)
}

/// Random bytes for the signing key and the log's name.
pub(super) fn entropy() -> anyhow::Result<[u8; 40]> {
    let mut entropy = [0; 40];
    getrandom::fill(&mut entropy).context("the system gives no random bytes")?;
    Ok(entropy)
}
