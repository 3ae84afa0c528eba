//! The sentences of a dossier, which are the same in every form.

use crate::compare::summary::{QUOTE_CHARS, cut};
use crate::export::change::provisions::quotes;
use crate::export::numbers::{bytes, count, counted};
use crate::export::report::{GAP_DAYS, LONGEST_GAPS};
use crate::export::shape::{
    AsOfLine, CellLine, ComparisonLine, CoverageLine, CoveredLine, Dossier, GapLine, HeldLine,
    KindLine, LeftOutLine, ListedChangeLine, MadeByLine, OriginLine, ProvisionChangeLine,
    RegulationLine,
};
use crate::model::Instant;

/// How many provisions are told of a change.
const TOUCHED: usize = 12;

/// What is told of each document.
pub(super) const DOCUMENT_COLUMNS: [&str; 7] = [
    "Document",
    "Looks",
    "Versions",
    "First seen",
    "Last seen",
    "Answers",
    "Provisions",
];

/// What a dossier is called.
pub(super) fn title(dossier: &Dossier) -> String {
    format!("Dossier of {}", dossier.subject)
}

/// What is said of the dossier itself, each as a name and a value.
pub(super) fn facts(dossier: &Dossier) -> Vec<(&'static str, String)> {
    let Dossier {
        made_by,
        checkpoint,
        ..
    } = dossier;
    let documents = dossier.documents.len() as u64;
    let found = dossier.provisions.len() as u64;
    let mut facts = vec![
        (
            "What it is",
            format!(
                "what {} of the platform {} said and held, how that changed, and the evidence: {} of {}",
                counted(documents, "archived document"),
                dossier.platform,
                counted(found, "provision"),
                counted(dossier.kinds.len() as u64, "kind"),
            ),
        ),
        ("As of", dossier.as_of.to_string()),
        (
            "Period of the changes",
            match dossier.since {
                Some(since) => format!("from {since} to {}", dossier.as_of),
                None => format!("from the first observation to {}", dossier.as_of),
            },
        ),
    ];
    if let Some(known_at) = dossier.known_at {
        facts.push((
            "Known at",
            format!("{known_at}: what the log took later is left out"),
        ));
    }
    facts.extend([
        ("Made by", made(made_by)),
        ("Archive", checkpoint.origin.clone()),
        ("Checkpoint", counted(checkpoint.size, "event")),
        ("Root of its tree", checkpoint.root.to_string()),
        ("Key of its signature", checkpoint.verifier.clone()),
    ]);
    facts
}

/// What made a dossier or a page.
#[must_use]
pub fn made(by: &MadeByLine) -> String {
    format!(
        "{} {}, provisions told by classifier {} and taxonomy {}",
        by.program, by.version, by.classifier, by.taxonomy
    )
}

/// The provisions in force, and how they are ordered.
pub(super) fn in_force(dossier: &Dossier) -> String {
    format!(
        "In force as of {}: {}, by kind. A clause that holds several kinds is quoted under each.",
        dossier.as_of.date(),
        counted(dossier.provisions.len() as u64, "provision")
    )
}

/// The kinds that were found, by their groups.
pub(super) fn by_group(dossier: &Dossier) -> impl Iterator<Item = (&str, &[KindLine])> {
    let groups = dossier.kinds.chunk_by(|one, next| one.group == next.group);
    groups.filter_map(|kinds| Some((kinds.first()?.group.as_str(), kinds)))
}

/// How well a document was observed in the period.
pub(super) fn coverage(coverage: &CoverageLine) -> String {
    let CoverageLine {
        looks,
        versions,
        failed,
        ..
    } = *coverage;
    let unchanged = looks - versions - failed;
    let seen = match (coverage.first_observed_at, coverage.last_observed_at) {
        (Some(first), Some(last)) => format!(
            "{} from {} to {}: {}, {} unchanged, {} failed.",
            counted(looks, "look"),
            first.date(),
            last.date(),
            counted(versions, "version"),
            count(unchanged),
            count(failed)
        ),
        _ if failed > 0 => format!("{}, all of which failed.", counted(looks, "look")),
        _ => "No looks in the period.".to_owned(),
    };
    let gaps = match coverage.gaps {
        0 => format!("No stretch of {GAP_DAYS} days or more without a sight."),
        1 => format!("One stretch of {GAP_DAYS} days or more without a sight:"),
        gaps if gaps > LONGEST_GAPS as u64 => format!(
            "{} stretches of {GAP_DAYS} days or more without a sight, the longest of them:",
            count(gaps)
        ),
        gaps => format!(
            "{} stretches of {GAP_DAYS} days or more without a sight:",
            count(gaps)
        ),
    };
    match coverage.first_observed_at {
        Some(_) => format!("{seen} {gaps}"),
        None => seen,
    }
}

/// A stretch in which nothing was seen.
pub(super) fn gap(gap: &GapLine) -> String {
    let then = match gap.same_text {
        Some(true) => "then the same text",
        Some(false) => "then another text",
        None => "and nothing after it in the period",
    };
    format!(
        "{} from {} to {}, {then}",
        counted(gap.days, "day"),
        gap.from.date(),
        gap.to.date()
    )
}

/// The version that answers, each fact as a name and a value; hashes come last.
pub(super) fn answer(line: &AsOfLine) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let (Some(seq), Some(observed_at)) = (line.seq, line.observed_at) else {
        return vec![("Answer", "not observed by then".to_owned())];
    };
    facts.push(("Version", format!("event {seq}, observed at {observed_at}")));
    facts.push(("Seen", bracket(line)));
    if let Some(withheld) = &line.withheld {
        facts.push((
            "Withheld",
            format!(
                "the text is taken out of the archive since {} (event {}): {}",
                withheld.recorded_at, withheld.seq, withheld.reason
            ),
        ));
    }
    if let Some(retired_at) = line.retired_at {
        facts.push(("Archiving ended", retired_at.to_string()));
    }
    if let Some(size_bytes) = line.size_bytes {
        facts.push((
            "Length",
            format!("{} bytes ({})", count(size_bytes), bytes(size_bytes)),
        ));
    }
    facts
}

/// Within which observations a text is known to stand.
#[must_use]
pub fn bracket(line: &AsOfLine) -> String {
    let at = |at: Option<Instant>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let certainty = match line.certainty {
        Some("held") if line.last_seen == Some(line.as_of) => "it was seen at the very instant",
        Some("held") => "it held in between",
        Some("changed in between") => {
            "it changed between the last of these and the next observation"
        }
        _ => "nothing was seen after it",
    };
    format!(
        "first at {}, last at {}; next observation {}: {certainty}",
        at(line.first_seen),
        at(line.last_seen),
        at(line.next_seen)
    )
}

/// What is said of the provisions of a document.
pub(super) fn provisions(line: &CoveredLine) -> String {
    match (line.provisions, &line.answer.withheld) {
        (Some(found), _) => count(found),
        (None, Some(_)) => "withheld".to_owned(),
        (None, None) => "not observed".to_owned(),
    }
}

/// How a clause says what it says: `denied with exceptions, may`.
pub(super) fn stance(line: &HeldLine) -> String {
    match line.modality {
        "states" => line.polarity.to_owned(),
        modality => format!("{}, “{modality}”", line.polarity),
    }
}

/// What the clauses said of a provision that a change touched, the beginnings of them.
pub(super) fn said(one: &ProvisionChangeLine) -> impl Iterator<Item = String> {
    quotes(one).map(|(side, words)| format!("{side}: “{}”", cut(words, QUOTE_CHARS)))
}

/// The provisions that a change touched, as many as a page has room for: those that came or went first.
pub(super) fn touched(line: &ListedChangeLine) -> impl Iterator<Item = &ProvisionChangeLine> {
    let mut all: Vec<_> = line.provisions.iter().collect();
    all.sort_by_key(|one| !matches!(one.turn, "added" | "removed"));
    all.into_iter().take(TOUCHED)
}

/// How many more provisions a change touched, and how many it only reworded.
pub(super) fn touched_left(line: &ListedChangeLine) -> Vec<String> {
    let more = line.provisions.len().saturating_sub(TOUCHED) as u64;
    let counts = [
        (more, "more, which recension change shows"),
        (line.reworded, "in other words alone"),
    ];
    let counts = counts.into_iter().filter(|(provisions, _)| *provisions > 0);
    counts
        .map(|(provisions, what)| format!("{} {what}", counted(provisions, "provision")))
        .collect()
}

/// Changes that are not listed, in words.
pub(super) fn left_out(line: &LeftOutLine) -> String {
    let status = match line.status {
        "confirmed" => String::new(),
        status => format!(", {status}"),
    };
    format!(
        "Left out: {}, {}{status}.",
        counted(line.changes, "change"),
        line.significance
    )
}

/// What is compared, and how the platforms were chosen.
pub(super) fn compared(comparison: &ComparisonLine) -> String {
    let types = comparison.document_types.join(", ");
    let chosen = match (comparison.named, comparison.platforms.len()) {
        (true, _) => "The platforms beside it were named.",
        (false, 0 | 1) => {
            "No other platform has documents of these types that were observed by then."
        }
        (false, _) => {
            "The platforms beside it were chosen: those that have most of these types, then in the order of their names."
        }
    };
    format!("Compared are documents of these types: {types}. {chosen}")
}

/// What a platform's documents say of a kind.
pub(super) fn cell(cell: &CellLine) -> String {
    let parts = [
        ("stated", cell.stated),
        ("denied", cell.denied),
        ("denied with exceptions", cell.denied_with_exceptions),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(_, clauses)| *clauses > 0)
        .map(|(word, clauses)| format!("{word} ({clauses})"))
        .collect();
    match &cell.finding {
        None => said.join(", "),
        Some(_) if is_read(cell) => "none found".to_owned(),
        Some(_) => "no text to read".to_owned(),
    }
}

/// Whether there was a text in which something might have been found.
pub(super) fn is_read(cell: &CellLine) -> bool {
    let none = cell.finding.as_deref();
    none.is_none_or(|finding| finding.starts_with("none found"))
}

/// What is to be kept in mind of a comparison.
pub(super) fn comparison_note(dossier: &Dossier) -> String {
    format!(
        "A number is that of the clauses. “None found” means: none found in the documents of the platform that were \
         archived as of {}. It never means that the platform does not do or permit it.",
        dossier.as_of.date()
    )
}

/// When a regulation applies, and whether that is after what is told.
pub(super) fn applies(regulation: &RegulationLine, as_of: Instant) -> String {
    let (from, as_of) = (&regulation.applies_from, as_of.date());
    if *from > as_of {
        format!("{from}, after {as_of}")
    } else {
        from.clone()
    }
}

/// Where a version comes from.
pub(super) fn origin(origin: &OriginLine) -> String {
    match origin {
        OriginLine::Demonstration => "the demonstration".to_owned(),
        OriginLine::Fetched { address, .. } => format!("fetched from {address}"),
        OriginLine::Extracted { snapshots, .. } => {
            let events: Vec<String> = snapshots.iter().map(u64::to_string).collect();
            format!("read from the snapshots of events {}", events.join(", "))
        }
        OriginLine::Imported {
            commit,
            committed_at,
            ..
        } => format!("imported: commit {commit} of {committed_at}"),
    }
}

/// How the bytes of a quote are cut out of its text.
#[must_use]
pub fn cut_out(line: &HeldLine) -> String {
    format!(
        "recension show --event {} --format raw | tail -c +{} | head -c {}",
        line.version_seq,
        line.span.start + 1,
        line.span.end - line.span.start
    )
}

/// What the commands need.
pub(super) const COMMANDS_NOTE: &str = "The commands are run in the folder of the archive, or with --archive and its \
    path. This one checks the whole archive against a key that you have from elsewhere:";

/// The command that checks the whole archive.
pub(super) const VERIFY: &str = "recension verify --verifier KEY";

/// What the table of regulations says.
pub const ENGAGES_NOTE: &str = "A kind of provision engages an article that speaks of the same matter. That says \
    nothing of whether the article applies to the platform, and nothing of a breach.";
