//! The text of a document from its pages, or why there is none.

use crate::compare::signs;
use crate::extract::{self, ExtractError, PdfFault};
use crate::model::{Clauses, Declaration, MediaType, Sign, Stage};
use crate::segment;

/// A page of a document.
pub(super) struct Page {
    pub(super) bytes: Vec<u8>,
    pub(super) media_type: MediaType,
    pub(super) charset: Option<String>,
}

/// What the pages of a document say.
pub(super) struct Read {
    pub(super) text: String,
    pub(super) clauses: Clauses,
    /// Selectors of the declaration that matched nothing, with the address of their part.
    pub(super) unmatched: Vec<(String, String)>,
}

/// Why pages are no version.
pub(super) struct NoText {
    pub(super) stage: Stage,
    pub(super) reason: String,
}

/// Takes the text of a document from its pages, one for each part of the declaration.
pub(super) fn text(declaration: &Declaration, pages: &[Page]) -> Result<Read, NoText> {
    let (mut texts, mut unmatched) = (Vec::new(), Vec::new());
    for (part, page) in declaration.parts().iter().zip(pages) {
        let charset = page.charset.as_deref();
        let extracted = extract::extract_as(&page.media_type, &page.bytes, charset, part);
        let extracted = extracted.map_err(|error| NoText {
            stage: stage(&error),
            reason: format!("{}: {error}", part.address),
        })?;
        let of_part = |selector| (part.address.clone(), selector);
        unmatched.extend(extracted.unmatched.into_iter().map(of_part));
        texts.push(extracted.text);
    }
    let text = extract::join(&texts);
    Ok(Read {
        clauses: segment::segment(&text),
        text,
        unmatched,
    })
}

fn stage(error: &ExtractError) -> Stage {
    match error {
        ExtractError::MediaType { .. } => Stage::MediaType,
        ExtractError::Address { .. } => Stage::Address,
        ExtractError::TooDeep { .. } | ExtractError::Pdf(PdfFault::TooMuch) => Stage::TooLarge,
        ExtractError::Pdf(
            PdfFault::Encrypted
            | PdfFault::Damaged
            | PdfFault::Pictures
            | PdfFault::Characters { .. },
        ) => Stage::Quality,
        ExtractError::Selector { .. }
        | ExtractError::Range { .. }
        | ExtractError::NoMatch { .. }
        | ExtractError::Empty => Stage::Selection,
    }
}

/// Why a text is not the document, if it shows that it isn't.
pub(super) fn verdict(clauses: &Clauses) -> Option<NoText> {
    if clauses.all().is_empty() {
        return Some(NoText {
            stage: Stage::Selection,
            reason: "what is selected on the page holds nothing to read".to_owned(),
        });
    }
    let reason = match signs::sign(clauses)? {
        Sign::ErrorPage => "what came is a page about an error",
        Sign::ConsentWall => "what came asks for a consent before it shows the document",
        Sign::BotWall => "what came asks whether a person reads, or for scripts",
        Sign::Login => "what came asks to log in",
    };
    Some(NoText {
        stage: Stage::Quality,
        reason: reason.to_owned(),
    })
}
