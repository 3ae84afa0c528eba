//! Which provisions documents held as of a date.

mod life;
mod since;
mod wordings;

use std::collections::HashMap;

pub use life::ProvisionOn;
pub(super) use wordings::none_found;
pub use wordings::{Near, WordingsOn};

use super::{Archive, ArchiveError, ToldChange};
use crate::classify::{Classifier, Kind, Provision, above, context};
use crate::export::shape::HeldLine;
use crate::model::{
    Clauses, DocumentName, ProvisionChange, ProvisionTurn, ReadingDigest, Remains, Span,
};
use crate::project::AsOf;
use crate::segment;

/// A provision in the text of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldProvision {
    /// What it is; its span is one of what a person reads in the clause.
    pub provision: Provision,
    /// The headings that its clause stands under, the highest first.
    pub headings: Vec<String>,
    /// Where its clause stands in the text.
    pub span: Span,
    /// The clause as the text has it: the bytes at the span.
    pub quote: String,
}

impl HeldProvision {
    /// Its line, in the version that answers; none where no version does.
    #[must_use]
    pub fn line(&self, answer: &AsOf, kind: &Kind) -> Option<HeldLine> {
        let clause = (self.headings.as_slice(), self.span, self.quote.as_str());
        HeldLine::new(answer, kind, &self.provision, clause)
    }
}

/// What a document held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The version that answers.
    pub answer: AsOf,
    /// Its provisions in the order of the text; none where its text is withheld or was not observed by then.
    pub provisions: Option<Vec<HeldProvision>>,
}

impl Holding {
    /// The lines of its provisions of a kind, in the order of the text.
    pub fn lines(&self, kind: &Kind) -> impl Iterator<Item = HeldLine> {
        let all = self.provisions.iter().flatten();
        let of_kind = all.filter(|held| held.provision.kind == kind.id);
        of_kind.filter_map(|held| held.line(&self.answer, kind))
    }
}

/// Tells the provisions of versions. A clause that several of them share is classified once.
pub struct ProvisionReader<'a> {
    archive: &'a Archive,
    classifier: &'a Classifier,
    known: HashMap<(ReadingDigest, ReadingDigest), Vec<Provision>>,
}

impl<'a> ProvisionReader<'a> {
    /// A reader of an archive's versions.
    #[must_use]
    pub fn new(archive: &'a Archive, classifier: &'a Classifier) -> Self {
        Self {
            archive,
            classifier,
            known: HashMap::new(),
        }
    }

    /// The provisions of the version that answers.
    ///
    /// # Errors
    /// What is wrong with the archive.
    pub fn holding(&mut self, answer: AsOf) -> Result<Holding, ArchiveError> {
        let Some(found) = &answer.found else {
            return Ok(Holding {
                answer,
                provisions: None,
            });
        };
        let provisions = match self.archive.content(found.version.text.blob)? {
            Ok(text) => {
                let document_type = answer.document.name.document_type();
                Some(self.read(document_type, &String::from_utf8_lossy(&text)))
            }
            Err(_) => None,
        };
        Ok(Holding { answer, provisions })
    }

    /// What became of the provisions of a document by a change, each that it lost with what remains of it in the other
    /// documents of the platform as of the version that brought the change.
    ///
    /// # Errors
    /// What is wrong with the archive.
    pub fn turns(
        &mut self,
        told: &ToldChange,
        document: &DocumentName,
    ) -> Result<Vec<(ProvisionChange, Option<Remains>)>, ArchiveError> {
        let is_lost = |one: &ProvisionChange| one.turn == ProvisionTurn::Removed;
        if !told.provisions.iter().any(is_lost) {
            let all = told.provisions.iter();
            return Ok(all.map(|one| (one.clone(), None)).collect());
        }
        let mut others = self.archive.documents_of(document.platform())?;
        others.retain(|other| other.name != *document);
        let observed_at = told.version.event.observed_at;
        let mut holdings = Vec::new();
        for answer in self.archive.all_as_of(others, observed_at, None)? {
            holdings.push(self.holding(answer)?);
        }
        let before = match self.archive.content(told.before.text.blob)? {
            Ok(text) => String::from_utf8_lossy(&text).into_owned(),
            Err(_) => String::new(),
        };
        let all = told.provisions.iter().map(|one| {
            let quote = one.before.and_then(|(span, _)| span.cut(&before));
            let remains = is_lost(one).then(|| remains(&one.kind, quote, &holdings));
            (one.clone(), remains)
        });
        Ok(all.collect())
    }

    fn read(&mut self, document_type: &str, text: &str) -> Vec<HeldProvision> {
        let clauses = segment::segment(text);
        let mut held = Vec::new();
        for (clause, provisions) in clauses
            .all()
            .iter()
            .zip(self.clauses(document_type, &clauses))
        {
            let path = clauses.path(clause);
            held.extend(provisions.into_iter().map(|provision| HeldProvision {
                provision,
                headings: path.iter().map(|heading| (*heading).to_owned()).collect(),
                span: clause.span,
                quote: clause.span.cut(text).unwrap_or_default().to_owned(),
            }));
        }
        held
    }

    /// What each of these clauses holds, in their order.
    fn clauses<'c>(
        &'c mut self,
        document_type: &'c str,
        clauses: &'c Clauses,
    ) -> impl Iterator<Item = Vec<Provision>> + 'c {
        let all = clauses.all().iter().zip(above(clauses));
        all.map(move |(clause, above)| {
            let context = context(Some(document_type), above).unwrap_or_default();
            let key = (clause.digest, ReadingDigest::of(context.as_bytes()));
            let classifier = self.classifier;
            let known = self.known.entry(key).or_insert_with(|| {
                let reading = clauses.reading(clause);
                classifier.classify_clause(clause.kind, reading, Some(&context))
            });
            known.clone()
        })
    }
}

/// What of a lost provision other documents hold. `quote` is the clause that held it, as the text had it.
fn remains(kind: &str, quote: Option<&str>, others: &[Holding]) -> Remains {
    let mut documents = Vec::new();
    for other in others {
        let all = other.provisions.iter().flatten();
        let mut held = all.filter(|held| held.provision.kind == kind).peekable();
        if held.peek().is_none() {
            continue;
        }
        let document = other.answer.document.name.clone();
        if held.any(|held| Some(held.quote.trim()) == quote.map(str::trim)) {
            return Remains::Relocated { document };
        }
        documents.push(document);
    }
    if documents.is_empty() {
        Remains::NoneFound
    } else {
        Remains::Held { documents }
    }
}
