//! The script that measures an archive beside git runs, and finds both to have the same bytes.

use std::process::Command;

use crate::support::archive::{Archive, seconds, text};
use crate::support::fixture::Fixture;

/// Whether a program is there.
fn there(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output();
    found.is_ok_and(|output| output.status.success())
}

/// Runs the script on a bundle of contents in files with this ending; returns what it prints.
fn table(ending: &str) -> Option<String> {
    if !["git", "python3"].into_iter().all(there) {
        eprintln!("skipped: git and python3 are not both there");
        return None;
    }
    let place = Archive::none();
    let bundle = place.place("history.bundle");
    let mut history = Fixture::new();
    for day in 0..24 {
        let at = seconds("2024-01-01") + day * 86_400;
        for platform in ["Foo", "Bar"] {
            let path = format!("{platform}/Terms.{ending}");
            let content = format!("<p>{platform} on day {day}.</p>\n").repeat(20);
            history.commit(&[(&path, Some(&content))], "Update", at);
        }
    }
    history.write_bundle(&bundle);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/measure/table.py");
    let output = Command::new("python3")
        .args(["-B", script, env!("CARGO_BIN_EXE_recension"), text(&bundle)])
        .args(["--rounds", "1", "--reads", "20", "--questions", "3"])
        .env("TMPDIR", place.place(""))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    Some(said)
}

#[track_caller]
fn has_rows(said: &str, rows: &[&str]) {
    for row in rows {
        let found = said.lines().any(|line| {
            line.trim_start().starts_with(row) && line.ends_with(|c: char| c.is_ascii_digit())
        });
        assert!(found, "no figures for {row}:\n{said}");
    }
}

const OF_ALL: [&str; 6] = [
    "ingest of it",
    "blobs on arrival",
    "random read of 20, on arrival",
    "blobs after compact",
    "all files after compact",
    "random read of 20, after compact",
];

#[test]
fn versions_are_measured_beside_git() {
    let Some(said) = table("md") else { return };
    has_rows(&said, &OF_ALL);
    has_rows(
        &said,
        &["show --as-of, 3 processes", "all 2 documents as of a date"],
    );
    assert!(said.contains("growth: time for a version"), "{said}");
    assert!(said.ends_with(" passed, 0 failed\n"), "{said}");
}

#[test]
fn snapshots_are_measured_beside_git() {
    let Some(said) = table("html") else { return };
    has_rows(&said, &OF_ALL);
    assert!(!said.contains("show --as-of"), "{said}");
    assert!(said.ends_with(" passed, 0 failed\n"), "{said}");
}
