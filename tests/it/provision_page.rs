//! The page of a provision in all its forms, and how other platforms word the same.

use serde_json::Value;

use crate::picture::assert_whole;
use crate::report::quotes_of_page;
use crate::support::archive::{Archive, seconds};
use crate::support::fixture::Fixture;

const SALE: &str = "We do not sell your personal information to third parties.";
const REWORDED: &str =
    "We do not sell your personal information to any third parties <b>or</b> partners.";

/// Alder rewords its clause; the others hold it in words that are ever farther from it, but for Cedar; Zelkova comes later.
fn history() -> Fixture {
    let mut history = Fixture::new();
    let privacy = |clause: &str| format!("# Privacy Policy\n\n## Sale\n\n{clause}\n");
    let mut files = vec![
        ("Alder/Privacy Policy.md".to_owned(), privacy(SALE)),
        (
            "Cedar/Terms.md".to_owned(),
            "# Terms\n\nBe kind.\n".to_owned(),
        ),
    ];
    let words = ["and", "we", "never", "will", "for", "money", "at all"];
    for (place, name) in ["Beech", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel"]
        .iter()
        .enumerate()
    {
        let clause = format!(
            "{} {}.",
            SALE.trim_end_matches('.'),
            words[..=place].join(" ")
        );
        files.push((format!("{name}/Privacy Policy.md"), privacy(&clause)));
    }
    let mut commit = |files: &[(String, String)], at: &str| {
        let files: Vec<(&str, Option<&str>)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), Some(text.as_str())))
            .collect();
        history.commit(&files, "Record new changes", seconds(at));
    };
    commit(&files, "2025-01-01T00:00:00Z");
    let alder = ("Alder/Privacy Policy.md".to_owned(), privacy(REWORDED));
    commit(&[alder], "2025-02-01T00:00:00Z");
    let late = ("Zelkova/Privacy Policy.md".to_owned(), privacy(REWORDED));
    commit(&[late], "2025-03-01T00:00:00Z");
    history
}

/// The name of Alder's provision in its newest version.
fn provision(archive: &Archive) -> String {
    let args = [
        "provisions",
        "Alder",
        "--kind",
        "data-sale",
        "--format",
        "jsonl",
    ];
    let held = archive.recension(&args).json();
    held[0]["id"].as_str().unwrap().to_owned()
}

fn page(archive: &Archive, id: &str, args: &[&str]) -> Value {
    let all = [&["provision", id, "--format", "json"], args].concat();
    archive.recension(&all).json().remove(0)
}

fn names(others: &Value) -> Vec<&str> {
    let nearest = others["nearest"].as_array().unwrap().iter();
    nearest
        .map(|one| one["platform"].as_str().unwrap())
        .collect()
}

#[test]
fn others_are_quoted_to_the_byte_as_of_the_version_the_nearest_first() {
    let archive = Archive::of(&history());
    let id = provision(&archive);
    let told = page(&archive, &id, &[]);
    let others = &told["others"];
    assert_eq!(others["as_of"], "2025-02-01T00:00:00Z");
    assert_eq!(names(others), ["Beech", "Dogwood", "Elm", "Fir", "Ginkgo"]);
    assert_eq!(others["more"], 1);
    assert_eq!(others["none_found"], serde_json::json!(["Cedar"]));
    for platform in others["nearest"].as_array().unwrap() {
        for line in platform["provisions"].as_array().unwrap() {
            let seq = line["version_seq"].to_string();
            let text = archive.fine(&["show", "--event", &seq, "--format", "raw"]);
            let end = |end: &str| usize::try_from(line["span"][end].as_u64().unwrap()).unwrap();
            assert_eq!(
                &text[end("start")..end("end")],
                line["quote"].as_str().unwrap()
            );
        }
    }
    // What was archived later is told where it is asked for.
    let later = page(&archive, &id, &["--as-of", "2025-03"]);
    assert_eq!(names(&later["others"])[0], "Zelkova");
    let named = page(&archive, &id, &["--platforms", "cedar,Fir,fir"]);
    assert_eq!(names(&named["others"]), ["Fir"]);
    assert_eq!(named["others"]["none_found"], others["none_found"]);
    assert!(page(&archive, &id, &["--platforms", "none"])["others"].is_null());
    archive.complains(
        &["provision", &id, "--platforms", "Beach"],
        2,
        "error: there is no platform \"Beach\" in this archive\nhint: did you mean Beech?\n",
    );
    // A platform whose text is taken out is never said to have none.
    let blob = archive.recension(&["show", "Cedar/Terms", "--format", "json"]);
    let blob = blob.json()[0]["blob"].as_str().unwrap().to_owned();
    archive.recension(&["withhold", &blob, "--reason", "an order"]);
    let others = &page(&archive, &id, &[])["others"];
    assert_eq!(others["none_found"], serde_json::json!([]));
    assert_eq!(others["unread"], serde_json::json!(["Cedar"]));
    let compared = ["compare", "data-sale", "--format", "jsonl"];
    for line in archive.recension(&compared).json() {
        let is_cedar = line["platform"] == "Cedar";
        assert_eq!(line["finding"].is_string(), is_cedar, "{line:#}");
        assert!(!line["finding"].to_string().contains("none found"));
    }
}

#[test]
fn the_evidence_stands_in_every_form() {
    let archive = Archive::of(&history());
    let id = provision(&archive);
    let told = page(&archive, &id, &[]);
    let evidence = &told["evidence"];
    for format in ["text", "json", "jsonl", "html"] {
        let shown = archive.fine(&["provision", &id, "--format", format]);
        for value in [
            &evidence["event_id"],
            &evidence["sha256"],
            &evidence["leaf_hash"],
            &told["answer"]["blob"],
            &told["answer"]["first_seen"],
            &told["checkpoint"]["origin"],
            &told["made_by"]["classifier"],
        ] {
            let value = value.as_str().unwrap();
            assert!(shown.contains(value), "{value} in {format}: {shown}");
        }
        for words in ["legal advice", "tail -c +"] {
            let is_program = format.starts_with("json") && words.starts_with("tail");
            assert!(is_program || shown.contains(words), "{words} in {format}");
        }
    }
    assert_eq!(evidence["seq"], told["version_seq"]);
    assert_eq!(told["answer"]["seq"], told["version_seq"]);
    assert!(
        archive
            .fine(&["provision", &id])
            .contains("{+any+} third parties")
    );
}

#[test]
fn a_page_of_a_provision_stands_alone() {
    let archive = Archive::of(&history());
    let id = provision(&archive);
    let html = archive.fine(&["provision", &id, "--format", "html"]);
    assert_whole(&html);
    for forbidden in [
        "<script", "<img", "<link", "src=\"", "url(", "href=\"h", "<b>or",
    ] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    for wanted in [
        "<ins>any</ins>",
        "None found in the documents archived as of",
        " of Cedar.",
    ] {
        assert!(html.contains(wanted), "{wanted} in {html}");
    }
    let told = page(&archive, &id, &[]);
    let nearest = told["others"]["nearest"].as_array().unwrap().iter();
    let others = nearest.flat_map(|one| one["provisions"].as_array().unwrap());
    let quotes: Vec<&str> = std::iter::once(&told)
        .chain(others)
        .map(|line| line["quote"].as_str().unwrap())
        .collect();
    assert_eq!(quotes_of_page(&html), quotes);
    for word in ["breaches", "violates", "infringes", "does not comply"] {
        assert!(!html.contains(word), "{word}");
    }
}
