//! One change as it is shown, many as they are listed: golden pages, hostile texts, and what no page may lose.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use recension::compare::blocks::{Block, Compared, Side, blocks};
use recension::compare::redline::Mark;
use recension::compare::summary::summarise;
use recension::compare::{Comparison, claims::claims, compare};
use recension::export::change::{
    FeedForm, FeedHead, FeedWriter, LeftOut, Neighbours, Shown, Terminal, html, markdown, terminal,
    wording,
};
use recension::export::shape::{ChangeLine, ComparedLine, Judgement, WithheldLine};
use recension::model::{
    Change, ClauseChange, ClauseChangeKind, ClauseId, ClauseKind, Clauses, DocumentName, EventId,
    Instant, Reason, Rule, Sha256, Sign, Significance, Span, Status, StreamId,
};
use recension::segment::segment;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn golden(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/change");
    fs::read_to_string(folder.join(name)).unwrap_or_default()
}

/// Two texts with what separates them.
struct Pair {
    from: (String, Clauses),
    to: (String, Clauses),
    comparison: Comparison,
    change: Change,
    document: DocumentName,
}

impl Pair {
    fn new(from: &str, to: &str) -> Self {
        let (old, new) = (segment(from), segment(to));
        let comparison = compare(&old, &new);
        let change = change(&old, &new, &comparison);
        Self {
            from: (from.to_owned(), old),
            to: (to.to_owned(), new),
            comparison,
            change,
            document: DocumentName::new("Glimmerfold", "Privacy Policy").unwrap(),
        }
    }

    fn golden() -> Self {
        Self::new(&golden("before.md"), &golden("after.md"))
    }

    fn compared(&self) -> Compared<'_> {
        Compared {
            from: Side {
                text: &self.from.0,
                clauses: &self.from.1,
            },
            to: Side {
                text: &self.to.0,
                clauses: &self.to.1,
            },
            comparison: &self.comparison,
        }
    }

    fn judgement(&self) -> Judgement<'_> {
        let version = |seq, observed_at, text: &str| ComparedLine {
            seq,
            observed_at: at(observed_at),
            sha256: Sha256::of(&[text.as_bytes()]),
            withheld: None,
        };
        Judgement {
            id: EventId([0xab; 16]),
            document: &self.document,
            seq: 9,
            recorded_at: at("2025-12-16T12:00:00Z"),
            change: &self.change,
            from: version(3, "2024-03-04T00:00:00Z", &self.from.0),
            to: version(8, "2025-12-16T08:30:00Z", &self.to.0),
            provisions: Vec::new(),
        }
    }

    fn shown(&self) -> Shown<'_> {
        Shown::new(self.judgement(), Some(self.compared()))
    }

    /// The change where the text before is withheld.
    fn withheld(&self) -> Shown<'_> {
        let mut judgement = self.judgement();
        judgement.from.withheld = Some(WithheldLine {
            seq: 11,
            recorded_at: at("2026-01-01T00:00:00Z"),
            reason: "an <b>order</b>".to_owned(),
        });
        Shown::new(judgement, None)
    }
}

fn change(from: &Clauses, to: &Clauses, comparison: &Comparison) -> Change {
    let span = |clauses: &Clauses, range: &std::ops::Range<usize>| {
        let all = &clauses.all()[range.clone()];
        Some(Span {
            start: all.first()?.span.start,
            end: all.last()?.span.end,
        })
    };
    let stream = StreamId([1; 16]);
    let clauses = comparison
        .deltas
        .iter()
        .enumerate()
        .map(|(place, delta)| ClauseChange {
            kind: delta.kind,
            rule: delta.rule,
            clause: ClauseId::born(stream, Sha256([0; 32]), place),
            from: span(from, &delta.from),
            to: span(to, &delta.to),
        });
    let rule = comparison.deltas.iter().map(|delta| delta.rule).min();
    Change {
        from: 3,
        to: 8,
        detector: 1,
        significance: comparison.significance(),
        status: Status::Confirmed,
        reasons: vec![rule.map_or(Reason::SameReading, Reason::Clause)],
        counts: comparison.counts(),
        clauses: clauses.take(Change::CLAUSES).collect(),
    }
}

fn as_terminal(shown: &Shown<'_>, how: Terminal) -> String {
    let mut out = Vec::new();
    terminal(&mut out, shown, how).unwrap();
    String::from_utf8(out).unwrap()
}

const PLAIN: Terminal = Terminal {
    width: 80,
    styled: false,
    explain: true,
};

fn as_html(shown: &Shown<'_>) -> String {
    let mut out = Vec::new();
    let neighbours = Neighbours {
        previous: Some("0.html"),
        next: Some("2.html"),
    };
    html(&mut out, shown, neighbours).unwrap();
    String::from_utf8(out).unwrap()
}

fn as_markdown(shown: &Shown<'_>) -> String {
    let mut out = Vec::new();
    markdown(&mut out, shown).unwrap();
    String::from_utf8(out).unwrap()
}

fn as_feed(form: FeedForm, lines: &[ChangeLine]) -> String {
    let head = FeedHead {
        title: "Changes of Glimmerfold & <others>",
        origin: "test.example/log",
        size: 12,
        updated: at("2026-01-01T00:00:00Z"),
        pages: Some("https://archive.example/changes/"),
    };
    let mut writer = FeedWriter::begin(Vec::new(), form, head).unwrap();
    for line in lines {
        writer.change(line).unwrap();
    }
    let left_out = LeftOut {
        changes: 1_234,
        why: "presentational",
    };
    String::from_utf8(writer.end(&[left_out]).unwrap()).unwrap()
}

/// Holds what is made against what was looked at; to look at it anew, it is put beside the golden file.
#[track_caller]
fn is_golden(name: &str, made: &str) {
    if made != golden(name) {
        let beside = std::env::temp_dir().join(format!("recension-golden-{name}"));
        fs::write(&beside, made).unwrap();
        panic!(
            "{name} is another; what is made now is in {}",
            beside.display()
        );
    }
}

#[test]
fn pages_are_as_they_were_looked_at() {
    let pair = Pair::golden();
    let shown = pair.shown();
    is_golden("terminal.txt", &as_terminal(&shown, PLAIN));
    is_golden("page.md", &as_markdown(&shown));
    // How it is styled may change.
    let page = as_html(&shown);
    let (_, page) = page.split_once("</style>\n").unwrap();
    is_golden("page.html", page);
    let line = serde_json::to_string_pretty(&shown.line).unwrap();
    is_golden("line.json", &(line + "\n"));
    is_golden(
        "feed.atom",
        &as_feed(FeedForm::Atom, std::slice::from_ref(&shown.line)),
    );
    is_golden(
        "list.md",
        &as_feed(FeedForm::Markdown, std::slice::from_ref(&shown.line)),
    );
}

/// The text of a page of XML or HTML between its tags, where these match; what stands in `<style>` is no text.
fn parsed(page: &str, empty: &[&str]) -> String {
    let mut open: Vec<&str> = Vec::new();
    let mut words = String::new();
    let mut pieces = page.split('<');
    words.push_str(pieces.next().unwrap());
    for piece in pieces {
        let (tag, behind) = piece.split_once('>').unwrap_or_else(|| panic!("<{piece}"));
        let name = tag.split([' ', '\n']).next().unwrap().trim_end_matches('/');
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{page}");
        } else if !tag.ends_with('/') && !name.starts_with(['!', '?']) && !empty.contains(&name) {
            open.push(name);
        }
        if open.last() != Some(&"style") {
            words.push_str(behind);
        }
    }
    assert_eq!(open, [""; 0]);
    words
}

const EMPTY: [&str; 4] = ["meta", "br", "input", "hr"];

const HOSTILE: &str = "# <script>alert(1)</script> & \"x\" | `y`\n\n\
    A &lt;b&gt; paragraph \\<img src=x onerror=alert(1)\\> with \u{202e}reversed\u{202c} and \u{7} bell.\n\n\
    ]]> {+ not inserted +} [- nor deleted -] \u{fffe}\n";

#[test]
fn hostile_texts_stay_texts() {
    let pairs = [
        Pair::new(HOSTILE, "# Title\n\nA paragraph without it.\n"),
        Pair::new("# Title\n\nA paragraph without it.\n", HOSTILE),
        Pair::new(HOSTILE, &HOSTILE.replace("paragraph", "clause")),
    ];
    for pair in &pairs {
        let mut shown = pair.shown();
        shown.line.document = "<b>\u{202e}/\u{1b}[31m".to_owned();
        let page = as_html(&shown);
        parsed(&page, &EMPTY);
        let text = as_terminal(&shown, PLAIN);
        let lists = [FeedForm::Html, FeedForm::Atom, FeedForm::Markdown]
            .map(|form| as_feed(form, std::slice::from_ref(&shown.line)));
        parsed(&lists[0], &EMPTY);
        parsed(&lists[1], &[]);
        for made in lists.iter().chain([&page, &text, &as_markdown(&shown)]) {
            assert!(!made.contains(['\u{202e}', '\u{7}', '\u{1b}']), "{made}");
        }
        // Markdown escapes what HTML would take for a tag; plain text needs nothing.
        for made in lists.iter().chain([&page, &as_markdown(&shown)]) {
            let made = made.replace("\\<", "");
            assert!(
                !made.contains("<script") && !made.contains("<img"),
                "{made}"
            );
        }
        assert!(!lists[1].contains('\u{fffe}'));
    }
}

#[test]
fn a_withheld_text_is_said_to_be_withheld() {
    let pair = Pair::golden();
    let shown = pair.withheld();
    let (text, page) = (as_terminal(&shown, PLAIN), as_html(&shown));
    parsed(&page, &EMPTY);
    for made in [&text, &page, &as_markdown(&shown)] {
        assert!(made.contains("event 3 is withheld since"), "{made}");
        assert!(!made.contains("Lantern Row"), "{made}");
    }
    assert!(text.contains("2 clauses added"), "{text}");
    assert!(shown.line.summary.is_none());
    assert!(
        shown
            .line
            .clauses
            .iter()
            .all(|clause| clause.quote.is_none() && clause.heading.is_none())
    );
}

#[test]
fn styles_come_beside_signs() {
    let pair = Pair::golden();
    let styled = Terminal {
        styled: true,
        width: 60,
        explain: false,
    };
    let text = as_terminal(&pair.shown(), styled);
    assert!(
        text.contains("\u{1b}[9m[-12-]\u{1b}[0m\u{1b}[4m{+24+}\u{1b}[0m"),
        "{text}"
    );
    // Without them nothing else is different.
    let bare = text
        .replace("\u{1b}[9m", "")
        .replace("\u{1b}[4m", "")
        .replace("\u{1b}[0m", "");
    let plain = Terminal {
        styled: false,
        ..styled
    };
    assert_eq!(bare, as_terminal(&pair.shown(), plain));
    for line in bare.lines().filter(|line| !line.contains("change ab")) {
        assert!(line.chars().count() <= 60, "{line}");
    }
}

/// The reasons that are no rule of a clause.
const REASONS: [Reason; 11] = [
    Reason::SameReading,
    Reason::Returns { to: 41 },
    Reason::GaveWay { to: 42 },
    Reason::Empty,
    Reason::NotTheDocument(Sign::Login),
    Reason::LargeLoss { percent: 61 },
    Reason::Recovered { version: 43 },
    Reason::SeenAgain { version: 44 },
    Reason::SameSnapshot,
    Reason::ReExtracted,
    Reason::Against { left_out: 45 },
];

#[test]
fn every_reason_and_rule_has_a_sentence() {
    let clauses = Rule::ALL.map(Reason::Clause);
    let mut seen = std::collections::BTreeSet::new();
    for reason in REASONS.iter().chain(&clauses) {
        let sentence = wording::reason(reason);
        assert!(sentence.ends_with('.') && sentence.chars().next().unwrap().is_uppercase());
        assert!(seen.insert(sentence.clone()), "{sentence} is said twice");
    }
    for number in ["41", "42", "61", "43", "44", "45"] {
        assert!(
            seen.iter().any(|sentence| sentence.contains(number)),
            "{number}"
        );
    }
    for significance in Significance::ALL {
        assert!(seen.insert(wording::significance(significance).to_owned()));
    }
}

#[test]
fn the_page_on_changes_explains_every_word() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/changes.md");
    let page = fs::read_to_string(path).unwrap();
    let rules = Rule::ALL.map(Rule::word);
    let kinds = ClauseChangeKind::ALL.map(ClauseChangeKind::word);
    let significances = Significance::ALL.map(Significance::word);
    for word in [&rules[..], &kinds, &significances].concat() {
        assert!(page.contains(&format!("| `{word}` |")), "{word}");
    }
    for rule in Rule::ALL {
        let row = format!("| `{}` |", rule.word());
        let row = page.lines().find(|line| line.starts_with(&row)).unwrap();
        let significance = rule.significance().word();
        assert!(row.ends_with(&format!("| {significance} |")), "{row}");
    }
    for reason in REASONS {
        let word = recension::export::shape::ReasonLine::from(&reason).rule;
        assert!(page.contains(&format!("| `{word}` |")), "{word}");
    }
}

#[test]
fn changes_are_as_their_schema_says() {
    let schema = crate::shapes::Schema::read("change");
    let mut pair = Pair::golden();
    schema.accepts(&pair.shown().line);
    pair.change.significance = Significance::CaptureFault;
    pair.change.status = Status::Unconfirmed;
    pair.change.reasons = vec![
        Reason::NotTheDocument(Sign::BotWall),
        Reason::LargeLoss { percent: 61 },
        Reason::Against { left_out: 45 },
    ];
    let shown = pair.withheld();
    schema.accepts(&shown.line);
    // What decided is the headline, where it was no clause.
    assert_eq!(
        shown.line.headline,
        "The text is that of a check whether a person reads."
    );
}

#[test]
fn dates_are_claimed_where_there_is_no_doubt() {
    let cases = [
        ("Effective December 16, 2025", Some("2025-12-16"), None),
        ("Last updated: 16 December 2025", None, Some("2025-12-16")),
        (
            "**Last Updated:** Dec. 16th, 2025",
            None,
            Some("2025-12-16"),
        ),
        (
            "Effective and last updated: 2025-12-16",
            Some("2025-12-16"),
            Some("2025-12-16"),
        ),
        (
            "Zuletzt aktualisiert am 16. Dezember 2025",
            None,
            Some("2025-12-16"),
        ),
        ("Gültig ab 01.02.2025", Some("2025-02-01"), None),
        (
            "Dernière mise à jour : 1er janvier 2026",
            None,
            Some("2026-01-01"),
        ),
        ("Entrée en vigueur le 3 août 2025", Some("2025-08-03"), None),
        (
            "Última actualización: 16 de diciembre de 2025",
            None,
            Some("2025-12-16"),
        ),
        (
            "Ultimo aggiornamento: 16 dicembre 2025",
            None,
            Some("2025-12-16"),
        ),
        (
            "Última atualização em 16 de março de 2025",
            None,
            Some("2025-03-16"),
        ),
        ("Laatst bijgewerkt: 16 mei 2025", None, Some("2025-05-16")),
        ("最終更新日：2025年12月16日", None, Some("2025-12-16")),
        ("Updated 12/16/2025", None, Some("2025-12-16")),
        ("Updated 16/12/2025", None, Some("2025-12-16")),
        // The order of day and month is in doubt.
        ("Updated 05/04/2025", None, None),
        // No such day.
        ("Effective February 30, 2025", None, None),
        // No word says what the date is.
        ("Founded on December 16, 2025", None, None),
        ("The update of 1.2.3", None, None),
        ("Version 12, effective", None, None),
    ];
    for (text, effective_on, published_on) in cases {
        let found = claims(text, &segment(text));
        let date = |claim: &Option<_>| {
            claim
                .as_ref()
                .map(|claim: &recension::compare::claims::Claim| claim.date.to_string())
        };
        assert_eq!(date(&found.effective_on).as_deref(), effective_on, "{text}");
        assert_eq!(date(&found.published_on).as_deref(), published_on, "{text}");
    }
    // The span is that of the words, where they stand in the text as they are read.
    let text = "# Policy\n\nEffective December 16, 2025.";
    let claim = claims(text, &segment(text)).effective_on.unwrap();
    assert_eq!(claim.span.cut(text), Some("Effective December 16, 2025"));
    let text = "Effective **December 16**, 2025";
    let claim = claims(text, &segment(text)).effective_on.unwrap();
    assert_eq!(claim.quote, "Effective December 16, 2025");
    assert_eq!(claim.span.cut(text), Some(text));
}

/// Texts of clauses that come, go, change and stand elsewhere.
fn versions() -> impl Strategy<Value = String> {
    let clause = proptest::sample::select(vec![
        "# Sharing",
        "## Rights",
        "We share your data with partners.",
        "We sell your data to partners and to others.",
        "- Your name",
        "- Your name and address",
        "You may write to us at any time to see your data.",
        "You may write to us at any time to see your data. We answer within 30 days.",
        "See [the list](https://a.example/1) of all our partners.",
        "See [the list](https://a.example/2) of all our partners.",
        "Effective May 4, 2025.",
    ]);
    proptest::collection::vec(clause, 0..14).prop_map(|clauses| clauses.join("\n\n"))
}

proptest! {
    /// Every clause after is told once: unchanged, as a heading, or as what became of it.
    #[test]
    fn a_redline_tells_every_clause_once(from in versions(), to in versions()) {
        let pair = Pair::new(&from, &to);
        let mut clauses = 0;
        let mut deltas = pair.comparison.deltas.iter();
        for block in blocks(pair.compared()) {
            clauses += match block {
                Block::Heading { .. } => 1,
                Block::Unchanged { clauses } => clauses,
                Block::Changed(changed) => {
                    let delta = deltas.next().unwrap();
                    prop_assert_eq!(changed.kind, delta.kind);
                    let joined = |clauses: &Clauses, range: std::ops::Range<usize>| {
                        let all = clauses.all()[range].iter();
                        all.map(|clause| clauses.reading(clause)).collect::<Vec<_>>().join("\n")
                    };
                    let without = |mark| {
                        let pieces = changed.pieces.iter().filter(|piece| piece.mark != mark);
                        pieces.map(|piece| piece.text.as_str()).collect::<String>()
                    };
                    prop_assert_eq!(without(Mark::Inserted), joined(&pair.from.1, delta.from.clone()));
                    prop_assert_eq!(without(Mark::Deleted), joined(&pair.to.1, delta.to.clone()));
                    delta.to.len()
                }
            };
        }
        prop_assert!(deltas.next().is_none());
        prop_assert_eq!(clauses, pair.to.1.all().len());
    }

    /// What is quoted stands in the texts, and the pages of any change are well formed.
    #[test]
    fn what_is_quoted_is_read_there(from in versions(), to in versions()) {
        let pair = Pair::new(&from, &to);
        let summary = summarise(pair.compared());
        for section in &summary.sections {
            for excerpt in &section.excerpts {
                for (quote, (text, clauses)) in [(&excerpt.before, &pair.from), (&excerpt.after, &pair.to)] {
                    let Some(quote) = quote else { continue };
                    prop_assert!(quote.span.cut(text).is_some());
                    let place = clauses.all().iter().position(|one| one.span.start == quote.span.start);
                    let first = clauses.reading(&clauses.all()[place.unwrap()]);
                    prop_assert!(quote.words.starts_with(first) || first.starts_with(&quote.words));
                }
            }
        }
        let page = as_html(&pair.shown());
        parsed(&page, &EMPTY);
        parsed(&as_feed(FeedForm::Atom, &[pair.shown().line]), &[]);
    }
}

#[test]
fn a_quote_is_cut_between_words() {
    let long = "word ".repeat(200);
    let from = format!("# Title\n\n{long}ends here");
    let to = format!("# Title\n\n{long}ends there");
    let pair = Pair::new(&from, &to);
    let summary = summarise(pair.compared());
    let quotes: Vec<&str> = summary.sections[0]
        .excerpts
        .iter()
        .filter_map(|excerpt| Some(excerpt.after.as_ref()?.words.as_str()))
        .collect();
    assert_eq!(quotes.len(), 1);
    assert!(
        quotes[0].starts_with("… word") && quotes[0].ends_with("ends there"),
        "{quotes:?}"
    );
    assert!(quotes[0].chars().count() < 260);
    assert!(matches!(
        pair.to.1.all()[0].kind,
        ClauseKind::Heading { level: 1 }
    ));
}
