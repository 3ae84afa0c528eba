//! The shapes in the drawing of a timeline, and what each says.

use std::io::{self, Write};

use super::rows::{Judgements, judgement};
use crate::export::shape::ProvenEntryLine;
use crate::model::{Significance, Status};

/// What the proofs of a page don't cover.
pub(in crate::export) const JUDGEMENT_NOTE: &str = "Whether a change matters is what the log’s detector judged; the proofs on this page are of \
    the looks.";

/// What an entry is drawn as. Shapes tell them apart, and colours beside that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::export) enum Shape {
    /// A version of whose change nothing is known: the first one, or one that was not judged.
    Version,
    Judged(Significance, Status),
    Unchanged,
    Failed,
    Retired,
}

impl Shape {
    pub(super) fn of(line: &ProvenEntryLine, judgements: &Judgements) -> Self {
        match (line.entry.look, judgement(line, judgements)) {
            ("version", Some((significance, status))) => Self::Judged(significance, status),
            ("version", None) => Self::Version,
            ("unchanged", _) => Self::Unchanged,
            ("failed", _) => Self::Failed,
            _ => Self::Retired,
        }
    }

    /// The shape, around its place.
    pub(in crate::export) fn drawn(self) -> String {
        let path = match self {
            Self::Version => r#"<circle class="version" r="4"/>"#,
            Self::Unchanged => r#"<path class="unchanged" d="M0-6V6"/>"#,
            Self::Failed => r#"<path class="failed" d="M-5-5 5 5M-5 5 5-5"/>"#,
            Self::Retired => r#"<path class="retired" d="M-5-5H5V5H-5Z"/>"#,
            Self::Judged(significance, _) => match significance {
                Significance::Substantive => r#"<path class="judged" d="M0-7 7 0 0 7-7 0Z"/>"#,
                Significance::Editorial => r#"<path class="judged" d="M-3.5-3.5H3.5V3.5H-3.5Z"/>"#,
                Significance::Presentational => r#"<circle class="hollow" r="3"/>"#,
                Significance::Reverted => {
                    r#"<path class="hollow" d="M-5-1 0-7 5-1ZM-5 1 0 7 5 1Z"/>"#
                }
                Significance::CaptureFault => {
                    r#"<path class="fault" d="M0-7 7 6H-7ZM0-2V2M0 3.5V4.5"/>"#
                }
                Significance::ReExtraction => r#"<path class="hollow" d="M-5 0H5M0-5V5"/>"#,
            },
        };
        match self {
            Self::Judged(_, Status::Unconfirmed) => {
                format!(r#"{path}<circle class="unconfirmed" r="10"/>"#)
            }
            _ => path.to_owned(),
        }
    }

    pub(in crate::export) fn words(self) -> String {
        match self {
            Self::Version => "version: a text that differs from the one before".to_owned(),
            Self::Unchanged => "unchanged: the same text again".to_owned(),
            Self::Failed => "failed: no text was obtained".to_owned(),
            Self::Retired => "retired: archiving ended".to_owned(),
            Self::Judged(significance, Status::Confirmed) => {
                format!("version: {}", significance.word())
            }
            Self::Judged(significance, status) => {
                format!("version: {}, {}", significance.word(), status.word())
            }
        }
    }
}

/// Says in a legend what something drawn means.
pub(in crate::export) fn explained(
    out: &mut impl Write,
    drawn: &str,
    words: &str,
) -> io::Result<()> {
    writeln!(
        out,
        "<li><svg width=\"22\" height=\"22\" viewBox=\"-11 -11 22 22\" aria-hidden=\"true\">{drawn}</svg>\
         <span>{words}</span></li>"
    )
}

/// Explains the shapes that occur.
pub(super) fn legend(out: &mut impl Write, shapes: &[Shape]) -> io::Result<()> {
    writeln!(out, "<ul class=\"legend\">")?;
    for shape in shapes {
        explained(out, &shape.drawn(), &shape.words())?;
    }
    writeln!(
        out,
        "<li><svg width=\"16\" height=\"16\" viewBox=\"-8 -8 16 16\" aria-hidden=\"true\">\
         <path class=\"length\" d=\"M-8-4H0V-7H8V8H-8Z\"/></svg><span>length of the text seen last</span></li>\n</ul>"
    )?;
    if shapes
        .iter()
        .any(|shape| matches!(shape, Shape::Judged(..)))
    {
        writeln!(out, "<figcaption>{JUDGEMENT_NOTE}</figcaption>")?;
    }
    Ok(())
}
