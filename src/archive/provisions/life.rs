//! The page of a provision: what it is, the life of the clause which holds it, how others word it, and the evidence.

use super::{HeldProvision, Near, ProvisionReader, WordingsOn};
use crate::archive::{Archive, ArchiveError, Reference};
use crate::classify::Kind;
use crate::compare::{ClauseLife, Lives};
use crate::export::report::PROVISION_NOTES;
use crate::export::shape::{AsOfLine, MadeByLine, ProvisionLifeLine, ProvisionPage};
use crate::model::{Event, Fact, Instant, Polarity, ProvisionId};
use crate::project::Document;

/// What the page of a provision is asked to tell.
#[derive(Debug, Clone, Copy)]
pub struct ProvisionOn<'a> {
    /// The provision.
    pub id: &'a ProvisionId,
    /// Its kind.
    pub kind: &'a Kind,
    /// The instant as of which others are told; that of the version without one.
    pub as_of: Option<Instant>,
    /// The platforms that are put beside it, or all where none is named; without a list none are.
    pub others: Option<&'a [String]>,
}

impl Archive {
    /// Puts the page of a provision together, as of the newest checkpoint. `progress` is told how many of how many documents
    /// of other platforms are read.
    ///
    /// # Errors
    /// [`ArchiveError::NoProvision`]; as [`Self::documents_named`] for the other platforms; what is wrong with the archive.
    pub fn provision(
        &self,
        on: &ProvisionOn<'_>,
        reference: Reference<'_>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<ProvisionPage, ArchiveError> {
        let id = on.id;
        let missing = || ArchiveError::NoProvision { id: id.clone() };
        let is_version = id.version < self.checkpoint().size()
            && matches!(self.event(id.version)?.fact, Fact::VersionRecorded(_));
        if !is_version {
            return Err(missing());
        }
        let mut reader = ProvisionReader::new(self, reference.classifier);
        let holding = reader.holding(self.version(id.version)?)?;
        let is_it =
            |held: &&HeldProvision| held.span.start == id.start && held.provision.kind == id.kind;
        let held = holding.provisions.iter().flatten().find(is_it);
        let answer = &holding.answer;
        let line = held.and_then(|held| held.line(answer, on.kind));
        let (line, evidence) = line.zip(self.evidence_of(answer)?).ok_or_else(missing)?;
        let clause = self.life_at(&answer.document, id)?.ok_or_else(missing)?;
        let turns = reader.turns_of(&answer.document, &clause, &id.kind)?;
        let others = on.others.map(|platforms| {
            let near = Near::This {
                quote: &line.quote,
                platform: answer.document.name.platform(),
            };
            let asked = WordingsOn {
                kind: on.kind,
                platforms,
                as_of: on.as_of.unwrap_or(answer.as_of),
                near,
            };
            self.others(&line, &asked, reference.classifier, progress)
        });
        Ok(ProvisionPage {
            others: others.transpose()?,
            consequence: on.kind.consequence.clone(),
            clause_id: clause.id,
            turns,
            stands: clause.stands,
            regulations: reference.engaged(std::slice::from_ref(&on.kind)),
            questions: on.kind.questions.clone(),
            answer: AsOfLine::from(answer),
            evidence,
            checkpoint: self.checkpoint_line(),
            made_by: MadeByLine::new(reference.classifier, reference.taxonomy),
            notes: PROVISION_NOTES,
            line,
        })
    }

    /// The life of the clause that begins where a provision does.
    fn life_at(
        &self,
        document: &Document,
        id: &ProvisionId,
    ) -> Result<Option<ClauseLife>, ArchiveError> {
        // Which clause it is is known at its version, and it may have stood before: all are followed.
        let (mut lives, mut found) = (Lives::default(), None);
        self.follow_versions(document, None, |event, clauses, ids| {
            if event.seq == id.version {
                let mut places = clauses.all().iter();
                let place = places.position(|one| one.span.start == id.start);
                found = place.and_then(|place| ids.get(place)).copied();
            }
            lives.take((event.seq, event.observed_at), clauses, ids, |_, _, _| true);
        })?;
        let mut lives = lives.clauses.into_iter();
        Ok(lives.find(|life| Some(life.id) == found))
    }
}

impl ProvisionReader<'_> {
    /// What became of a clause, and whether it said then that the matter is so.
    fn turns_of(
        &mut self,
        document: &Document,
        life: &ClauseLife,
        kind: &str,
    ) -> Result<Vec<ProvisionLifeLine>, ArchiveError> {
        let mut lines = Vec::with_capacity(life.turns.len());
        for turn in &life.turns {
            let span = turn.said.as_ref().map(|said| said.span);
            let event = self.archive.event(turn.seq)?;
            let mut then = self.held_by(document, &event)?.into_iter();
            let then = then.find(|one| Some(one.span) == span && one.provision.kind == kind);
            lines.push(ProvisionLifeLine {
                turn: turn.kind.word(),
                seq: turn.seq,
                observed_at: turn.observed_at,
                polarity: then.map(|one| Polarity::word(one.provision.polarity)),
                span,
                reading: turn.said.as_ref().map(|said| said.reading.clone()),
            });
        }
        Ok(lines)
    }

    /// What a version holds; nothing where its text is withheld.
    fn held_by(
        &mut self,
        document: &Document,
        version: &Event,
    ) -> Result<Vec<HeldProvision>, ArchiveError> {
        let Fact::VersionRecorded(recorded) = &version.fact else {
            return Ok(Vec::new());
        };
        Ok(match self.archive.content(recorded.text.blob)? {
            Ok(text) => self.read(
                document.name.document_type(),
                &String::from_utf8_lossy(&text),
            ),
            Err(_) => Vec::new(),
        })
    }
}
