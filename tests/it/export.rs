//! Exported timelines: every form, hostile names in them, and whether others can check them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use recension::archive::{self, Archive, Writer};
use recension::export::timeline::{Judgements, TimelineForm, TimelineWriter};
use recension::model::{
    Cause, CommitId, CommitKind, Content, DocumentName, EventId, Fact, ImportedCommit, Instant,
    Observation, Origin, Outcome, Sha256, Significance, Status, StreamId, VersionRecorded,
};
use recension::prove::{Checkpoint, Note, VerifierKey, leaf_hash, verify_inclusion};
use recension::store::NewEvent;
use serde_json::Value;

const FORMULA: &str = "=cmd|' ,C calc'!A0/Terms of Service";
const MARKUP: &str = "<img src=x onerror=alert(1)> & \"Co\"/www.x.example **bold** [a](b) `c` | d";
const REORDERED: &str = "\u{202e}live, 🦊/＝1+1";
const DOCUMENTS: [&str; 4] = ["Verbelune/Privacy Policy", FORMULA, MARKUP, REORDERED];

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// Records a fact and gives its seq.
fn record(writer: &mut Writer, stream: StreamId, observed_at: Instant, fact: Fact) -> u64 {
    let seq = writer.size();
    let event = NewEvent {
        event_id: EventId::demonstration(seq),
        stream,
        observed_at,
        fact,
    };
    writer.record(&[event], at("2026-01-01T00:00:00Z")).unwrap();
    seq
}

fn version(text: Content, cause: Cause, origin: Origin) -> Fact {
    Fact::VersionRecorded(VersionRecorded {
        text,
        cause,
        origin,
    })
}

/// An archive with every kind of look, of documents with names that are meant to do harm.
fn sample(folder: &Path) -> Archive {
    let now = at("2026-01-01T00:00:00Z");
    archive::init(folder, Some("test.example/export"), &[7; 40], now).unwrap();
    let mut writer = Writer::open(folder).unwrap();
    let mut first = Vec::new();
    for (number, name) in (1..).zip(DOCUMENTS) {
        let document = DocumentName::parse(name).unwrap();
        let stream = StreamId::of_document(&document);
        let observed_at = at(&format!("2023-01-0{number}T12:00:00Z"));
        record(
            &mut writer,
            stream,
            observed_at,
            Fact::DocumentDeclared { document },
        );
        let text = writer
            .put(stream, format!("Text {number}\n").as_bytes())
            .unwrap();
        let fact = version(text, Cause::First, Origin::Demonstration);
        first.push((stream, record(&mut writer, stream, observed_at, fact)));
    }
    let sweep = |day: &str, outcome: &dyn Fn(u64) -> Outcome| Fact::ObservationsRecorded {
        evidence: None,
        observations: first
            .iter()
            .map(|&(stream, seq)| Observation {
                stream,
                observed_at: at(day),
                outcome: outcome(seq),
            })
            .collect(),
    };
    let whole = StreamId::of_archive();
    let unchanged = sweep("2023-02-01T00:00:00Z", &|version_seq| Outcome::Unchanged {
        version_seq,
    });
    record(&mut writer, whole, at("2023-02-01T00:00:00Z"), unchanged);
    let failed = sweep("2023-03-01T00:00:00Z", &|_| Outcome::Failed {
        stage: None,
        reason: "=1+1 <b>\n@x".to_owned(),
    });
    record(&mut writer, whole, at("2023-03-01T00:00:01Z"), failed);
    let stream = first[0].0;
    let text = writer
        .put(stream, "Longer text ü\n".repeat(9).as_bytes())
        .unwrap();
    let origin = Origin::Imported(ImportedCommit {
        commit: CommitId([0xab; 20]),
        committed_at: at("2024-01-01T00:00:09Z"),
        kind: CommitKind::Changes,
        snapshot: None,
        trailers: vec![("X-a".to_owned(), "\"leaf\":\"x\"".to_owned())],
    });
    let fact = version(text, Cause::Changed, origin);
    record(&mut writer, stream, at("2024-01-01T00:00:00.5Z"), fact);
    let fact = Fact::DocumentRetired {
        reason: "-merged".to_owned(),
        successor: None,
        origin: Origin::Demonstration,
    };
    record(&mut writer, stream, at("2025-01-01T00:00:00Z"), fact);
    drop(writer);
    Archive::open(folder).unwrap()
}

fn export(archive: &Archive, form: TimelineForm) -> String {
    let names: Vec<String> = DOCUMENTS.map(str::to_owned).to_vec();
    let mut writer =
        TimelineWriter::begin(Vec::new(), form, archive.checkpoint_line(), &names).unwrap();
    for name in &names {
        let document = archive.document(name).unwrap();
        let (document, entries) = archive
            .proven_timeline(&document, &(Instant::MIN..=Instant::MAX))
            .unwrap();
        writer
            .document(&document, &entries, &Judgements::new())
            .unwrap();
    }
    String::from_utf8(writer.end().unwrap()).unwrap()
}

fn sample_as(form: TimelineForm) -> String {
    let folder = tempfile::tempdir().unwrap();
    export(&sample(folder.path()), form)
}

fn lines(jsonl: &str) -> Vec<Value> {
    jsonl
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The root and size that a verified note states.
fn checkpoint(head: &Value) -> Checkpoint {
    let key: VerifierKey = head["verifier"].as_str().unwrap().parse().unwrap();
    let note = Note::parse(head["note"].as_str().unwrap().as_bytes()).unwrap();
    note.verify(&key).unwrap().parse().unwrap()
}

fn proof(line: &Value) -> (u64, Vec<u8>, Vec<Sha256>) {
    let seq = line["seq"]
        .as_u64()
        .or(line["declared_seq"].as_u64())
        .unwrap();
    let leaf = BASE64_STANDARD
        .decode(line["leaf"].as_str().unwrap())
        .unwrap();
    let siblings = line["inclusion_proof"].as_array().unwrap();
    let siblings = siblings
        .iter()
        .map(|hash| hash.as_str().unwrap().parse().unwrap())
        .collect();
    (seq, leaf, siblings)
}

#[test]
fn jsonl_has_a_line_for_every_look() {
    let lines = lines(&sample_as(TimelineForm::Jsonl));
    let told: Vec<String> = lines
        .iter()
        .map(|line| {
            let what = line["look"]
                .as_str()
                .or(line["origin"].as_str())
                .unwrap_or_default();
            format!("{} {} {what}", line["kind"].as_str().unwrap(), line["seq"])
        })
        .collect();
    assert_eq!(told[0], "checkpoint null test.example/export");
    assert_eq!(
        told[1..7],
        [
            "document null ",
            "entry 1 version",
            "entry 8 unchanged",
            "entry 9 failed",
            "entry 10 version",
            "entry 11 retired",
        ]
    );
    assert_eq!(
        lines.last().unwrap(),
        &serde_json::json!({"kind": "end", "entries": 14})
    );
    assert_eq!(lines[1]["document"], DOCUMENTS[0]);
    assert_eq!(lines[1]["looks"], 4);
    let entry = &lines[5];
    assert_eq!(entry["observed_at"], "2024-01-01T00:00:00.500Z");
    assert_eq!(entry["cause"], "changed");
    assert_eq!(entry["size_bytes"], 135);
    assert_eq!(entry["origin"]["commit_kind"], "changes");
    let keys: BTreeSet<&str> = entry
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = "blob cause document inclusion_proof kind leaf leaf_hash look observed_at origin reason recorded_at seq \
                    sha256 size_bytes version_seq withheld withheld_proof";
    assert_eq!(keys, expected.split(' ').collect());
}

#[test]
fn every_exported_proof_verifies_and_no_altered_one_does() {
    let lines = lines(&sample_as(TimelineForm::Jsonl));
    let checkpoint = checkpoint(&lines[0]);
    let (size, root) = (checkpoint.size(), checkpoint.root());
    let is_proven = |seq, leaf: &[u8], siblings: &[Sha256]| {
        verify_inclusion(&leaf_hash(leaf), seq, size, siblings, root).is_ok()
    };
    for line in &lines[1..lines.len() - 1] {
        let (seq, mut leaf, mut siblings) = proof(line);
        assert!(is_proven(seq, &leaf, &siblings), "{line}");
        assert_eq!(line["leaf_hash"], leaf_hash(&leaf).to_string());
        for bit in 0..leaf.len() * 8 {
            leaf[bit / 8] ^= 1 << (bit % 8);
            assert!(
                !is_proven(seq, &leaf, &siblings),
                "bit {bit} of the leaf of {line}"
            );
            leaf[bit / 8] ^= 1 << (bit % 8);
        }
        for bit in 0..siblings.len() * 256 {
            siblings[bit / 256].0[bit % 256 / 8] ^= 1 << (bit % 8);
            assert!(
                !is_proven(seq, &leaf, &siblings),
                "bit {bit} of the proof of {line}"
            );
            siblings[bit / 256].0[bit % 256 / 8] ^= 1 << (bit % 8);
        }
        assert!(
            (0..size)
                .filter(|other| *other != seq)
                .all(|other| !is_proven(other, &leaf, &siblings))
        );
    }
}

#[test]
fn csv_is_whole_and_harmless() {
    let text = sample_as(TimelineForm::Csv);
    assert!(text.ends_with("\r\n"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|one| one == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 14);
    for cell in rows.iter().flatten() {
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']),
            "{cell:?}"
        );
    }
    assert_eq!(&rows[5][column("document")], format!("'{FORMULA}"));
    assert_eq!(&rows[8][column("document")], MARKUP);
    assert_eq!(&rows[7][column("reason")], "'=1+1 <b>\n@x");
    assert_eq!(&rows[4][column("reason")], "'-merged");
    let numbers = |row: &csv::StringRecord| {
        [
            row[column("entry")].to_owned(),
            row[column("entries")].to_owned(),
        ]
    };
    assert_eq!(numbers(&rows[4]), ["5", "5"]);
    assert_eq!(numbers(&rows[5]), ["1", "3"]);
    // The note can be put together again.
    let row = &rows[0];
    let root: Sha256 = row[column("checkpoint_root")].parse().unwrap();
    let note = format!(
        "{}\n{}\n{}\n\n{}\n",
        &row[column("checkpoint_origin")],
        &row[column("checkpoint_size")],
        BASE64_STANDARD.encode(root.as_bytes()),
        &row[column("checkpoint_signature")]
    );
    let head = serde_json::json!({ "note": note, "verifier": row[column("verifier")] });
    let checkpoint = checkpoint(&head);
    for row in &rows {
        let siblings: Vec<Sha256> = row[column("inclusion_proof")]
            .split(' ')
            .map(|hash| hash.parse().unwrap())
            .collect();
        let leaf = BASE64_STANDARD.decode(&row[column("leaf")]).unwrap();
        let seq = row[column("seq")].parse().unwrap();
        verify_inclusion(&leaf_hash(&leaf), seq, checkpoint.size(), &siblings, &root).unwrap();
    }
}

#[test]
fn markdown_shows_names_as_plain_text_and_repeats_the_lines() {
    let text = sample_as(TimelineForm::Markdown);
    let escaped = r#"## \<img src=x onerror=alert(1)\> \& "Co"/www\.x\.example \*\*bold\*\* \[a\](b) \`c\` \| d"#;
    assert!(text.contains(escaped), "{text}");
    assert!(
        text.contains("## \\\\u\\{202e\\}live, 🦊/＝1+1\n"),
        "{text}"
    );
    let outside: String = fenced(&text, "jsonl").1;
    assert!(!outside.contains('\u{202e}'));
    assert!(
        outside
            .contains("| 2023-03-01T00:00:00Z | failed |  |  | 9 | =1+1 \\<b\\>\\\\u\\{a\\}\\@x |"),
        "{outside}"
    );
    assert!(outside.contains("| 2024-01-01T00:00:00.500Z | version (changed) | 135 | `"));
    assert!(outside.contains("4 looks from 2023-01-01 to 2025-01-01: 2 versions, 1 unchanged, 1 failed. Archiving ended on 2025-01-01."));
    assert_eq!(
        fenced(&text, "jsonl").0.concat(),
        sample_as(TimelineForm::Jsonl)
    );
}

#[test]
fn html_stands_alone_and_shows_names_as_plain_text() {
    let text = sample_as(TimelineForm::Html);
    assert!(text.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    assert!(text.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;Co&quot;/www.x.example"));
    assert!(text.contains("=cmd|&#39; ,C calc&#39;!A0"));
    for forbidden in [
        "<img", "<script", "<b>", "src=\"", "url(", "@import", "<link", "\u{202e}",
    ] {
        assert!(!text.contains(forbidden), "{forbidden}");
    }
    for link in text.split("href=\"").skip(1) {
        assert!(link.starts_with('#'), "{}", &link[..40]);
        let target = link[1..].split('"').next().unwrap();
        assert!(text.contains(&format!("id=\"{target}\"")), "{target}");
    }
    let mut ids: Vec<&str> = text
        .split(" id=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "every id stands once");
    assert!(text.contains("which is the root in the checkpoint"));
    for line in lines(&sample_as(TimelineForm::Jsonl))
        .iter()
        .filter(|line| line["leaf"].is_string())
    {
        let (_, _, siblings) = proof(line);
        assert!(text.contains(line["leaf"].as_str().unwrap()));
        assert!(siblings.iter().all(|hash| text.contains(&hash.to_string())));
    }
}

/// The contents of the fenced blocks of a language, and the text outside them.
fn fenced(markdown: &str, language: &str) -> (Vec<String>, String) {
    let fence = format!("```{language}\n");
    let mut pieces = markdown.split(&fence);
    let mut outside = pieces.next().unwrap().to_owned();
    let mut blocks = Vec::new();
    for piece in pieces {
        let (block, rest) = piece.split_once("\n```\n").unwrap();
        blocks.push(format!("{block}\n"));
        outside.push_str(rest);
    }
    (blocks, outside)
}

fn project(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn command(program: &str, args: &[&str], folder: &Path) -> Output {
    Command::new(program)
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
fn are_installed(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| {
        let probe = Command::new("sh")
            .args(["-c", &format!("command -v {program}")])
            .output();
        !probe.is_ok_and(|output| output.status.success())
    });
    if let Some(program) = missing {
        eprintln!("This test is skipped: {program} is not installed.");
    }
    missing.is_none()
}

#[test]
fn the_commands_of_the_page_on_checking_work_as_they_stand() {
    if !are_installed(&["bash", "python3", "openssl", "xxd", "sha256sum"]) {
        return;
    }
    let page = fs::read_to_string(project("docs/checking-a-timeline.md")).unwrap();
    let (folder, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (archive, work) = (sample(folder.path()), work.path());
    let timeline = export(&archive, TimelineForm::Jsonl);
    fs::write(work.join("timeline.jsonl"), &timeline).unwrap();
    fs::write(
        work.join("timeline.md"),
        export(&archive, TimelineForm::Markdown),
    )
    .unwrap();
    fs::write(work.join("text.md"), "Text 1\n").unwrap();
    for script in ["check_entry.py", "check_fields.py"] {
        fs::copy(project("tests").join(script), work.join(script)).unwrap();
    }
    let script = format!("set -eu\n{}", fenced(&page, "bash").0.concat());
    let output = command("bash", &["-c", &script], work);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{printed}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for expected in [
        &archive.verifier().to_string(),
        "Signature Verified Successfully",
        "18 lines, 0 not proven; the file is whole",
        "the event is in the log",
        "0 lines say something else than their events",
        lines(&timeline)[2]["sha256"].as_str().unwrap(),
    ] {
        assert!(printed.contains(expected), "{expected}: {printed}");
    }

    assert_eq!(
        fs::read_to_string(work.join("timeline.jsonl")).unwrap(),
        timeline
    );
}

#[test]
fn the_scripts_of_the_page_on_checking_find_what_was_altered() {
    if !are_installed(&["python3"]) {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let check = |script: &str, timeline: &str| {
        fs::write(work.path().join("timeline.jsonl"), timeline).unwrap();
        let script = project("tests").join(script);
        let args = [script.to_str().unwrap(), "timeline.jsonl"];
        command("python3", &args, work.path()).status.success()
    };
    let timeline = sample_as(TimelineForm::Jsonl);
    assert!(check("check_entry.py", &timeline) && check("check_fields.py", &timeline));
    let leaf_hash = lines(&timeline)[3]["leaf_hash"]
        .as_str()
        .unwrap()
        .to_owned();
    let cut: String = timeline.split_inclusive('\n').take(9).collect();
    assert!(!check(
        "check_entry.py",
        &timeline.replace(&leaf_hash, &"0".repeat(64))
    ));
    assert!(!check(
        "check_entry.py",
        &timeline.replace("\"seq\":11", "\"seq\":10")
    ));
    assert!(!check("check_entry.py", &cut));
    for (was, becomes) in [
        ("Verbelune", "Verbelume"),
        ("2023-02-01T", "2023-02-02T"),
        ("2024-01-01T00:00:00.500Z", "2024-01-01T00:00:00.501Z"),
        ("\"size_bytes\":135", "\"size_bytes\":136"),
        ("\"version_seq\":1,", "\"version_seq\":3,"),
        ("-merged", "-merger"),
        ("=1+1", "=1+2"),
        ("2026-01-01T", "2026-01-02T"),
        ("\"cause\":\"changed\"", "\"cause\":\"first\""),
    ] {
        assert!(
            timeline.contains(was) && !check("check_fields.py", &timeline.replace(was, becomes)),
            "{was}"
        );
    }
}

#[test]
fn the_command_writes_a_whole_file_and_only_the_dates_asked_for() {
    let (folder, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(sample(folder.path()));
    let archive = folder.path().to_str().unwrap();
    let run = |args: &[&str]| {
        let args = [&["--archive", archive, "export", "timeline"], args].concat();
        command(env!("CARGO_BIN_EXE_recension"), &args, work.path())
    };
    let args = [
        "verbelune/privacy policy",
        DOCUMENTS[0],
        "--since",
        "2023-02",
        "--until",
        "2023",
    ];
    let printed = run(&args);
    assert!(printed.status.success(), "{printed:?}");
    let text = String::from_utf8(printed.stdout).unwrap();
    let seqs: Vec<u64> = lines(&text)
        .iter()
        .filter_map(|line| line["seq"].as_u64())
        .collect();
    assert_eq!(seqs, [8, 9]);
    let written = run(&[&args[..], &["--output", "out.jsonl"]].concat());
    assert!(
        written.status.success() && written.stdout.is_empty(),
        "{written:?}"
    );
    assert_eq!(
        fs::read_to_string(work.path().join("out.jsonl")).unwrap(),
        text
    );
    assert_eq!(fs::read_dir(work.path()).unwrap().count(), 1);
    let refused = run(&["Verbelune/Cookies Policy", "--output", "out.jsonl"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        fs::read_to_string(work.path().join("out.jsonl")).unwrap(),
        text
    );
}

/// A timeline of versions that are judged so, one a day, with a look that shows each again.
fn judged_page(judged: &[Option<(Significance, Status)>]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let now = at("2026-01-01T00:00:00Z");
    archive::init(folder.path(), Some("test.example/judged"), &[7; 40], now).unwrap();
    let mut writer = Writer::open(folder.path()).unwrap();
    let document = DocumentName::parse(DOCUMENTS[0]).unwrap();
    let stream = StreamId::of_document(&document);
    let mut judgements = Judgements::new();
    let first = at("2023-01-01T00:00:00Z");
    record(
        &mut writer,
        stream,
        first,
        Fact::DocumentDeclared { document },
    );
    for (day, judgement) in (1..).zip(judged) {
        let text = "Text\n".repeat(100 + day % 2 * 20);
        let text = writer.put(stream, text.as_bytes()).unwrap();
        let cause = if day == 1 {
            Cause::First
        } else {
            Cause::Changed
        };
        let observed_at = at(&format!("2023-01-{day:02}T12:00:00Z"));
        let fact = version(text, cause, Origin::Demonstration);
        let version_seq = record(&mut writer, stream, observed_at, fact);
        judgements.extend(judgement.map(|judgement| (version_seq, judgement)));
        let observed_at = at(&format!("2023-01-{day:02}T18:00:00Z"));
        let observations = vec![Observation {
            stream,
            observed_at,
            outcome: Outcome::Unchanged { version_seq },
        }];
        let fact = Fact::ObservationsRecorded {
            observations,
            evidence: None,
        };
        record(&mut writer, StreamId::of_archive(), observed_at, fact);
    }
    drop(writer);
    let archive = Archive::open(folder.path()).unwrap();
    let document = archive.document(DOCUMENTS[0]).unwrap();
    let all = Instant::MIN..=Instant::MAX;
    let (document, entries) = archive.proven_timeline(&document, &all).unwrap();
    let names = [DOCUMENTS[0].to_owned()];
    let checkpoint = archive.checkpoint_line();
    let mut writer =
        TimelineWriter::begin(Vec::new(), TimelineForm::Html, checkpoint, &names).unwrap();
    writer.document(&document, &entries, &judgements).unwrap();
    String::from_utf8(writer.end().unwrap()).unwrap()
}

/// How often a text stands in another.
fn times(page: &str, text: &str) -> usize {
    page.matches(text).count()
}

#[test]
fn html_shows_what_versions_brought_and_folds_what_alternates() {
    let sure = |significance| Some((significance, Status::Confirmed));
    let reverted = sure(Significance::Reverted);
    let judged = [
        None,
        sure(Significance::Substantive),
        reverted,
        reverted,
        reverted,
        reverted,
        sure(Significance::Editorial),
        reverted,
        reverted,
        sure(Significance::Presentational),
        Some((Significance::CaptureFault, Status::Unconfirmed)),
        sure(Significance::ReExtraction),
    ];
    let page = judged_page(&judged);
    // Four that alternate are one row, with the looks between them; two aren't.
    assert_eq!(times(&page, "4 versions</span>, reverted"), 1);
    assert_eq!(
        times(
            &page,
            "<td><span class=\"look\">version (changed)</span>, reverted"
        ),
        2
    );
    assert_eq!(times(&page, "<tr class=\"version\">"), judged.len() - 3);
    assert_eq!(times(&page, "<tr class=\"unchanged\">"), judged.len() - 3);
    // Nothing is lost from the evidence.
    assert_eq!(times(&page, "<summary>version"), judged.len());
    assert_eq!(times(&page, "<summary>unchanged"), judged.len());
    for (significance, _) in judged.into_iter().flatten() {
        assert!(page.contains(&format!("version: {}", significance.word())));
    }
    assert_eq!(times(&page, "class=\"unconfirmed\""), 2);
    assert_eq!(times(&page, "4 ×</text>"), 1);
    assert!(!judged_page(&[None, None]).contains("<figcaption>"));
}
