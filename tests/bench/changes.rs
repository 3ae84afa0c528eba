//! Benches of changes between two versions: a large pair, and input that means ill, at one size and at twice that size:
//! `cargo bench --bench changes`. Where the work is linear, the second takes twice the time of the first.
//!
//! Each divides both versions into clauses and compares them, as an import does for a text that it has not seen.
#![allow(clippy::unwrap_used, reason = "a bench that can't go on should stop")]

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher, black_box};
use recension::compare::compare;
use recension::segment::segment;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// The size of the largest version of a large collection.
const LARGE_BYTES: usize = 948_000;

fn main() {
    divan::main();
}

fn run(bencher: Bencher<'_, '_>, before: &str, after: &str) {
    bencher
        .counter(BytesCount::new(before.len() + after.len()))
        .bench_local(|| {
            let (from, to) = (segment(black_box(before)), segment(black_box(after)));
            compare(&from, &to).deltas.len()
        });
}

/// A version of headings, paragraphs, lists and tables, of which every seventh clause is worded by `edition`.
fn large(edition: usize) -> String {
    let mut text = String::new();
    for place in 0.. {
        let edition = if place % 7 == 0 { edition } else { 0 };
        match place % 5 {
            0 => text.push_str(&format!("## {place}. What we do with drawing {place}\n\n")),
            1 => text.push_str(&format!("* item {place}: a pencil of kind {edition}\n\n")),
            2 => text.push_str(&format!("| kind {place} | {edition} | NO |\n| --- | --- | --- |\n\n")),
            _ => text.push_str(&format!(
                "On board {place} we keep what you draw for {edition} months, [as told](https://glimmerfold.example/{place}), \
                 unless you ask us on {} May 2024 to take it down.\n\n",
                place % 28 + 1
            )),
        }
        if text.len() >= LARGE_BYTES {
            break;
        }
    }
    text
}

#[divan::bench(sample_count = 10)]
fn a_large_pair(bencher: Bencher<'_, '_>) {
    run(bencher, &large(1), &large(2));
}

#[divan::bench(sample_count = 10)]
fn a_large_pair_without_a_clause_in_common(bencher: Bencher<'_, '_>) {
    let other = large(1)
        .replace("board", "wall")
        .replace("drawing", "sketch");
    run(
        bencher,
        &large(1),
        &other.replace("item", "entry").replace("kind", "sort"),
    );
}

#[divan::bench(sample_count = 5, args = [50_000, 100_000, 200_000])]
fn equal_paragraphs(bencher: Bencher<'_, '_>, paragraphs: usize) {
    let text = "We keep what you draw.\n\n".repeat(paragraphs);
    run(
        bencher,
        &text,
        &text.replacen("keep", "sell", paragraphs / 2),
    );
}

#[divan::bench(sample_count = 5, args = [50_000, 100_000, 200_000])]
fn equal_lines(bencher: Bencher<'_, '_>, lines: usize) {
    let text = "We keep what you draw.\n".repeat(lines);
    run(bencher, &text, &text.replacen("keep", "sell", lines / 2));
}

#[divan::bench(sample_count = 5, args = [5, 10, 20])]
fn one_line_of_megabytes(bencher: Bencher<'_, '_>, megabytes: usize) {
    let text = "drawing ".repeat(megabytes * 125_000);
    run(bencher, &text, &format!("{text}end"));
}

#[divan::bench(sample_count = 5, args = [5, 10, 20])]
fn one_word_of_megabytes(bencher: Bencher<'_, '_>, megabytes: usize) {
    let text = "a".repeat(megabytes * 1_000_000);
    run(bencher, &text, &format!("{text}b"));
}

#[divan::bench(sample_count = 5, args = [25_000, 50_000, 100_000])]
fn nested_quotes(bencher: Bencher<'_, '_>, levels: usize) {
    let text = ">".repeat(levels);
    run(
        bencher,
        &format!("{text} kept\n"),
        &format!("{text} sold\n"),
    );
}
