//! Known histories: versions that flicker, fail to load, come back, and what is said of them in hindsight.

use std::fmt::Write as _;

use recension::compare::History;
use recension::model::StreamId;

use super::{history, judges, line, version};

/// A policy with so many sections that a part of it is large; each `edit` replaces a passage.
fn policy(edits: &[(&str, &str)]) -> String {
    let mut text = "# Privacy Policy\n".to_owned();
    for number in 1..=12 {
        write!(
            text,
            "\n## Part {number}\n\nIn case {number} the platform keeps what you drew for {number} years.\n\n\
             Others see drawing {number} only where you let them, as rule {number} says it.\n"
        )
        .unwrap();
    }
    for (passage, other) in edits {
        assert!(text.contains(passage), "{passage}");
        text = text.replacen(passage, other, 1);
    }
    text
}

/// The policy without its sections from the one with this number on.
fn up_to(text: &str, part: usize) -> String {
    let end = text.find(&format!("\n## Part {part}\n")).unwrap();
    text[..end].to_owned()
}

const EDIT: (&str, &str) = (
    "keeps what you drew for 2 years",
    "keeps what you drew for 20 years",
);
const ERROR: &str = "# 404\n\nPage not found.\n";

#[test]
fn a_flicker_is_told_in_hindsight() {
    let (one, other) = (policy(&[]), policy(&[EDIT]));
    judges(&[(0, &one), (10, &other)], &["0..1 substantive: number"]);
    judges(
        &[(0, &one), (10, &other), (12, &one)],
        &[
            "0..1 reverted: gave way to 2, number",
            "0..2 reverted: returns to 0",
        ],
    );
    judges(
        &[(0, &one), (10, &other), (70, &one)],
        &[
            "0..1 substantive: number",
            "1..2 reverted: returns to 0, number",
        ],
    );
}

#[test]
fn a_flicker_through_several_texts_is_one() {
    let (one, two) = (policy(&[]), policy(&[EDIT]));
    let three = policy(&[EDIT, ("In case 5", "In each case 5")]);
    judges(
        &[(0, &one), (10, &two), (11, &three), (12, &one)],
        &[
            "0..1 reverted: gave way to 3, number",
            "1..2 reverted: gave way to 3, words",
            "2..3 reverted: returns to 0, number, words",
        ],
    );
}

#[test]
fn an_edit_of_one_of_two_variants_is_told_against_it() {
    let one = policy(&[]);
    let other: String = one.replace("the platform keeps", "our firm in your region stores");
    let one_edited = policy(&[EDIT]);
    judges(
        &[
            (0, &one),
            (1, &other),
            (2, &one),
            (3, &other),
            (4, &one_edited),
        ],
        &[
            "0..1 reverted: gave way to 2, words",
            "0..2 reverted: returns to 0",
            "1..3 reverted: returns to 1",
            "2..4 substantive: number, without 3",
        ],
    );
}

#[test]
fn an_error_page_is_no_change_and_an_edit_meanwhile_is_found() {
    let (one, other) = (policy(&[]), policy(&[EDIT]));
    judges(
        &[(0, &one), (10, ERROR), (11, &one)],
        &[
            "0..1 capture fault: error page, clause added, clause removed",
            "0..2 capture fault: recovered 0",
        ],
    );
    judges(
        &[(0, &one), (10, ERROR), (11, &other)],
        &[
            "0..1 capture fault: error page, clause added, clause removed",
            "0..2 substantive: number, without 1",
        ],
    );
    judges(
        &[(0, &one), (10, ERROR), (11, ""), (12, ERROR), (30, &other)],
        &[
            "0..1 capture fault: error page, clause added, clause removed",
            "0..2 capture fault: empty, clause removed",
            "0..3 capture fault: error page, clause added, clause removed",
            "0..4 substantive: number, without 3",
        ],
    );
}

#[test]
fn walls_and_nothing_are_no_document() {
    let one = policy(&[]);
    for (page, sign) in [
        (
            "We value your privacy. Accept all cookies to go on.\n",
            "consent wall",
        ),
        ("Just a moment...\n\nChecking your browser.\n", "bot wall"),
        ("# Glimmerfold\n\nPlease log in to go on.\n", "login"),
        ("", "empty"),
        ("[](#a)\n", "empty"),
    ] {
        let found = history(&[(0, &one), (1, page)]);
        let told = line(found.changes().next().unwrap());
        assert!(
            told.starts_with(&format!("0..1 capture fault: {sign}")),
            "{told}"
        );
    }
    judges(
        &[(0, ""), (1, &one)],
        &["0..1 capture fault: recovered 1, clause added"],
    );
    judges(
        &[(0, ""), (1, &one), (2, &policy(&[EDIT]))],
        &[
            "0..1 capture fault: recovered 1, clause added",
            "1..2 substantive: number",
        ],
    );
}

#[test]
fn a_short_document_may_speak_of_cookies_and_errors() {
    let cookies = |days: usize| {
        format!(
            "# Cookies\n\nWe use cookies to remember you. They last {days} days.\n\nChange your cookie preferences when you like.\n"
        )
    };
    judges(
        &[(0, &cookies(30)), (9, &cookies(90))],
        &["0..1 substantive: number"],
    );
    let limits = |requests: usize| {
        format!(
            "# Limits\n\nWho makes too many requests, {requests} an hour, is shut out for a day.\n"
        )
    };
    judges(
        &[(0, &limits(4040)), (9, &limits(5000))],
        &["0..1 substantive: number"],
    );
}

#[test]
fn half_a_page_is_doubted_and_a_fault_once_the_rest_is_back() {
    let whole = policy(&[]);
    let half = up_to(&whole, 6);
    judges(
        &[(0, &whole), (10, &half)],
        &["0..1 substantive?: lost 58 %, clause removed"],
    );
    judges(
        &[(0, &whole), (10, &half), (40, &whole)],
        &[
            "0..1 capture fault: lost 58 %, clause removed, recovered 2",
            "0..2 capture fault: recovered 0",
        ],
    );
    let edited = policy(&[EDIT]);
    judges(
        &[
            (0, &whole),
            (10, &half),
            (20, &up_to(&edited, 6)),
            (40, &edited),
        ],
        &[
            "0..1 capture fault: lost 58 %, clause removed, seen again 2, recovered 3",
            "1..2 capture fault: number, recovered 3",
            "0..3 substantive: number, without 2",
        ],
    );
}

#[test]
fn what_flickers_in_half_a_page_is_a_fault_like_it() {
    let (whole, edited) = (policy(&[]), policy(&[EDIT]));
    let (half, other) = (up_to(&whole, 6), up_to(&edited, 6));
    judges(
        &[
            (0, &whole),
            (10, &half),
            (11, &other),
            (12, &half),
            (40, &whole),
        ],
        &[
            "0..1 capture fault: lost 58 %, clause removed, seen again 2, recovered 4",
            "1..2 capture fault: gave way to 3, number, recovered 4",
            "1..3 capture fault: returns to 1, recovered 4",
            "0..4 capture fault: recovered 0",
        ],
    );
}

#[test]
fn what_was_gone_for_a_year_was_gone_but_a_page_that_was_another_was_another() {
    let whole = policy(&[]);
    let half = up_to(&whole, 6);
    let edited = half.replace("In case 2", "In each case 2");
    judges(
        &[(0, &whole), (10, &half), (11, &edited), (375, &whole)],
        &[
            "0..1 substantive: lost 58 %, clause removed, seen again 2",
            "1..2 substantive: words",
            "2..3 reverted: returns to 0, clause added, words",
        ],
    );
    judges(
        &[
            (0, &whole),
            (10, "# Board\n\nNews of today.\n"),
            (11, "# Board\n\nNews of May.\n"),
            (375, &whole),
        ],
        &[
            "0..1 capture fault: lost 100 %, clause added, clause removed, seen again 2, recovered 3",
            "1..2 capture fault: words, recovered 3",
            "0..3 capture fault: recovered 0",
        ],
    );
}

#[test]
fn of_what_stood_there_twice_nothing_is_lost_while_it_stands_once() {
    let once = policy(&[]);
    let twice = format!("{once}\n{once}");
    let news = once.replace("# Privacy Policy", "# Privacy Policy\n\n[For work](/work)");
    judges(
        &[(0, &twice), (10, &once), (20, &news)],
        &[
            "0..1 editorial: repetition",
            "1..2 substantive: clause added",
        ],
    );
}

#[test]
fn an_error_in_a_part_of_the_page_is_a_fault() {
    let whole = policy(&[]);
    let tail = up_to(&whole, 5);
    let notice = format!(
        "{tail}\n## This page isn't available\n\nAn unexpected error has occurred. Try again later.\n"
    );
    judges(
        &[
            (0, &whole),
            (1, &notice),
            (2, &whole),
            (3, &notice),
            (4, &policy(&[EDIT])),
        ],
        &[
            "0..1 capture fault: error page, clause added, clause removed",
            "0..2 capture fault: recovered 0",
            "2..3 capture fault: error page, clause added, clause removed",
            "2..4 substantive: number, without 3",
        ],
    );
    let headless =
        format!("This page isn't available\n---\n\nAn unexpected error has occurred.\n\n{tail}");
    judges(
        &[(0, &headless), (1, &whole), (2, &headless), (3, &whole)],
        &[
            "0..1 capture fault: recovered 1, clause added, clause removed",
            "1..2 capture fault: error page, clause added, clause removed",
            "1..3 capture fault: recovered 1",
        ],
    );
}

#[test]
fn a_loss_that_stays_is_confirmed_by_the_next_sight() {
    let whole = policy(&[]);
    let half = up_to(&whole, 6);
    let edited = up_to(&policy(&[EDIT]), 6);
    judges(
        &[(0, &whole), (10, &half), (20, &edited)],
        &[
            "0..1 substantive: lost 58 %, clause removed, seen again 2",
            "1..2 substantive: number",
        ],
    );
    let mut looked = history(&[(0, &whole), (10, &half)]);
    looked.seen_again(0);
    assert_eq!(
        line(looked.changes().next().unwrap()),
        "0..1 substantive?: lost 58 %, clause removed"
    );
    looked.seen_again(1);
    assert_eq!(
        line(looked.changes().next().unwrap()),
        "0..1 substantive: lost 58 %, clause removed, seen again 1"
    );
}

#[test]
fn the_same_snapshot_read_again_is_a_re_extraction() {
    let snapshot = |digit: u8| Some(recension::model::CommitId([digit; 20]));
    let mut history = History::new(StreamId([7; 16]));
    for (seq, (text, from)) in [
        (policy(&[]), 1),
        (policy(&[EDIT]), 1),
        (policy(&[EDIT, ("rule 3", "law 3")]), 2),
    ]
    .into_iter()
    .enumerate()
    {
        let mut version = version(seq, 0, &text);
        version.snapshot = snapshot(from);
        history.add(&version);
    }
    let told: Vec<String> = history.changes().map(line).collect();
    assert_eq!(
        told,
        [
            "0..1 re-extraction: same snapshot, number",
            "1..2 substantive: words"
        ]
    );
}

#[test]
fn versions_out_of_order_are_judged_in_the_order_in_which_they_were_recorded() {
    let (one, other) = (policy(&[]), policy(&[EDIT]));
    judges(
        &[(10, &one), (3, &other), (1, &one)],
        &[
            "0..1 substantive: number",
            "1..2 reverted: returns to 0, number",
        ],
    );
    let third = policy(&[EDIT, ("In case 5", "In no case 5")]);
    judges(
        &[(10, &one), (3, &other), (5, &third)],
        &["0..1 substantive: number", "1..2 substantive: negation"],
    );
}

#[test]
fn a_text_that_comes_again_reads_the_same() {
    let one = policy(&[]);
    let anchors = one.replace("\n\n", "\n\n[](#a)\n\n");
    judges(
        &[(0, &one), (1, &anchors), (2, &one)],
        &[
            "0..1 presentational: same reading",
            "1..2 presentational: same reading",
        ],
    );
}
