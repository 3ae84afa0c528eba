//! What is recorded at an import, whether it comes at once or in parts.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use recension::model::BlobId;
use serde_json::Value;

use super::laws::pool;
use super::markdown::{Block, Style, write};
use crate::support::archive::{Archive, NOW};
use crate::support::fixture::Fixture;

/// The newest judgement of each version's change, with commits in place of seqs.
fn judgements(archive: &Archive) -> BTreeMap<String, Value> {
    let events = archive.recension(&["log", "--format", "jsonl"]).json();
    let commit = |seq: &Value| -> Value {
        let event = seq
            .as_u64()
            .and_then(|seq| events.get(usize::try_from(seq).unwrap()));
        event.map_or(Value::Null, |event| {
            event["fact"]["origin"]["commit"].clone()
        })
    };
    let mut newest = BTreeMap::new();
    for event in &events {
        let mut fact = event["fact"].clone();
        let kind = event["type"].as_str().unwrap();
        if !["ChangeDetected", "ChangeReassessed"].contains(&kind) {
            continue;
        }
        fact["from"] = commit(&fact["from"]);
        fact["to"] = commit(&fact["to"]);
        for reason in fact["reasons"].as_array_mut().unwrap() {
            reason["version"] = commit(&reason["version"]);
        }
        fact.as_object_mut().unwrap().remove("of");
        newest.insert(fact["to"].to_string(), fact);
    }
    newest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn imports_in_parts_judge_as_one_does(
        pool in pool(),
        looks in vec((any::<Index>(), any::<bool>(), 0..9i64, 0..4u8), 3..14),
        first in any::<Index>(),
    ) {
        let mut history = Fixture::new();
        let mut seconds = 1_700_000_000;
        let first = first.index(looks.len());
        let in_parts = Archive::new();
        for (place, (text, other, days, snapshot)) in looks.iter().enumerate() {
            seconds += days * super::DAY;
            let file = if *other { "Oakmere/Terms of Service.md" } else { "Glimmerfold/Privacy Policy.md" };
            let text = write(text.get::<Vec<Block>>(&pool), Style::PLAIN);
            let message = format!("Record new changes\n\nThis version was recorded after filtering snapshot https://example.org/c/commit/{}\n", format!("{snapshot}").repeat(40));
            history.commit(&[(file, Some(&text))], &message, seconds);
            if place == first {
                in_parts.import(&history, NOW);
            }
        }
        in_parts.import(&history, NOW);
        let at_once = Archive::of(&history);
        prop_assert_eq!(judgements(&in_parts), judgements(&at_once));
        let log = |archive: &Archive| archive.fine(&["log", "--format", "jsonl"]);
        prop_assert_eq!(log(&at_once), log(&Archive::of(&history)));
        for archive in [&in_parts, &at_once] {
            archive.prints(&["reassess"], "Nothing is judged otherwise than before.\n");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// What is kept of histories only saves time: without it, with it, and with what is left of it, the same is recorded.
    #[test]
    fn what_is_kept_of_histories_changes_nothing_that_is_recorded(
        pool in pool(),
        looks in vec((any::<Index>(), 0..5u8, -1..9i64, 0..4u8), 8..30),
        parts in vec((any::<Index>(), 0..4u8), 1..5),
        withheld in any::<Option<(Index, Index)>>(),
    ) {
        let mut history = Fixture::new();
        let (kept, lost, fresh) = (Archive::new(), Archive::new(), Archive::new());
        let mut parts: Vec<(usize, u8)> = parts.iter().map(|(at, fate)| (at.index(looks.len()), *fate)).collect();
        parts.push((looks.len() - 1, 0));
        parts.sort_unstable();
        parts.dedup_by_key(|part| part.0);
        let withheld = withheld.map(|(part, text)| (part.index(parts.len()), text));
        let (mut seconds, mut texts) = (1_700_000_000, Vec::new());
        let mut from = 0;
        for (number, (end, fate)) in parts.iter().enumerate() {
            for (text, other, days, snapshot) in &looks[from..=*end] {
                seconds += days * super::DAY + 3_600;
                let file = if *other == 0 { "Oakmere/Terms of Service.md" } else { "Glimmerfold/Privacy Policy.md" };
                let text = write(text.get::<Vec<Block>>(&pool), Style::PLAIN);
                let message = format!("Record new changes\n\nThis version was recorded after filtering snapshot https://example.org/c/commit/{}\n", format!("{snapshot}").repeat(40));
                history.commit(&[(file, Some(&text))], &message, seconds);
                texts.push(text);
            }
            from = end + 1;
            for archive in [&kept, &lost, &fresh] {
                archive.import(&history, NOW);
            }
            let file = lost.file("histories.sqlite");
            let is_last = number + 1 == parts.len();
            match fate {
                _ if is_last => {}
                // What is kept now is there again later, when there is more in the log.
                1 => drop(std::fs::copy(&file, lost.file("histories.old"))),
                2 => drop(std::fs::rename(lost.file("histories.old"), &file)),
                3 => drop(std::fs::write(&file, "no database")),
                _ => {}
            }
            for suffix in ["", "-wal", "-shm"] {
                drop(std::fs::remove_file(fresh.file(&format!("histories.sqlite{suffix}"))));
            }
            if let Some((_, text)) = withheld.filter(|(part, _)| *part == number) {
                let blob = BlobId::of(text.get::<String>(&texts).as_bytes()).to_string();
                for archive in [&kept, &lost, &fresh] {
                    archive.fine(&["withhold", &blob, "--reason", "an order of a court"]);
                }
            }
        }
        let log = |archive: &Archive| archive.fine(&["log", "--format", "jsonl"]);
        prop_assert_eq!(log(&kept), log(&fresh));
        prop_assert_eq!(log(&lost), log(&fresh));
        // What is no database is replaced when there is something to keep.
        drop(std::fs::remove_file(lost.file("histories.sqlite")));
    }
}

/// The commit of a history by its place, as the log names it.
fn commits(archive: &Archive) -> Vec<Value> {
    let events = archive.recension(&["log", "--format", "jsonl"]).json();
    let versions = events
        .iter()
        .filter(|event| event["type"] == "VersionRecorded");
    versions
        .map(|event| event["fact"]["origin"]["commit"].clone())
        .collect()
}

#[test]
fn a_version_whose_text_is_withheld_is_passed_over() {
    let text = |days: usize, word: &str| {
        format!("# Rules\n\nWe keep {word} for {days} days.\n\nBe kind.\n")
    };
    let mut history = Fixture::new();
    let mut commit = |text: &str, day: i64| {
        let file = "Glimmerfold/Privacy Policy.md";
        history.commit(
            &[(file, Some(text))],
            "Record new changes",
            1_700_000_000 + day * super::DAY,
        );
        history.clone()
    };
    let archive = Archive::of(&commit(&text(30, "logs"), 0));
    archive.import(&commit(&text(60, "secrets of Oakmere"), 20), NOW);
    let blob = BlobId::of(text(60, "secrets of Oakmere").as_bytes()).to_string();
    let ran = archive.recension(&["withhold", &blob, "--reason", "an order of a court"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    archive.import(&commit(&text(90, "logs"), 40), NOW);
    let (commits, judged) = (commits(&archive), judgements(&archive));
    let [_, second, third] = &commits[..] else {
        panic!("three versions: {commits:?}");
    };
    assert_eq!(judged[&second.to_string()]["from"], commits[0]);
    assert_eq!(judged[&third.to_string()]["from"], commits[0]);
    assert_eq!(judged[&third.to_string()]["significance"], "substantive");
    archive.prints(&["reassess"], "Nothing is judged otherwise than before.\n");
}

#[test]
fn what_was_known_at_a_time_stays_in_the_log() {
    let text = |days: usize| format!("# Rules\n\nWe keep logs for {days} days.\n");
    let mut history = Fixture::new();
    let mut seen = |days: usize, day: i64| {
        let file = "Glimmerfold/Privacy Policy.md";
        let text = text(days);
        history.commit(
            &[(file, Some(&text))],
            "Record new changes",
            1_700_000_000 + day * super::DAY,
        );
        history.clone()
    };
    seen(30, 0);
    let archive = Archive::of(&seen(60, 20));
    archive.import(&seen(30, 22), NOW);
    let events = archive.recension(&["log", "--format", "jsonl"]).json();
    let told = |event: &&Value| event["type"].as_str().unwrap().starts_with("Change");
    let told: Vec<(&str, &str)> = events
        .iter()
        .filter(told)
        .map(|event| {
            (
                event["type"].as_str().unwrap(),
                event["fact"]["significance"].as_str().unwrap(),
            )
        })
        .collect();
    // The change of the second version is detected, and taken back beside the one of the third.
    let mut expected = [
        ("ChangeDetected", "substantive"),
        ("ChangeReassessed", "reverted"),
        ("ChangeDetected", "reverted"),
    ];
    assert_eq!(told[0], expected[0]);
    let mut rest = told[1..].to_vec();
    rest.sort_unstable();
    expected[1..].sort_unstable();
    assert_eq!(rest, expected[1..]);
}

/// The seqs of the events that the log has when what is kept of each document was written.
fn kept(archive: &Archive) -> Vec<u64> {
    let file = rusqlite::Connection::open(archive.file("histories.sqlite")).unwrap();
    let mut rows = file.prepare("SELECT cursor FROM history").unwrap();
    let rows = rows.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_history_is_kept_until_something_is_withheld_or_the_views_are_built_again() {
    let mut history = Fixture::new();
    let mut commit = |day: i64| {
        let text = format!("# Rules\n\nWe keep logs for {day} days.\n\nBe kind.\n");
        let seconds = 1_700_000_000 + day * super::DAY;
        let file = "Glimmerfold/Privacy Policy.md";
        history.commit(&[(file, Some(&text))], "Record new changes", seconds);
        (history.clone(), BlobId::of(text.as_bytes()).to_string())
    };
    let (history, _) = (0..7).map(|day| commit(day * 20)).last().unwrap();
    let archive = Archive::of(&history);
    // Few versions are followed from the first as fast.
    assert!(!archive.file("histories.sqlite").exists());
    let (history, blob) = commit(140);
    archive.import(&history, NOW);
    let first = kept(&archive);
    archive.import(&commit(160).0, NOW);
    let second = kept(&archive);
    assert!(first.len() == 1 && second.len() == 1 && first < second);
    archive.fine(&["withhold", &blob, "--reason", "an order of a court"]);
    assert!(!archive.file("histories.sqlite").exists());
    archive.import(&commit(180).0, NOW);
    assert_eq!(kept(&archive).len(), 1);
    archive.fine(&["rebuild"]);
    assert!(!archive.file("histories.sqlite").exists());
    archive.import(&commit(200).0, NOW);
    archive.prints(&["reassess"], "Nothing is judged otherwise than before.\n");
    let damage = |sql: &str| {
        let file = rusqlite::Connection::open(archive.file("histories.sqlite")).unwrap();
        assert_eq!(file.execute(sql, []).unwrap(), 1);
    };
    damage("UPDATE history SET cursor = cursor - 1");
    let ran = archive.recension(&["verify"]);
    let found = "histories.sqlite: 1 rows are not what was stored";
    assert!(ran.code == 1 && ran.stdout.contains(found), "{ran:?}");
    // A row that is not what was stored is not used, and written anew.
    let judged = judgements(&archive).len();
    archive.import(&commit(220).0, NOW);
    assert_eq!(judgements(&archive).len(), judged + 1);
    archive.fine(&["verify"]);
}
