//! Which provisions documents held as of a date.

use std::collections::HashMap;

use super::{Archive, ArchiveError};
use crate::classify::{Classifier, Provision};
use crate::model::{ReadingDigest, Span};
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

/// What a document held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The version that answers.
    pub answer: AsOf,
    /// Its provisions in the order of the text; none where its text is withheld or was not observed by then.
    pub provisions: Option<Vec<HeldProvision>>,
}

/// Tells the provisions of versions. A clause that several of them share is classified once.
pub struct ProvisionReader<'a> {
    archive: &'a Archive,
    classifier: &'a Classifier,
    known: HashMap<(ReadingDigest, Option<ReadingDigest>), Vec<Provision>>,
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
            Ok(text) => Some(self.read(&String::from_utf8_lossy(&text))),
            Err(_) => None,
        };
        Ok(Holding { answer, provisions })
    }

    fn read(&mut self, text: &str) -> Vec<HeldProvision> {
        let clauses = segment::segment(text);
        let mut held = Vec::new();
        for clause in clauses.all() {
            let above = clause.heading.and_then(|place| clauses.all().get(place));
            let path = clauses.path(clause);
            let key = (clause.digest, above.map(|heading| heading.digest));
            let provisions = self.known.entry(key).or_insert_with(|| {
                let heading = path.last().copied();
                self.classifier.classify(clauses.reading(clause), heading)
            });
            for provision in provisions.iter() {
                held.push(HeldProvision {
                    provision: provision.clone(),
                    headings: path.iter().map(|heading| (*heading).to_owned()).collect(),
                    span: clause.span,
                    quote: clause.span.cut(text).unwrap_or_default().to_owned(),
                });
            }
        }
        held
    }
}
