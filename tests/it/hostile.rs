//! Extraction from pages and PDFs that mean ill: whatever comes, it is read or refused, within bounds, and each time alike.
//!
//! `PROPTEST_CASES=50000 cargo test --release --test it hostile` runs long.

use proptest::prelude::*;
use recension::extract::{ExtractError, Extracted, extract, extract_as};
use recension::model::{Boundary, Clauses, MediaType, Selection, SourcePart};
use recension::segment::segment;

use crate::support::pdf::{FONTS, Pdf, deflated, lines};

/// How many bytes of text a byte of a page gives at most: a link of few bytes is written with its whole address, and an item
/// with the indents of all lists that it stands in.
const PAGE_FACTOR: usize = 2_000;
/// How many bytes a PDF of any size may give, and how many each of its bytes: those of its budget.
const PDF_LEAST: usize = 8 << 20;
const PDF_FACTOR: usize = 64;

fn part(select: Vec<Selection>, remove: Vec<Selection>) -> SourcePart {
    SourcePart {
        address: "https://glimmerfold.example/legal/terms".into(),
        select,
        remove,
        filters: Vec::new(),
        unsupported_filters: Vec::new(),
        client_scripts: false,
    }
}

/// What pages are made of, whole and broken.
const PARTS: &[&str] = &[
    "<h1>",
    "</h1>",
    "<h2 id=a>Your data",
    "<p>",
    "</p>",
    "<p class=x>We keep what you draw.",
    "<div>",
    "</div>",
    "<ul>",
    "<ol start=4294967295>",
    "<li>",
    "</li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "<td colspan=1000000000>",
    "<th rowspan=-1>",
    "</table>",
    "<caption>",
    "<b>",
    "</b>",
    "<i>",
    "<a href=/x>",
    "<a href='",
    "</a>",
    "<font color=1>",
    "<font color=2>",
    "<font size=3 ",
    "<pre>",
    "</pre>",
    "<br>",
    "<blockquote>",
    "<dl><dt>",
    "<dd>",
    "<form>",
    "<nav>",
    "<main>",
    "</main>",
    "<header>",
    "<aside>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<style>",
    "<template>",
    "<svg>",
    "<math><mi>",
    "<select><option>",
    "<textarea>",
    "<title>",
    "<![CDATA[",
    "]]>",
    "<?x",
    "<!doctype html>",
    "<html>",
    "<body",
    "<frameset>",
    "<noscript>",
    "<plaintext>",
    "<base href='//b.example/",
    "<img src=x alt='Seal|'>",
    "<hr>",
    "&amp;",
    "&#0;",
    "&#x110000;",
    "&nosuch;",
    "&lt",
    "&",
    "\0",
    "|",
    "*",
    "_",
    "#",
    "- ",
    "1. ",
    "> ",
    "`",
    "[x](y)",
    "\\",
    "<",
    ">",
    "'",
    "\"",
    "=",
    "/",
    "\u{feff}",
    "\u{200b}",
    "\u{202e}",
    "é",
    "  ",
    "\n",
    "\n\n",
    "\r",
    "\t",
    "text ",
    "The next one. ",
    "<meta charset=utf-16>",
    "<meta charset=shift_jis>",
];

/// Bytes that are no characters of one encoding or another.
const BYTES: &[&[u8]] = &[
    b"\xff",
    b"\xc3",
    b"\xe2\x82",
    b"\xff\xfe",
    b"\x1b$B",
    b"\x80",
];

fn page() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        20 => prop::sample::select(PARTS).prop_map(|part| part.as_bytes().to_vec()),
        2 => prop::sample::select(BYTES).prop_map(<[u8]>::to_vec),
        1 => (prop::sample::select(PARTS), 1..400_usize).prop_map(|(part, times)| part.repeat(times).into_bytes()),
        1 => (1..5_000_usize).prop_map(|length| format!("<p title='{}'>", "x".repeat(length)).into_bytes()),
        2 => "[ -~]{0,12}".prop_map(String::into_bytes),
    ];
    (
        prop::collection::vec(piece, 0..60),
        any::<prop::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(|(pieces, cut, is_cut)| {
            let mut page = pieces.concat();
            if is_cut && !page.is_empty() {
                page.truncate(cut.index(page.len()));
            }
            page
        })
}

fn selector() -> impl Strategy<Value = String> {
    let known = [
        "p",
        "body",
        "main",
        "#a",
        ".x",
        "td, li",
        "h1 ~ p",
        ":not(p)",
        ":has(p)",
        "p{",
        ">",
        "",
        "[",
        "*",
        "::before",
        "a:nth-child(2n+1)",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[ -~]{0,8}"]
}

fn selection() -> impl Strategy<Value = Selection> {
    let boundary = || {
        (selector(), any::<bool>()).prop_map(|(selector, is_before)| {
            if is_before {
                Boundary::Before(selector)
            } else {
                Boundary::After(selector)
            }
        })
    };
    prop_oneof![
        selector().prop_map(Selection::Elements),
        (boundary(), boundary()).prop_map(|(start, end)| Selection::Range { start, end }),
    ]
}

fn media_type(written: &str) -> MediaType {
    MediaType::parse(written).unwrap()
}

fn readings(clauses: &Clauses) -> Vec<String> {
    clauses
        .all()
        .iter()
        .map(|one| clauses.reading(one).to_owned())
        .collect()
}

/// Extracts twice, and checks what holds of any text.
fn checked(
    kind: &str,
    bytes: &[u8],
    charset: Option<&str>,
    part: &SourcePart,
    most: usize,
) -> Result<(), TestCaseError> {
    let kind = media_type(kind);
    let once = extract_as(&kind, bytes, charset, part);
    prop_assert_eq!(&once, &extract_as(&kind, bytes, charset, part));
    let Ok(Extracted { text, .. }) = once else {
        return Ok(());
    };
    prop_assert!(
        text.len() <= most,
        "{} bytes of {}",
        text.len(),
        bytes.len()
    );
    prop_assert!(
        text.ends_with('\n') && !text.ends_with("\n\n"),
        "{:?}",
        text
    );
    // The clauses are those of the text as it is kept: a reader of its lines finds the same ones.
    let again: String = text.lines().map(|line| format!("{line}\n")).collect();
    prop_assert_eq!(readings(&segment(&text)), readings(&segment(&again)));
    Ok(())
}

proptest! {
    #[test]
    fn pages_are_read_within_bounds(
        page in page(),
        select in prop::collection::vec(selection(), 0..3),
        remove in prop::collection::vec(selection(), 0..2),
        charset in prop::sample::select(&[None, Some("utf-8"), Some("utf-16le"), Some("windows-1252"), Some("iso-2022-jp"), Some("x")][..]),
    ) {
        let part = part(select, remove);
        let most = 10_000 + PAGE_FACTOR * page.len();
        checked("text/html", &page, charset, &part, most)?;
        checked("text/plain", &page, charset, &part, most)?;
    }

    #[test]
    fn pdfs_are_read_within_bounds(pdf in pdf(), edits in prop::collection::vec(edit(), 0..8)) {
        let mut bytes = pdf;
        for (at, edit) in edits {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            match edit {
                Edit::Cut => bytes.truncate(at.max(9)),
                Edit::Put(written) => { bytes.splice(at..at, written); }
                Edit::Set(byte) => if let Some(one) = bytes.get_mut(at) { *one = byte },
                Edit::Copy(length) => {
                    let copy = bytes[at..bytes.len().min(at + length)].to_vec();
                    bytes.extend(copy);
                }
            }
        }
        let most = PDF_LEAST + PDF_FACTOR * bytes.len();
        checked("application/pdf", &bytes, None, &part(Vec::new(), Vec::new()), most)?;
    }
}

#[derive(Debug, Clone)]
enum Edit {
    Cut,
    Put(Vec<u8>),
    Set(u8),
    Copy(usize),
}

fn edit() -> impl Strategy<Value = (prop::sample::Index, Edit)> {
    let words = [
        "<<",
        ">>",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "1 0 R",
        "3 0 R",
        "2 0 obj",
        "endobj",
        "stream\n",
        "endstream",
        "/Kids [2 0 R]",
        "/Length 99999999",
        "/Length -1",
        "/Filter [/Fl /Fl /LZW /A85]",
        "/DecodeParms << /Predictor 15 /Columns 4294967295 /Colors 255 >>",
        "trailer << /Root 3 0 R >>",
        "1e99",
        "-",
        "99999999999999999999",
        "\0",
        "BT",
        "Tj",
        "/X Do",
        "q ",
        "/Type /ObjStm /N 9 /First 5",
    ];
    let edit = prop_oneof![
        1 => Just(Edit::Cut),
        6 => prop::sample::select(words.to_vec()).prop_map(|word| Edit::Put(word.as_bytes().to_vec())),
        3 => any::<u8>().prop_map(Edit::Set),
        2 => (1..200_usize).prop_map(Edit::Copy),
    ];
    (any::<prop::sample::Index>(), edit)
}

fn operators() -> impl Strategy<Value = String> {
    let known = [
        "BT ",
        "ET ",
        "/F1 10 Tf ",
        "/F2 1e30 Tf ",
        "/C 12 Tf ",
        "(What you draw) Tj ",
        "[(a) -300 (b) 1e300 (c)] TJ ",
        "<0001004100ff> Tj ",
        "T* ",
        "0 -12 Td ",
        "1 0 0 1 50 700 Tm ",
        "0 1 -1 0 5 5 Tm ",
        "0 0 0 0 0 0 Tm ",
        "1e300 0 0 1e300 0 0 cm ",
        "/X Do ",
        "q ",
        "Q ",
        "BI ID x EI ",
        "12 TL ",
        "[[[[ ",
        ">> ",
        "(\\377\\0 ",
        ") ",
        "0 Tz ",
        "99 Tc ",
        "(\u{2022} item) Tj ",
    ];
    prop::collection::vec(prop::sample::select(known.to_vec()), 0..40).prop_map(|all| all.concat())
}

fn pdf() -> impl Strategy<Value = Vec<u8>> {
    let map = prop_oneof![
        Just(
            "1 begincodespacerange <00> <ffff> endcodespacerange 1 beginbfrange <0000> <ffff> <0041> endbfrange"
        ),
        Just(
            "2 beginbfchar <0001> <0041> <0041> <d83d> endbfchar 1 beginbfrange <ff> <00> [<0041> (x)] endbfrange"
        ),
        Just(
            "begincodespacerange <> <> endcodespacerange beginbfrange <00000000> <ffffffff> <> endbfrange"
        ),
    ];
    (operators(), operators(), map, any::<bool>()).prop_map(|(page, form, map, is_compressed)| {
        let mut pdf = Pdf::new(&format!("{FONTS} /XObject << /X 3 0 R >>"));
        pdf.stream("/Type /XObject /Subtype /Form", form.as_bytes());
        let map = pdf.stream("/Filter /FlateDecode", &deflated(map.as_bytes()));
        let font = format!(
            "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode {map} 0 R /DescendantFonts [<< /W [0 [500] 3 2 1 9 4294967295 1e9] >>] >>"
        );
        let font = pdf.object(&font);
        let keys = if is_compressed { "/Filter /FlateDecode" } else { "" };
        let operators = format!("{}{page}", lines(&[("F1", 10.0, 50.0, 700.0, "We keep what you draw.")]));
        let bytes = if is_compressed { deflated(operators.as_bytes()) } else { operators.into_bytes() };
        let content = pdf.stream(keys, &bytes);
        let resources = format!("/Font << /F1 << /Subtype /Type1 /FirstChar 4294967295 /Widths [500 500] >> /C {font} 0 R >> /XObject << /X 3 0 R >>");
        pdf.add_page(&format!("<< /Type /Page /Contents [{content} 0 R] /Resources << {resources} >> >>"));
        pdf.page(&page);
        pdf.bytes()
    })
}

/// Pages that give far more than they are, if nothing keeps them from it.
#[test]
fn no_page_grows_without_bounds() {
    let fonts: String = (0..2_000)
        .map(|one| format!("<font color={one}>"))
        .collect();
    let reopened = format!("<p>{fonts}</p>{}", "<p>x</p>".repeat(10_000));
    let error = extract(reopened.as_bytes(), None, &part(Vec::new(), Vec::new())).unwrap_err();
    assert!(matches!(error, ExtractError::TooDeep { .. }), "{error}");

    let base = format!("<base href='https://b.example/{}'>", "b".repeat(200_000));
    let linked = base + &"<a href=x>y</a> ".repeat(5_000);
    let wide = format!(
        "<table><tr>{}{}</table>",
        "<td>x".repeat(5_000),
        "<tr><td>x<td>y".repeat(5_000)
    );
    for page in [linked, wide] {
        let text = extract(page.as_bytes(), None, &part(Vec::new(), Vec::new()))
            .unwrap()
            .text;
        assert!(
            text.len() < 10 * page.len(),
            "{} of {}",
            text.len(),
            page.len()
        );
    }
}
