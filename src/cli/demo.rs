//! `recension demo`.

use super::Outcome;
use super::args::Demo;
use super::context::Context;

pub(super) fn run(_args: &Demo, _context: &Context) -> anyhow::Result<Outcome> {
    anyhow::bail!("not yet")
}
