//! Laws of clauses, comparisons and judgements, on generated documents.

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use recension::codec::{from_cache, to_cache};
use recension::compare::{Comparison, History, HistoryState, VersionSeen, compare};
use recension::model::{Change, ClauseChangeKind, Clauses, Significance, StreamId};
use recension::segment::segment;

use super::markdown::{Block, Style, documents, styles, write};
use super::{compared, line, told};

/// The words of a text, without what only marks them.
fn bare(text: &str) -> Vec<String> {
    text.split(|one: char| !one.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The readings of the clauses that a comparison calls the same, here or elsewhere, in order.
fn the_same(clauses: &Clauses, changed: impl Iterator<Item = usize>) -> Vec<String> {
    let changed: Vec<usize> = changed.collect();
    let all = clauses.all().iter().enumerate();
    let mut same: Vec<String> = all
        .filter(|(place, _)| !changed.contains(place))
        .map(|(_, clause)| clauses.reading(clause).to_owned())
        .collect();
    same.sort();
    same
}

/// The places of the clauses whose words are others, before and after.
fn changed(comparison: &Comparison) -> (Vec<usize>, Vec<usize>) {
    let others = comparison
        .deltas
        .iter()
        .filter(|delta| delta.kind != ClauseChangeKind::Moved);
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for delta in others {
        before.extend(delta.from.clone());
        after.extend(delta.to.clone());
    }
    (before, after)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_span_of_a_clause_holds_what_it_says(document in documents(), style in styles()) {
        // Entities stand for characters.
        let text = write(&document, style).replace("&shy;", "");
        let clauses = segment(&text);
        let mut end = 0;
        for clause in clauses.all() {
            prop_assert!(clause.span.start >= end, "clauses stand one after the other");
            end = clause.span.end;
            let cut = bare(&clause.span.cut(&text).unwrap().replace(['\u{ad}', '\u{200b}'], ""));
            let mut rest = cut.iter();
            for word in bare(clauses.reading(clause)) {
                prop_assert!(rest.any(|other| *other == word), "{word} of {:?} in {cut:?}", clauses.reading(clause));
            }
        }
    }

    #[test]
    fn every_word_is_in_a_clause(document in documents(), style in styles()) {
        let clauses = segment(&write(&document, style));
        let all = clauses.all().iter();
        let read: Vec<String> = all.flat_map(|clause| bare(clauses.reading(clause))).collect();
        let mut document = document;
        let texts = document.iter_mut().flat_map(Block::texts);
        let written: Vec<String> = texts.flat_map(|words| bare(&words.join(" "))).collect();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn a_version_differs_from_itself_in_nothing(document in documents(), style in styles()) {
        let text = write(&document, style);
        prop_assert_eq!(compared(&text, &text).deltas, []);
    }

    #[test]
    fn the_style_of_a_document_does_not_matter(document in documents(), one in styles(), other in styles()) {
        let (before, after) = (write(&document, one), write(&document, other));
        let found = compared(&before, &after);
        prop_assert_eq!(found.significance(), Significance::Presentational, "{}", told(&before, &after));
        prop_assert_eq!(segment(&before).digest(), segment(&after).digest());
    }

    #[test]
    fn a_block_that_moves_is_a_move(
        mut document in vec(vec("[a-z]{3,7}", 2..9), 2..12),
        from in any::<Index>(),
        to in any::<Index>(),
    ) {
        let write = |document: &[Vec<String>]| -> String {
            document.iter().map(|words| words.join(" ") + "\n\n").collect()
        };
        for (place, words) in document.iter_mut().enumerate() {
            words.push(format!("nr{place}"));
        }
        let before = write(&document);
        let moved = document.remove(from.index(document.len()));
        document.insert(to.index(document.len() + 1), moved);
        let after = write(&document);
        for delta in compared(&before, &after).deltas {
            prop_assert_eq!(delta.kind, ClauseChangeKind::Moved, "{}", told(&before, &after));
        }
    }

    #[test]
    fn a_not_matters_wherever_it_comes_or_goes(
        document in documents(),
        block in any::<Index>(),
        text in any::<Index>(),
        place in any::<Index>(),
        one in styles(),
        other in styles(),
    ) {
        let before = write(&document, one);
        let mut document = document;
        let mut texts = block.get_mut(&mut document).texts();
        let words = text.get_mut(&mut texts);
        words.insert(place.index(words.len() + 1), "not".to_owned());
        let after = write(&document, other);
        prop_assert_eq!(compared(&before, &after).significance(), Significance::Substantive, "{}", told(&before, &after));
        prop_assert_eq!(compared(&after, &before).significance(), Significance::Substantive, "{}", told(&after, &before));
    }

    #[test]
    fn what_is_the_same_is_so_from_both_sides(document in documents(), edits in edits(), style in styles()) {
        let before = write(&document, Style::PLAIN);
        let after = write(&edited(document, &edits), style);
        let (from, to) = (segment(&before), segment(&after));
        let (there, back) = (compare(&from, &to), compare(&to, &from));
        prop_assert_eq!(there.significance(), back.significance(), "{}\n\n{}", told(&before, &after), told(&after, &before));
        let ((old, new), (new_back, old_back)) = (changed(&there), changed(&back));
        prop_assert_eq!(the_same(&from, old.into_iter()), the_same(&from, old_back.into_iter()));
        prop_assert_eq!(the_same(&to, new.into_iter()), the_same(&to, new_back.into_iter()));
    }

    #[test]
    fn every_clause_is_told_once(document in documents(), edits in edits(), style in styles()) {
        let (from, to) = (segment(&write(&document, style)), segment(&write(&edited(document, &edits), style)));
        let found = compare(&from, &to);
        let (mut before, mut after) = (vec![0; from.all().len()], vec![0; to.all().len()]);
        for delta in &found.deltas {
            delta.from.clone().for_each(|place| before[place] += 1);
            delta.to.clone().for_each(|place| after[place] += 1);
        }
        prop_assert!(before.iter().chain(&after).all(|count| *count <= 1), "{found:?}");
        prop_assert_eq!(found.continues.len(), to.all().len());
        for (place, count) in after.into_iter().enumerate() {
            let same = found.continues[place].is_some_and(|old| from.all()[old].digest == to.all()[place].digest);
            prop_assert!(count == 1 || same, "{place}: {found:?}");
        }
    }

    #[test]
    fn a_reading_that_was_there_before_is_never_newly_substantive(
        pool in pool(),
        looks in vec((any::<Index>(), styles(), 0..20i64), 2..12),
    ) {
        let mut day = 0;
        let looks: Vec<(i64, String)> = looks
            .iter()
            .map(|(text, style, days)| {
                day += days;
                (day, write(text.get::<Vec<Block>>(&pool), *style))
            })
            .collect();
        let looks: Vec<(i64, &str)> = looks.iter().map(|(day, text)| (*day, text.as_str())).collect();
        let readings: Vec<_> = looks.iter().map(|(_, text)| segment(text).digest()).collect();
        for end in 2..=looks.len() {
            for change in super::history(&looks[..end]).changes() {
                let to = usize::try_from(change.to).unwrap();
                let is_new = !readings[..to].contains(&readings[to]);
                prop_assert!(is_new || change.significance != Significance::Substantive, "{}", line(change));
            }
        }
    }
}

/// A change of a text of a document: which one, the place in it, how many words go, which word comes.
type Edit = (Index, Index, Index, usize, String);

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let word = prop_oneof!["not", "fresh", "16", "June", "12", "sell"];
    vec(
        (
            any::<Index>(),
            any::<Index>(),
            any::<Index>(),
            0..4usize,
            word,
        ),
        0..4,
    )
}

fn edited(mut document: Vec<Block>, edits: &[Edit]) -> Vec<Block> {
    for (block, text, place, gone, word) in edits {
        let mut texts = block.get_mut(&mut document).texts();
        let words = text.get_mut(&mut texts);
        let place = place.index(words.len());
        words.splice(place..words.len().min(place + gone), [word.clone()]);
    }
    document
}

/// A document and edits of it, and other documents.
pub(super) fn pool() -> impl Strategy<Value = Vec<Vec<Block>>> {
    (documents(), vec(edits(), 1..4), vec(documents(), 0..2)).prop_map(
        |(document, edits, mut pool)| {
            pool.extend(edits.iter().map(|edits| edited(document.clone(), edits)));
            pool.push(document);
            pool
        },
    )
}

proptest! {
    /// A history that is laid down and taken up again between any two versions judges and names like one that was not.
    #[test]
    fn a_history_goes_on_where_it_was_left(
        pool in pool(),
        looks in vec((any::<Index>(), -2..9i64, 0..8u8, any::<bool>(), any::<bool>()), 2..24),
    ) {
        let stream = StreamId([7; 16]);
        let (mut straight, mut history) = (History::new(stream), History::new(stream));
        let mut texts: HashMap<u64, VersionSeen> = HashMap::new();
        let mut told: Vec<Change> = Vec::new();
        let mut day = 0;
        for (seq, (text, days, fault, seen_again, is_left)) in looks.iter().enumerate() {
            day += days;
            let text = match fault {
                0 => String::new(),
                1 => "# 404 Not Found\n".to_owned(),
                2 => long(40),
                3 => long(12),
                _ => write(text.get::<Vec<Block>>(&pool), Style::PLAIN),
            };
            let version = super::version(seq, day, &text);
            texts.insert(version.seq, version.clone());
            for one in [&mut straight, &mut history] {
                one.add(&version);
                if *seen_again {
                    one.seen_again(version.seq);
                }
            }
            if !is_left {
                continue;
            }
            amend(&mut told, &history);
            let bytes = to_cache(&history.state()).unwrap();
            let state: HistoryState = from_cache(&bytes).unwrap();
            let needed = state.needs().map(|seq| (seq, texts[&seq].clone())).collect();
            history = state.resume(stream, &needed).unwrap();
            prop_assert_eq!(to_cache(&history.state()).unwrap(), bytes);
        }
        amend(&mut told, &history);
        let expected: Vec<Change> = straight.changes().cloned().collect();
        prop_assert_eq!(&told, &expected);
        prop_assert_eq!(history.newest().map(|newest| newest.1), straight.newest().map(|newest| newest.1));
    }
}

/// A document with so many rules, of which large parts can be lost.
fn long(rules: usize) -> String {
    let rule = |rule| {
        format!(
            "Rule {rule}: you may keep what you found on day {rule} for as long as you like.\n\n"
        )
    };
    (0..rules).map(rule).collect()
}

/// Takes up what a history says of changes that were told before, and of new ones.
fn amend(told: &mut Vec<Change>, history: &History) {
    for (to, amended) in history.amended() {
        let change = told.iter_mut().find(|change| change.to == to).unwrap();
        for one in amended {
            one.apply(change);
        }
    }
    told.extend(history.changes().cloned());
}
