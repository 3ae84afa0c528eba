//! Trying a declaration: what would be kept of a document's pages, fetched now or saved before. Nothing is archived.

use std::io;
use std::path::{Path, PathBuf};

use crate::extract::{self, ExtractError, Extracted};
use crate::fetch::{self, Clock, Failure, Fetched, Fetcher, Page, Policy, Request};
use crate::import::declarations::{self, Problem, Severity};
use crate::model::{Declaration, DeclaredDocument, DocumentName, Evidence, Instant, SourcePart};
use crate::segment;
use crate::store::{self, FileError};

/// The largest page that is read, in bytes.
const MAX_PAGE_BYTES: u64 = 64 << 20;

/// What a declaration keeps of the pages of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The document.
    pub document: DocumentName,
    /// The text of its parts, in Markdown.
    pub text: String,
    /// How many clauses the text has.
    pub clauses: usize,
    /// Selectors of the declaration that matched nothing, with the address of their part.
    pub unmatched: Vec<(String, String)>,
    /// What in the file of the declaration was read without, or left out.
    pub problems: Vec<Problem>,
    /// How each page came, where pages were fetched.
    pub evidence: Vec<Evidence>,
}

/// Where the pages come from that a declaration is tried on.
pub enum Pages<'a> {
    /// Files, one for each part in its order.
    Saved(&'a [PathBuf]),
    /// Their addresses, now.
    Fetched(Box<Policy>, Clock),
}

/// A declaration can't be tried.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// A page can't be read.
    #[error(transparent)]
    Page(#[from] FileError),
    /// The declarations can't be listed.
    #[error("{} can't be read", path.display())]
    Declarations {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No declaration of the file can be read.
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Invalid {
        /// Everything that is wrong.
        problems: Vec<Problem>,
    },
    /// The file does not declare such a document, or it declares several and none was named.
    #[error("{}", which(wanted.as_deref(), known))]
    Which {
        /// The name that was given.
        wanted: Option<String>,
        /// The documents that are declared, in the order of the file.
        known: Vec<DocumentName>,
    },
    /// Nothing declares the document at that time.
    #[error("no declaration of {document} held at {as_of}")]
    NotThen {
        /// The document.
        document: DocumentName,
        /// The time.
        as_of: Instant,
    },
    /// There are not as many pages as parts.
    #[error("{document} is published at {}: give one page for each, and not {pages}", addresses.join(" and "))]
    Pages {
        /// The document.
        document: DocumentName,
        /// How many pages were given.
        pages: usize,
        /// The addresses of the parts.
        addresses: Vec<String>,
    },
    /// A saved page holds no text under the declaration.
    #[error("{}, as the page of {address}: {source}", page.display())]
    Extract {
        /// The file.
        page: PathBuf,
        /// The address that it is the page of.
        address: String,
        /// Why.
        source: ExtractError,
    },
    /// A fetched page holds no text under the declaration.
    #[error("the page of {address}: {source}")]
    ExtractFetched {
        /// Its address.
        address: String,
        /// Why.
        source: ExtractError,
    },
    /// A page can't be fetched.
    #[error("{address} can't be fetched ({failure})")]
    Fetch {
        /// Its address.
        address: String,
        /// Why.
        failure: Failure,
    },
    /// What the fetching is to keep to can't be kept.
    #[error(transparent)]
    Policy(Failure),
    /// Nothing can be fetched.
    #[error("nothing can be fetched: {0}")]
    Network(io::Error),
}

fn which(wanted: Option<&str>, known: &[DocumentName]) -> String {
    let known: Vec<String> = known.iter().map(|name| format!("\"{name}\"")).collect();
    let known = known.join(", ");
    match wanted {
        Some(wanted) => format!("no declaration of \"{wanted}\" is there; declared are {known}"),
        None => format!("several documents are declared: name one of {known}"),
    }
}

/// Extracts the text of a document from its pages under the declaration that `file` has for it: the one that holds now or,
/// with `as_of`, that held then. `wanted` is the name of the document, needed where the file declares several.
///
/// # Errors
/// A [`TrialError`] that names what is wrong, and what there is.
pub fn try_declaration(
    file: &Path,
    wanted: Option<&str>,
    as_of: Instant,
    pages: Pages<'_>,
) -> Result<Trial, TrialError> {
    let read = declarations::read(file).map_err(|source| TrialError::Declarations {
        path: file.to_owned(),
        source,
    })?;
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    if read.documents.is_empty() && read.problems.iter().any(is_error) {
        return Err(TrialError::Invalid {
            problems: read.problems,
        });
    }
    let declared = choose(&read.documents, wanted)?;
    let document = declared.document.clone();
    let Some(declaration) = declared.valid_at(as_of) else {
        return Err(TrialError::NotThen { document, as_of });
    };
    let mut kept = Kept::default();
    match pages {
        Pages::Saved(pages) => kept.take_saved(&document, declaration, pages)?,
        Pages::Fetched(policy, clock) => kept.take_fetched(declaration, *policy, clock)?,
    }
    let text = extract::join(&kept.texts);
    Ok(Trial {
        document,
        clauses: segment::segment(&text).all().len(),
        text,
        unmatched: kept.unmatched,
        problems: read.problems,
        evidence: kept.evidence,
    })
}

/// What is kept of the pages so far.
#[derive(Default)]
struct Kept {
    texts: Vec<String>,
    unmatched: Vec<(String, String)>,
    evidence: Vec<Evidence>,
}

impl Kept {
    fn take_saved(
        &mut self,
        document: &DocumentName,
        declaration: &Declaration,
        pages: &[PathBuf],
    ) -> Result<(), TrialError> {
        let parts = declaration.parts();
        if parts.len() != pages.len() {
            return Err(TrialError::Pages {
                document: document.clone(),
                pages: pages.len(),
                addresses: parts.iter().map(|part| part.address.clone()).collect(),
            });
        }
        for (part, page) in parts.iter().zip(pages) {
            let bytes = store::read_small(page, MAX_PAGE_BYTES)?;
            let extracted = extract::extract_saved(&bytes, part);
            self.take(part, extracted)
                .map_err(|source| TrialError::Extract {
                    page: page.clone(),
                    address: part.address.clone(),
                    source,
                })?;
        }
        Ok(())
    }

    fn take_fetched(
        &mut self,
        declaration: &Declaration,
        policy: Policy,
        clock: Clock,
    ) -> Result<(), TrialError> {
        let parts = declaration.parts();
        let failed = |part: &SourcePart, failure| TrialError::Fetch {
            address: part.address.clone(),
            failure,
        };
        let requests: Vec<Request> = parts.iter().map(Request::first).collect();
        let fetcher = Fetcher::new(policy, clock).map_err(TrialError::Policy)?;
        let results = fetch::fetch_in_turn(&fetcher, &requests).map_err(TrialError::Network)?;
        for (part, result) in parts.iter().zip(results) {
            let Fetched { page, evidence, .. } = result.map_err(|failure| failed(part, failure))?;
            self.evidence.push(evidence);
            let Page::Body {
                bytes,
                media_type,
                charset,
            } = page
            else {
                continue;
            };
            let extracted = extract::extract_as(&media_type, &bytes, charset.as_deref(), part);
            self.take(part, extracted)
                .map_err(|source| TrialError::ExtractFetched {
                    address: part.address.clone(),
                    source,
                })?;
        }
        Ok(())
    }

    /// Takes what was extracted of the next part.
    fn take(
        &mut self,
        part: &SourcePart,
        extracted: Result<Extracted, ExtractError>,
    ) -> Result<(), ExtractError> {
        let extracted = extracted?;
        let of_part = |selector| (part.address.clone(), selector);
        self.unmatched
            .extend(extracted.unmatched.into_iter().map(of_part));
        self.texts.push(extracted.text);
        Ok(())
    }
}

/// The document that is named, by its whole name or its document type, or the only one.
fn choose<'d>(
    documents: &'d [DeclaredDocument],
    wanted: Option<&str>,
) -> Result<&'d DeclaredDocument, TrialError> {
    let is_wanted = |declared: &&DeclaredDocument| {
        let name = &declared.document;
        wanted.is_none_or(|wanted| wanted == name.to_string() || wanted == name.document_type())
    };
    let mut named = documents.iter().filter(is_wanted);
    match (named.next(), named.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(TrialError::Which {
            wanted: wanted.map(str::to_owned),
            known: documents.iter().map(|one| one.document.clone()).collect(),
        }),
    }
}
