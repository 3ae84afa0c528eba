//! Redlines: what they keep of two readings, and how they read.

use proptest::prelude::*;
use recension::compare::redline::{Mark, Piece, redline};

/// The pieces but for those with a mark, joined.
fn without(pieces: &[Piece], mark: Mark) -> String {
    let kept = pieces.iter().filter(|piece| piece.mark != mark);
    kept.map(|piece| piece.text.as_str()).collect()
}

/// The pieces as wdiff writes them.
fn written(pieces: &[Piece]) -> String {
    let write = |piece: &Piece| match piece.mark {
        Mark::Kept => piece.text.clone(),
        Mark::Inserted => format!("{{+{}+}}", piece.text),
        Mark::Deleted => format!("[-{}-]", piece.text),
    };
    pieces.iter().map(write).collect()
}

#[track_caller]
fn keeps_the_laws(from: &str, to: &str) {
    let pieces = redline(from, to);
    assert_eq!(without(&pieces, Mark::Inserted), from);
    assert_eq!(without(&pieces, Mark::Deleted), to);
    assert!(pieces.iter().all(|piece| !piece.text.is_empty()));
    assert!(pieces.windows(2).all(|pair| pair[0].mark != pair[1].mark));
    assert_eq!(pieces, redline(from, to));
}

/// Texts of few words, so that they have much in common, with signs, scripts without gaps and odd gaps.
fn texts() -> impl Strategy<Value = String> {
    let words = proptest::sample::select(vec![
        "we", "may", "not", "share", "data", "data,", "(data)", "1.2", "1,000", "don't", ".", "…",
        "e\u{301}", "資料", "カ", " ", "  ", "\n", "\u{a0}", "", "-", "--", "a--b", "\u{301}",
    ]);
    let text = proptest::collection::vec((words, any::<bool>()), 0..40);
    text.prop_map(|words| {
        let spaced = |(word, gap): (&str, bool)| format!("{word}{}", if gap { " " } else { "" });
        words.into_iter().map(spaced).collect()
    })
}

proptest! {
    #[test]
    fn a_redline_keeps_both_readings(from in texts(), to in texts()) {
        keeps_the_laws(&from, &to);
    }

    #[test]
    fn a_redline_keeps_any_two_texts(from in ".{0,60}", to in ".{0,60}") {
        keeps_the_laws(&from, &to);
    }

    #[test]
    fn a_text_against_itself_is_kept(text in texts()) {
        prop_assert!(redline(&text, &text).iter().all(|piece| piece.mark == Mark::Kept));
    }
}

#[test]
fn redlines_read_well() {
    let cases = [
        ("", "", ""),
        ("", "New words.", "{+New words.+}"),
        ("Old words.", "", "[-Old words.-]"),
        (
            "We share data with partners.",
            "We sell data to partners.",
            "We [-share-]{+sell+} data [-with-]{+to+} partners.",
        ),
        // Signs stand by themselves, what stands within words doesn't.
        ("Ask us.", "Ask us, today.", "Ask us{+, today+}."),
        ("We don't sell.", "We do sell.", "We [-don't-]{+do+} sell."),
        (
            "Within 1,000 days (about 3 years).",
            "Within 1,500 days (about 4 years).",
            "Within [-1,000-]{+1,500+} days (about [-3-]{+4+} years).",
        ),
        // What comes before a kept word has its gap.
        ("You may.", "Only you may.", "[-You-]{+Only you+} may."),
        ("you may.", "Only you may.", "{+Only +}you may."),
        // A sentence that could begin in two places begins with its first word.
        (
            "The A is here. The B is here.",
            "The A is here. The C is here. The B is here.",
            "The A is here.{+ The C is here.+} The B is here.",
        ),
        // One kept word between long edits would only confuse.
        (
            "We collect names and addresses and sell them to partners abroad.",
            "Your phone numbers are stored and nobody else will see these.",
            "[-We collect names and addresses and sell them to partners abroad-]\
             {+Your phone numbers are stored and nobody else will see these+}.",
        ),
        // Between short ones it holds the place.
        (
            "Names and addresses.",
            "Mails and phones.",
            "[-Names-]{+Mails+} and [-addresses-]{+phones+}.",
        ),
        // A gap that is another is one of the edits.
        ("One. Two.", "One.\nTwo.", "One.[- -]{+\n+}Two."),
        // Ideographs are taken one by one.
        (
            "我们收集数据。",
            "我们出售数据。",
            "我们[-收集-]{+出售+}数据。",
        ),
    ];
    for (from, to, expected) in cases {
        keeps_the_laws(from, to);
        assert_eq!(written(&redline(from, to)), expected, "{from:?} {to:?}");
    }
}

/// Long texts that have little, much or only the same words in common.
fn long_pairs(words: usize) -> Vec<(String, String)> {
    let random = |mut state: u64, kinds: u64| {
        let next = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            format!("w{}", (state >> 33) % kinds)
        };
        std::iter::repeat_with(next).take(words).collect::<Vec<_>>()
    };
    let (few, other) = (random(1, 50), random(2, 50));
    let many = random(3, 20_000);
    let mut reversed = many.clone();
    reversed.reverse();
    let edited = |every: usize| {
        let word = |(at, word): (usize, &String)| {
            if at % every == 0 {
                format!("x{at}")
            } else {
                word.clone()
            }
        };
        many.iter()
            .enumerate()
            .map(word)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let sentences = |words: &[String]| {
        let sentences = words.chunks(12).map(|chunk| chunk.join(" "));
        sentences.collect::<Vec<_>>().join(". ")
    };
    let mut shifted = many.clone();
    shifted.insert(words / 2, "inserted".to_owned());
    vec![
        (few.join(" "), other.join(" ")),
        (many.join(" "), reversed.join(" ")),
        (sentences(&many), sentences(&reversed)),
        (sentences(&many), edited(7)),
        (sentences(&many), sentences(&shifted)),
        ("word ".repeat(words), "word ".repeat(words / 2)),
        ("! ? ".repeat(words / 2), "? ! , ".repeat(words / 3)),
        ("字".repeat(words), "宀字".repeat(words / 2)),
    ]
}

#[test]
fn redlines_of_long_texts_keep_the_laws() {
    for (from, to) in long_pairs(30_000) {
        keeps_the_laws(&from, &to);
    }
}

/// Long readings are compared by their sentences, and those that changed by their words.
#[test]
fn a_word_in_a_long_text_is_found() {
    let sentence =
        |number: usize| format!("Sentence {number} says that nothing is sold to anybody. ");
    let from: String = (0..2_000).map(sentence).collect();
    let to = from.replace("Sentence 1234 says", "Sentence 1234 denies");
    keeps_the_laws(&from, &to);
    let changed: Vec<Piece> = redline(&from, &to)
        .into_iter()
        .filter(|piece| piece.mark != Mark::Kept)
        .collect();
    let texts: Vec<&str> = changed.iter().map(|piece| piece.text.as_str()).collect();
    assert_eq!(texts, ["says", "denies"]);
}
