//! Standard output for results, standard error for the rest.

use std::fs;
use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write};
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use super::args::Format;
pub(super) use crate::export::hidden::is_hidden;
use crate::export::hidden::is_joiner;
pub(super) use crate::export::numbers::{bytes, count, counted};
use crate::model::BlobId;

/// How wide a sentence may be.
const COLUMNS: usize = 80;

/// Standard output, buffered; what it holds is written when it is flushed.
pub(super) type Out = BufWriter<StdoutLock<'static>>;

/// Locks standard output.
pub(super) fn stdout() -> Out {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// The first digits of a blob's name, which are enough to find it by.
pub(super) fn short(blob: BlobId) -> String {
    let mut digits = blob.to_string();
    digits.truncate(12);
    digits
}

/// Whether standard output is a terminal that may be styled.
pub(super) fn is_styled() -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stdout().is_terminal() && !no_color
}

/// Writes a message to standard error, safe for a terminal; there is nowhere to complain if that fails.
pub(super) fn message(text: &str) {
    drop(writeln!(io::stderr().lock(), "{}", visible(text)));
}

/// Whether a failure is only that the reader of our output is gone.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let of = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(of)
            || cause
                .downcast_ref::<serde_json::Error>()
                .is_some_and(|error| error.io_error_kind() == Some(io::ErrorKind::BrokenPipe))
    })
}

/// Prints lines as JSON or JSON Lines, or as text by `print`.
pub(super) fn lines<T: Serialize>(
    format: Format,
    lines: &[T],
    print: impl FnOnce(&mut Out, &[T]) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut out = stdout();
    match format {
        Format::Text => print(&mut out, lines)?,
        Format::Json => json(&mut out, &lines)?,
        Format::Jsonl => {
            for line in lines {
                json_line(&mut out, line)?;
            }
        }
    }
    Ok(out.flush()?)
}

/// Prints one value as JSON, or as text by `print`.
pub(super) fn value<T: Serialize>(
    format: Format,
    value: &T,
    print: impl FnOnce(&mut Out, &T) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut out = stdout();
    match format {
        Format::Text => print(&mut out, value)?,
        Format::Json => json(&mut out, value)?,
        Format::Jsonl => json_line(&mut out, value)?,
    }
    Ok(out.flush()?)
}

/// Writes a value as JSON that people can read.
pub(super) fn json(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    Ok(writeln!(out)?)
}

/// Writes a value as one line of JSON.
pub(super) fn json_line(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(writeln!(out)?)
}

/// Breaks a sentence between its words into lines that fit a terminal.
pub(super) fn wrap(text: &str) -> String {
    wrap_at(text, COLUMNS)
}

/// A text on one line, with a gap wherever it has white space.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Breaks a sentence between its words into lines of at most so many characters.
pub(super) fn wrap_at(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut width = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > columns {
            out.push('\n');
            width = 0;
        } else if !out.is_empty() {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out
}

/// Makes a name or a message that comes from outside safe for a terminal: control characters that could move the cursor
/// or restyle are shown as escapes, and so are characters that could make it look like another.
pub(super) fn visible(text: &str) -> String {
    escaped(text, is_hidden)
}

/// Makes an archived text safe for a terminal, as [`visible`] does, but for the joiners that words of some languages and
/// emoji are written with.
pub(super) fn visible_text(text: &str) -> String {
    escaped(text, |c| is_hidden(c) && !is_joiner(c))
}

fn escaped(text: &str, hidden: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if (c.is_control() && c != '\n' && c != '\t') || hidden(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Writes a file beside `path`, then puts it in its place: it is either whole or as it was before.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&fs::File) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let cannot = || format!("{} can't be written", path.display());
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        // As for any other file, the umask decides who may read it.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .with_context(cannot)?;
    write(file.as_file())?;
    file.as_file().sync_all().with_context(cannot)?;
    file.persist(path).with_context(cannot)?;
    Ok(())
}
