//! The commits reachable from a head, and the order in which they are delivered.

use std::collections::HashMap;

use super::ObjectId;

/// Commits and their parents, as indices in one deterministic order.
///
/// The order is that of a depth-first walk that visits a commit's parents, the first one first, before the
/// commit itself. So it depends on nothing but the head: neither on times nor on where objects are stored.
/// A linear history comes oldest first. At a merge, the whole history of the first parent comes first, then
/// what the second parent adds, and so on. It follows that the order of a later head which continues the
/// first-parent line begins with the order of the earlier head.
pub(super) struct Graph {
    /// The commits, parents before children.
    pub order: Vec<ObjectId>,
    index: HashMap<ObjectId, u32>,
    /// Where the parents of commit `n` begin in `parents`; one more entry than commits.
    starts: Vec<u32>,
    parents: Vec<u32>,
}

impl Graph {
    /// Walks from `head`; `parents_of` reads the parents of one commit.
    pub fn walk<E>(
        head: ObjectId,
        mut parents_of: impl FnMut(ObjectId) -> Result<Vec<ObjectId>, E>,
    ) -> Result<Self, E> {
        let mut graph = Self {
            order: Vec::new(),
            index: HashMap::new(),
            starts: vec![0],
            parents: Vec::new(),
        };
        let mut stack = vec![(head, parents_of(head)?, 0)];
        while let Some((commit, parents, next)) = stack.last_mut() {
            if let Some(&parent) = parents.get(*next) {
                *next += 1;
                if !graph.index.contains_key(&parent) {
                    let grandparents = parents_of(parent)?;
                    stack.push((parent, grandparents, 0));
                }
                continue;
            }
            let number = u32::try_from(graph.order.len()).unwrap_or(u32::MAX);
            graph
                .parents
                .extend(parents.iter().filter_map(|parent| graph.index.get(parent)));
            graph
                .starts
                .push(u32::try_from(graph.parents.len()).unwrap_or(u32::MAX));
            graph.index.insert(*commit, number);
            graph.order.push(*commit);
            stack.pop();
        }
        Ok(graph)
    }

    pub fn contains(&self, commit: ObjectId) -> bool {
        self.index.contains_key(&commit)
    }

    /// The parents of a commit of the graph; none if it isn't one.
    pub fn parents(&self, commit: ObjectId) -> Option<Vec<ObjectId>> {
        let number = *self.index.get(&commit)?;
        Some(
            self.parent_numbers(number)
                .iter()
                .map(|&parent| self.order[parent as usize])
                .collect(),
        )
    }

    fn parent_numbers(&self, number: u32) -> &[u32] {
        let at = number as usize;
        &self.parents[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// The commits that are neither among `known` nor ancestors of them, in order.
    pub fn except(&self, known: impl IntoIterator<Item = ObjectId>) -> Vec<ObjectId> {
        let mut seen = vec![false; self.order.len()];
        for commit in known {
            if let Some(&number) = self.index.get(&commit) {
                seen[number as usize] = true;
            }
        }
        // Children come after their parents, so one pass from the end reaches every ancestor.
        for number in (0..self.order.len())
            .rev()
            .filter_map(|number| u32::try_from(number).ok())
        {
            if seen[number as usize] {
                for &parent in self.parent_numbers(number) {
                    seen[parent as usize] = true;
                }
            }
        }
        self.order
            .iter()
            .zip(seen)
            .filter(|&(_, seen)| !seen)
            .map(|(&commit, _)| commit)
            .collect()
    }
}
