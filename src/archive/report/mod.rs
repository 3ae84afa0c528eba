//! A report: all that the archive has to say of a platform or a document as of an instant, gathered once.
//!
//! Texts are read one after another: what is held at once is what is quoted from the documents of the subject, and of
//! the platforms beside it how many provisions of each kind they hold.

mod compare;
mod cover;
mod kinds;

use super::{Archive, ArchiveError, Holding, ProvisionReader};
use crate::classify::{Classifier, Regulations, Taxonomy};
use crate::export::report::NOTES;
use crate::export::shape::{
    AsOfLine, ComparisonLine, CoveredLine, DocumentLine, Dossier, EvidenceLine, HeldLine,
    MadeByLine, OriginLine, PeriodLine, ProofLine,
};
use crate::model::Instant;
use crate::project::{AsOf, Document};
use compare::{Column, Peer};

/// What a report is asked to be about.
#[derive(Debug, Clone)]
pub struct ReportOn {
    /// A platform, or a document as `<platform>/<document type>`.
    pub name: String,
    /// The beginning of the period whose changes are told; none from the first observation on.
    pub since: Option<Instant>,
    /// The instant as of which all is told, which ends the period.
    pub as_of: Instant,
    /// As far as was known at this instant; all that is known without one.
    pub known_at: Option<Instant>,
    /// What it is compared with.
    pub peers: Peers,
}

/// The platforms that a report puts beside its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peers {
    /// Those that share most of its document types.
    Alike,
    /// These.
    Named(Vec<String>),
    /// None.
    None,
}

/// What provisions are told by, and what is known of their kinds.
#[derive(Debug, Clone, Copy)]
pub struct Reference<'a> {
    /// What tells them.
    pub classifier: &'a Classifier,
    /// Their kinds.
    pub taxonomy: &'a Taxonomy,
    /// The regulations that the kinds engage.
    pub regulations: &'a Regulations,
}

impl Archive {
    /// The latest sight of any document that a name means, as far as was known at `known_at`: what a report is as of
    /// where no date was asked for, so that it is the same whenever it is made.
    ///
    /// # Errors
    /// As [`Self::documents_named`].
    pub fn newest_sight(
        &self,
        name: &str,
        known_at: Option<Instant>,
    ) -> Result<Option<Instant>, ArchiveError> {
        let mut newest = None;
        for document in self.documents_named(Some(name))? {
            let document = match known_at {
                None => document,
                Some(known_at) => self.known_at(&document, known_at)?,
            };
            newest = newest.max(document.last_observed_at);
        }
        Ok(newest)
    }

    /// Gathers a report. `progress` is told how many of how many texts and changes are read.
    ///
    /// # Errors
    /// As [`Self::documents_named`], also for the platforms to compare with; what is wrong with the archive.
    pub fn report(
        &self,
        on: &ReportOn,
        reference: Reference<'_>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Dossier, ArchiveError> {
        let documents = self.documents_named(Some(&on.name))?;
        let mut subject = Subject {
            archive: self,
            on,
            reference,
            covered: Vec::new(),
            provisions: Vec::new(),
            evidence: Vec::new(),
        };
        let peers = self.peers(on, &documents)?;
        let changes = self.changed(on, &documents)?;
        let beside: usize = peers.iter().map(Peer::texts).sum();
        let all = (documents.len() + changes.listed() + beside) as u64;
        let mut done = 0;
        let mut step = || {
            done += 1;
            progress(done, all);
        };
        let answers = self.all_as_of(documents.clone(), on.as_of, on.known_at)?;
        let mut own = Column::of(&documents);
        let mut reader = ProvisionReader::new(self, reference.classifier);
        for (document, answer) in documents.iter().zip(answers) {
            let holding = reader.holding(answer)?;
            own.count(&holding);
            subject.take(document, &holding)?;
            step();
        }
        let changes = changes.told(self, &mut reader, &mut step)?;
        let mut columns = vec![own];
        for peer in peers {
            columns.push(peer.read(self, reference.classifier, &mut step)?);
        }
        let comparison = (on.peers != Peers::None)
            .then(|| compare::matrix(on, reference.taxonomy, &documents, columns));
        Ok(subject.dossier(changes, comparison))
    }

    /// How the version that answers is checked; nothing where no version does.
    pub(super) fn evidence_of(&self, answer: &AsOf) -> Result<Option<EvidenceLine>, ArchiveError> {
        let Some(found) = &answer.found else {
            return Ok(None);
        };
        let (event, text) = (&found.event, found.version.text);
        let (leaf, inclusion_proof) = self.proof(event.seq)?;
        let name = &answer.document.name;
        Ok(Some(EvidenceLine {
            document: name.to_string(),
            stream: event.stream,
            seq: event.seq,
            event_id: event.event_id,
            observed_at: event.observed_at,
            recorded_at: event.recorded_at,
            sha256: text.sha256,
            origin: OriginLine::from(&found.version.origin),
            proof: ProofLine::new(&leaf, inclusion_proof),
            commands: kinds::commands(name, event.seq),
        }))
    }
}

/// What is gathered of the documents of the subject.
struct Subject<'a> {
    archive: &'a Archive,
    on: &'a ReportOn,
    reference: Reference<'a>,
    covered: Vec<CoveredLine>,
    provisions: Vec<HeldLine>,
    evidence: Vec<EvidenceLine>,
}

impl Subject<'_> {
    /// Takes up a document and what its version that answers holds.
    fn take(&mut self, document: &Document, holding: &Holding) -> Result<(), ArchiveError> {
        let answer = &holding.answer;
        let (coverage, versions) = self.archive.coverage(self.on, document)?;
        let withheld = self.archive.withheld_versions(document)?;
        let provisions = holding.provisions.as_ref();
        self.covered.push(CoveredLine {
            document: DocumentLine::new(&answer.document, withheld),
            answer: AsOfLine::from(answer),
            coverage,
            versions,
            provisions: provisions.map(|all| all.len() as u64),
        });
        if provisions.is_some_and(|all| !all.is_empty()) {
            self.evidence.extend(self.archive.evidence_of(answer)?);
        }
        for held in provisions.into_iter().flatten() {
            let kind = self.reference.taxonomy.kind(&held.provision.kind);
            self.provisions
                .extend(kind.and_then(|kind| held.line(answer, kind)));
        }
        Ok(())
    }

    fn dossier(mut self, changes: PeriodLine, comparison: Option<ComparisonLine>) -> Dossier {
        let reference = self.reference;
        let Reference {
            classifier,
            taxonomy,
            ..
        } = reference;
        let place = |line: &HeldLine| {
            let mut kinds = taxonomy.kinds.iter();
            kinds.position(|kind| kind.id == line.kind)
        };
        // The order within a kind stays: by document, then that of the text.
        self.provisions.sort_by_key(place);
        let kinds = kinds::found(taxonomy, &self.provisions);
        let found = kinds.iter().filter_map(|line| taxonomy.kind(&line.kind));
        let regulations = reference.engaged(&found.collect::<Vec<_>>());
        let mut names = self.covered.iter().map(|one| &one.document);
        let first = names.next();
        Dossier {
            subject: first.map_or_else(String::new, |first| {
                if self.on.name.contains('/') {
                    first.document.clone()
                } else {
                    first.platform.clone()
                }
            }),
            platform: first.map_or_else(String::new, |first| first.platform.clone()),
            since: self.on.since,
            as_of: self.on.as_of,
            known_at: self.on.known_at,
            made_by: MadeByLine::new(classifier, taxonomy),
            checkpoint: self.archive.checkpoint_line(),
            notes: NOTES,
            documents: self.covered,
            kinds,
            provisions: self.provisions,
            changes,
            comparison,
            regulations,
            evidence: self.evidence,
        }
    }
}
