//! What became of the provisions of a document from one version to another.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::model::{
    ClauseId, MappedProvision, Polarity, ProvisionChange, ProvisionSign, ProvisionTurn, Span,
};

/// A clause in a version, with what it holds.
#[derive(Debug, Clone, Copy)]
pub struct HoldingClause<'t> {
    /// The clause, through the versions of its document.
    pub id: ClauseId,
    /// Where it stands in the text.
    pub span: Span,
    /// What a person reads in it.
    pub reading: &'t str,
    /// Its provisions.
    pub provisions: &'t [MappedProvision],
}

/// A clause that holds a provision of a kind.
#[derive(Clone, Copy)]
struct Held<'t> {
    clause: &'t HoldingClause<'t>,
    polarity: Polarity,
}

/// Words that narrow what is stated where they come, and widen it where they go.
const NARROWING: [&str; 10] = [
    "only", "not", "no", "except", "unless", "solely", "limited", "without", "never", "cannot",
];

/// A version as far as it matters for its provisions.
#[derive(Debug, Clone)]
pub struct Holdings<'t> {
    /// The clauses that hold something, in the order of the text.
    pub clauses: Vec<HoldingClause<'t>>,
    /// All clauses, those that hold nothing among them.
    pub ids: &'t HashSet<ClauseId>,
}

/// What became of the provisions, by kind in the order of their ids and then in the order of the texts.
#[must_use]
pub fn changed(old: &Holdings<'_>, new: &Holdings<'_>) -> Vec<ProvisionChange> {
    let (before, after) = (by_kind(&old.clauses), by_kind(&new.clauses));
    let kinds: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let none = Vec::new();
    let mut changes = Vec::new();
    for kind in kinds {
        let held = before.get(kind).unwrap_or(&none);
        let holds = after.get(kind).unwrap_or(&none);
        for (sides, turn, sign) in of_kind(held, holds) {
            // A clause that stands on, in other words, neither came nor went.
            let sign = match (sign, sides) {
                (ProvisionSign::ClauseAdded, (_, Some(held)))
                    if old.ids.contains(&held.clause.id) =>
                {
                    ProvisionSign::ClauseReworded
                }
                (ProvisionSign::ClauseRemoved, (Some(held), _))
                    if new.ids.contains(&held.clause.id) =>
                {
                    ProvisionSign::ClauseReworded
                }
                (sign, _) => sign,
            };
            let side = |held: Option<Held<'_>>| held.map(|held| (held.clause.span, held.polarity));
            changes.push(ProvisionChange {
                kind: kind.to_owned(),
                turn,
                sign,
                before: side(sides.0),
                after: side(sides.1),
            });
        }
    }
    changes
}

fn by_kind<'t>(clauses: &'t [HoldingClause<'t>]) -> BTreeMap<&'t str, Vec<Held<'t>>> {
    let mut kinds: BTreeMap<&str, Vec<Held<'_>>> = BTreeMap::new();
    for clause in clauses {
        for provision in clause.provisions {
            let held = Held {
                clause,
                polarity: provision.polarity,
            };
            kinds.entry(&provision.kind).or_default().push(held);
        }
    }
    kinds
}

/// The clauses before and after, of which one at least is there.
type Sides<'t> = (Option<Held<'t>>, Option<Held<'t>>);

/// What became of the provisions of one kind.
fn of_kind<'t>(
    old: &[Held<'t>],
    new: &[Held<'t>],
) -> Vec<(Sides<'t>, ProvisionTurn, ProvisionSign)> {
    let (is_new, is_gone) = (old.is_empty(), new.is_empty());
    let before: HashMap<ClauseId, Held<'_>> =
        old.iter().map(|held| (held.clause.id, *held)).collect();
    let stays: HashSet<ClauseId> = new.iter().map(|held| held.clause.id).collect();
    // What was only moved or divided otherwise came from nowhere and went nowhere.
    let said: HashSet<&str> = old.iter().map(|held| held.clause.reading).collect();
    let readings: HashSet<&str> = new.iter().map(|held| held.clause.reading).collect();
    let mut found = Vec::new();
    for held in old {
        if stays.contains(&held.clause.id) || readings.contains(held.clause.reading) {
            continue;
        }
        let turn = if is_gone {
            ProvisionTurn::Removed
        } else {
            less(held.polarity)
        };
        found.push(((Some(*held), None), turn, ProvisionSign::ClauseRemoved));
    }
    for held in new {
        match before.get(&held.clause.id) {
            Some(known) => {
                let told = reworded(known, held);
                found.extend(told.map(|(turn, sign)| ((Some(*known), Some(*held)), turn, sign)));
            }
            None if said.contains(held.clause.reading) => {}
            None => {
                let turn = if is_new {
                    ProvisionTurn::Added
                } else {
                    more(held.polarity)
                };
                found.push(((None, Some(*held)), turn, ProvisionSign::ClauseAdded));
            }
        }
    }
    found
}

/// What it means where more is said.
fn more(polarity: Polarity) -> ProvisionTurn {
    match polarity {
        Polarity::Stated => ProvisionTurn::Widened,
        Polarity::Denied | Polarity::DeniedWithExceptions => ProvisionTurn::Narrowed,
    }
}

/// What it means where less is said.
fn less(polarity: Polarity) -> ProvisionTurn {
    match more(polarity) {
        ProvisionTurn::Widened => ProvisionTurn::Narrowed,
        _ => ProvisionTurn::Widened,
    }
}

/// What a rewording does to a provision that a clause holds before and after.
fn reworded(old: &Held<'_>, new: &Held<'_>) -> Option<(ProvisionTurn, ProvisionSign)> {
    let stated = |polarity: Polarity| match polarity {
        Polarity::Denied => 0,
        Polarity::DeniedWithExceptions => 1,
        Polarity::Stated => 2,
    };
    let (was, is) = (stated(old.polarity), stated(new.polarity));
    if was != is {
        let turn = if is > was {
            ProvisionTurn::Widened
        } else {
            ProvisionTurn::Narrowed
        };
        return Some((turn, ProvisionSign::Polarity));
    }
    if old.clause.reading == new.clause.reading {
        return None;
    }
    let came = left_over(new.clause.reading, old.clause.reading);
    let went = left_over(old.clause.reading, new.clause.reading);
    let narrows = |words: &[String]| words.iter().any(|word| NARROWING.contains(&word.as_str()));
    Some(match (came.is_empty(), went.is_empty()) {
        (false, true) if narrows(&came) => (less(new.polarity), ProvisionSign::WordsAdded),
        (false, true) => (more(new.polarity), ProvisionSign::WordsAdded),
        (true, false) if narrows(&went) => (more(new.polarity), ProvisionSign::WordsRemoved),
        (true, false) => (less(new.polarity), ProvisionSign::WordsRemoved),
        _ => (ProvisionTurn::Reworded, ProvisionSign::OtherWords),
    })
}

/// The words of one text that another has not, or not as often.
fn left_over(of: &str, beside: &str) -> Vec<String> {
    let mut there: HashMap<String, usize> = HashMap::new();
    for word in words(beside) {
        *there.entry(word).or_default() += 1;
    }
    let is_over = |word: &String| match there.get_mut(word) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    words(of).filter(is_over).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|one: char| !one.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase)
}
