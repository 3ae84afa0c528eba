//! The sentences in which a judgement is told: one for each significance, reason and rule, and nowhere else.

use crate::compare::blocks::Changed;
use crate::compare::summary::{self, Summary};
use crate::model::{Change, ClauseChangeKind, Reason, Rule, Sign, Significance, Status};

/// What a significance means.
#[must_use]
pub fn significance(significance: Significance) -> &'static str {
    match significance {
        Significance::Substantive => "What a person reads changed beyond editing.",
        Significance::Editorial => {
            "Only dates, numbering, contact details, spelling, punctuation, the order of clauses or the targets of \
             links changed."
        }
        Significance::Presentational => "A person reads the same; only markup or layout changed.",
        Significance::Reverted => {
            "The document went back to an earlier reading, or soon went back from this one."
        }
        Significance::CaptureFault => {
            "The page was not the document or not all of it, or is the document again after that."
        }
        Significance::ReExtraction => "The same snapshot was read by another extractor.",
    }
}

/// What a status means.
#[must_use]
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "Nothing that was seen speaks against it.",
        Status::Unconfirmed => "It is suspicious, and no later look has agreed with it yet.",
    }
}

/// Why a change was judged so.
#[must_use]
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Clause(of) => format!(
            "A clause was judged by the rule “{}”: {}",
            of.word(),
            rule(*of)
        ),
        Reason::SameReading => "A person reads the same in both versions.".to_owned(),
        Reason::Returns { to } => {
            format!("The version reads as the earlier one of event {to} does.")
        }
        Reason::GaveWay { to } => {
            format!("Within seven days the document read as before again, in event {to}.")
        }
        Reason::Empty => "The text is empty.".to_owned(),
        Reason::NotTheDocument(sign) => format!("The text is that of {}.", page(*sign)),
        Reason::LargeLoss { percent } => {
            format!("Of the words before, {percent} % are gone, and little came in their place.")
        }
        Reason::Recovered { version } => {
            format!("The large parts that were gone are those of event {version}.")
        }
        Reason::SeenAgain { version } => {
            format!("The later version of event {version} lacks the lost parts too.")
        }
        Reason::SameSnapshot => "Both versions were taken from the same snapshot.".to_owned(),
        Reason::ReExtracted => "Another extractor or declaration read the document.".to_owned(),
        Reason::Against { left_out } => format!(
            "The version of event {left_out} was no continuation of the document: the change is told against the one \
             before it."
        ),
    }
}

fn page(sign: Sign) -> &'static str {
    match sign {
        Sign::ErrorPage => "an error page",
        Sign::ConsentWall => "a request to accept cookies",
        Sign::BotWall => "a check whether a person reads",
        Sign::Login => "a request to log in",
    }
}

/// What a rule found in a clause.
#[must_use]
pub fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Negation => "a word that negates or excepts came or went.",
        Rule::Number => "a number, a term or an amount changed.",
        Rule::ClauseAdded => "a clause came.",
        Rule::ClauseRemoved => "a clause went.",
        Rule::OtherHeading => "the clause stands under another heading, word for word.",
        Rule::Words => "words changed, and not only those that other rules set aside.",
        Rule::Dates => "only a date of change or effect is another.",
        Rule::VersionNumbers => "only a version number is another.",
        Rule::ContactDetails => "only an address or a telephone number is another.",
        Rule::Numbering => "only the number is another.",
        Rule::Spelling => "only capitals, accents, hyphens or spelling changed.",
        Rule::Punctuation => "only punctuation changed.",
        Rule::LinkTarget => "only the target of a link is another.",
        Rule::Repetition => "what came or went stands in both versions once more.",
        Rule::Place => "only the place is another.",
        Rule::Division => "the words are the same and divided in another way.",
    }
}

/// One line on a change: what the summary or, without the texts, the counts say of its clauses; where another reason than
/// a clause decided, that reason.
#[must_use]
pub fn headline(change: &Change, summary: Option<&Summary>) -> String {
    match (change.reasons.first(), summary) {
        (None | Some(Reason::Clause(_)), Some(summary)) => {
            summary::headline(&change.counts, &summary.headings())
        }
        (None | Some(Reason::Clause(_)), None) => summary::headline(&change.counts, &[]),
        (Some(first), _) => reason(first),
    }
}

/// What became of a clause: `moved from under “Sharing”`.
#[must_use]
pub fn became(changed: &Changed<'_>) -> String {
    match (changed.kind, changed.moved_from) {
        (ClauseChangeKind::Moved, Some(heading)) => format!("moved from under “{heading}”"),
        (ClauseChangeKind::Moved, None) => "moved from above the first heading".to_owned(),
        (ClauseChangeKind::Split, _) => "split into several clauses".to_owned(),
        (ClauseChangeKind::Merged, _) => "merged from several clauses".to_owned(),
        (kind, _) => kind.word().to_owned(),
    }
}

/// A number of clauses that are the same, in words.
#[must_use]
pub fn unchanged(clauses: usize) -> String {
    let clauses = crate::export::numbers::counted(clauses as u64, "clause");
    format!("{clauses} unchanged")
}
