//! Full text: what queries mean, what answers them, when it stood, and that the index is only ever a help.

use std::fs;
use std::process::Stdio;

use proptest::prelude::*;
use recension::search::{Query, QueryError, words};
use rusqlite::Connection;
use serde_json::Value;

use crate::support::archive::{Archive, seconds};
use crate::support::fixture::Fixture;

const PRIVACY: &str = "Alder/Privacy Policy";
const TERMS: &str = "Birch/Terms of Service";

/// Two platforms of three months: a clause that goes and comes back, one that is reworded, one under a new heading.
fn history() -> Fixture {
    let mut history = Fixture::new();
    let alder = |middle: &str| {
        format!(
            "# Privacy\n\n## What we *collect*\n\nWe collect your [e\u{2011}mail address](https://alder.example/quince) and \
             the **pages** that you open.\n\n{middle}\n\n- We never sell your personal information.\n\n## Caf\u{e9} visits\n\n\
             Our caf\u{e9} counts its visitors with a camera.\n"
        )
    };
    let birch = |disputes: &str| {
        format!(
            "# Terms\n\n## 1. Disputes\n\n{disputes}\n\nThe laws of Portugal govern this agreement.\n"
        )
    };
    let arbitrated = "Any dispute is settled by binding arbitration, and you may opt out within thirty days by xylograph.";
    let court = "Any dispute is settled by the courts; arbitration is not binding here unless both of us agree to it.";
    let fingerprint = "We take a fingerprint of your browser to keep robots away.";
    for (date, alder, birch) in [
        ("2025-01-01", alder(fingerprint), birch(arbitrated)),
        ("2025-02-01", alder(""), birch(arbitrated)),
        ("2025-03-01", alder(fingerprint), birch(court)),
    ] {
        history.commit(
            &[
                (&format!("{PRIVACY}.md"), Some(&alder)),
                (&format!("{TERMS}.md"), Some(&birch)),
            ],
            "Record",
            seconds(date),
        );
    }
    history
}

fn hits(archive: &Archive, args: &[&str]) -> Vec<Value> {
    let mut all = vec!["search", "--format", "jsonl"];
    all.extend(args);
    let ran = archive.recension(&all);
    assert!(ran.code < 2, "{args:?}: {ran:?}");
    ran.json()
}

fn quotes(archive: &Archive, args: &[&str]) -> Vec<String> {
    let hits = hits(archive, args);
    let quote = |hit: &Value| hit["quote"].as_str().unwrap().to_owned();
    hits.iter().map(quote).collect()
}

#[test]
fn queries_are_understood() {
    let table: &[(&str, &str)] = &[
        ("arbitration", "arbitration"),
        ("  Two   WORDS ", "two|words"),
        ("\"one phrase\" word", "one phrase|word"),
        ("“one phrase„ «another one»", "one phrase|another one"),
        ("\"never closed", "never closed"),
        ("arbitrat*", "arbitrat*"),
        ("\"binding arb\"*", "binding arb*"),
        ("\"binding arb*\"", "binding arb*"),
        ("e-mail opt-out*", "e mail|opt out*"),
        ("don't", "don t"),
        ("sell -rent -\"lease out\"", "sell|-rent|-lease out"),
        ("sell - rent", "sell|rent"),
        ("twice TWICE twice", "twice"),
        (
            "col:umn NEAR(a b) AND OR NOT ^x {y} (z",
            "col umn|near a|b|and|or|not|x|y|z",
        ),
        ("Café CAFE\u{301} STRASSE Straße ﬁn", "cafe|strasse|fin"),
        ("個人情報", "個 人 情 報"),
        ("a* *b * \"\" -", "a*|b"),
        ("§ 1798.100(a)", "1798 100 a"),
    ];
    for (text, expected) in table {
        let query = Query::parse(text).unwrap();
        let told = |list: &[recension::search::Sought], sign: &str| -> Vec<String> {
            list.iter()
                .map(|one| {
                    let star = if one.is_prefix { "*" } else { "" };
                    format!("{sign}{}{star}", one.words.join(" "))
                })
                .collect()
        };
        let mut all = told(&query.wanted, "");
        all.extend(told(&query.excluded, "-"));
        assert_eq!(all.join("|"), *expected, "{text:?}");
    }
    for nothing in ["", "  ", "\"", "* - §", "\u{0}"] {
        assert_eq!(
            Query::parse(nothing),
            Err(QueryError::Empty(nothing.to_owned()))
        );
    }
    assert_eq!(
        Query::parse("-a"),
        Err(QueryError::OnlyExcluded("-a".to_owned()))
    );
    let long = (0..65)
        .map(|number| format!("w{number} "))
        .collect::<String>();
    assert_eq!(Query::parse(&long), Err(QueryError::TooLong(65)));
}

#[test]
fn answers_are_found_and_others_are_not() {
    let archive = Archive::of(&history());
    let table: &[(&str, &[&str])] = &[
        // The words nearest to each other first, then what stands, then the newest.
        (
            "arbitration",
            &[
                "Any dispute is settled by the courts",
                "Any dispute is settled by binding",
            ],
        ),
        (
            "binding arbitration",
            &[
                "Any dispute is settled by binding",
                "Any dispute is settled by the courts",
            ],
        ),
        (
            "\"binding arbitration\"",
            &["Any dispute is settled by binding"],
        ),
        (
            "ARBITRAT* -thirty",
            &["Any dispute is settled by the courts"],
        ),
        (
            "arbitration -\"binding arbitration\"",
            &["Any dispute is settled by the courts"],
        ),
        (
            "dispute*",
            &[
                "Any dispute is settled by the courts",
                "1. Disputes",
                "Any dispute is settled by binding",
            ],
        ),
        ("E-Mail", &["We collect your"]),
        ("\"mail address and the pages that\"", &["We collect your"]),
        ("CAFE", &["Our caf\u{e9} counts", "Caf\u{e9} visits"]),
        ("cafe\u{301} camera", &["Our caf\u{e9} counts"]),
        ("collect", &["We collect your", "What we *collect*"]),
        // Addresses of links are not read.
        ("quince", &[]),
        ("\"arbitration binding\"", &[]),
        ("portugal camera", &[]),
        ("arbitratio", &[]),
    ];
    for (query, expected) in table {
        let found = quotes(&archive, &[query]);
        let begins = found.len() == expected.len()
            && found
                .iter()
                .zip(*expected)
                .all(|(quote, expected)| quote.starts_with(expected));
        assert!(begins, "{query}: {found:#?} and not {expected:#?}");
    }
}

#[test]
fn a_hit_says_where_it_stands_and_since_when() {
    let archive = Archive::of(&history());
    archive.prints(
        &["search", "fingerprint robots"],
        "Alder/Privacy Policy > Privacy > What we collect\n    \
         We take a {=fingerprint=} of your browser to keep {=robots=} away.\n  \
         since 2025-01-01, still in the newest version, once gone meanwhile\n  event 5, bytes 132-190\n",
    );
    let hit = hits(&archive, &["\"you may opt\""]).remove(0);
    for (field, expected) in [
        ("document", TERMS),
        ("since", "2025-01-01T00:00:00Z"),
        ("until", "2025-03-01T00:00:00Z"),
        ("nearness", "adjacent"),
    ] {
        assert_eq!(hit[field], expected, "{field}");
    }
    assert_eq!(hit["headings"], serde_json::json!(["Terms", "1. Disputes"]));
    assert_eq!(hit["retired_at"], Value::Null);
}

#[test]
fn dates_platforms_and_kinds_narrow_the_search() {
    let archive = Archive::of(&history());
    let table: &[(&[&str], usize)] = &[
        (&["binding", "--as-of", "2024"], 0),
        (&["binding", "--as-of", "2025-01"], 1),
        (&["binding", "--as-of", "2025-02-28"], 1),
        (&["courts", "--as-of", "2025-02-28"], 0),
        (&["courts", "--as-of", "2025-03-01"], 1),
        (&["thirty", "--as-of", "2025-03-01"], 0),
        (&["fingerprint", "--as-of", "2025-01"], 1),
        (&["fingerprint", "--as-of", "2025-02"], 0),
        (&["fingerprint", "--as-of", "2025-03"], 1),
        (&["we", "--platform", "birch"], 0),
        (&["we", "--platform", "alder/privacy policy"], 4),
        (&["we", "--platform", "birch", "--platform", "Alder"], 4),
        (&["we", "--platform", "Alder", "--limit", "2"], 2),
        (&["portugal", "--kind", "choice-of-law"], 1),
        (&["we", "--kind", "data-sale"], 1),
        (&["portugal", "--kind", "data-sale"], 0),
    ];
    for (args, expected) in table {
        assert_eq!(hits(&archive, args).len(), *expected, "{args:?}");
    }
    let sale = hits(&archive, &["we", "--kind", "data-sale"]).remove(0);
    assert_eq!(sale["provisions"][0]["polarity"], "denied");
}

#[test]
fn what_cannot_be_asked_or_found_is_said() {
    let archive = Archive::of(&history());
    let hint = "hint: write words that must all be there, \"words one behind the other\", begin* for beginnings, -word for \
                what must not be there\n";
    archive.complains(
        &["search", " * "],
        2,
        &format!("error: there is no word in \" * \" to look for\n{hint}"),
    );
    archive.complains(
        &["search", "--", "-sell"],
        2,
        &format!("error: \"-sell\" says only what must not be there\n{hint}"),
    );
    assert!(!archive.file("search.sqlite").exists());
    archive.complains(
        &["search", "zebra", "--platform", "Alder", "--as-of", "2025-02"],
        1,
        "No clause in the versions of Alder, as of 2025-02 answers \"zebra\".\n\
         hint: ask for fewer words, or for their beginnings, as arbitrat*; all must stand\nin one clause\n",
    );
    archive.complains(
        &["search", "we", "--kind", "sales"],
        2,
        "error: there is no kind and no group sales: recension taxonomy lists them\n",
    );
    let empty = Archive::new();
    assert_eq!(empty.recension(&["search", "word"]).code, 1);
}

#[test]
fn a_batch_answers_line_by_line() {
    let archive = Archive::of(&history());
    let questions = "{\"query\": \"binding\", \"as_of\": \"2025-01\", \"limit\": 1}\n{\"query\": \"\"}\n\n\
                     {\"query\": \"we\", \"platforms\": [\"Alder\"], \"kind\": \"data-sale\"}\n";
    let ran = archive.recension_with(&["search", "--batch", "-"], questions.as_bytes());
    let lines = ran.json();
    assert_eq!(ran.code, 2);
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["hits"].as_array().unwrap().len(), 1);
    assert_eq!(lines[1]["line"], 2);
    assert_eq!(lines[1]["error"], "there is no word in \"\" to look for");
    assert_eq!(lines[2]["hits"][0]["provisions"][0]["kind"], "data-sale");
}

/// Every row of every table, but those of FTS5's own.
fn rows(archive: &Archive) -> Vec<String> {
    let index = Connection::open(archive.file("search.sqlite")).unwrap();
    let mut rows = Vec::new();
    for (table, columns) in [
        ("state", "cursor, hex(root), wordings"),
        ("document", "document, newest_seq"),
        ("wording", "wording, hex(reading)"),
        (
            "place",
            "wording, document, hex(runs), hex(spans), hex(digest)",
        ),
    ] {
        let columns = columns.replace(", ", " || ' ' || ");
        let sql = format!("SELECT '{table} ' || {columns} FROM {table} ORDER BY 1");
        let mut statement = index.prepare(&sql).unwrap();
        let of_table = statement.query_map([], |row| row.get(0)).unwrap();
        rows.extend(of_table.map(|row| row.unwrap()));
    }
    rows
}

/// A page of paragraphs, some of which come twice.
fn page() -> impl Strategy<Value = String> {
    let paragraph = prop_oneof![
        Just("We sell *nothing*."),
        Just("You may [opt out](https://a.example) at any time."),
        Just("## Choices"),
        Just("- We share data with partners."),
        Just("**Contact**"),
        Just("1. The laws of Portugal govern."),
        Just("We keep r\u{e9}sum\u{e9}s &amp; letters of `all` visitors."),
        Just("| Data | Shared |\n| --- | --- |\n| Loc\u{ad}ation | no |"),
        Just("<div>We sell nothing.</div>"),
        Just("***"),
    ];
    prop::collection::vec(paragraph, 0..7)
        .prop_map(|all| format!("Welcome.\n\n{}", all.join("\n\n")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The index is the same row for row, whether it is brought up after an import or built at the end; every quote is the
    /// archived bytes at its span, with the words where the marks are; and as of each date what is found is what the text
    /// of that date has.
    #[test]
    fn hits_are_what_the_archive_says(pages in prop::collection::vec((page(), page()), 2..6), cut in 0..6_usize) {
        let mut history = Fixture::new();
        let pieces = Archive::new();
        let cut = cut.min(pages.len() - 1);
        for (day, (alder, birch)) in pages.iter().enumerate() {
            let files = [
                ("Alder/Privacy Policy.md", Some(alder.as_str())),
                ("Birch/Privacy Policy.md", Some(birch.as_str())),
            ];
            history.commit(&files, "Record", seconds(&format!("2025-01-{:02}", day + 1)));
            if day == cut {
                pieces.import(&history, "2025-06-01T00:00:00Z");
                pieces.recension(&["search", "we"]);
            }
        }
        pieces.import(&history, "2025-06-01T00:00:01Z");
        pieces.recension(&["search", "we"]);
        let of_pieces = rows(&pieces);
        fs::remove_file(pieces.file("search.sqlite")).unwrap();
        pieces.recension(&["search", "we"]);
        prop_assert_eq!(of_pieces, rows(&pieces));
        for (query, word) in [("sell", "sell"), ("\"opt out\"", "opt out"), ("resume*", "resumes"), ("location", "location"),
                              ("portugal", "portugal"), ("choices", "choices")] {
            let mut seen = Vec::new();
            for hit in hits(&pieces, &[query, "--limit", "100"]) {
                let text = pieces.fine(&["show", "--event", &hit["version_seq"].to_string(), "--format", "raw"]);
                let cut = |span: &Value| {
                    let at = |end: &str| usize::try_from(span[end].as_u64().unwrap()).unwrap();
                    text[at("start")..at("end")].to_owned()
                };
                prop_assert_eq!(cut(&hit["span"]), hit["quote"].as_str().unwrap());
                for mark in hit["marks"].as_array().unwrap() {
                    prop_assert_eq!(words(&cut(mark)).join(" "), word);
                }
                prop_assert!(!hit["marks"].as_array().unwrap().is_empty() || hit["quote"].as_str().unwrap().contains('<'));
                seen.push((hit["document"].to_string(), hit["quote"].to_string()));
            }
            let count = seen.len();
            seen.sort();
            seen.dedup();
            prop_assert_eq!(seen.len(), count);
            for (day, (alder, birch)) in pages.iter().enumerate() {
                let date = format!("2025-01-{:02}", day + 1);
                for (platform, page) in [("Alder", alder), ("Birch", birch)] {
                    let found = hits(&pieces, &[query, "--as-of", &date, "--platform", platform]).len();
                    let readings = recension::archive::clauses_of(page);
                    let mut with: Vec<&str> = readings.all().iter().map(|clause| readings.reading(clause))
                        .filter(|reading| words(reading).join(" ").contains(word)).collect();
                    with.sort_unstable();
                    with.dedup();
                    prop_assert_eq!(found, with.len(), "{} {} {}", query, date, platform);
                }
            }
        }
    }
}

#[test]
fn what_is_withheld_is_not_found_and_in_no_file() {
    let archive = Archive::of(&history());
    assert_eq!(hits(&archive, &["xylograph"]).len(), 1);
    let holds = |word: &str| {
        fs::read(archive.file("search.sqlite"))
            .is_ok_and(|bytes| bytes.windows(word.len()).any(|one| one == word.as_bytes()))
    };
    assert!(holds("xylograph"));
    let shown = archive
        .recension(&["show", TERMS, "--as-of", "2025-02", "--format", "json"])
        .json();
    let blob = shown[0]["blob"].as_str().unwrap();
    archive.fine(&["withhold", blob, "--reason", "an order of a court"]);
    assert!(!archive.file("search.sqlite").exists());
    assert_eq!(hits(&archive, &["xylograph"]).len(), 0);
    assert!(archive.file("search.sqlite").exists() && !holds("xylograph"));
    // What is there in other versions too is found in them.
    let portugal = hits(&archive, &["portugal"]).remove(0);
    assert_eq!(portugal["since"], "2025-03-01T00:00:00Z");
    assert_eq!(hits(&archive, &["portugal", "--as-of", "2025-02"]).len(), 0);
}

#[test]
fn an_index_from_before_a_withholding_is_found_and_not_used() {
    let archive = Archive::of(&history());
    archive.fine(&["search", "thirty"]);
    let before = fs::read(archive.file("search.sqlite")).unwrap();
    let shown = archive
        .recension(&["show", TERMS, "--as-of", "2025-02", "--format", "json"])
        .json();
    archive.fine(&[
        "withhold",
        shown[0]["blob"].as_str().unwrap(),
        "--reason",
        "an order of a court",
    ]);
    // As if the withholding had been killed before it deleted the index.
    fs::write(archive.file("search.sqlite"), before).unwrap();
    let verified = archive.recension(&["verify"]);
    assert_eq!(verified.code, 1);
    assert!(
        verified
            .stdout
            .contains("search.sqlite may have words of what was withheld"),
        "{verified:?}"
    );
    assert_eq!(hits(&archive, &["thirty"]).len(), 0);
    assert_eq!(archive.recension(&["verify"]).code, 0);
}

#[test]
fn a_damaged_index_is_built_again_or_refused() {
    let archive = Archive::of(&history());
    let path = archive.file("search.sqlite");
    let expected = hits(&archive, &["arbitration"]);
    assert_eq!(expected.len(), 2);
    let whole = fs::read(&path).unwrap();
    let rebuilt: &[(&str, Vec<u8>)] = &[
        ("empty", Vec::new()),
        ("no database", b"x".repeat(5_000)),
        ("cut", whole[..4096].to_vec()),
        ("views", fs::read(archive.file("views.sqlite")).unwrap()),
    ];
    for (what, bytes) in rebuilt {
        fs::write(&path, bytes).unwrap();
        assert_eq!(hits(&archive, &["arbitration"]), expected, "{what}");
    }
    let sql = |statement: &str| {
        Connection::open(&path)
            .unwrap()
            .execute_batch(statement)
            .unwrap();
    };
    sql("UPDATE state SET cursor = cursor - 1");
    assert_eq!(hits(&archive, &["arbitration"]), expected);
    sql("PRAGMA user_version = 99");
    archive.complains(
        &["search", "arbitration"],
        2,
        "error: $DIR/archive/search.sqlite has format 99, and this program knows format 1\n\
         hint: use the version of recension that wrote it, or a later one\n",
    );
    fs::remove_file(&path).unwrap();
    archive.fine(&["search", "arbitration"]);
    sql("UPDATE place SET runs = x'0100'");
    let ran = archive.recension(&["search", "arbitration"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("is not what was stored\nhint: `recension rebuild` deletes it"),
        "{ran:?}"
    );
    let told = archive.fine(&["rebuild"]);
    assert!(told.contains("The search index was deleted"), "{told}");
    assert_eq!(hits(&archive, &["arbitration"]), expected);
}

/// Wherever the file is overwritten, an answer is the right one, or misses what FTS5 lost, and is never another.
#[test]
fn an_index_overwritten_anywhere_gives_no_wrong_answer() {
    let archive = Archive::of(&history());
    let path = archive.file("search.sqlite");
    let expected = hits(&archive, &["we"]);
    let whole = fs::read(&path).unwrap();
    for place in (0..whole.len()).step_by(whole.len() / 24) {
        let mut bytes = whole.clone();
        let end = (place + 64).min(bytes.len());
        bytes[place..end].fill(0xa5);
        fs::write(&path, bytes).unwrap();
        for suffix in ["-wal", "-shm"] {
            drop(fs::remove_file(
                archive.file(&format!("search.sqlite{suffix}")),
            ));
        }
        let ran = archive.recension(&["search", "we", "--format", "jsonl"]);
        assert!([0, 1, 2].contains(&ran.code), "{place}: {ran:?}");
        if ran.code < 2 {
            for hit in ran.json() {
                assert!(expected.contains(&hit), "{place}: {hit}");
            }
        }
    }
    archive.fine(&["rebuild"]);
}

#[test]
fn searches_at_once_build_one_index_and_answer_alike() {
    let archive = Archive::of(&history());
    for _ in 0..3 {
        drop(fs::remove_file(archive.file("search.sqlite")));
        let children: Vec<_> = (0..4)
            .map(|_| {
                let args = ["search", "arbitration", "--format", "jsonl"];
                archive
                    .command(&args)
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let outputs: Vec<_> = children
            .into_iter()
            .map(|child| child.wait_with_output().unwrap())
            .collect();
        for output in &outputs {
            assert!(output.status.success(), "{output:?}");
            assert_eq!(output.stdout, outputs[0].stdout);
        }
    }
    assert!(!archive.file("search.sqlite.new").exists());
}

#[test]
fn a_copy_has_no_index_and_makes_its_own() {
    let archive = Archive::of(&history());
    archive.fine(&["search", "arbitration"]);
    let copy = archive.place("copy");
    archive.fine(&["backup", copy.to_str().unwrap()]);
    assert!(!copy.join("search.sqlite").exists());
    let found = archive.fine(&["--archive", copy.to_str().unwrap(), "search", "arbitration"]);
    assert_eq!(found, archive.fine(&["search", "arbitration"]));
    let stats = archive.fine(&["stats"]);
    assert!(stats.contains("search.sqlite"), "{stats}");
}
