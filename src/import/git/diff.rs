//! What a commit changed: a comparison of trees that descends only where they differ.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use super::objects::Objects;
use super::raw::{Entries, Entry, EntryKind, RawCommit};
use super::{Change, ChangeKind, GitError, ObjectId};

/// The most bytes that a path may have.
const MAX_PATH_BYTES: usize = 4096;
/// The most folders that a path may have.
const MAX_DEPTH: usize = 128;
/// The most files that one commit may change.
const MAX_CHANGES: usize = 1_000_000;
/// The object that every empty file is.
const EMPTY_BLOB: ObjectId = ObjectId([
    0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6, 0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a, 0xd8, 0xc2,
    0xe4, 0x8c, 0x53, 0x91,
]);

/// Trees that were read lately: neighbouring commits share most of them.
///
/// Two generations: what is used again moves to the young one, and when that is full it replaces the old one.
pub(super) struct Trees {
    young: HashMap<ObjectId, Arc<[u8]>>,
    old: HashMap<ObjectId, Arc<[u8]>>,
    bytes: usize,
}

impl Trees {
    /// The most bytes of trees in one generation.
    const MAX_BYTES: usize = 4 << 20;

    pub fn new() -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            bytes: 0,
        }
    }

    fn read(&mut self, objects: &mut Objects, tree: ObjectId) -> Result<Arc<[u8]>, GitError> {
        if let Some(bytes) = self.young.get(&tree) {
            return Ok(Arc::clone(bytes));
        }
        let bytes = match self.old.remove(&tree) {
            Some(bytes) => bytes,
            None => Arc::from(objects.read(tree, gix::objs::Kind::Tree)?),
        };
        if self.bytes + bytes.len() > Self::MAX_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += bytes.len();
        self.young.insert(tree, Arc::clone(&bytes));
        Ok(bytes)
    }
}

/// A file that differs between two trees.
struct Difference {
    path: Vec<u8>,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
}

/// A comparison under way.
pub(super) struct Diff<'a> {
    commit: ObjectId,
    objects: &'a mut Objects,
    trees: &'a mut Trees,
    path: Vec<u8>,
    depth: usize,
    differences: Vec<Difference>,
    skipped: usize,
}

impl<'a> Diff<'a> {
    /// Compares `commit` with the trees of its parents; also counts the entries that aren't files.
    pub fn changes(
        commit: ObjectId,
        raw: &RawCommit<'_>,
        parents: &[ObjectId],
        objects: &'a mut Objects,
        trees: &'a mut Trees,
    ) -> Result<(Vec<Change>, usize), GitError> {
        let mut diff = Self {
            commit,
            objects,
            trees,
            path: Vec::new(),
            depth: 0,
            differences: Vec::new(),
            skipped: 0,
        };
        let mut others = Vec::with_capacity(parents.len());
        for &parent in parents {
            others.push(diff.tree_of(parent)?);
        }
        let first = others.first().copied();
        if first != Some(raw.tree) {
            diff.folder(first, Some(raw.tree))?;
        }
        for &other in others.iter().skip(1) {
            diff.keep_different(other)?;
        }
        Ok((changes(diff.differences), diff.skipped))
    }

    fn tree_of(&mut self, commit: ObjectId) -> Result<ObjectId, GitError> {
        let bytes = self.objects.read(commit, gix::objs::Kind::Commit)?;
        match RawCommit::parse(bytes) {
            Ok(raw) => Ok(raw.tree),
            Err(reason) => Err(GitError::Malformed {
                object: commit,
                reason,
            }),
        }
    }

    /// Compares two folders of the same path, of which at least one exists.
    fn folder(&mut self, old: Option<ObjectId>, new: Option<ObjectId>) -> Result<(), GitError> {
        let old_bytes = old
            .map(|tree| self.trees.read(self.objects, tree))
            .transpose()?;
        let new_bytes = new
            .map(|tree| self.trees.read(self.objects, tree))
            .transpose()?;
        let mut olds = Entries::new(old_bytes.as_deref().unwrap_or_default());
        let mut news = Entries::new(new_bytes.as_deref().unwrap_or_default());
        let (mut left, mut right) = (next(&mut olds, old)?, next(&mut news, new)?);
        loop {
            let order = match (&left, &right) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.order(new),
            };
            let a = left.filter(|_| order.is_le());
            let b = right.filter(|_| order.is_ge());
            if a.is_some() {
                left = next(&mut olds, old)?;
            }
            if b.is_some() {
                right = next(&mut news, new)?;
            }
            self.entry(a, b)?;
        }
    }

    /// Compares two entries of the same name, of which at least one exists.
    fn entry(&mut self, old: Option<Entry<'_>>, new: Option<Entry<'_>>) -> Result<(), GitError> {
        if let (Some(old), Some(new)) = (old, new)
            && old.object == new.object
            && old.kind == new.kind
        {
            return Ok(());
        }
        let of = |entry: Option<Entry<'_>>, kind| {
            entry
                .filter(|entry| entry.kind == kind)
                .map(|entry| ObjectId(*entry.object))
        };
        if new.is_some_and(|entry| entry.kind == EntryKind::Other) {
            self.skipped += 1;
        }
        let Some(name) = old.or(new).map(|entry| entry.name) else {
            return Ok(());
        };
        let length = self.path.len();
        if length > 0 {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
        if self.path.len() > MAX_PATH_BYTES {
            return Err(self.excessive("it has a path of more than 4096 bytes"));
        }
        let folders = (of(old, EntryKind::Folder), of(new, EntryKind::Folder));
        if folders != (None, None) {
            if self.depth == MAX_DEPTH {
                return Err(self.excessive("it has more than 128 folders inside one another"));
            }
            self.depth += 1;
            self.folder(folders.0, folders.1)?;
            self.depth -= 1;
        }
        let files = (of(old, EntryKind::File), of(new, EntryKind::File));
        if files != (None, None) {
            if self.differences.len() == MAX_CHANGES {
                return Err(self.excessive("it changes more than 1,000,000 files"));
            }
            self.differences.push(Difference {
                path: self.path.clone(),
                old: files.0,
                new: files.1,
            });
        }
        self.path.truncate(length);
        Ok(())
    }

    /// Keeps only the files that differ from those of another parent too.
    fn keep_different(&mut self, tree: ObjectId) -> Result<(), GitError> {
        let mut kept = Vec::with_capacity(self.differences.len());
        for difference in std::mem::take(&mut self.differences) {
            if self.file_at(tree, &difference.path)? != difference.new {
                kept.push(difference);
            }
        }
        self.differences = kept;
        Ok(())
    }

    /// The file at a path, if there is one.
    fn file_at(&mut self, mut tree: ObjectId, path: &[u8]) -> Result<Option<ObjectId>, GitError> {
        let mut names = path.split(|&byte| byte == b'/').peekable();
        while let Some(name) = names.next() {
            let kind = if names.peek().is_some() {
                EntryKind::Folder
            } else {
                EntryKind::File
            };
            let bytes = self.trees.read(self.objects, tree)?;
            let mut found = None;
            for entry in Entries::new(&bytes) {
                let entry = entry.map_err(|reason| GitError::Malformed {
                    object: tree,
                    reason,
                })?;
                if entry.name == name && entry.kind == kind {
                    found = Some(ObjectId(*entry.object));
                    break;
                }
            }
            match found {
                Some(object) if kind == EntryKind::File => return Ok(Some(object)),
                Some(object) => tree = object,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    fn excessive(&self, reason: &'static str) -> GitError {
        GitError::Excessive {
            commit: self.commit,
            reason,
        }
    }
}

/// The next entry of the tree that `entries` goes through.
fn next<'a>(
    entries: &mut Entries<'a>,
    tree: Option<ObjectId>,
) -> Result<Option<Entry<'a>>, GitError> {
    match (entries.next().transpose(), tree) {
        (Ok(entry), _) => Ok(entry),
        (Err(reason), Some(object)) => Err(GitError::Malformed { object, reason }),
        (Err(_), None) => Ok(None),
    }
}

/// Turns differences into changes: a file that goes where an equal one comes is a rename.
///
/// Files pair up in the order of their paths; empty files never do, as all of them are equal.
fn changes(differences: Vec<Difference>) -> Vec<Change> {
    let mut gone: HashMap<ObjectId, Vec<usize>> = HashMap::new();
    for (number, difference) in differences.iter().enumerate().rev() {
        if let (Some(blob), None) = (difference.old, difference.new)
            && blob != EMPTY_BLOB
        {
            gone.entry(blob).or_default().push(number);
        }
    }
    let mut renamed_to: HashMap<usize, usize> = HashMap::new();
    let mut renamed_from: HashMap<usize, usize> = HashMap::new();
    for (number, difference) in differences.iter().enumerate() {
        if let (None, Some(blob)) = (difference.old, difference.new)
            && let Some(source) = gone.get_mut(&blob).and_then(Vec::pop)
        {
            renamed_to.insert(source, number);
            renamed_from.insert(number, source);
        }
    }
    let paths: HashMap<usize, Vec<u8>> = renamed_to
        .keys()
        .map(|&source| (source, differences[source].path.clone()))
        .collect();
    let kept = differences
        .into_iter()
        .enumerate()
        .filter(|(number, _)| !renamed_to.contains_key(number));
    kept.filter_map(|(number, Difference { path, old, new })| {
        let from = renamed_from
            .get(&number)
            .and_then(|source| paths.get(source))
            .cloned();
        let kind = match (old, new, from) {
            (None, Some(blob), Some(from)) => ChangeKind::Renamed { from, blob },
            (None, Some(blob), None) => ChangeKind::Added { blob },
            (Some(_), Some(blob), _) => ChangeKind::Modified { blob },
            (Some(_), None, _) => ChangeKind::Deleted,
            (None, None, _) => return None,
        };
        Some(Change { path, kind })
    })
    .collect()
}
