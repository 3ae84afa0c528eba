//! What a change did to the provisions of a document, in sentences.

use std::io::{self, Write};

use crate::export::escape::{html as text, markdown as escape};
use crate::export::shape::{ChangeLine, HoldingLine, ProvisionChangeLine};
use crate::model::Span;

/// How the regulations are introduced: what is engaged is never said to be breached.
const ENGAGES: &str = "These provisions engage, which says nothing of a breach:";

/// One sentence on what became of a provision, without its words.
#[must_use]
pub fn provision(line: &ProvisionChangeLine) -> String {
    let at = |side: &str, one: &HoldingLine| {
        let Span { start, end } = one.span;
        format!("{} {side} (bytes {start}-{end})", one.polarity)
    };
    let sides = [("before", &line.before), ("now", &line.after)];
    let sides = sides.into_iter();
    let sides: Vec<String> = sides
        .filter_map(|(side, one)| Some(at(side, one.as_ref()?)))
        .collect();
    let mut sentence = format!(
        "{}: {}, by {}: {}",
        line.name,
        line.turn,
        sign(line.sign),
        sides.join(", ")
    );
    if let Some(remains) = &line.remains {
        let documents = remains.documents.join(", ");
        sentence.push_str(&match remains.what {
            "relocated" => format!("; it stands, word for word, in {documents}"),
            "held" => format!("; provisions of this kind stand in {documents}"),
            _ => "; none found in any document of the platform archived as of then".to_owned(),
        });
    }
    sentence
}

fn sign(sign: &str) -> &'static str {
    match sign {
        "clause added" => "a clause that came",
        "clause removed" => "a clause that went",
        "clause reworded" => "a clause in other words",
        "polarity" => "what a clause says",
        "words added" => "words that came",
        "words removed" => "words that went",
        _ => "other words",
    }
}

/// The regulations that the provisions engage, a sentence each: its name and the articles.
pub(super) fn engaged(line: &ChangeLine) -> Vec<String> {
    let regulations = line
        .regulations
        .chunk_by(|one, next| one.regulation == next.regulation);
    let all = regulations.filter_map(|articles| {
        let short = &articles.first()?.short;
        let articles: Vec<&str> = articles.iter().map(|one| one.article.as_str()).collect();
        Some(format!("{short} {}", articles.join(", ")))
    });
    all.collect()
}

/// The sentences of a terminal.
pub(super) fn sentences(line: &ChangeLine) -> Vec<String> {
    let mut all: Vec<String> = line.provisions.iter().map(provision).collect();
    let engaged = engaged(line);
    if !engaged.is_empty() {
        all.push(format!("{ENGAGES} {}", engaged.join("; ")));
    }
    all
}

/// The section of a page in Markdown.
pub(super) fn markdown(out: &mut impl Write, line: &ChangeLine) -> io::Result<()> {
    if line.provisions.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Provisions\n")?;
    for one in &line.provisions {
        writeln!(out, "- {}", escape(&provision(one)))?;
        for (side, words) in quotes(one) {
            writeln!(out, "  - {side}: “{}”", escape(&one_line(words)))?;
        }
    }
    writeln!(out, "\n{ENGAGES}\n")?;
    for one in engaged(line) {
        writeln!(out, "- {}", escape(&one))?;
    }
    writeln!(out)
}

/// The section of a page in HTML.
pub(super) fn html(out: &mut impl Write, line: &ChangeLine) -> io::Result<()> {
    if line.provisions.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"provisions\">\n<h2 id=\"provisions\">Provisions</h2>\n<ul>"
    )?;
    for one in &line.provisions {
        write!(out, "<li>{}", text(&provision(one)))?;
        for (side, words) in quotes(one) {
            write!(
                out,
                "<blockquote><p>{side}: {}</p></blockquote>",
                text(words)
            )?;
        }
        writeln!(out, "</li>")?;
    }
    writeln!(out, "</ul>\n<p>{ENGAGES}</p>\n<ul>")?;
    for one in engaged(line) {
        writeln!(out, "<li>{}</li>", text(&one))?;
    }
    writeln!(out, "</ul>\n</section>")
}

/// What the clauses said that hold or held it, by the side.
pub(in crate::export) fn quotes(
    one: &ProvisionChangeLine,
) -> impl Iterator<Item = (&'static str, &str)> {
    let sides = [("before", &one.before), ("now", &one.after)];
    sides
        .into_iter()
        .filter_map(|(side, one)| Some((side, one.as_ref()?.quote.as_deref()?)))
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
