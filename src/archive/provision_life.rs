//! The life of a provision: that of the clause which holds it, with what it said of the matter at each turn.

use super::provisions::{HeldProvision, ProvisionReader};
use super::{Archive, ArchiveError};
use crate::classify::Kind;
use crate::compare::Turn;
use crate::export::shape::{EngagedLine, ProvisionLifeLine, ProvisionPage};
use crate::model::{ClauseId, Content, Event, Fact, Polarity, ProvisionId};
use crate::project::Document;
use crate::prove::leaf_hash;

/// A provision with the life of its clause.
#[derive(Debug, Clone)]
pub struct ProvisionLife {
    /// Its document.
    pub document: Document,
    /// The event of the version that is named, and its text.
    pub version: (Event, Content),
    /// What it is there.
    pub held: HeldProvision,
    /// The clause that holds it, through the versions of the document.
    pub clause: ClauseId,
    /// What became of the clause, in the order of the versions, and whether it says then that the matter is so; nothing where
    /// it holds nothing of the kind then.
    pub turns: Vec<(Turn, Option<Polarity>)>,
    /// Whether the clause stands in the newest version.
    pub stands: bool,
}

impl ProvisionLife {
    /// Its page, as of the newest checkpoint of the archive.
    ///
    /// # Errors
    /// [`ArchiveError::Log`].
    pub fn page(
        &self,
        id: &ProvisionId,
        kind: &Kind,
        archive: &Archive,
    ) -> Result<ProvisionPage, ArchiveError> {
        let provision = &self.held.provision;
        let (version, text) = &self.version;
        let turns = self.turns.iter().map(|(turn, polarity)| ProvisionLifeLine {
            turn: turn.kind.word(),
            seq: turn.seq,
            observed_at: turn.observed_at,
            polarity: polarity.map(Polarity::word),
            span: turn.said.as_ref().map(|said| said.span),
            reading: turn.said.as_ref().map(|said| said.reading.clone()),
        });
        let (leaf, _) = archive.proof(version.seq)?;
        Ok(ProvisionPage {
            id: id.to_string(),
            document: self.document.name.to_string(),
            kind: kind.id.clone(),
            name: kind.name.clone(),
            group: kind.group.clone(),
            score: f64::from(provision.score) / 1000.0,
            polarity: provision.polarity.word(),
            modality: provision.modality.word(),
            headings: self.held.headings.clone(),
            span: self.held.span,
            quote: self.held.quote.clone(),
            reasons: provision.reasons.clone(),
            consequence: kind.consequence.clone(),
            clause_id: self.clause,
            turns: turns.collect(),
            stands: self.stands,
            regulations: EngagedLine::of(std::iter::once(kind.id.as_str())),
            questions: kind.questions.clone(),
            version_seq: version.seq,
            event_id: version.event_id,
            observed_at: version.observed_at,
            sha256: text.sha256,
            leaf_hash: leaf_hash(&leaf),
            checkpoint: archive.checkpoint_line(),
        })
    }
}

impl ProvisionReader<'_> {
    /// The life of a provision.
    ///
    /// # Errors
    /// [`ArchiveError::NoProvision`], and what is wrong with the archive.
    pub fn life(&mut self, id: &ProvisionId) -> Result<ProvisionLife, ArchiveError> {
        let missing = || ArchiveError::NoProvision { id: id.clone() };
        if id.version >= self.archive.checkpoint().size() {
            return Err(missing());
        }
        let version = self.archive.event(id.version)?;
        let mut documents = self.archive.documents()?.into_iter();
        let document = documents.find(|document| document.stream() == version.stream);
        let document = document.ok_or_else(missing)?;
        let held = self.held_by(&document, &version)?;
        let is_it =
            |held: &HeldProvision| held.span.start == id.start && held.provision.kind == id.kind;
        let held = held.into_iter().find(is_it).ok_or_else(missing)?;
        let clause = self.archive.clause_at(&document, &version, id.start)?;
        let clause = clause.ok_or_else(missing)?;
        let lives = self
            .archive
            .lives(&document, None, |one, _, _| one == clause)?;
        let life = lives.clauses.into_iter().next().ok_or_else(missing)?;
        let mut turns = Vec::with_capacity(life.turns.len());
        for turn in life.turns {
            let span = turn.said.as_ref().map(|said| said.span);
            let event = self.archive.event(turn.seq)?;
            let all = self.held_by(&document, &event)?;
            let mut then = all.into_iter();
            let then = then.find(|one| Some(one.span) == span && one.provision.kind == id.kind);
            turns.push((turn, then.map(|one| one.provision.polarity)));
        }
        let text = *version.fact.content().ok_or_else(missing)?;
        Ok(ProvisionLife {
            document,
            version: (version, text),
            held,
            clause,
            turns,
            stands: life.stands,
        })
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

impl Archive {
    /// The clause of a document that begins at a byte of a version.
    fn clause_at(
        &self,
        document: &Document,
        version: &Event,
        start: usize,
    ) -> Result<Option<ClauseId>, ArchiveError> {
        let mut found = None;
        self.follow_versions(document, |event, clauses, ids| {
            if event.seq == version.seq {
                let place = clauses.all().iter().position(|one| one.span.start == start);
                found = place.and_then(|place| ids.get(place)).copied();
            }
        })?;
        Ok(found)
    }
}
