//! Identity: each clause keeps its name through rewordings and moves, and takes it up again when it comes back.

use std::collections::{HashMap, HashSet};

use crate::model::{ClauseId, Clauses, ReadingDigest, Sha256, StreamId};

/// The names that the clauses of a document have had.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// By what the clause said, for the first of its like in a version, the second, and so on.
    names: HashMap<(ReadingDigest, u32), ClauseId>,
}

impl Identity {
    /// Names the clauses of a version. `continued` are the names of the clauses that they continue.
    pub(super) fn name(
        &mut self,
        stream: StreamId,
        text: Sha256,
        clauses: &Clauses,
        continued: &[Option<ClauseId>],
    ) -> Vec<ClauseId> {
        let mut taken: HashSet<ClauseId> = continued.iter().flatten().copied().collect();
        let mut likes: HashMap<ReadingDigest, u32> = HashMap::new();
        let all = clauses.all().iter().enumerate();
        all.map(|(place, clause)| {
            let like = likes.entry(clause.digest).or_default();
            let key = (clause.digest, *like);
            *like += 1;
            let name = continued.get(place).copied().flatten().unwrap_or_else(|| {
                let known = self.names.get(&key).copied();
                let back = known.filter(|name| taken.insert(*name));
                back.unwrap_or_else(|| ClauseId::born(stream, text, place))
            });
            self.names.insert(key, name);
            name
        })
        .collect()
    }
}
