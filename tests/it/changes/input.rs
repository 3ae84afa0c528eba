//! Input that means ill: long, deep, all alike. Each test ends soon only where the work grows like the input.

use recension::model::Significance::{Editorial, Presentational, Substantive};
use recension::segment::segment;

use super::{compared, tells};

/// Insists that a comparison finds so many changed clauses, in both directions.
#[track_caller]
fn finds(before: &str, after: &str, changed: usize) {
    assert_eq!(compared(before, after).deltas.len(), changed);
    assert_eq!(compared(after, before).deltas.len(), changed);
}

#[test]
fn a_hundred_thousand_paragraphs_alike() {
    let alike = "We keep what you draw.\n\n".repeat(100_000);
    finds(&alike, &format!("{alike}We keep what you draw.\n"), 1);
    assert_eq!(
        compared(&alike, &format!("{alike}We keep what you draw.\n")).significance(),
        Editorial
    );
    finds(&alike, &format!("{alike}We sell what you draw.\n"), 1);
    let lines = "We keep what you draw.\n".repeat(100_000);
    let other = lines.replacen("keep", "sell", 1);
    assert_eq!(compared(&lines, &other).significance(), Substantive);
    let others = alike.replace("keep", "sell");
    assert_eq!(compared(&alike, &others).significance(), Substantive);
}

#[test]
fn one_line_of_ten_million_bytes() {
    let words = "drawing ".repeat(1_250_000);
    let clauses = segment(&words);
    assert!(clauses.all().len() > 1_000 && clauses.reading_bytes() <= words.len());
    finds(&words, &format!("{words}end"), 1);
    let solid = "a".repeat(10_000_000);
    tells(&solid, &solid, "presentational");
    assert_eq!(
        compared(&solid, &format!("{solid}b")).significance(),
        Substantive
    );
    let full_stops = "a. ".repeat(3_000_000);
    assert!(segment(&full_stops).all().len() <= 3_000_000);
    let marks = "*".repeat(1_000_000) + "_[<`|".repeat(200_000).as_str();
    assert!(segment(&marks).reading_bytes() <= marks.len());
}

#[test]
fn fifty_thousand_levels() {
    let quotes = |word: &str| format!("{} {word}\n", ">".repeat(50_000));
    finds(&quotes("kept"), &quotes("sold"), 2);
    let items: String = (0..1_000)
        .map(|depth| format!("{}- item {depth}\n", "  ".repeat(depth)))
        .collect();
    assert_eq!(segment(&items).all().len(), 1_000);
    let flat = |word: &str| {
        "- item\n".repeat(25_000) + &format!("- {word}\n") + &"- item\n".repeat(25_000)
    };
    finds(&flat("kept well"), &flat("sold well"), 1);
    let headings: String = (0..50_000)
        .map(|place| format!("{} part {place}\n", "#".repeat(place % 6 + 1)))
        .collect();
    assert_eq!(segment(&headings).all().len(), 50_000);
    let brackets = "[".repeat(50_000) + &"](a)".repeat(50_000);
    assert!(segment(&brackets).reading_bytes() <= brackets.len());
}

#[test]
fn a_hundred_thousand_rows_alike_but_one() {
    let rows = |other: &str| {
        let row = "| Network activity | NO |\n";
        format!(
            "| Kind | Sold |\n| --- | --- |\n{}{other}{}",
            row.repeat(50_000),
            row.repeat(50_000)
        )
    };
    let one = rows("| Network activity | NO |\n");
    let other = rows("| Network activity | YES |\n");
    assert_eq!(compared(&one, &other).significance(), Substantive);
    assert_eq!(compared(&one, &one).significance(), Presentational);
}

#[test]
fn twenty_thousand_paragraphs_of_the_same_words() {
    let words = [
        "we", "keep", "what", "you", "draw", "on", "this", "fine", "board",
    ];
    let paragraphs = |shift: usize| -> String {
        (0..20_000)
            .map(|place| {
                let mut order = words.to_vec();
                order.rotate_left((place + shift) % words.len());
                order.swap(place / 9 % 9, (place + shift) / 81 % 9);
                order.join(" ") + "\n\n"
            })
            .collect()
    };
    let (one, other) = (paragraphs(0), paragraphs(4));
    assert!(compared(&one, &other).deltas.len() <= 40_000);
    let numbered: String = (0..20_000)
        .map(|place| format!("we keep what you draw {place}\n\n"))
        .collect();
    let renumbered = numbered.replace("draw ", "draw 9");
    assert_eq!(compared(&numbered, &renumbered).significance(), Substantive);
    let halves: String = (0..20_000)
        .map(|place| format!("we keep {place}. what you draw {place}\n\n"))
        .collect();
    assert_eq!(compared(&numbered, &halves).significance(), Substantive);
}

#[test]
fn a_block_of_html_that_is_one_clause() {
    for cell in [
        "ago ",
        "May 5, 2024 ",
        "the ",
        "1 ",
        "( + ",
        "© ",
        "not ",
        "<b",
        "< ",
        "<!--",
        "-->",
        "情報",
    ] {
        let block = |last: &str| format!("<div>\n{}{last}\n</div>\n", cell.repeat(200_000));
        let (one, other) = (block("kept"), block("sold"));
        assert!(segment(&one).reading_bytes() <= one.len());
        assert!(compared(&one, &other).deltas.len() <= 2);
    }
}
