//! Dossiers: what they quote, that they are the same whenever they are made, and that they keep to what is archived.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use recension::export::hidden::{is_hidden, is_joiner};
use recension::model::Sha256;
use recension::prove::verify_inclusion;
use serde_json::Value;

use crate::picture::assert_whole;
use crate::provisions::turned;
use crate::shapes::Schema;
use crate::support::archive::{Archive, seconds, text};
use crate::support::fixture::Fixture;

/// A platform whose name and clauses try to be markup.
const HOSTILE: &str = "O'Hare <b>& \"Co\" `x` | *y*";

const TERMS: &str = "# Terms\n\n## Changes\n\nWe may change these terms at any time.\n\n## Disputes\n\n\
    Any dispute shall be settled by binding arbitration.\n\nThe laws of Portugal govern this agreement.\n";
const PRIVACY: &str = "# Privacy\n\n## What we *collect*\n\nWe collect your [e\u{2011}mail address](https://alder.example) and \
    the **pages**\nthat you open.\n\n- We do not sell your personal information.\n- We use cookies \u{2014} and pixels.\n\n\
    | Category | Collected | Disclosed |\n| --- | --- | --- |\n| Geolocation data. Physical location. | NO | NO |\n";

fn hostile() -> String {
    "# Terms <script>\n\n## 1. Laws & `courts` | *here*\n\nThe laws of <b>Portugal</b> govern this agreement,\n\
     - as \\ they are, 'as is' & \"as was\"\n2) http://www.ohare.example or mailto:a@ohare.example:80\n\n\
     1. You agree to indemnify us\u{202E} for $5, _always_ and ~~never~~ at 12:30.\n\n\
     -   We may change these terms at any time,\n    ### without any notice!\n\n\
     Any dispute\n: shall be settled by binding arbitration,\n=== without appeal.\n\n\
     We do not sell your personal\u{200B} information, except to </blockquote> partners <!-- if you consent -->.\n"
        .to_owned()
}

/// Three platforms and a half: Alder over a year with a long silence, Birch, Cedar without a privacy policy, the hostile one.
fn history() -> Fixture {
    let mut history = Fixture::new();
    let mut commit = |files: &[(&str, &str)], at: &str| {
        let files: Vec<(&str, Option<&str>)> = files
            .iter()
            .map(|(path, text)| (*path, Some(*text)))
            .collect();
        history.commit(&files, "Update", seconds(at));
    };
    let path = |document: &str| format!("{HOSTILE}/{document}.md");
    commit(
        &[
            ("Alder/Terms of Service.md", TERMS),
            ("Alder/Privacy Policy.md", PRIVACY),
            ("Birch/Terms of Service.md", TERMS),
            (
                "Birch/Privacy Policy.md",
                "# Privacy\n\nWe sell your personal information to advertisers.\n",
            ),
            ("Cedar/Terms of Service.md", "# Terms\n\nBe kind.\n"),
            (&path("Terms of Service"), &hostile()),
        ],
        "2024-01-10T00:00:00Z",
    );
    let presentational = PRIVACY.replace("**pages**", "pages");
    commit(
        &[("Alder/Privacy Policy.md", &presentational)],
        "2024-02-01T00:00:00Z",
    );
    let without = TERMS.replace(
        "Any dispute shall be settled by binding arbitration.",
        "Any dispute goes to the courts of Lisbon.",
    );
    commit(
        &[("Alder/Terms of Service.md", &without)],
        "2024-08-01T00:00:00Z",
    );
    let more = format!("{without}\nYou may not resell access to the platform.\n");
    commit(
        &[("Alder/Terms of Service.md", &more)],
        "2024-08-20T00:00:00Z",
    );
    history
}

fn json(archive: &Archive, args: &[&str]) -> Value {
    let mut all = vec!["report"];
    all.extend(args);
    all.extend(["--format", "json"]);
    let ran = archive.recension(&all);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    ran.json().remove(0)
}

fn strings(values: &Value, field: &str) -> Vec<String> {
    let values = values.as_array().unwrap().iter();
    values
        .map(|one| one[field].as_str().unwrap().to_owned())
        .collect()
}

/// What is hidden is shown as an escape, in quotes as in all text from outside.
fn visible(text: &str) -> String {
    let shown = |c: char| {
        let hides = c != '\n' && (c.is_control() || is_hidden(c) && !is_joiner(c));
        if hides {
            c.escape_unicode().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(shown).collect()
}

/// The quotes of a page, as a browser takes them.
pub fn quotes_of_page(page: &str) -> Vec<String> {
    let quotes = page.split("<blockquote dir=\"auto\">").skip(1);
    let bare = |quote: &str| {
        let quote = quote.split("</blockquote>").next().unwrap();
        assert!(!quote.contains(['<', '>', '"', '\'']), "{quote}");
        let marks = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ];
        marks.iter().fold(quote.to_owned(), |text, (escape, mark)| {
            text.replace(escape, mark)
        })
    };
    quotes.map(bare).collect()
}

/// The quotes of a Markdown document, as a reader of Markdown takes them: plain text and nothing else.
fn quotes_of_markdown(markdown: &str) -> Vec<String> {
    let (mut quotes, mut quote) = (Vec::new(), None::<String>);
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_GFM
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    for event in Parser::new_ext(markdown, options) {
        match (event, &mut quote) {
            (Event::Start(Tag::BlockQuote(_)), _) => quote = Some(String::new()),
            (Event::End(TagEnd::BlockQuote(_)), _) => quotes.extend(quote.take()),
            (Event::Start(Tag::Paragraph), Some(text)) if !text.is_empty() => text.push_str("\n\n"),
            (Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph), Some(_)) | (_, None) => {
            }
            (Event::Text(words), Some(text)) => text.push_str(&words),
            (Event::SoftBreak | Event::HardBreak, Some(text)) => text.push('\n'),
            (other, Some(text)) => panic!("{other:?} after {text:?}"),
        }
    }
    quotes
}

/// Lines without the gaps at their ends, which Markdown drops.
fn lines(text: &str) -> Vec<String> {
    text.split('\n')
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn every_quote_is_the_archived_bytes_at_its_span_in_every_form() {
    let archive = Archive::of(&history());
    let mut all = 0;
    for name in ["Alder", "Birch", "Alder/Privacy Policy", HOSTILE] {
        let dossier = json(&archive, &[name]);
        let mut quotes = Vec::new();
        for line in dossier["provisions"].as_array().unwrap() {
            let seq = line["version_seq"].to_string();
            let ran = archive.recension(&["show", "--event", &seq, "--format", "raw"]);
            let end = |end: &str| usize::try_from(line["span"][end].as_u64().unwrap()).unwrap();
            let quote = line["quote"].as_str().unwrap();
            assert_eq!(&ran.bytes[end("start")..end("end")], quote.as_bytes());
            assert_eq!(line["sha256"], Sha256::of(&[&ran.bytes]).to_string());
            quotes.push(quote.to_owned());
        }
        let page = archive.fine(&["report", name, "--format", "html"]);
        let expected: Vec<String> = quotes.iter().map(|quote| visible(quote)).collect();
        assert_eq!(quotes_of_page(&page), expected);
        let markdown = archive.fine(&["report", name]);
        let read: Vec<Vec<String>> = quotes_of_markdown(&markdown)
            .iter()
            .map(|one| lines(one))
            .collect();
        let expected: Vec<Vec<String>> = expected.iter().map(|one| lines(one)).collect();
        assert_eq!(read, expected);
        all += quotes.len();
    }
    assert!(all > 20, "{all}");
}

#[test]
fn the_same_archive_gives_the_same_dossier_whenever_it_is_made() {
    let archive = Archive::of(&history());
    for format in ["md", "html", "json"] {
        let made = |now: &str| {
            let args = ["--now", now, "report", "Alder", "--format", format];
            archive.recension(&args).bytes
        };
        let first = made("2025-06-02T00:00:00Z");
        assert!(first == made("2031-01-01T00:00:00Z"), "{format}");
        let file = archive.place("dossier");
        archive.prints(
            &[
                "report",
                "Alder",
                "--format",
                format,
                "--output",
                text(&file),
            ],
            "",
        );
        assert!(first == std::fs::read(file).unwrap(), "{format}");
    }
    // It is as of the newest observation of its own documents.
    assert_eq!(json(&archive, &["Alder"])["as_of"], "2024-08-20T00:00:00Z");
    assert_eq!(
        json(&archive, &["Alder/Privacy Policy"])["as_of"],
        "2024-02-01T00:00:00Z"
    );
}

#[test]
fn a_page_stands_alone_and_runs_nothing() {
    let archive = Archive::of(&history());
    for name in ["Alder", HOSTILE, "Cedar/Terms of Service"] {
        let page = archive.fine(&["report", name, "--format", "html"]);
        assert_whole(&page);
        for forbidden in [
            "<script",
            "<img",
            "<link",
            "src=\"",
            "url(",
            "@import",
            "href=\"h",
            "<b>Portugal",
            "<!-- if",
        ] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        // What draws is said in words too.
        assert_eq!(
            page.matches("<svg class=\"drawing\"").count(),
            page.matches("<desc ").count()
        );
        assert_eq!(
            page.matches("<table").count(),
            page.matches("<caption>").count()
        );
        // A regulation that is engaged is never said to be broken.
        for word in ["breaches", "violates", "infringes", "does not comply"] {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[test]
fn prose_in_markdown_fits_eighty_columns() {
    let archive = Archive::of(&history());
    let markdown = archive.fine(&["report", "Alder"]);
    let mut code = false;
    for line in markdown.lines() {
        code ^= line.starts_with("```");
        let is_prose = !code && !line.starts_with(['|', '>', '#']) && !line.contains('`');
        assert!(!is_prose || line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn the_period_bounds_the_changes_and_what_is_left_out_is_counted() {
    let archive = Archive::of(&history());
    let dossier = json(&archive, &["Alder"]);
    let listed = strings(&dossier["changes"]["listed"], "id");
    let known = archive
        .recension(&["changes", "Alder", "--format", "json"])
        .json();
    assert_eq!(listed, strings(&known[0], "id"));
    assert_eq!(
        strings(&dossier["changes"]["listed"], "headline"),
        strings(&known[0], "headline")
    );
    assert_eq!(listed.len(), 2);
    let left_out = &dossier["changes"]["left_out"];
    assert_eq!(
        left_out.to_string(),
        r#"[{"changes":1,"significance":"presentational","status":"confirmed"}]"#
    );
    let within = json(
        &archive,
        &["Alder", "--from", "2024-08-10", "--to", "2024-09"],
    );
    assert_eq!(strings(&within["changes"]["listed"], "id"), listed[1..]);
    assert_eq!(within["changes"]["left_out"], Value::Array(Vec::new()));
    assert_eq!(within["since"], "2024-08-10T00:00:00Z");
    assert_eq!(within["as_of"], "2024-09-30T23:59:59.999999Z");
    // The document that was not seen in the period is still told as of its end.
    let [privacy, terms] = &within["documents"].as_array().unwrap()[..] else {
        panic!("{within:#}");
    };
    assert_eq!(
        (
            &terms["coverage"]["versions"],
            &privacy["coverage"]["versions"]
        ),
        (&Value::from(1), &Value::from(0))
    );
    assert_eq!(privacy["answer"]["last_seen"], "2024-02-01T00:00:00Z");
    archive.complains(
        &["report", "Alder", "--from", "2025", "--to", "2024"],
        2,
        "error: the period begins at 2025-01-01T00:00:00Z, after its end at 2024-12-31T23:59:59.999999Z: nothing lies between \
         them\n",
    );
}

/// What became of Alder's provisions by the changes that its dossier lists, which tells all but those reworded.
fn turned_in(archive: &Archive) -> Vec<Value> {
    let dossier = json(archive, &["Alder"]);
    let mut told = Vec::new();
    for line in dossier["changes"]["listed"].as_array().unwrap() {
        let id = line["id"].as_str().unwrap();
        let change = archive.recension(&["change", id, "--format", "json"]);
        let all = change.json().remove(0)["provisions"].take();
        let (reworded, turned): (Vec<Value>, Vec<Value>) = all
            .as_array()
            .unwrap()
            .iter()
            .cloned()
            .partition(|one| one["turn"] == "reworded");
        assert_eq!(line["provisions"], Value::Array(turned.clone()));
        assert_eq!(line["reworded"], Value::from(reworded.len()));
        told.extend(turned);
        told.extend(reworded);
    }
    told
}

#[test]
fn a_listed_change_says_which_provisions_came_went_or_turned() {
    let mut told = turned_in(&Archive::of(&turned()));
    for turn in ["added", "removed", "widened", "reworded"] {
        assert!(told.iter().any(|one| one["turn"] == turn), "{turn}");
    }
    let archive = Archive::of(&history());
    told = turned_in(&archive);
    let gone = told.iter().find(|one| one["kind"] == "arbitration");
    let gone = gone.unwrap_or_else(|| panic!("{told:#?}"));
    assert_eq!(
        (&gone["turn"], &gone["remains"]["what"]),
        (&Value::from("removed"), &Value::from("none found"))
    );
    let at = &gone["before"]["span"];
    let sentence = format!(
        "Arbitration: removed, by a clause that went: stated before (bytes {}-{})",
        at["start"], at["end"]
    );
    let quote = gone["before"]["quote"].as_str().unwrap();
    assert_eq!(
        quote,
        "Any dispute shall be settled by binding arbitration."
    );
    for format in ["md", "html"] {
        let shown = archive.fine(&["report", "Alder", "--format", format]);
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = format!("before: “{quote}”");
        for wanted in [sentence.as_str(), &said] {
            assert!(shown.contains(wanted), "{wanted} in {shown}");
        }
    }
    // What tells provisions is named.
    let dossier = json(&archive, &["Alder"]);
    let classifier = dossier["made_by"]["classifier"].as_str().unwrap();
    for format in ["md", "html"] {
        let shown = archive.fine(&["report", "Alder", "--format", format]);
        assert!(shown.contains(classifier), "{classifier}");
    }
}

#[test]
fn a_page_has_room_for_some_of_the_provisions_that_a_change_touched() {
    let kinds = Archive::new()
        .recension(&["taxonomy", "--format", "json"])
        .json();
    let examples = kinds[0].as_array().unwrap().iter();
    let examples = examples.map(|kind| kind["positive"][0].as_str().unwrap());
    let more = examples.collect::<Vec<_>>().join("\n\n");
    let mut history = Fixture::new();
    for (text, at) in [("Be kind.", "2024-01-01"), (&more, "2024-03-01")] {
        let text = format!("# Terms\n\n{text}\n");
        let at = seconds(&format!("{at}T00:00:00Z"));
        history.commit(&[("Alder/Terms.md", Some(&text))], "Update", at);
    }
    let archive = Archive::of(&history);
    let dossier = json(&archive, &["Alder"]);
    let all = &dossier["changes"]["listed"][0]["provisions"];
    let left = all.as_array().unwrap().len() - 12;
    let html = archive.fine(&["report", "Alder", "--format", "html"]);
    let (_, list) = html.split_once("<ul class=\"touched\">").unwrap();
    let (list, _) = list.split_once("</ul>").unwrap();
    assert_eq!(list.matches("<li>").count(), 13);
    let markdown = archive.fine(&["report", "Alder"]);
    for page in [list, &markdown] {
        let wanted = format!("{left} provisions more, which recension change shows");
        assert!(page.contains(&wanted), "{wanted} in {page}");
    }
}

#[test]
fn gaps_in_the_observation_are_told() {
    let archive = Archive::of(&history());
    let dossier = json(&archive, &["Alder", "--as-of", "2024-12-31"]);
    let terms = &dossier["documents"][1];
    assert_eq!(terms["document"]["document"], "Alder/Terms of Service");
    let gaps = terms["coverage"]["longest_gaps"].as_array().unwrap();
    let told: Vec<String> = gaps
        .iter()
        .map(|gap| format!("{} {} {}", gap["from"], gap["days"], gap["same_text"]))
        .collect();
    assert_eq!(
        told,
        [
            "\"2024-01-10T00:00:00Z\" 204 false",
            "\"2024-08-20T00:00:00Z\" 133 null"
        ]
    );
    assert_eq!(terms["coverage"]["gaps"], 2);
    // What was seen before the period counts as seen at its beginning.
    let within = json(
        &archive,
        &["Alder", "--from", "2024-05", "--to", "2024-12-31"],
    );
    let first = &within["documents"][1]["coverage"]["longest_gaps"][0];
    assert_eq!(
        (&first["from"], &first["days"]),
        (&Value::from("2024-05-01T00:00:00Z"), &Value::from(92))
    );
}

#[test]
fn where_none_was_found_it_is_said_so_and_nothing_else() {
    let archive = Archive::of(&history());
    let dossier = json(&archive, &["Alder"]);
    let comparison = &dossier["comparison"];
    // Birch has both types; the others share one and come in the order of their names.
    assert_eq!(
        strings(&comparison["platforms"], "platform"),
        ["Alder", "Birch", "Cedar", HOSTILE]
    );
    let row = |kind: &str| {
        let rows = comparison["rows"].as_array().unwrap();
        rows.iter().find(|row| row["kind"] == kind).unwrap()["cells"].clone()
    };
    let sale = row("data-sale");
    assert_eq!(
        (&sale[0]["denied"], &sale[0]["stated"]),
        (&Value::from(1), &Value::from(0))
    );
    assert_eq!(
        (&sale[1]["denied"], &sale[1]["stated"]),
        (&Value::from(0), &Value::from(1))
    );
    assert_eq!(
        sale[2]["finding"],
        "none found in the documents of Cedar that were archived as of 2024-08-20T00:00:00Z"
    );
    // Alder let arbitration go before that; Birch still has it.
    let arbitration = row("arbitration");
    assert!(arbitration[0]["finding"].is_string() && arbitration[1]["finding"].is_null());
    let before = json(
        &archive,
        &[
            "Alder",
            "--as-of",
            "2024-06",
            "--peers",
            "Birch,alder,birch",
        ],
    );
    assert_eq!(
        strings(&before["comparison"]["platforms"], "platform"),
        ["Alder", "Birch"]
    );
    assert!(strings(&before["kinds"], "kind").contains(&"arbitration".to_owned()));
    assert!(json(&archive, &["Alder", "--peers", "none"])["comparison"].is_null());
    let page = archive.fine(&["report", "Alder", "--peers", "none", "--format", "html"]);
    assert!(!page.contains("Beside other platforms"));
    archive.complains(
        &["report", "Alder", "--peers", "Bich"],
        2,
        "error: there is no platform \"Bich\" in this archive\nhint: did you mean Birch?\n",
    );
    // A platform that had no such document by then has no text to read.
    let early = archive.recension(&[
        "report", "Alder", "--as-of", "2023", "--peers", "Birch", "--format", "json",
    ]);
    assert_eq!(early.code, 1);
    let early = early.json().remove(0);
    assert_eq!(early["provisions"], Value::Array(Vec::new()));
    assert_eq!(early["documents"][0]["answer"]["found"], false);
}

#[test]
fn regulations_and_questions_are_those_of_the_kinds_that_were_found() {
    let archive = Archive::of(&history());
    let dossier = json(&archive, &["Alder"]);
    let found: BTreeSet<String> = strings(&dossier["kinds"], "kind").into_iter().collect();
    let held: BTreeSet<String> = strings(&dossier["provisions"], "kind")
        .into_iter()
        .collect();
    assert_eq!(found, held);
    let mut expected = BTreeSet::new();
    for kind in &found {
        let kind = archive
            .recension(&["taxonomy", kind, "--format", "json"])
            .json()
            .remove(0);
        for citation in kind[0]["regulations"].as_array().unwrap() {
            let (regulation, article) = citation.as_str().unwrap().split_once(':').unwrap();
            expected.insert(format!(
                "{regulation} {article} {}",
                kind[0]["id"].as_str().unwrap()
            ));
        }
    }
    let mut told = BTreeSet::new();
    for regulation in dossier["regulations"].as_array().unwrap() {
        assert!(regulation["identifier"].is_string() && regulation["applies_from"].is_string());
        for article in regulation["articles"].as_array().unwrap() {
            for kind in article["kinds"].as_array().unwrap() {
                let (regulation, article) = (&regulation["regulation"], &article["article"]);
                let name = |value: &Value| value.as_str().unwrap().to_owned();
                told.insert(format!(
                    "{} {} {}",
                    name(regulation),
                    name(article),
                    name(kind)
                ));
            }
        }
    }
    assert!(!expected.is_empty());
    assert_eq!(told, expected);
}

#[test]
fn the_evidence_proves_what_is_quoted() {
    let archive = Archive::of(&history());
    let dossier = json(&archive, &["Alder"]);
    let evidence = dossier["evidence"].as_array().unwrap();
    let quoted: BTreeSet<u64> = dossier["provisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["version_seq"].as_u64().unwrap())
        .collect();
    let proven: BTreeSet<u64> = evidence
        .iter()
        .map(|line| line["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(proven, quoted);
    let open = archive.open();
    let checkpoint = open.checkpoint();
    let hash = |value: &Value| {
        let digits = value.as_str().unwrap();
        let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
        Sha256(std::array::from_fn(byte))
    };
    for line in evidence {
        let proof: Vec<Sha256> = line["inclusion_proof"]
            .as_array()
            .unwrap()
            .iter()
            .map(hash)
            .collect();
        let seq = line["seq"].as_u64().unwrap();
        verify_inclusion(
            &hash(&line["leaf_hash"]),
            seq,
            checkpoint.size(),
            &proof,
            checkpoint.root(),
        )
        .unwrap();
        let event = open.event(seq).unwrap();
        assert_eq!(line["event_id"], event.event_id.to_string());
        // The commands that can be run anywhere are those of this program.
        for command in line["commands"].as_array().unwrap() {
            let command = command.as_str().unwrap();
            assert!(command.starts_with("recension "), "{command}");
        }
    }
}

#[test]
fn what_is_withheld_is_not_quoted_and_said_to_be_withheld() {
    let archive = Archive::of(&history());
    let dossier = json(&archive, &["Alder"]);
    let blob = dossier["documents"][0]["answer"]["blob"]
        .as_str()
        .unwrap()
        .to_owned();
    archive.recension(&["withhold", &blob, "--reason", "an <order>"]);
    let dossier = json(&archive, &["Alder"]);
    assert!(
        strings(&dossier["provisions"], "document")
            .iter()
            .all(|one| one == "Alder/Terms of Service")
    );
    assert_eq!(dossier["documents"][0]["provisions"], Value::Null);
    let page = archive.fine(&["report", "Alder", "--format", "html"]);
    assert_whole(&page);
    assert!(page.contains("an &lt;order&gt;"), "{page}");
    assert!(archive.fine(&["report", "Alder"]).contains("withheld"));
}

#[test]
fn what_was_not_known_is_left_out() {
    let archive = Archive::of(&history());
    let mut later = history();
    later.commit(
        &[(
            "Alder/Terms of Service.md",
            Some("# Terms\n\nThe laws of Spain govern this agreement.\n"),
        )],
        "Update",
        seconds("2024-09-01"),
    );
    let now = "2025-07-01T00:00:00Z";
    archive.import(&later, now);
    let known = |at: &str| {
        let args = [
            "--now",
            now,
            "report",
            "Alder",
            "--known-at",
            at,
            "--format",
            "json",
        ];
        archive.recension(&args).json().remove(0)
    };
    let (before, after) = (known("2025-06-30"), known("2025-07-01"));
    assert_eq!(
        (&before["as_of"], &after["as_of"]),
        (
            &Value::from("2024-08-20T00:00:00Z"),
            &Value::from("2024-09-01T00:00:00Z")
        )
    );
    assert_eq!(before["changes"]["listed"].as_array().unwrap().len(), 2);
    assert_eq!(after["changes"]["listed"].as_array().unwrap().len(), 3);
    let first = json(&Archive::of(&history()), &["Alder"]);
    assert_eq!(before["provisions"], first["provisions"]);
}

#[test]
fn dossiers_are_as_their_schema_says() {
    let archive = Archive::of(&history());
    let schema = Schema::read("dossier");
    schema.accepts(&json(
        &archive,
        &["Cedar/Terms of Service", "--peers", "Birch"],
    ));
    let changed = json(&archive, &["Alder/Terms of Service", "--peers", "none"]);
    assert!(
        !changed["changes"]["listed"][0]["provisions"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    schema.accepts(&changed);
    let mut dossier = json(&archive, &["Birch/Privacy Policy", "--peers", "none"]);
    // One of each is enough to see a field more.
    for list in ["kinds", "provisions", "regulations"] {
        dossier[list].as_array_mut().unwrap().truncate(1);
    }
    schema.accepts(&dossier);
}
