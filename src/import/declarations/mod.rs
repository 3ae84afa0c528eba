//! Files of declarations, read: those of Open Terms Archive as they are, and our own in TOML.
//!
//! Both forms say the same under other names, so that one reader serves both. It reads what it can and lists everything
//! that it could not, each with its file and place.

mod keys;
mod reader;

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::model::DeclaredDocument;
use keys::{Keys, OPEN_TERMS_ARCHIVE, OWN};

/// The longest file that is read, in bytes; the longest of the known collections has a hundredth of that.
const MAX_BYTES: u64 = 4 << 20;

/// Something in a file of declarations that is wrong or not supported, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1, where the parser tells it.
    pub line: Option<usize>,
    /// The keys that lead to the place, as in `terms.Privacy Policy.select[1]`; empty for the whole file.
    pub place: String,
    /// What is wrong, and what to do.
    pub message: String,
    /// Whether what stands there could not be read, or was read without it.
    pub severity: Severity,
}

/// What a problem means for the declaration that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The declaration is left out.
    Error,
    /// The declaration is read, without what stands there.
    Warning,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.place.is_empty() {
            write!(f, ": {}", self.place)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// What files of declarations say, and everything that is wrong with them.
#[derive(Debug, Default)]
pub struct Declarations {
    /// The documents, in the order of files and then of names.
    pub documents: Vec<DeclaredDocument>,
    /// The problems, in the order of files and places.
    pub problems: Vec<Problem>,
}

/// Reads a file of declarations, or all those below a folder: `.toml` is our own form, `.json` that of Open Terms Archive,
/// whose `.history.json` is read with the file it belongs to.
///
/// # Errors
/// When the folder can't be listed. What is wrong with a single file is among the problems.
pub fn read(path: &Path) -> io::Result<Declarations> {
    let mut files = Vec::new();
    list(path, &mut files)?;
    files.sort();
    let mut read = Declarations::default();
    for file in &files {
        match file_of_history(file) {
            None => read_file(file, &mut read),
            Some(missing) if !missing.exists() => read.problems.push(Problem {
                file: file.clone(),
                line: None,
                place: String::new(),
                message: format!("it belongs to {}, which is missing", missing.display()),
                severity: Severity::Error,
            }),
            Some(_) => {}
        }
    }
    Ok(read)
}

/// Lists the files of declarations below a folder; links to folders are not followed, so that there is no loop.
fn list(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut waiting = vec![path.to_owned()];
    while let Some(path) = waiting.pop() {
        if fs::metadata(&path)?.is_dir() {
            for entry in fs::read_dir(&path)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() || is_declaration(&entry.path()) {
                    waiting.push(entry.path());
                }
            }
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether a file's name is that of declarations or of a history of them.
fn is_declaration(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    matches!(ending, Some("json" | "toml"))
}

/// The file that a history belongs to; none for other files.
fn file_of_history(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let platform = name.strip_suffix(".history.json")?;
    Some(path.with_file_name(format!("{platform}.json")))
}

fn read_file(file: &Path, read: &mut Declarations) {
    let own = file.extension().is_some_and(|ending| ending == "toml");
    let keys: &Keys = if own { &OWN } else { &OPEN_TERMS_ARCHIVE };
    let Some(value) = parse(file, own, &mut read.problems) else {
        return;
    };
    let history = file.with_extension("history.json");
    let earlier = (!own && history.exists())
        .then(|| parse(&history, false, &mut read.problems))
        .flatten();
    let documents = reader::documents(
        keys,
        (file, &value),
        earlier.as_ref().map(|earlier| (history.as_path(), earlier)),
        &mut read.problems,
    );
    read.documents.extend(documents);
}

/// Parses a file of either form into the values that both have.
fn parse(file: &Path, own: bool, problems: &mut Vec<Problem>) -> Option<Value> {
    let mut problem = |line, message| {
        problems.push(Problem {
            file: file.to_owned(),
            line,
            place: String::new(),
            message,
            severity: Severity::Error,
        });
    };
    let text = match text_of(file) {
        Ok(text) => text,
        Err(error) => {
            problem(None, format!("it can't be read: {error}"));
            return None;
        }
    };
    if own {
        toml::from_str(&text)
            .map_err(|error| {
                let line = error.span().map(|span| {
                    let before = text.get(..span.start).unwrap_or_default();
                    1 + before.matches('\n').count()
                });
                problem(line, format!("it is no TOML: {}", error.message()));
            })
            .ok()
    } else {
        serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| problem(Some(error.line()), format!("it is no JSON: {error}")))
            .ok()
    }
}

fn text_of(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = fs::File::open(file)?
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)?;
    if read as u64 > MAX_BYTES {
        let message = format!("it is longer than {MAX_BYTES} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(text)
}
