//! Builds small git histories in memory and writes them as bare repositories or bundles, without git.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test binary uses a part of it"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use gix::objs::Kind;

/// A SHA-1.
pub type Id = [u8; 20];

/// The mode of a regular file.
pub const FILE: u32 = 0o100_644;
/// The mode of a program.
pub const EXECUTABLE: u32 = 0o100_755;
/// The mode of a symbolic link.
pub const SYMLINK: u32 = 0o120_000;
/// The mode of a submodule.
pub const SUBMODULE: u32 = 0o160_000;
const FOLDER: u32 = 0o040_000;

type Files = BTreeMap<Vec<u8>, (u32, Id)>;

/// A history under construction, with one current branch.
#[derive(Clone, Default)]
pub struct Fixture {
    objects: BTreeMap<Id, (Kind, Vec<u8>)>,
    trees: BTreeMap<Id, Files>,
    files: Files,
    head: Option<Id>,
    other_parents: Vec<Id>,
    refs: BTreeMap<String, Id>,
    head_ref: String,
    shallow: Vec<Id>,
    author_line: Option<String>,
}

impl Fixture {
    /// An empty history whose `HEAD` is `refs/heads/main`.
    pub fn new() -> Self {
        Self {
            head_ref: "refs/heads/main".to_owned(),
            ..Self::default()
        }
    }

    /// Commits changes of text files on the current branch: a text sets the file, none removes it.
    /// `seconds` is the time of author and committer since the epoch.
    pub fn commit(&mut self, files: &[(&str, Option<&str>)], message: &str, seconds: i64) -> Id {
        for (path, text) in files {
            match text {
                Some(text) => {
                    self.file(path, text);
                }
                None => self.remove(path.as_bytes()),
            }
        }
        self.commit_bytes(message.as_bytes(), "", seconds, seconds)
    }

    /// Sets a text file for the next commit.
    pub fn file(&mut self, path: &str, text: &str) -> Id {
        let blob = self.blob(text.as_bytes());
        self.put(path.as_bytes(), FILE, blob);
        blob
    }

    /// Adds a blob that no commit refers to yet.
    pub fn blob(&mut self, content: &[u8]) -> Id {
        self.object(Kind::Blob, content.to_vec())
    }

    /// Sets an entry of any mode for the next commit; `object` need not exist.
    pub fn put(&mut self, path: &[u8], mode: u32, object: Id) {
        self.files.insert(path.to_vec(), (mode, object));
    }

    /// Removes an entry from the next commit.
    pub fn remove(&mut self, path: &[u8]) {
        self.files.remove(path);
    }

    /// Makes the next commit a merge of `commit` too; its files are those that are set, not merged ones.
    pub fn merge(&mut self, commit: Id) {
        self.other_parents.push(commit);
    }

    /// Replaces the author line (`Name <address> seconds zone`) of the next commit.
    pub fn author(&mut self, line: &str) {
        self.author_line = Some(line.to_owned());
    }

    /// Commits what has been set: `headers` are further whole lines (`encoding ISO-8859-1\n`).
    pub fn commit_bytes(
        &mut self,
        message: &[u8],
        headers: &str,
        author: i64,
        committer: i64,
    ) -> Id {
        let files = self.files.clone();
        let tree = self.tree(&files);
        self.commit_tree(tree, message, headers, author, committer)
    }

    /// Commits any tree object.
    pub fn commit_tree(
        &mut self,
        tree: Id,
        message: &[u8],
        headers: &str,
        author: i64,
        committer: i64,
    ) -> Id {
        let mut bytes = format!("tree {}\n", hex(&tree)).into_bytes();
        for parent in self.head.iter().chain(&self.other_parents) {
            bytes.extend(format!("parent {}\n", hex(parent)).bytes());
        }
        let line = self.author_line.take();
        let line = line.unwrap_or_else(|| format!("A. Author <a@example.org> {author} +0200"));
        bytes.extend(format!("author {line}\n").bytes());
        bytes.extend(
            format!("committer C. Committer <c@example.org> {committer} +0000\n{headers}\n")
                .bytes(),
        );
        bytes.extend(message);
        let commit = self.object(Kind::Commit, bytes);
        self.other_parents.clear();
        self.head = Some(commit);
        self.refs.insert(self.head_ref.clone(), commit);
        self.trees.insert(commit, self.files.clone());
        commit
    }

    /// Goes on from an earlier commit on the branch `name`; from nothing if there is none.
    pub fn branch(&mut self, name: &str, from: Option<Id>) {
        self.files = from
            .and_then(|commit| self.trees.get(&commit))
            .cloned()
            .unwrap_or_default();
        self.head = from;
        self.head_ref = format!("refs/heads/{name}");
        if let Some(commit) = from {
            self.refs.insert(self.head_ref.clone(), commit);
        }
    }

    /// Adds a reference by its full name.
    pub fn reference(&mut self, name: &str, object: Id) {
        self.refs.insert(name.to_owned(), object);
    }

    /// Declares that the parents of a commit are absent.
    pub fn shallow(&mut self, commit: Id) {
        self.shallow.push(commit);
    }

    /// Removes an object, as damage does.
    pub fn lose(&mut self, object: Id) {
        self.objects.remove(&object);
    }

    /// Adds an object of any kind.
    pub fn object(&mut self, kind: Kind, bytes: Vec<u8>) -> Id {
        let id = gix::objs::compute_hash(gix::hash::Kind::Sha1, kind, &bytes).unwrap();
        let id: Id = id.as_bytes().try_into().unwrap();
        self.objects.insert(id, (kind, bytes));
        id
    }

    fn tree(&mut self, files: &Files) -> Id {
        let mut folders: BTreeMap<Vec<u8>, Files> = BTreeMap::new();
        let mut entries: Vec<(Vec<u8>, u32, Id)> = Vec::new();
        for (path, &(mode, object)) in files {
            match path.iter().position(|&byte| byte == b'/') {
                Some(end) => {
                    let files = folders.entry(path[..end].to_vec()).or_default();
                    files.insert(path[end + 1..].to_vec(), (mode, object));
                }
                None => entries.push((path.clone(), mode, object)),
            }
        }
        for (name, files) in folders {
            entries.push((name, FOLDER, self.tree(&files)));
        }
        self.tree_of(entries)
    }

    /// Adds a tree of these entries, put in order.
    pub fn tree_of(&mut self, mut entries: Vec<(Vec<u8>, u32, Id)>) -> Id {
        entries.sort_by_key(|(name, mode, _)| {
            let mut key = name.clone();
            key.extend((*mode == FOLDER).then_some(b'/'));
            key
        });
        let mut bytes = Vec::new();
        for (name, mode, object) in entries {
            bytes.extend(format!("{mode:o} ").bytes());
            bytes.extend(name);
            bytes.push(0);
            bytes.extend(object);
        }
        self.object(Kind::Tree, bytes)
    }

    /// Writes a bare repository of loose objects.
    pub fn write_repository(&self, dir: &Path) {
        for folder in ["objects/pack", "refs/heads", "refs/tags"] {
            fs::create_dir_all(dir.join(folder)).unwrap();
        }
        fs::write(dir.join("HEAD"), format!("ref: {}\n", self.head_ref)).unwrap();
        fs::write(
            dir.join("config"),
            "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
        )
        .unwrap();
        for (name, object) in &self.refs {
            let file = dir.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, format!("{}\n", hex(object))).unwrap();
        }
        for (id, (kind, bytes)) in &self.objects {
            let mut content = format!("{kind} {}\0", bytes.len()).into_bytes();
            content.extend(bytes);
            let file = loose(dir, id);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, deflate(&content)).unwrap();
        }
        if !self.shallow.is_empty() {
            let lines: Vec<String> = self.shallow.iter().map(|id| hex(id) + "\n").collect();
            fs::write(dir.join("shallow"), lines.concat()).unwrap();
        }
    }

    /// Writes a bundle of version 2 with `HEAD`, all references and all objects.
    pub fn write_bundle(&self, path: &Path) {
        let mut refs: Vec<(String, Id)> = self
            .head
            .iter()
            .map(|&id| ("HEAD".to_owned(), id))
            .collect();
        refs.extend(self.refs.iter().map(|(name, &id)| (name.clone(), id)));
        let lines: Vec<String> = refs
            .iter()
            .map(|(name, id)| format!("{} {name}\n", hex(id)))
            .collect();
        self.write_bundle_with(path, &format!("# v2 git bundle\n{}", lines.concat()));
    }

    /// Writes a bundle with any header; the blank line that ends it is added.
    pub fn write_bundle_with(&self, path: &Path, header: &str) {
        let mut bytes = header.as_bytes().to_vec();
        bytes.push(b'\n');
        bytes.extend(self.pack());
        fs::write(path, bytes).unwrap();
    }

    /// A pack of all objects, without deltas.
    pub fn pack(&self) -> Vec<u8> {
        let mut pack = b"PACK\0\0\0\x02".to_vec();
        pack.extend(u32::try_from(self.objects.len()).unwrap().to_be_bytes());
        for (kind, bytes) in self.objects.values() {
            let number = match kind {
                Kind::Commit => 1,
                Kind::Tree => 2,
                Kind::Blob => 3,
                Kind::Tag => 4,
            };
            pack.extend(entry_header(number, bytes.len() as u64));
            pack.extend(deflate(bytes));
        }
        seal(&mut pack);
        pack
    }
}

/// The header of an entry of a pack: its type and the size of its content.
pub fn entry_header(kind: u8, size: u64) -> Vec<u8> {
    let mut bytes = vec![kind << 4 | u8::try_from(size & 15).unwrap()];
    let mut size = size >> 4;
    while size > 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push(u8::try_from(size & 0x7f).unwrap());
        size >>= 7;
    }
    bytes
}

/// Ends a pack with its checksum.
pub fn seal(pack: &mut Vec<u8>) {
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
    hasher.update(pack);
    pack.extend(hasher.try_finalize().unwrap().as_bytes());
}

/// Compresses as zlib does.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out =
        gix::zlib::stream::deflate::Write::new(Vec::new(), gix::zlib::Compression::BEST_SPEED);
    out.write_all(bytes).unwrap();
    out.flush().unwrap();
    out.into_inner()
}

/// The file of a loose object.
pub fn loose(dir: &Path, id: &Id) -> std::path::PathBuf {
    let name = hex(id);
    dir.join("objects").join(&name[..2]).join(&name[2..])
}

/// Lower-case hexadecimal digits.
pub fn hex(id: &Id) -> String {
    gix::ObjectId::Sha1(*id).to_string()
}
