//! Changes as the feed tells them: the judgement, and words of both texts that show it.

use serde::Serialize;

use super::{CountsLine, EngagedLine, ProvisionChangeLine, ReasonLine, WithheldLine};
use crate::compare::blocks::Compared;
use crate::compare::claims::Claim;
use crate::compare::summary::{self, Excerpt, Quote, Section, Summary};
use crate::export::change::wording;
use crate::model::{
    Change, ClauseChange, ClauseId, Clauses, DocumentName, Event, EventId, Instant,
    ProvisionChange, Remains, Sha256, Span,
};

/// A change.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeLine {
    /// Its name: that of the event that detected it.
    pub id: EventId,
    /// `<platform>/<document type>`.
    pub document: String,
    /// The event that judged it last.
    pub seq: u64,
    /// When the version that brought it was observed.
    pub observed_at: Instant,
    /// When the log took the judgement.
    pub recorded_at: Instant,
    /// The version that it is told against.
    pub from: ComparedLine,
    /// The version that brought it.
    pub to: ComparedLine,
    /// The version of the detector that judged.
    pub detector: u16,
    /// `substantive`, `editorial`, `presentational`, `reverted`, `capture fault` or `re-extraction`.
    pub significance: &'static str,
    /// `confirmed` or `unconfirmed`.
    pub status: &'static str,
    /// The rules that led to it, the weightiest first.
    pub reasons: Vec<ReasonLine>,
    /// How many clauses changed, by kind.
    pub counts: CountsLine,
    /// The clauses that changed, as many as the event lists.
    pub clauses: Vec<ChangedClauseLine>,
    /// How many more changed.
    pub clauses_left_out: u64,
    /// What became of the document's provisions by it.
    pub provisions: Vec<ProvisionChangeLine>,
    /// The articles of regulations that these provisions engage, which says nothing of a breach.
    pub regulations: Vec<EngagedLine>,
    /// One line on it.
    pub headline: String,
    /// What it is about, in words of both texts; none where one of them is withheld.
    pub summary: Option<SummaryLine>,
}

/// What is judged: the change and the events that tell of it.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    /// The name of the change: that of the event that detected it.
    pub id: EventId,
    /// Its document.
    pub document: &'a DocumentName,
    /// The event that judged it last.
    pub seq: u64,
    /// When the log took that event.
    pub recorded_at: Instant,
    /// The judgement.
    pub change: &'a Change,
    /// The version that it is told against.
    pub from: ComparedLine,
    /// The version that brought it.
    pub to: ComparedLine,
    /// What became of the document's provisions by it, and what remains of those that it lost.
    pub provisions: Vec<(ProvisionChange, Option<Remains>)>,
}

impl ChangeLine {
    /// Tells of a change; of its words, where both texts are there.
    #[must_use]
    pub fn new(judgement: Judgement<'_>, compared: Option<Compared<'_>>) -> Self {
        let change = judgement.change;
        let provisions = judgement.provisions.iter();
        let provisions: Vec<ProvisionChangeLine> = provisions
            .map(|(one, remains)| ProvisionChangeLine::new(one, remains.as_ref(), compared))
            .collect();
        let summary = compared.map(summary::summarise);
        Self {
            id: judgement.id,
            document: judgement.document.to_string(),
            seq: judgement.seq,
            observed_at: judgement.to.observed_at,
            recorded_at: judgement.recorded_at,
            from: judgement.from,
            to: judgement.to,
            detector: change.detector,
            significance: change.significance.word(),
            status: change.status.word(),
            reasons: change.reasons.iter().map(Into::into).collect(),
            counts: (&change.counts).into(),
            clauses: change
                .clauses
                .iter()
                .map(|clause| ChangedClauseLine::new(clause, compared))
                .collect(),
            clauses_left_out: change.clauses_left_out(),
            regulations: EngagedLine::of(provisions.iter().map(|one| one.kind.as_str())),
            provisions,
            headline: wording::headline(change, summary.as_ref()),
            summary: summary.as_ref().map(Into::into),
        }
    }
}

/// One of the two versions that a change is told of.
#[derive(Debug, Clone, Serialize)]
pub struct ComparedLine {
    /// The event that recorded it.
    pub seq: u64,
    /// When it was observed.
    pub observed_at: Instant,
    /// SHA-256 of its text.
    pub sha256: Sha256,
    /// What took the text out of the archive, if anything did.
    pub withheld: Option<WithheldLine>,
}

impl ComparedLine {
    /// Tells of the version with a text of this hash that an event recorded.
    #[must_use]
    pub fn new(event: &Event, sha256: Sha256, withheld: Option<WithheldLine>) -> Self {
        Self {
            seq: event.seq,
            observed_at: event.observed_at,
            sha256,
            withheld,
        }
    }
}

/// A changed clause.
#[derive(Debug, Clone, Serialize)]
pub struct ChangedClauseLine {
    /// What became of it.
    pub kind: &'static str,
    /// The rule that judged it.
    pub rule: &'static str,
    /// The clause, through all versions of its document.
    pub clause_id: ClauseId,
    /// The heading that it stands under, or stood under where it went; for a heading, itself.
    pub heading: Option<String>,
    /// The bytes of the text before in which it stood.
    pub from_span: Option<Span>,
    /// The bytes of the text in which it stands.
    pub to_span: Option<Span>,
    /// Its beginning as it is read now or, where it went, was read before; none where the text is withheld.
    pub quote: Option<String>,
}

impl ChangedClauseLine {
    fn new(change: &ClauseChange, compared: Option<Compared<'_>>) -> Self {
        let side = compared.and_then(|compared| match (change.to, change.from) {
            (Some(span), _) => Some((compared.to.clauses, span)),
            (None, Some(span)) => Some((compared.from.clauses, span)),
            (None, None) => None,
        });
        let found = side.and_then(|(clauses, span)| Some((clauses, place(clauses, span)?)));
        Self {
            kind: change.kind.word(),
            rule: change.rule.word(),
            clause_id: change.clause,
            heading: found.and_then(|(clauses, place)| {
                summary::heading_of(clauses, place).map(str::to_owned)
            }),
            from_span: change.from,
            to_span: change.to,
            quote: found.map(|(clauses, place)| {
                let reading = clauses.reading(&clauses.all()[place]);
                summary::cut(reading, summary::QUOTE_CHARS)
            }),
        }
    }
}

/// The place of the clause that begins where a span does.
fn place(clauses: &Clauses, span: Span) -> Option<usize> {
    let start = |clause: &crate::model::Clause| clause.span.start;
    clauses.all().binary_search_by_key(&span.start, start).ok()
}

/// What a change is about.
#[derive(Debug, Clone, Serialize)]
pub struct SummaryLine {
    /// What changed, by the headings that it stands under, in the order of the texts.
    pub sections: Vec<SectionLine>,
    /// How many changed clauses are not quoted.
    pub left_out: u64,
    /// From when on the versions say that they apply.
    pub effective_on: ClaimsLine,
    /// When the versions say that they were published or updated.
    pub published_on: ClaimsLine,
}

/// What changed under a heading.
#[derive(Debug, Clone, Serialize)]
pub struct SectionLine {
    /// The heading.
    pub heading: Option<String>,
    /// What changed.
    pub changes: Vec<ExcerptLine>,
}

/// A changed clause in words of both texts.
#[derive(Debug, Clone, Serialize)]
pub struct ExcerptLine {
    /// What became of it.
    pub kind: &'static str,
    /// The rule that judged it.
    pub rule: &'static str,
    /// Words of it as it was.
    pub before: Option<QuoteLine>,
    /// Words of it as it is.
    pub after: Option<QuoteLine>,
    /// Where its links led and lead, of those that lead elsewhere, each as a pair.
    pub links: Vec<(String, String)>,
}

/// Words of a text.
#[derive(Debug, Clone, Serialize)]
pub struct QuoteLine {
    /// The words, as they are read; an ellipsis stands where others were cut off.
    pub words: String,
    /// The bytes of the text that the clause has.
    pub span: Span,
}

/// What both versions say of one of their dates.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimsLine {
    /// What the version before says.
    pub before: Option<ClaimLine>,
    /// What the version says.
    pub after: Option<ClaimLine>,
}

/// A date that a text gives of itself.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimLine {
    /// The date, `2025-12-16`.
    pub date: String,
    /// The words that give it.
    pub quote: String,
    /// The bytes of the text in which they stand.
    pub span: Span,
}

impl From<&Summary> for SummaryLine {
    fn from(summary: &Summary) -> Self {
        let claims = |before: &Option<Claim>, after: &Option<Claim>| ClaimsLine {
            before: before.as_ref().map(Into::into),
            after: after.as_ref().map(Into::into),
        };
        let (before, after) = (&summary.claims_before, &summary.claims);
        Self {
            sections: summary.sections.iter().map(Into::into).collect(),
            left_out: summary.left_out as u64,
            effective_on: claims(&before.effective_on, &after.effective_on),
            published_on: claims(&before.published_on, &after.published_on),
        }
    }
}

impl From<&Section> for SectionLine {
    fn from(section: &Section) -> Self {
        Self {
            heading: section.heading.clone(),
            changes: section.excerpts.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Excerpt> for ExcerptLine {
    fn from(excerpt: &Excerpt) -> Self {
        Self {
            kind: excerpt.kind.word(),
            rule: excerpt.rule.word(),
            before: excerpt.before.as_ref().map(Into::into),
            after: excerpt.after.as_ref().map(Into::into),
            links: excerpt.retargeted.clone(),
        }
    }
}

impl From<&Quote> for QuoteLine {
    fn from(quote: &Quote) -> Self {
        Self {
            words: quote.words.clone(),
            span: quote.span,
        }
    }
}

impl From<&Claim> for ClaimLine {
    fn from(claim: &Claim) -> Self {
        Self {
            date: claim.date.format("%Y-%m-%d").to_string(),
            quote: claim.quote.clone(),
            span: claim.span,
        }
    }
}
