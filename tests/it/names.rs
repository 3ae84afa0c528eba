//! Names of documents: which are allowed, which match, and what is suggested for a near miss.

use proptest::prelude::*;
use recension::model::{DocumentName, NameError, NamePart, matching_key, split_part, suggest};

#[test]
fn good_names_are_kept_as_given() {
    let longest = "é".repeat(127);
    for (platform, document_type) in [
        ("Facebook", "Terms of Service"),
        ("X (Twitter)", "Privacy Policy"),
        ("  spaced ", " twice  "),
        ("...", ".hidden"),
        ("-", "_"),
        ("Ça va?", "Conditions d’utilisation"),
        ("Платформа", "利用規約"),
        ("AT&T", "Community Guidelines #2"),
        ("e\u{301}", "é"),
        ("back\\slash", "a:b*c"),
        (longest.as_str(), longest.as_str()),
    ] {
        let name = DocumentName::new(platform, document_type).unwrap();
        assert_eq!(
            (name.platform(), name.document_type()),
            (platform, document_type)
        );
        assert_eq!(name.to_string(), format!("{platform}/{document_type}"));
        assert_eq!(DocumentName::parse(&name.to_string()), Ok(name));
    }
}

#[test]
fn bad_names_say_what_is_wrong() {
    for (text, expected) in [
        (
            "Facebook",
            "\"Facebook\" does not name a document; write the platform, a slash and the document \
             type, as in \"Facebook/Terms of Service\".",
        ),
        (
            "",
            "\"\" does not name a document; write the platform, a slash and the document type, as \
             in \"Facebook/Terms of Service\".",
        ),
        ("/", "The platform in \"/\" is empty."),
        ("/Terms", "The platform in \"/Terms\" is empty."),
        ("Facebook/", "The document type in \"Facebook/\" is empty."),
        (
            "Facebook/ \u{a0}",
            "The document type in \"Facebook/ \\u{a0}\" is empty.",
        ),
        (
            "./Terms",
            "The platform \".\" is a reserved name; it cannot be \".\" or \"..\".",
        ),
        (
            "../Terms",
            "The platform \"..\" is a reserved name; it cannot be \".\" or \"..\".",
        ),
        (
            "A/..",
            "The document type \"..\" is a reserved name; it cannot be \".\" or \"..\".",
        ),
        (
            "A/../B",
            "The document type \"../B\" contains a slash; only one slash may stand in a \
             document's name.",
        ),
        (
            "A\0/B",
            "The platform \"A\\0\" contains the control character U+0000.",
        ),
        (
            "A/B\nC",
            "The document type \"B\\nC\" contains the control character U+000A.",
        ),
        (
            "A/\u{1b}[0m",
            "The document type \"\\u{1b}[0m\" contains the control character U+001B.",
        ),
        (
            "A/B\u{85}C",
            "The document type \"B\\u{85}C\" contains the control character U+0085.",
        ),
    ] {
        let found = DocumentName::parse(text).map_err(|error| error.to_string());
        assert_eq!(found, Err(expected.to_owned()), "{text:?}");
    }
    let long = DocumentName::new("A", "é".repeat(128)).unwrap_err();
    let expected = format!(
        "The document type \"{}…\" is 256 bytes long; at most 255 are allowed.",
        "é".repeat(60)
    );
    assert_eq!(long.to_string(), expected);
    let slash = DocumentName::new("A/B", "C").unwrap_err();
    assert!(matches!(
        slash,
        NameError::Slash {
            part: NamePart::Platform,
            ..
        }
    ));
}

#[test]
fn keys_forget_case_separators_and_quotes() {
    for (text, key) in [
        ("Terms of Service", "terms of service"),
        ("terms-of_service", "terms of service"),
        ("  TERMS --  of\u{a0}Service_ ", "terms of service"),
        ("Terms – of — Service", "terms of service"),
        ("Conditions d’utilisation", "conditions d'utilisation"),
        ("“Quoted” ‘once’", "\"quoted\" 'once'"),
        ("ÉCOLE", "école"),
        ("Straße", "straße"),
        ("ΟΔΟΣ", "οδος"),
        ("利用規約", "利用規約"),
        ("-_ ", ""),
        ("", ""),
        ("Facebook/Terms", "facebook/terms"),
    ] {
        assert_eq!(matching_key(text), key, "{text:?}");
    }
    let name = DocumentName::parse("Face_Book /Terms  of-Service").unwrap();
    assert_eq!(name.key(), "face book/terms of service");
    assert_ne!(matching_key("Facebook"), matching_key("Face book"));
}

#[test]
fn pages_are_split_off_only_at_the_end() {
    for (text, expected) in [
        (
            "Community Guidelines #spam",
            ("Community Guidelines", Some("spam")),
        ),
        ("Terms #1 #2", ("Terms #1", Some("2"))),
        ("Terms #a b", ("Terms", Some("a b"))),
        ("Terms", ("Terms", None)),
        ("Terms #", ("Terms #", None)),
        ("Terms # ", ("Terms # ", None)),
        ("Terms#1", ("Terms#1", None)),
        (" #1", (" #1", None)),
        ("#1", ("#1", None)),
        ("", ("", None)),
    ] {
        assert_eq!(split_part(text), expected, "{text:?}");
    }
}

const DOCUMENTS: [&str; 8] = [
    "Facebook/Terms of Service",
    "Facebook/Privacy Policy",
    "Facebook Ads/Terms of Service",
    "Instagram/Terms of Service",
    "Instagram/Privacy Policy",
    "TikTok/Community Guidelines",
    "X/Terms of Service",
    "YouTube/Community Guidelines #spam",
];

#[test]
fn near_misses_get_suggestions() {
    for (query, expected) in [
        (
            "facebook/terms-of-service",
            vec!["Facebook/Terms of Service", "Facebook Ads/Terms of Service"],
        ),
        (
            "Facebook/Terms",
            vec!["Facebook/Terms of Service", "Facebook Ads/Terms of Service"],
        ),
        (
            "Facebok/Terms of Service",
            vec!["Facebook/Terms of Service"],
        ),
        (
            "facebook",
            vec![
                "Facebook/Privacy Policy",
                "Facebook/Terms of Service",
                "Facebook Ads/Terms of Service",
            ],
        ),
        (
            "Instagarm",
            vec!["Instagram/Privacy Policy", "Instagram/Terms of Service"],
        ),
        (
            "guidelines",
            vec![
                "TikTok/Community Guidelines",
                "YouTube/Community Guidelines #spam",
            ],
        ),
        ("privacy instagram", vec!["Instagram/Privacy Policy"]),
        (
            "Privcay Policy",
            vec!["Facebook/Privacy Policy", "Instagram/Privacy Policy"],
        ),
        (
            "tictoc/community guidelines",
            vec!["TikTok/Community Guidelines"],
        ),
        ("zzz", vec![]),
        ("", vec![]),
        ("-", vec![]),
    ] {
        assert_eq!(
            suggest(query, DOCUMENTS.into_iter(), 3),
            expected,
            "{query:?}"
        );
        let backwards = DOCUMENTS.into_iter().rev().chain(DOCUMENTS);
        assert_eq!(
            suggest(query, backwards, 3),
            expected,
            "{query:?} backwards, twice"
        );
    }
    assert_eq!(
        suggest("facebook", DOCUMENTS.into_iter(), 0),
        Vec::<String>::new()
    );
    assert_eq!(
        suggest("facebook", DOCUMENTS.into_iter(), 1),
        ["Facebook/Privacy Policy"]
    );
}

#[test]
fn hostile_queries_are_cheap() {
    let started = std::time::Instant::now();
    let long = "a ".repeat(1_000_000);
    let candidates: Vec<String> = (0..1000)
        .map(|n| format!("{}{n}", "ab ".repeat(80)))
        .collect();
    for query in [long.as_str(), &"é".repeat(1_000_000), &"ab".repeat(32)] {
        let found = suggest(query, candidates.iter().map(String::as_str), 5);
        assert!(found.len() <= 5);
        assert!(DocumentName::parse(query).unwrap_err().to_string().len() < 300);
    }
    assert!(started.elapsed().as_secs() < 20);
}

proptest! {
    #[test]
    fn no_name_panics(text in any::<String>(), other in any::<String>()) {
        if let Ok(name) = DocumentName::parse(&text) {
            prop_assert_eq!(name.to_string(), text.clone());
            prop_assert!(name.key().contains('/'));
        }
        let (base, page) = split_part(&text);
        let joined = page.map_or(base.to_owned(), |page| [base, page].join(" #"));
        prop_assert_eq!(&joined, &text);
        let _ = suggest(&text, [other.as_str(), &text].into_iter(), 2);
    }

    #[test]
    fn a_key_is_its_own_key(text in "[ -_’“A-CΣσσİßé/#\u{2013}\u{a0}]{0,12}|.*") {
        let key = matching_key(&text);
        prop_assert_eq!(matching_key(&key), key);
    }
}
