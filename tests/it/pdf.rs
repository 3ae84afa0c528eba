//! PDFs that the tests write themselves, and one that a browser prints: text, headings and refusals out.

use std::process::Command;

use recension::extract::{ExtractError, Extracted, PdfFault, extract_as};
use recension::model::{MediaType, SourcePart};

use crate::support::pdf::{FONTS, Pdf, deflated, lines};

fn read(bytes: &[u8]) -> Result<Extracted, ExtractError> {
    let part = SourcePart {
        address: "https://glimmerfold.example/terms.pdf".into(),
        select: Vec::new(),
        remove: Vec::new(),
        filters: Vec::new(),
        unsupported_filters: Vec::new(),
        client_scripts: false,
    };
    extract_as(
        &MediaType::parse("application/pdf").unwrap(),
        bytes,
        None,
        &part,
    )
}

fn text(pdf: Pdf) -> String {
    read(&pdf.bytes()).unwrap().text
}

fn refusal(pdf: Pdf) -> String {
    read(&pdf.bytes()).unwrap_err().to_string()
}

/// What a page of these operators says.
fn shown(operators: &str) -> String {
    let mut pdf = Pdf::new(FONTS);
    pdf.page(operators);
    text(pdf)
}

#[test]
fn lines_become_paragraphs_headings_and_items() {
    let page = lines(&[
        ("F1", 20.0, 50.0, 800.0, "Terms of Drawing"),
        ("F1", 14.0, 50.0, 770.0, "1. Your drawings"),
        (
            "F1",
            10.0,
            50.0,
            750.0,
            "We keep what you draw on our boards for twelve months after you drew",
        ),
        (
            "F1",
            10.0,
            50.0,
            738.0,
            "it, and we show it to those that you name (and to nobody else).",
        ),
        (
            "F1",
            10.0,
            50.0,
            718.0,
            "You may ask us for a copy – at any time – and pay €5 for paper.",
        ),
        ("F2", 10.0, 50.0, 700.0, "What we never do"),
        ("F1", 10.0, 60.0, 688.0, "• sell a drawing"),
        (
            "F1",
            10.0,
            60.0,
            676.0,
            "• burn it, unless the law of the town asks us to, in which case we tell you",
        ),
        ("F1", 10.0, 70.0, 664.0, "a month before"),
        ("F1", 14.0, 50.0, 640.0, "2. Pencils"),
        ("F1", 10.0, 50.0, 620.0, "Pencils are * yours."),
    ]);
    assert_eq!(
        shown(&page),
        "# Terms of Drawing\n\n\
         ## 1. Your drawings\n\n\
         We keep what you draw on our boards for twelve months after you drew it, and we show it to those that you name \
         (and to nobody else).\n\n\
         You may ask us for a copy – at any time – and pay €5 for paper.\n\n\
         ### What we never do\n\n\
         * sell a drawing\n\
         * burn it, unless the law of the town asks us to, in which case we tell you a month before\n\n\
         ## 2. Pencils\n\n\
         Pencils are \\* yours.\n"
    );
}

#[test]
fn operators_are_read_in_each_of_their_ways() {
    for (operators, expected) in [
        (
            "BT /F1 10 Tf 50 700 Td (One) Tj 0 -12 Td (line) Tj ET",
            "One line\n",
        ),
        (
            "BT /F1 10 Tf 12 TL 50 700 Td (One) Tj (line) ' ET",
            "One line\n",
        ),
        (
            "BT /F1 10 Tf 12 TL 50 700 Td (One) Tj 1 2 (line) \" ET",
            "One line\n",
        ),
        (
            "BT /F1 10 Tf 50 700 TD (One) Tj 0 -12 TD (two) Tj T* (three) Tj ET",
            "One two three\n",
        ),
        (
            "BT /F1 10 Tf 50 700 Td [(Ker) 40 (ned) -300 (words) -20 (!)] TJ ET",
            "Kerned words!\n",
        ),
        ("BT /F1 1 Tf 10 0 0 10 50 700 Tm <4F6E65> Tj ET", "One\n"),
        (
            "q 0.1 0 0 0.1 0 0 cm BT /F1 100 Tf 500 7000 Td (One) Tj ET Q",
            "One\n",
        ),
        (
            "BT /F1 10 Tf 50 700 Td (\\101\\(\\)\\\n\\\\) Tj ET",
            "A()\\\\\n",
        ),
        (
            "BT /F1 10 Tf 0 1 -1 0 50 100 Tm (Up) Tj ET BT /F1 10 Tf 0 1 -1 0 62 100 Tm (wards) Tj ET",
            "Up wards\n",
        ),
        (
            "BT /F1 10 Tf 50 700 Td (Bold) Tj 0.3 0 Td (Bold) Tj ET",
            "Bold\n",
        ),
        (
            "BI /W 1 /H 1 /BPC 8 ID \x01(x) Tj EI BT /F1 10 Tf 50 700 Td (after) Tj ET",
            "after\n",
        ),
    ] {
        assert_eq!(shown(operators), expected, "{operators}");
    }
}

#[test]
fn a_word_that_a_line_divides_is_whole_where_the_document_has_it() {
    let page = lines(&[
        (
            "F1",
            10.0,
            50.0,
            700.0,
            "The information of third parties stays theirs, and our infor-",
        ),
        (
            "F1",
            10.0,
            50.0,
            688.0,
            "mation stays ours, whatever a third-",
        ),
        ("F1", 10.0, 50.0, 676.0, "party says of it."),
    ]);
    assert_eq!(
        shown(&page),
        "The information of third parties stays theirs, and our information stays ours, whatever a third-party says of it.\n"
    );
}

#[test]
fn what_runs_along_the_edges_of_pages_is_left_out_and_sentences_go_on() {
    let mut pdf = Pdf::new(FONTS);
    for (number, said) in [
        "The first page ends in the middle of a",
        "sentence of two. The second page",
        "ends well.",
    ]
    .iter()
    .enumerate()
    {
        let foot = format!("Page {} of 3", number + 1);
        pdf.page(&lines(&[
            ("F1", 8.0, 50.0, 820.0, "Glimmerfold"),
            ("F1", 10.0, 50.0, 760.0, said),
            ("F1", 8.0, 50.0, 30.0, &foot),
        ]));
    }
    assert_eq!(
        text(pdf),
        "The first page ends in the middle of a sentence of two. The second page ends well.\n"
    );
}

#[test]
fn codes_become_characters_by_what_the_font_says() {
    let mut pdf = Pdf::new("");
    let map = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange \
        2 beginbfchar <0003> <0020> <0010> <00660069> endbfchar \
        2 beginbfrange <0020> <0039> <0061> <0040> <0041> [<00e9> <d83dde00>] endbfrange endcmap";
    let map = pdf.stream("/Filter /FlateDecode", &deflated(map));
    let below =
        pdf.object("<< /Type /Font /Subtype /CIDFontType2 /DW 500 /W [3 [250] 32 57 600] >>");
    let composite = format!(
        "<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Some /Encoding /Identity-H /DescendantFonts [{below} 0 R] \
         /ToUnicode {map} 0 R >>"
    );
    let composite = pdf.object(&composite);
    let named = pdf.object(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Other /FirstChar 1 /Widths [500 500 500 500] /Encoding \
         << /Differences [1 /eacute /ffi /uni20AC /Scaron] >> >>",
    );
    let fonts = format!("/Font << /C {composite} 0 R /N {named} 0 R >>");
    let content =
        "BT /C 10 Tf 50 700 Td <00100020000300400041> Tj /N 10 Tf 0 -40 Td <01020304> Tj ET";
    let content = pdf.stream("", content.as_bytes());
    let page = format!("<< /Type /Page /Contents {content} 0 R /Resources << {fonts} >> >>");
    pdf.add_page(&page);
    assert_eq!(text(pdf), "fia é😀\n\néffi€Š\n");
}

#[test]
fn filters_are_undone() {
    let plain = "BT /F1 10 Tf 50 700 Td (Kept) Tj ET";
    let hexadecimal: String = plain.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut run = vec![u8::try_from(plain.len() - 1).unwrap()];
    run.extend(plain.as_bytes());
    run.push(128);
    let mut predicted = Vec::new();
    for row in plain.as_bytes().chunks(5) {
        predicted.push(1);
        let before = std::iter::once(&0).chain(row);
        predicted.extend(
            row.iter()
                .zip(before)
                .map(|(one, left)| one.wrapping_sub(*left)),
        );
    }
    let cases: [(&str, Vec<u8>); 6] = [
        (
            "/Filter /ASCIIHexDecode",
            format!("{hexadecimal}>").into_bytes(),
        ),
        ("/Filter [/AHx /Fl]", {
            let deflated = deflated(plain.as_bytes());
            deflated
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
                .into_bytes()
        }),
        ("/Filter /RunLengthDecode", run),
        (
            "/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 5 >>",
            deflated(&predicted),
        ),
        ("/Filter /ASCII85Decode", ascii85(plain.as_bytes())),
        ("/Filter /LZWDecode", lzw(plain.as_bytes())),
    ];
    for (keys, bytes) in cases {
        let mut pdf = Pdf::new(FONTS);
        let content = pdf.stream(keys, &bytes);
        pdf.add_page(&format!("<< /Type /Page /Contents {content} 0 R >>"));
        assert_eq!(text(pdf), "Kept\n", "{keys}");
    }
}

fn ascii85(bytes: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    for group in bytes.chunks(4) {
        let mut padded = [0; 4];
        padded[..group.len()].copy_from_slice(group);
        let mut value = u32::from_be_bytes(padded);
        let mut digits = [0; 5];
        for digit in digits.iter_mut().rev() {
            *digit = b'!' + u8::try_from(value % 85).unwrap();
            value /= 85;
        }
        written.extend(&digits[..=group.len()]);
    }
    written.extend(b"~>");
    written
}

/// Codes of nine bits: none stands for more than a byte, and the table is thrown away before it grows wider.
fn lzw(bytes: &[u8]) -> Vec<u8> {
    let codes = bytes.chunks(200).flat_map(|some| {
        let codes = some.iter().map(|byte| u32::from(*byte));
        std::iter::once(256).chain(codes)
    });
    let bits: String = codes
        .chain([257])
        .map(|code| format!("{code:09b}"))
        .collect();
    let bytes = bits.as_bytes().chunks(8);
    bytes
        .map(|byte| {
            let byte = format!("{:0<8}", std::str::from_utf8(byte).unwrap());
            u8::from_str_radix(&byte, 2).unwrap()
        })
        .collect()
}

#[test]
fn objects_are_found_in_streams_and_behind_those_they_replace() {
    let mut pdf = Pdf::new(FONTS);
    let content = pdf.stream("", b"BT /F1 10 Tf 50 700 Td (Packed) Tj ET");
    let page = format!("<< /Type /Page /Parent 2 0 R /Contents {content} 0 R >>");
    let packed = format!("90 0 91 {} {page} (x)", page.len() + 1);
    let first = packed.find("<<").unwrap();
    pdf.stream(
        &format!("/Type /ObjStm /N 2 /First {first} /Filter /FlateDecode"),
        &deflated(packed.as_bytes()),
    );
    pdf.pages.push(90);
    let mut bytes = pdf.bytes();
    assert_eq!(read(&bytes).unwrap().text, "Packed\n");

    let appended = "BT /F1 10 Tf 50 700 Td (Replaced) Tj ET";
    bytes.extend(
        format!(
            "{content} 0 obj << /Length {} >> stream\n{appended}\nendstream endobj\n",
            appended.len()
        )
        .bytes(),
    );
    assert_eq!(read(&bytes).unwrap().text, "Replaced\n");
}

#[test]
fn what_can_not_be_read_says_why() {
    let mut encrypted = Pdf::new(FONTS);
    encrypted.page(&lines(&[("F1", 10.0, 50.0, 700.0, "sealed")]));
    encrypted.trailer = "/Encrypt << /Filter /Standard /V 2 >>".into();
    assert_eq!(
        refusal(encrypted),
        "the PDF is encrypted, and is not read without its key"
    );

    let mut picture = Pdf::new("/XObject << /P 4 0 R >>");
    picture.page("q 595 0 0 842 0 0 cm /P Do Q");
    picture.stream(
        "/Type /XObject /Subtype /Image /Width 1 /Height 1 /Filter /DCTDecode",
        b"\xff\xd8",
    );
    let reason = "the PDF shows no text: its pages are pictures, which are not read";
    assert_eq!(refusal(picture), reason);

    let mut untold =
        Pdf::new("/Font << /C << /Type /Font /Subtype /Type0 /Encoding /Identity-H >> >>");
    untold.page("BT /C 10 Tf 50 700 Td <00010002> Tj ET");
    let reason = "the PDF does not tell which characters it shows: 2 of 2 are unknown";
    assert_eq!(refusal(untold), reason);

    for damaged in [
        &b"%PDF-1.7"[..],
        b"%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 1 0 R >> endobj",
        b"",
    ] {
        assert_eq!(
            read(damaged).unwrap_err(),
            ExtractError::Pdf(PdfFault::Damaged)
        );
    }
}

#[test]
fn a_file_that_unfolds_without_end_is_refused() {
    let mut bomb = Pdf::new(FONTS);
    let spaces = vec![b' '; 40 << 20];
    let content = bomb.stream("/Filter [/Fl /Fl]", &deflated(&deflated(&spaces)));
    bomb.add_page(&format!("<< /Type /Page /Contents {content} 0 R >>"));

    // Each form shows the next one ten times.
    let forms: Vec<String> = (0..11)
        .map(|one| format!("/X{one} {} 0 R", one + 3))
        .collect();
    let mut forms = Pdf::new(&format!("{FONTS} /XObject << {} >>", forms.join(" ")));
    for one in 1..=11 {
        let operators = format!("/X{one} Do ").repeat(10) + "BT /F1 9 Tf (x) Tj ET";
        forms.stream("/Subtype /Form", operators.as_bytes());
    }
    forms.page("/X0 Do");

    let mut itself = Pdf::new(&format!("{FONTS} /XObject << /X 3 0 R >>"));
    itself.stream("/Subtype /Form", "/X Do ".repeat(10).as_bytes());
    itself.page("/X Do");

    let mut nested = Pdf::new(FONTS);
    nested.page(&"[".repeat(1_000_000));

    let mut listed = Pdf::new(FONTS);
    listed.page(&format!("[{}] TJ", "0 ".repeat(5_000_000)));

    for (what, pdf) in [
        ("bomb", bomb),
        ("forms", forms),
        ("itself", itself),
        ("listed", listed),
    ] {
        let error = read(&pdf.bytes()).unwrap_err();
        assert_eq!(error, ExtractError::Pdf(PdfFault::TooMuch), "{what}");
    }
    let error = read(&nested.bytes()).unwrap_err();
    assert_eq!(error, ExtractError::Pdf(PdfFault::Damaged));
}

#[test]
fn what_a_browser_prints_is_read() {
    let Some(chromium) = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok())
    else {
        eprintln!("skipped: there is no Chromium");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (page, printed) = (
        folder.path().join("terms.html"),
        folder.path().join("terms.pdf"),
    );
    std::fs::write(
        &page,
        "<!doctype html><meta charset=utf-8><title>Terms</title><h1>Terms of Drawing</h1>\
         <p>We keep what you draw on our boards for twelve months after you drew it, and we show it to those that you \
         name, and to nobody else, unless the law of the town in which you drew it asks us to show it to a judge.</p>\
         <h2>Your rights</h2><p>You may ask for “a copy” – for €5.</p><ul><li>a pencil</li><li>a brush</li></ul>",
    )
    .unwrap();
    let ran = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        ))
        .arg(format!("--print-to-pdf={}", printed.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert_eq!(
        read(&std::fs::read(printed).unwrap()).unwrap().text,
        "# Terms of Drawing\n\n\
         We keep what you draw on our boards for twelve months after you drew it, and we show it to those that you name, \
         and to nobody else, unless the law of the town in which you drew it asks us to show it to a judge.\n\n\
         ## Your rights\n\n\
         You may ask for “a copy” – for €5.\n\n\
         a pencil\n\na brush\n"
    );
}
