//! Identity: each clause keeps its name through rewordings and moves, and takes it up again when it comes back.

use std::collections::{HashMap, HashSet};

use crate::model::{ClauseId, Clauses, ReadingDigest, Sha256, StreamId};

/// Where a clause was born, which says its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Birth {
    /// The text, by its place among those in which clauses were born.
    pub(super) text: u32,
    /// Its place among the clauses of the version.
    pub(super) place: u32,
}

/// The names that the clauses of a document have had.
#[derive(Debug)]
pub(super) struct Identity {
    stream: StreamId,
    /// The texts in which clauses were born.
    pub(super) texts: Vec<Sha256>,
    /// By what the clause said, for the first of its like in a version, the second, and so on.
    pub(super) names: HashMap<(ReadingDigest, u32), Birth>,
}

impl Identity {
    pub(super) fn new(stream: StreamId) -> Self {
        Self {
            stream,
            texts: Vec::new(),
            names: HashMap::new(),
        }
    }

    /// The name of a clause that was born there; none where no clause was.
    pub(super) fn id(&self, birth: Birth) -> Option<ClauseId> {
        let text = self.texts.get(birth.text as usize)?;
        Some(ClauseId::born(self.stream, *text, birth.place as usize))
    }

    /// Names the clauses of a version. `continued` are the names of the clauses that they continue.
    pub(super) fn name(
        &mut self,
        text: Sha256,
        clauses: &Clauses,
        continued: &[Option<(Birth, ClauseId)>],
    ) -> (Vec<Birth>, Vec<ClauseId>) {
        let mut taken: HashSet<ClauseId> = continued.iter().flatten().map(|name| name.1).collect();
        let mut likes = Likes::default();
        let all = (0..).zip(clauses.all());
        all.zip(continued.iter().chain(std::iter::repeat(&None)))
            .map(|((place, clause), continued)| {
                let key = likes.next(clause.digest);
                let name = continued.unwrap_or_else(|| {
                    let known = self.names.get(&key).copied();
                    let known = known.and_then(|birth| Some((birth, self.id(birth)?)));
                    let back = known.filter(|(_, id)| taken.insert(*id));
                    back.unwrap_or_else(|| self.born(text, place))
                });
                self.names.insert(key, name.0);
                name
            })
            .unzip()
    }

    fn born(&mut self, text: Sha256, place: u32) -> (Birth, ClauseId) {
        if self.texts.last() != Some(&text) {
            self.texts.push(text);
        }
        let birth = Birth {
            text: u32::try_from(self.texts.len() - 1).unwrap_or(u32::MAX),
            place,
        };
        let id = ClauseId::born(self.stream, text, place as usize);
        (birth, id)
    }
}

/// Counts the clauses of a version that say the same.
#[derive(Default)]
pub(super) struct Likes(HashMap<ReadingDigest, u32>);

impl Likes {
    /// How many there were of this reading.
    pub(super) fn of(&self, reading: ReadingDigest) -> u32 {
        self.0.get(&reading).copied().unwrap_or_default()
    }

    /// The key of the next clause of this reading.
    pub(super) fn next(&mut self, reading: ReadingDigest) -> (ReadingDigest, u32) {
        let like = self.0.entry(reading).or_default();
        let key = (reading, *like);
        *like += 1;
        key
    }
}
