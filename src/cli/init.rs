//! `recension init`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::Outcome;
use super::args::Init;
use super::context::Context;
use super::output::{self, visible};
use crate::archive;

pub(super) fn run(args: &Init, context: &Context) -> anyhow::Result<Outcome> {
    let named = args.folder.as_deref().or(context.named_folder());
    let folder = named.map_or_else(|| PathBuf::from("."), Path::to_owned);
    let verifier = archive::init(&folder, args.origin.as_deref(), &entropy()?, context.now())?;
    let mut out = output::stdout();
    let folder = visible(&folder.display().to_string());
    writeln!(out, "An archive was made in {folder}.")?;
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
