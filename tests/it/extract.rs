//! Extraction: pages and declarations in, texts and errors out.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use recension::extract::{ExtractError, Extracted, extract};
use recension::model::{Boundary, Filter, Selection, SourcePart};

fn part(select: &[&str]) -> SourcePart {
    SourcePart {
        address: "https://glimmerfold.example/legal/terms?lang=en".into(),
        select: select.iter().map(|one| elements(one)).collect(),
        remove: Vec::new(),
        filters: Vec::new(),
        unsupported_filters: Vec::new(),
        client_scripts: false,
    }
}

fn elements(selector: &str) -> Selection {
    Selection::Elements(selector.into())
}

fn extracted(page: &str, part: &SourcePart) -> Extracted {
    extract(page.as_bytes(), None, part).unwrap()
}

/// What the body of a page says.
fn text(body: &str) -> String {
    extracted(body, &part(&["body"])).text
}

#[test]
fn elements_become_markdown() {
    for (page, expected) in [
        (
            "<h2>Your  <i>data</i></h2><p>We keep\n it.",
            "## Your _data_\n\nWe keep it.\n",
        ),
        ("One<br>two<br><br>three", "One  \ntwo  \n  \nthree\n"),
        ("<b> Note: </b>read", "**Note:** read\n"),
        (
            "<p><strong>Paris<br></strong>France",
            "**Paris**  \nFrance\n",
        ),
        (
            "<a href='../privacy#a(b)'>here</a>",
            "[here](https://glimmerfold.example/privacy#a%28b%29)\n",
        ),
        (
            "<a href='#scope'>Scope</a>",
            "[Scope](https://glimmerfold.example/legal/terms?lang=en#scope)\n",
        ),
        (
            "<a href='javascript:open()'>open</a> <a name=x>y</a>",
            "open y\n",
        ),
        (
            "<ul><li>One<li>Two<ul><li>Deep</ul><li></ul>",
            "* One\n* Two\n  * Deep\n",
        ),
        (
            "<ol start=4><li><p>A<p>B<li>C</ol>",
            "4. A\n\n   B\n\n5. C\n",
        ),
        ("<ol start=4294967295><li>A<li>B</ol>", "1. A\n2. B\n"),
        ("<blockquote><p>A<p>B</blockquote>", "> A\n>\n> B\n"),
        (
            "<dl><dt>Blob<dd>Stored bytes</dl>",
            "Blob\n\nStored bytes\n",
        ),
        ("<pre>1. A\n   b\n\nC</pre>", "1\\. A  \nb\n\nC\n"),
        ("<div>a<div>b</div>c</div>", "a\n\nb\n\nc\n"),
        ("<a href=/x><h3>T</h3></a>", "### T\n"),
        (
            "<img src=/l.png alt='Our seal'><img src=x.gif>",
            "![Our seal](https://glimmerfold.example/l.png)\n",
        ),
        (
            "<script>a</script><style>b</style><svg><text>c</text></svg>d<!-- e -->",
            "d\n",
        ),
        (
            "<table><tr><th>A<th>B<tr><td>x|y<td><p>1<p>2</table>",
            "| A | B |\n| --- | --- |\n| x\\|y | 1<br><br>2 |\n",
        ),
        (
            "<table><tr><td>a<td><ul><li>b<li>c</ul></table>",
            "|  |  |\n| --- | --- |\n| a | * b<br>* c |\n",
        ),
        ("<table><tr><td>only<tr><td>one</table>", "only\n\none\n"),
        (
            "<table><tr><td>out<td><table><tr><td>in</table></table>",
            "out\n\nin\n",
        ),
        (
            "<details><summary>Folded</summary><p hidden>Said</details>",
            "Folded\n\nSaid\n",
        ),
    ] {
        assert_eq!(text(page), expected, "{page}");
    }
}

#[test]
fn what_looks_like_markup_is_text() {
    for (page, expected) in [
        (
            "a * b _c_ [d] `e` \\ &lt;f&gt;",
            "a \\* b \\_c\\_ \\[d\\] \\`e\\` \\\\ \\<f>\n",
        ),
        ("AT&T &amp;copy; R&amp;D; x", "AT&T \\&copy; R\\&D; x\n"),
        (
            "<p># no<p>- no<p>1. no<p>2) no<p>3.5 yes<p>&gt; no",
            "\\# no\n\n\\- no\n\n1\\. no\n\n2\\) no\n\n3.5 yes\n\n\\> no\n",
        ),
    ] {
        assert_eq!(text(page), expected, "{page}");
    }
}

#[test]
fn a_declaration_selects_and_removes() {
    let page = "<nav>n</nav><main><h1 id=a>A</h1><p class=x>1</p><h2 id=b>B</h2><p>2</p><aside>s</aside></main><p>after";
    let range = |start, end| Selection::Range { start, end };
    let (before, after) = (
        |s: &str| Boundary::Before(s.into()),
        |s: &str| Boundary::After(s.into()),
    );
    let cases: [(Vec<Selection>, Vec<Selection>, &str); 8] = [
        (vec![], vec![], "# A\n\n1\n\n## B\n\n2\n"),
        (vec![elements("p")], vec![], "1\n\n2\n\nafter\n"),
        (
            vec![elements("#b"), elements("#a")],
            vec![],
            "## B\n\n# A\n",
        ),
        (
            vec![elements("main, main p")],
            vec![elements("aside, .x")],
            "# A\n\n## B\n\n2\n",
        ),
        (
            vec![range(before("#a"), before("#b"))],
            vec![],
            "# A\n\n1\n",
        ),
        (vec![range(after("#a"), after("#b"))], vec![], "1\n\n## B\n"),
        (
            vec![range(after("#b"), after("main + p"))],
            vec![elements("aside")],
            "2\n\nafter\n",
        ),
        (
            vec![elements("main")],
            vec![range(after("#a"), before("aside"))],
            "# A\n\ns\n",
        ),
    ];
    for (select, remove, expected) in cases {
        let part = SourcePart {
            select,
            remove,
            ..part(&[])
        };
        assert_eq!(extracted(page, &part).text, expected, "{part:?}");
    }
}

#[test]
fn the_main_content_is_found_where_nothing_is_selected() {
    let said =
        "<p>We keep what you draw on our boards for twelve months after you drew it.</p>".repeat(5);
    let kept =
        "We keep what you draw on our boards for twelve months after you drew it.\n".repeat(5);
    let kept = kept.trim_end().replace('\n', "\n\n");
    let menu = "<ul><li><a href=/a>Boards</a><li><a href=/b>Pencils</a></ul>";
    for (page, expected) in [
        // The element that holds the prose, whatever it is.
        (
            format!(
                "<div class=top>{menu}</div><div><div id=c>{said}</div></div><div>{menu} © Glimmerfold</div>"
            ),
            kept.clone(),
        ),
        // Its heading may stand beside it.
        (
            format!("<div>{menu}</div><article><h1>Terms</h1><div>{said}</div></article>"),
            format!("# Terms\n\n{kept}"),
        ),
        (
            format!(
                "<main><header><h1>Terms</h1></header><div>{said}</div><footer>Seal</footer></main>"
            ),
            format!("# Terms\n\n{kept}"),
        ),
        // What holds the text is not around it, whatever it is called.
        (
            format!("<form><nav>{menu}</nav><div class=sidebar-page>{said}</div></form>"),
            kept.clone(),
        ),
        // A list of links to others is part of the text that it stands in.
        (
            format!(
                "<div>{said}{menu}</div><div class='cookie-banner on'>Do you agree to our cookies?</div>"
            ),
            format!(
                "{kept}\n\n* [Boards](https://glimmerfold.example/a)\n* [Pencils](https://glimmerfold.example/b)"
            ),
        ),
    ] {
        assert_eq!(
            extracted(&page, &part(&[])).text,
            format!("{expected}\n"),
            "{page}"
        );
    }
}

#[test]
fn selectors_without_a_match_are_told() {
    let page = "<main>m</main>";
    let some = SourcePart {
        remove: vec![elements(".banner")],
        ..part(&["main", "#gone"])
    };
    assert_eq!(extracted(page, &some).unmatched, [".banner", "#gone"]);

    let range = SourcePart {
        select: vec![Selection::Range {
            start: Boundary::After("p".into()),
            end: Boundary::Before("p".into()),
        }],
        ..part(&[])
    };
    let gone = SourcePart {
        remove: vec![elements("main")],
        ..part(&["main"])
    };
    for (page, part, message) in [
        (
            page,
            part(&["#a", ".b"]),
            "nothing on the page matches \"#a\" or \".b\"",
        ),
        (page, gone, "nothing on the page matches \"main\""),
        (page, part(&["p{"]), "\"p{\" is no CSS selector"),
        (
            "<p>x",
            range,
            "the range from \"p\" to \"p\" ends before it starts",
        ),
        (
            "<main><script>x</script> </main>",
            part(&["main"]),
            "what is selected on the page holds no text",
        ),
        ("", part(&[]), "what is selected on the page holds no text"),
    ] {
        let error = extract(page.as_bytes(), None, &part).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn parameters_are_taken_out_of_links() {
    let filters = vec![Filter::RemoveQueryParams(vec!["utm".into(), "s".into()])];
    let part = SourcePart {
        filters,
        ..part(&["body"])
    };
    let page = "<base href='https://other.example/d/'><a href='x?utm=1&k=a%20b&s='>x</a> <a href='y?s=2'>y</a>";
    let expected = "[x](https://other.example/d/x?k=a+b) [y](https://other.example/d/y)\n";
    assert_eq!(extracted(page, &part).text, expected);
}

#[test]
fn bytes_are_read_in_their_encoding() {
    let cases: [(&[u8], Option<&str>, &str); 7] = [
        ("é".as_bytes(), None, "é\n"),
        (b"\xe9\x80", None, "é€\n"),
        (b"<meta charset=\"iso-8859-2\">\xb1", None, "ą\n"),
        (
            b"<meta http-equiv=content-type content='text/html; charset=Shift_JIS'>\x82\xa0",
            None,
            "あ\n",
        ),
        (b"<meta charset=utf-8>\xe9", Some("windows-1252"), "é\n"),
        (b"\xef\xbb\xbf\xc3\xa9", Some("windows-1252"), "é\n"),
        (b"<meta charset=no-such>\xc3\xa9", Some("nor-this"), "é\n"),
    ];
    for (bytes, charset, expected) in cases {
        let text = extract(bytes, charset, &part(&["body"])).unwrap().text;
        assert_eq!(text, expected, "{bytes:?}");
    }
}

#[test]
fn nesting_does_not_exhaust_the_stack() {
    for open in [
        "<div>",
        "<b>",
        "<ul><li>",
        "<blockquote>",
        "<table><tr><td>",
    ] {
        let page = format!("{}deep", open.repeat(3_000));
        assert!(text(&page).contains("deep"), "{open}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let part = part(&[]);
        prop_assert_eq!(extract(&bytes, None, &part), extract(&bytes, None, &part));
    }

    /// What Markdown makes of the text of plain words is those words, whatever they look like.
    #[test]
    fn text_is_read_as_it_is(words in "[ -~é|*#>\\-]{1,40}") {
        let page = format!("<p>{}", words.replace('&', "&amp;").replace('<', "&lt;"));
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        match extract(page.as_bytes(), None, &part(&["p"])) {
            Ok(extracted) => prop_assert_eq!(plain(&extracted.text), squeezed(&words)),
            Err(error) => {
                prop_assert_eq!(error, ExtractError::Empty);
                prop_assert_eq!(squeezed(&words), "");
            }
        }
    }
}

/// The text of Markdown, without its markup.
fn plain(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_DEFINITION_LIST;
    let events = Parser::new_ext(markdown, options);
    let texts = events.filter_map(|event| match event {
        Event::Text(text) => Some(text.to_string()),
        Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => None,
        other => Some(format!("{other:?}")),
    });
    texts.collect()
}
