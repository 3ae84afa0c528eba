//! What is written down twice is the same in both places.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use recension::archive::{self, Archive, Writer};
use recension::model::{EventId, Fact, Instant, Observation, Outcome, StreamId, to_hex};
use recension::store::NewEvent;
use rusqlite::Connection;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_page_of_commands_is_the_reference() {
    let output = Command::new(env!("CARGO_BIN_EXE_recension"))
        .arg("reference")
        .env_remove("RECENSION_ARCHIVE")
        .output()
        .unwrap();
    assert!(output.status.success());
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(
        page == read("docs/commands.md"),
        "write it anew: cargo run -- reference > docs/commands.md"
    );
}

/// Tables, indexes and triggers, as SQLite keeps their statements.
fn objects(connection: &Connection) -> Vec<(String, String, Option<String>)> {
    let sql = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

/// Runs the migrations of a schema, of which the first is that number, and holds what they leave against the whole schema.
fn check_migrations(schema: &str, first: u32) {
    let mut migrations: Vec<PathBuf> = fs::read_dir(repository().join("schema").join(schema))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    migrations.sort();
    let migrated = Connection::open_in_memory().unwrap();
    for (number, path) in (first..).zip(&migrations) {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            name.starts_with(&format!("{number:04}_")),
            "{name} is not number {number}"
        );
        migrated
            .execute_batch(&fs::read_to_string(path).unwrap())
            .unwrap();
    }
    let whole = Connection::open_in_memory().unwrap();
    whole
        .execute_batch(&read(&format!("schema/{schema}.sql")))
        .unwrap();
    assert!(!objects(&whole).is_empty());
    assert_eq!(objects(&whole), objects(&migrated));
}

#[test]
fn schemas_are_what_their_migrations_leave() {
    check_migrations("log", 1);
    check_migrations("blobs", 2);
}

/// The members of a list in the source: `("name", number)` from lines such as `pub const NAME: u16 = 1;`.
fn event_types() -> Vec<(String, u16)> {
    let source = read("src/codec/payload.rs");
    let numbers = source.lines().filter_map(|line| {
        let (name, number) = line
            .trim()
            .strip_prefix("pub const ")?
            .split_once(": u16 = ")?;
        let words = name
            .split('_')
            .map(|word| word[..1].to_owned() + &word[1..].to_lowercase());
        Some((words.collect(), number.strip_suffix(';')?.parse().unwrap()))
    });
    numbers.collect()
}

#[test]
fn every_event_type_is_documented() {
    let (format, model) = (read("docs/format.md"), read("src/model/event.rs"));
    let types = event_types();
    assert!(types.len() >= 5, "{types:?}");
    for (name, number) in &types {
        let heading = format!("### {name} ({number})");
        assert!(
            format.contains(&heading),
            "docs/format.md has no heading {heading:?}"
        );
        assert!(
            model.contains(&format!("=> \"{name}\"")),
            "{name} is no name of an event"
        );
    }
    let named = model
        .lines()
        .filter(|line| line.contains("=> \"") && line.contains("Self::"));
    for name in named
        .filter_map(|line| line.split('"').nth(1))
        .filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()) && *name != "Unknown")
    {
        assert!(
            types.iter().any(|(known, _)| known == name),
            "{name} has no number"
        );
    }
}

#[test]
fn every_decision_is_listed() {
    let index = read("docs/decisions/README.md");
    for entry in fs::read_dir(repository().join("docs/decisions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name == "README.md" || index.contains(&format!("({name})")),
            "{name} is not listed"
        );
    }
}

#[test]
fn every_dependency_has_a_reason() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let reasons = read("docs/decisions/0010-dependencies.md");
    for section in ["dependencies", "dev-dependencies"] {
        for name in manifest[section].as_table().unwrap().keys() {
            let row = format!("| `{name}` |");
            assert!(
                reasons.contains(&row),
                "docs/decisions/0010-dependencies.md has no row {row:?}"
            );
        }
    }
}

/// An archive like the one that `recension demo --keep` makes, but for its key.
fn demonstration() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = Instant::parse_rfc3339("2020-01-01T00:00:00Z").unwrap();
    archive::init(folder.path(), Some("demo.example/archive"), &[7; 40], at).unwrap();
    let mut writer = Writer::open(folder.path()).unwrap();
    archive::demonstrate(&mut writer).unwrap();
    folder
}

/// The arguments of a command line whose only quotes are double ones.
fn arguments(line: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 1 {
            arguments.push(part.to_owned());
        } else {
            arguments.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    arguments
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let readme = read("README.md");
    let folder = demonstration();
    let mut shown = 0;
    for block in readme.split("```console\n").skip(1) {
        let (block, _) = block.split_once("```").unwrap();
        for run in block.split("$ recension ").skip(1) {
            let (command, expected) = run.split_once('\n').unwrap();
            let output = Command::new(env!("CARGO_BIN_EXE_recension"))
                .args(arguments(command))
                .env("RECENSION_ARCHIVE", folder.path())
                .output()
                .unwrap();
            let stdout = String::from_utf8(output.stdout).unwrap();
            assert_eq!(stdout, expected, "recension {command}");
            shown += 1;
        }
    }
    assert!(shown > 0);
}

/// The program in docs/format.md reads an archive and finds the root that was signed.
#[test]
fn an_archive_can_be_read_as_the_page_on_its_format_says() {
    let page = read("docs/format.md");
    let (_, program) = page.split_once("```python\n").unwrap();
    let (program, _) = program.split_once("```").unwrap();
    let folder = demonstration();
    let opened = Archive::open(folder.path()).unwrap();

    let (leaf, _) = opened.proof(1).unwrap();
    let (_, example) = page.split_once("```text\n52434e31").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let hex: String = example.lines().map(leading_hex).collect();
    assert_eq!(format!("52434e31{hex}"), to_hex(&leaf));

    for program in ["python3", "zstd"] {
        if Command::new(program).arg("--version").output().is_err() {
            eprintln!("skipped: there is no {program} on PATH");
            return;
        }
    }
    fill_a_bundle(&opened);
    let opened = Archive::open(folder.path()).unwrap();
    let output = Command::new("python3")
        .args(["-c", program])
        .arg(folder.path())
        .output()
        .unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{stderr}");
    let size = opened.checkpoint().size();
    let last =
        format!("the first {size} events of demo.example/archive are those that were signed");
    assert_eq!(stdout.lines().last(), Some(last.as_str()));
}

/// Adds failed looks until there is a bundle and events that are in none.
fn fill_a_bundle(opened: &Archive) {
    let stream = opened.documents().unwrap()[0].stream();
    let at = Instant::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
    let look = |number| NewEvent {
        event_id: EventId::demonstration(number),
        stream: StreamId::of_archive(),
        observed_at: at,
        fact: Fact::ObservationsRecorded {
            evidence: None,
            observations: vec![Observation {
                stream,
                observed_at: at,
                outcome: Outcome::Failed {
                    stage: None,
                    reason: format!("failure {number}"),
                },
            }],
        },
    };
    let looks: Vec<NewEvent> = (10_000..10_200).map(look).collect();
    let mut writer = Writer::open(opened.folder()).unwrap();
    writer.record(&looks, at).unwrap();
    assert!(writer.size() > 256 && writer.size() < 512);
}

/// The bytes at the beginning of a line, in hexadecimal, before what it says about them.
fn leading_hex(line: &str) -> String {
    let line = line.trim_start();
    let bytes = line.split("  ").next().unwrap_or_default();
    bytes.split(' ').collect()
}

/// Links between the pages lead to files that are there.
#[test]
fn links_between_pages_hold() {
    fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pages(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    let mut found = vec![
        repository().join("README.md"),
        repository().join("data/README.md"),
    ];
    pages(&repository().join("docs"), &mut found);
    pages(&repository().join("schema"), &mut found);
    for page in found {
        let text = fs::read_to_string(&page).unwrap();
        for (start, _) in text.match_indices("](") {
            let target = text[start + 2..].split([')', '#']).next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = page.parent().unwrap().join(target);
            assert!(path.exists(), "{}: {target} is not there", page.display());
        }
    }
}
