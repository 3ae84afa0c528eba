//! The stored forms of commits and trees, read leniently where that loses nothing.

use gix::bstr::ByteSlice as _;

use crate::model::Instant;

use super::ObjectId;

/// What a commit object says, apart from its message's encoding and signatures.
pub(super) struct RawCommit<'a> {
    pub tree: ObjectId,
    pub parents: Vec<ObjectId>,
    pub author_time: Option<Instant>,
    pub committer_time: Option<Instant>,
    encoding: Option<&'a [u8]>,
    message: &'a [u8],
}

impl<'a> RawCommit<'a> {
    /// Reads a commit; the reason if it has no readable tree or parents.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let mut rest = bytes;
        let tree = header(&mut rest, b"tree ")
            .and_then(hex)
            .ok_or("the commit names no tree")?;
        let mut parents = Vec::new();
        while let Some(line) = header(&mut rest, b"parent ") {
            parents.push(hex(line).ok_or("the commit names a parent that is not an object id")?);
        }
        let mut commit = Self {
            tree,
            parents,
            author_time: None,
            committer_time: None,
            encoding: None,
            message: b"",
        };
        while !rest.is_empty() {
            let line = take_line(&mut rest);
            if line.is_empty() {
                commit.message = rest;
                break;
            }
            if let Some(author) = line.strip_prefix(b"author ") {
                commit.author_time = commit.author_time.or_else(|| time(author));
            } else if let Some(committer) = line.strip_prefix(b"committer ") {
                commit.committer_time = commit.committer_time.or_else(|| time(committer));
            } else if let Some(encoding) = line.strip_prefix(b"encoding ") {
                commit.encoding = Some(encoding);
            }
        }
        Ok(commit)
    }

    /// The message as text: UTF-8 and ISO-8859-1 without loss, otherwise with replacement characters.
    pub fn message(&self) -> String {
        match std::str::from_utf8(self.message) {
            Ok(text) => text.to_owned(),
            Err(_) if self.encoding.is_some_and(is_latin1) => {
                self.message.iter().copied().map(char::from).collect()
            }
            Err(_) => String::from_utf8_lossy(self.message).into_owned(),
        }
    }
}

fn is_latin1(name: &[u8]) -> bool {
    [&b"iso-8859-1"[..], b"iso8859-1", b"latin1", b"latin-1"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn take_line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let all: &'a [u8] = rest;
    let end = all.iter().position(|&byte| byte == b'\n');
    let (line, tail) = match end {
        Some(end) => (&all[..end], &all[end + 1..]),
        None => (all, &all[all.len()..]),
    };
    *rest = tail;
    line
}

/// Takes the next line if it has the given key.
fn header<'a>(rest: &mut &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    rest.starts_with(key).then(|| &take_line(rest)[key.len()..])
}

fn hex(digits: &[u8]) -> Option<ObjectId> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The time in `Name <address> SECONDS ZONE`; none if it has none or is out of range.
fn time(identity: &[u8]) -> Option<Instant> {
    let end = identity.iter().rposition(|&byte| byte == b'>')?;
    let text = std::str::from_utf8(&identity[end + 1..]).ok()?;
    let seconds = text.split_ascii_whitespace().next()?;
    Instant::from_seconds(seconds.parse().ok()?)
}

/// What an entry of a tree is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum EntryKind {
    Folder,
    File,
    /// A symbolic link or a submodule.
    Other,
}

/// An entry of a tree.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub kind: EntryKind,
    pub name: &'a [u8],
    pub object: &'a [u8; 20],
}

impl Entry<'_> {
    /// Compares in the order of trees, in which the name of a folder ends with a slash.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let common = self.name.len().min(other.name.len());
        self.name[..common]
            .cmp(&other.name[..common])
            .then_with(|| {
                let next = |entry: &Self| match entry.name.get(common) {
                    Some(&byte) => byte,
                    None if entry.kind == EntryKind::Folder => b'/',
                    None => 0,
                };
                next(self).cmp(&next(other))
            })
    }
}

/// The entries of a tree; an item is the reason where the bytes aren't a tree's.
pub(super) struct Entries<'a> {
    rest: &'a [u8],
    last: Option<Entry<'a>>,
}

impl<'a> Entries<'a> {
    pub fn new(tree: &'a [u8]) -> Self {
        Self {
            rest: tree,
            last: None,
        }
    }

    fn parse(&mut self) -> Result<Entry<'a>, &'static str> {
        const CUT: &str = "the tree is cut short";
        let mut mode = 0_u32;
        let mut at = 0;
        loop {
            match self.rest.get(at) {
                Some(b' ') => break,
                Some(&digit @ b'0'..=b'7') if at < 7 => mode = mode << 3 | u32::from(digit - b'0'),
                Some(_) => return Err("the tree has an entry with a malformed mode"),
                None => return Err(CUT),
            }
            at += 1;
        }
        let rest = &self.rest[at + 1..];
        let end = rest.find_byte(0).ok_or(CUT)?;
        let (name, rest) = (&rest[..end], &rest[end + 1..]);
        let (object, rest) = rest.split_first_chunk::<20>().ok_or(CUT)?;
        if name.is_empty() || name.find_byte(b'/').is_some() {
            return Err("the tree has an entry whose name is not a file name");
        }
        let kind = match mode >> 12 {
            0o04 => EntryKind::Folder,
            0o10 => EntryKind::File,
            0o12 | 0o16 => EntryKind::Other,
            _ => return Err("the tree has an entry with an unknown mode"),
        };
        let entry = Entry { kind, name, object };
        if self.last.is_some_and(|last| last.order(&entry).is_ge()) {
            return Err("the entries of the tree are not in order");
        }
        self.rest = rest;
        self.last = Some(entry);
        Ok(entry)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let item = self.parse();
        if item.is_err() {
            self.rest = &[];
        }
        Some(item)
    }
}
