//! Answers: which wordings come first, and when each of them stood.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::{Question, SearchFound, Searcher, Stood};
use crate::archive::ArchiveError;
use crate::model::Instant;
use crate::project::Document;
use crate::search::Nearness;
use crate::store::Place;

/// How many places are ranked of those whose words stand equally near, the newest wordings first.
const RANKED: usize = 500;
/// How many of the best are classified where provisions are asked for.
const CLASSIFIED: usize = 500;
/// What is shorter or longer, in bytes, seldom says much by itself, or much of what is looked for.
const TELLING: std::ops::RangeInclusive<usize> = 40..=1_500;

/// Where a wording stands that answers.
pub(super) struct Candidate {
    pub(super) nearness: Nearness,
    pub(super) wording: i64,
    pub(super) place: Place,
}

impl Searcher {
    /// The hits for a question, the best first: whose words stand nearest to each other, then what stands in its document's
    /// newest version, then what is neither very short nor very long, then the newest.
    ///
    /// # Errors
    /// What is wrong with the archive; [`ArchiveError::Search`].
    pub fn ask(&self, question: &Question) -> Result<SearchFound, ArchiveError> {
        let mut found = SearchFound {
            hits: Vec::new(),
            has_more: false,
        };
        let answering = question
            .as_of
            .map(|as_of| self.answering(as_of))
            .transpose()?;
        let mut seen = HashSet::new();
        let mut looked_at = 0;
        for nearness in question.query.nearnesses() {
            let candidates =
                self.candidates(question, *nearness, answering.as_deref(), &mut seen)?;
            for candidate in candidates {
                if found.hits.len() == question.limit {
                    found.has_more = true;
                    return Ok(found);
                }
                if question.kinds.is_some() && looked_at == CLASSIFIED {
                    found.has_more = true;
                    return Ok(found);
                }
                looked_at += 1;
                found.hits.extend(self.hit(question, &candidate)?);
            }
        }
        Ok(found)
    }

    /// Where wordings stand whose words are at least so near, the best first, without those that were `seen`.
    fn candidates(
        &self,
        question: &Question,
        nearness: Nearness,
        answering: Option<&Answering>,
        seen: &mut HashSet<i64>,
    ) -> Result<Vec<Candidate>, ArchiveError> {
        let mut candidates = Vec::new();
        let newest = answering.map_or(i64::MAX, |answering| answering.newest);
        self.index
            .each::<ArchiveError>(&question.query, nearness, newest, |wording| {
                if !seen.insert(wording) {
                    return Ok(true);
                }
                for place in self.index.places(wording)? {
                    if is_asked(question, &place, answering) {
                        candidates.push(Candidate {
                            nearness,
                            wording,
                            place,
                        });
                    }
                }
                Ok(candidates.len() < RANKED)
            })?;
        candidates.sort_by_key(|one| {
            let length = one.place.span.end - one.place.span.start;
            let newest = one.place.runs.last().map(|run| run.first_seq);
            (
                !one.place.stands(),
                !TELLING.contains(&length),
                std::cmp::Reverse((newest, one.wording)),
                one.place.document,
            )
        });
        Ok(candidates)
    }

    /// The versions that answer as of an instant.
    fn answering(&self, as_of: Instant) -> Result<Rc<Answering>, ArchiveError> {
        let known = self.answering.borrow().clone();
        if let Some((_, answering)) = known.filter(|(of, _)| *of == as_of) {
            return Ok(answering);
        }
        let mut versions = HashMap::new();
        for document in self.documents.values() {
            let standing = self.archive.views.standing_as_of(document, as_of)?;
            let sight = standing.map(|standing| standing.sight);
            if let Some(sight) = sight.filter(|sight| !self.withheld.contains(&sight.text)) {
                versions.insert(document.number, sight.version_seq);
            }
        }
        let last_seq = versions.values().copied().max();
        let newest = last_seq.map_or(Ok(0), |seq| self.newest_wording(seq))?;
        let answering = Rc::new(Answering { versions, newest });
        *self.answering.borrow_mut() = Some((as_of, Rc::clone(&answering)));
        Ok(answering)
    }

    /// The last of the wordings that the log had with an event: they are numbered in its order.
    fn newest_wording(&self, seq: u64) -> Result<i64, ArchiveError> {
        let (mut had, mut beyond) = (0, self.index.state().wordings + 1);
        while beyond - had > 1 {
            let middle = had + (beyond - had) / 2;
            let places = self.index.places(middle)?;
            let firsts = places.iter().filter_map(|place| place.runs.first());
            match firsts.map(|run| run.first_seq).min() {
                Some(first) if first <= seq => had = middle,
                _ => beyond = middle,
            }
        }
        Ok(had)
    }

    /// The document of a place.
    pub(super) fn document(&self, place: &Place) -> Result<&Document, ArchiveError> {
        self.documents.get(&place.document).ok_or_else(|| {
            let what = format!("there is no document {}", place.document);
            self.index.damaged(what).into()
        })
    }

    /// When a wording was observed in a document.
    pub(super) fn stood(&self, place: &Place) -> Result<Vec<Stood>, ArchiveError> {
        let document = self.document(place)?;
        let mut known = self.sights.borrow_mut();
        let sights = match known.entry(place.document) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let size = self.archive.checkpoint().size();
                let mut sights = self.archive.views.sights(document, size)?;
                // Nothing is known of what a withheld text said.
                sights.retain(|sight| !self.withheld.contains(&sight.text));
                entry.insert(sights)
            }
        };
        let mut stood: Vec<Stood> = Vec::new();
        let mut stands = false;
        for sight in sights.iter() {
            let holds = place.holds(sight.version_seq);
            if holds && !stands {
                stood.push(Stood {
                    since: sight.observed_at,
                    until: None,
                });
            } else if !holds
                && stands
                && let Some(last) = stood.last_mut()
            {
                last.until = Some(sight.observed_at);
            }
            stands = holds;
        }
        Ok(stood)
    }
}

/// Whether a question is about a place.
fn is_asked(question: &Question, place: &Place, answering: Option<&Answering>) -> bool {
    let documents = question.documents.as_ref();
    let is_of_documents = documents.is_none_or(|all| all.contains(&place.document));
    let holds = |answering: &Answering| {
        let version_seq = answering.versions.get(&place.document);
        version_seq.is_some_and(|seq| place.holds(*seq))
    };
    is_of_documents && answering.is_none_or(holds)
}

/// The versions that answer as of an instant.
#[derive(Debug)]
pub(super) struct Answering {
    /// By their documents; none of one whose text is withheld.
    versions: HashMap<u64, u64>,
    /// The last wording that any of them can have.
    newest: i64,
}
