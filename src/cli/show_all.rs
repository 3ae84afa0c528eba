//! `recension show --all`: every document's text as of a date, each in a file of its own.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::Outcome;
use super::output::{self, count, is_hidden, visible};
use crate::archive::Archive;
use crate::export::shape::{AsOfLine, ListedLine};
use crate::model::{BlobId, DocumentName};
use crate::project::AsOf;

/// The file that lists the others.
const LIST: &str = "documents.jsonl";
/// The longest name of a file or folder before what is cut off is replaced by a hash: systems allow 255 bytes in all.
const MAX_FILE_NAME_BYTES: usize = 200;

/// Writes every document's text as of the date into a file, and a list of them.
pub(super) fn run(archive: &Archive, answers: &[AsOf], folder: &Path) -> anyhow::Result<Outcome> {
    let written = |path: &Path| format!("{} can't be written", path.display());
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty", folder.display());
    }
    let mut index = Vec::new();
    let (mut texts, mut withheld) = (0, 0);
    let mut taken = HashSet::new();
    for answer in answers {
        let mut line = ListedLine {
            answer: AsOfLine::from(answer),
            file: None,
        };
        let text = match &answer.found {
            Some(found) => Some(archive.content(found.version.text.blob)?),
            None => None,
        };
        if let Some(Err(gone)) = &text {
            line.answer.withheld = Some(gone.into());
            withheld += 1;
        }
        if let Some(Ok(text)) = text {
            let (platform, file) = file_names(&answer.document.name, &mut taken);
            line.file = Some(format!("{platform}/{file}"));
            let platform = folder.join(platform);
            fs::create_dir_all(&platform).with_context(|| written(&platform))?;
            let path = platform.join(file);
            fs::write(&path, text).with_context(|| written(&path))?;
            texts += 1;
        }
        output::json_line(&mut index, &line)?;
    }
    fs::create_dir_all(folder).with_context(|| written(folder))?;
    let path = folder.join(LIST);
    fs::write(&path, index).with_context(|| written(&path))?;
    let mut out = output::stdout();
    let missing = answers.len() - texts - withheld;
    writeln!(
        out,
        "{} texts were written below {}.",
        count(texts as u64),
        visible(&folder.display().to_string())
    )?;
    if withheld > 0 {
        writeln!(
            out,
            "{} texts are withheld; {LIST} says why.",
            count(withheld as u64)
        )?;
    }
    if missing > 0 {
        writeln!(
            out,
            "{} documents had not been observed by then.",
            count(missing as u64)
        )?;
    }
    writeln!(
        out,
        "{LIST} lists them all, with files, hashes and brackets."
    )?;
    out.flush()?;
    Ok(if texts > 0 {
        Outcome::Fine
    } else {
        Outcome::Finding
    })
}

/// The folder and the file for a document: not those of another one, on systems without regard to case either.
fn file_names(name: &DocumentName, taken: &mut HashSet<String>) -> (String, String) {
    let (mut folder, stem) = (file_name(name.platform()), file_name(name.document_type()));
    if folder.to_uppercase() == LIST.to_uppercase() {
        // The list has that name already; a dot in per cent is no other platform's.
        folder = folder.replacen('.', "%2E", 1);
    }
    let mut file = format!("{stem}.md");
    for number in 2.. {
        if taken.insert(format!("{folder}/{file}").to_lowercase()) {
            break;
        }
        file = format!("{stem}~{number}.md");
    }
    (folder, file)
}

/// A name that every file system takes: what Windows forbids and what could make it look like another name becomes its
/// code in per cent, and what is too long is cut and told apart by its hash.
fn file_name(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let reserved = is_device(stem);
    let mut out = String::new();
    for (position, c) in name.char_indices() {
        let ends = position + c.len_utf8() == name.len();
        let forbidden = "<>:\"/\\|?*%".contains(c) || c.is_control() || is_hidden(c);
        let dot_or_space = (ends && (c == '.' || c == ' ')) || (position == 0 && c == '.');
        if forbidden || dot_or_space || (position == 0 && reserved) {
            out.extend(c.to_string().bytes().map(|byte| format!("%{byte:02X}")));
        } else {
            out.push(c);
        }
    }
    if out.len() > MAX_FILE_NAME_BYTES {
        let hash = BlobId::of(name.as_bytes()).to_string();
        while out.len() > MAX_FILE_NAME_BYTES {
            out.pop();
        }
        out.push_str(&format!("~{}", &hash[..16]));
    }
    out
}

/// Whether Windows takes a name for a device, whatever its ending.
fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_uppercase();
    let numbered = ["COM", "LPT"]
        .iter()
        .filter_map(|device| stem.strip_prefix(device))
        .any(|number| number.chars().count() == 1);
    numbered || ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str())
}
