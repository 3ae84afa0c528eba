//! Known cases of two versions: what changed, and whether it matters.

use recension::model::Significance::{Editorial, Presentational, Substantive};

use super::{tells, told, weighs};

/// A policy of an invented platform, with what most documents have.
const POLICY: &str = "\
# Privacy Policy

Last updated: May 2, 2024

Glimmerfold runs a board on which people share drawings.

## What we collect

We collect what you tell us, and how you use the board:

*   your name and your email address;
*   the drawings that you put on the board.

## Why

*   to show your drawings to others;
*   to keep the board safe.

## Who receives it

| Kind | Shared | Sold |
| --- | --- | --- |
| Email address | YES | NO |
| Network activity | NO | NO |

## No sale

Glimmerfold does not sell your data to anybody.

## Your rights

Write to rights@glimmerfold.example to see your data.
";

/// The policy with one passage in another form.
fn policy(passage: &str, other: &str) -> String {
    assert!(POLICY.contains(passage), "{passage}");
    POLICY.replacen(passage, other, 1)
}

#[track_caller]
fn edit(passage: &str, other: &str, expected: &str) {
    tells(POLICY, &policy(passage, other), expected);
}

#[test]
fn a_policy_is_the_same_as_itself() {
    tells(POLICY, POLICY, "presentational");
}

#[test]
fn what_changes_a_promise_is_substantive() {
    edit(
        "| Network activity | NO | NO |",
        "| Network activity | YES | YES |",
        "substantive\nreworded (negation): Network activity | NO | NO => Network activity | YES | YES",
    );
    edit(
        "*   to keep the board safe.",
        "*   to keep the board safe;\n*   to send you advertisements.",
        "substantive\n\
         reworded (punctuation): to keep the board safe. => to keep the board safe;\n\
         added (clause added): to send you advertisements.",
    );
    edit(
        "Write to rights@glimmerfold.example to see your data.",
        "Use the page of your account to see your data.",
        "substantive\nreworded (words): Write to rights@glimmerfold.example to see your data. \
         => Use the page of your account to see your data.",
    );
    edit(
        "does not sell",
        "does sell",
        "substantive\nreworded (negation): Glimmerfold does not sell your data to anybody. \
         => Glimmerfold does sell your data to anybody.",
    );
}

#[test]
fn a_section_that_goes_is_seen_beside_markup_that_changes() {
    let without = policy(
        "## No sale\n\nGlimmerfold does not sell your data to anybody.\n\n",
        "",
    );
    let expected = "substantive\n\
        removed (clause removed): No sale\n\
        removed (clause removed): Glimmerfold does not sell your data to anybody.";
    tells(POLICY, &without, expected);
    let markup = without
        .replace("# Privacy Policy\n", "Privacy Policy\n==============\n")
        .replace("## Your rights", "**Your rights**")
        .replace("## Why\n", "## Why [](#h_01JD8)\n");
    tells(POLICY, &markup, expected);
}

#[test]
fn markup_is_not_read() {
    let anchors = POLICY.replace("\n\n", "\n\n[](#h_01JD8AXQ)\n\n");
    tells(POLICY, &anchors, "presentational");
    tells(&anchors, POLICY, "presentational");
    let under = POLICY.replace("\n## Why\n", "\n## Why\n\n[](#h_01)\n");
    tells(POLICY, &under, "presentational");
    for (passage, other) in [
        ("# Privacy Policy", "Privacy Policy\n==="),
        ("## Why", "Why\n---"),
        ("## Why", "### **Why**"),
        (
            "Glimmerfold runs a board",
            "Glimmer\u{ad}fold **runs**\na  _board_",
        ),
        (
            "| Email address | YES | NO |",
            "|Email address|YES     |NO|",
        ),
        ("*   your name", "- your name"),
        ("your name and", "your name\u{200b} and"),
        ("does not sell", "does&nbsp;not sell"),
        ("your drawings to", "[your drawings](#drawings) to"),
        (
            "to show your",
            "![a drawing](https://glimmerfold.example/d.png)to show your",
        ),
        (
            "We collect what you tell us, and",
            "We collect what you tell us,\\\nand",
        ),
    ] {
        weighs(POLICY, &policy(passage, other), Presentational);
    }
}

#[test]
fn what_is_divided_otherwise_says_the_same() {
    let one = "# Rules\n\nBe kind. Draw what you like. Ask before you copy.\n";
    let three = "# Rules\n\nBe kind.\n\nDraw what you like.\n\nAsk before you copy.\n";
    tells(
        one,
        three,
        "presentational\nsplit (division): Be kind. Draw what you like. Ask before you copy. \
         => Be kind. / Draw what you like. / Ask before you copy.",
    );
    weighs(three, one, Presentational);
    weighs(
        one,
        "# Rules\n\n- Be kind.\n- Draw what you like.\n- Ask before you copy.\n",
        Presentational,
    );
}

#[test]
fn what_no_promise_hangs_on_is_editorial() {
    for (passage, other, rule) in [
        ("May 2, 2024", "June 30, 2025", "dates"),
        ("Last updated: May 2, 2024", "Effective 2025-06-30", "dates"),
        (
            "rights@glimmerfold.example",
            "privacy@glimmerfold.example",
            "contact details",
        ),
        ("tell us, and how", "tell us and how", "punctuation"),
        ("keep the board safe", "keep the Board safe", "spelling"),
        ("## Why", "## 3. Why", "numbering"),
    ] {
        let other = policy(passage, other);
        weighs(POLICY, &other, Editorial);
        let found = told(POLICY, &other);
        assert!(found.contains(&format!("({rule})")), "{found}");
    }
}

#[test]
fn an_address_of_a_page_that_comes_or_goes_is_no_detail() {
    let rows = |hosts: &str| {
        format!(
            "| Cookie | Set on |\n| --- | --- |\n| session | {hosts} |\n| theme | glimmerfold.example |\n"
        )
    };
    let both = rows("glimmerfold.com draw.glimmerfold.com");
    for other in ["glimmerfold.com", "draw.glimmerfold.com"] {
        weighs(&both, &rows(other), Substantive);
        weighs(&rows(other), &both, Substantive);
    }
    weighs(
        "Read more at glimmerfold.com/help.\n",
        "Read more at help.glimmerfold.com.\n",
        Editorial,
    );
}

#[test]
fn an_indented_image_is_an_image() {
    let page = |indent: &str, visit: u32| {
        format!(
            "We keep what you draw.\n\n{indent}![](https://count.example/seen?visit={visit})\n\nNobody else gets it.\n"
        )
    };
    let plain = "We keep what you draw.\n\nNobody else gets it.\n";
    for (before, after) in [
        (page("   ", 1), page("    ", 2)),
        (page("    ", 1), page("    ", 2)),
        (
            page("   ![](https://count.example/a)", 1),
            page("    ![](https://count.example/b)", 2),
        ),
        (plain.to_owned(), page("    ", 1)),
    ] {
        weighs(&before, &after, Presentational);
        weighs(&after, &before, Presentational);
    }
    let code = "We keep what you draw.\n\n    share = never\n\nNobody else gets it.\n";
    weighs(plain, code, Substantive);
}

#[test]
fn a_link_is_its_text_and_the_page_it_leads_to() {
    let to = |address: &str| format!("Our [terms]({address}) hold.\n");
    let page = to("https://glimmerfold.example/terms");
    for same in [
        "https://glimmerfold.example/terms?utm_source=mail",
        "https://glimmerfold.example/terms/#top",
        "http://glimmerfold.example/terms",
        "https://Glimmerfold.example/terms",
    ] {
        tells(&page, &to(same), "presentational");
    }
    tells(
        &page,
        &to("https://glimmerfold.example/conditions"),
        "editorial\nlink retargeted (link target): Our terms hold.",
    );
    // A link that comes or goes leaves what is read.
    tells(&page, "Our terms hold.\n", "presentational");
}

#[test]
fn dates_of_the_document_are_editorial_wherever_they_stand() {
    for (before, after) in [
        ("Effective December 16, 2025", "Effective January 2, 2026"),
        (
            "We changed little. This policy was last updated on May 1, 2024. Earlier ones are kept.",
            "We changed little. This policy was last updated on 2 June 2025. Earlier ones are kept.",
        ),
        (
            "These terms apply from January 25, 2023 to all who draw, and others hold for those who look.",
            "These terms apply from February 24, 2023 to all who draw, and others hold for those who look.",
        ),
        (
            "Copyright © 2019–2024 Glimmerfold Inc. All rights are reserved, and drawings are their makers'.",
            "Copyright © 2019–2025 Glimmerfold Inc. All rights are reserved, and drawings are their makers'.",
        ),
        ("Updated over a week ago", "Updated this week"),
        ("Updated yesterday", "Updated today"),
        (
            "Diese Erklärung wurde zuletzt am 1. Mai 2024 aktualisiert.",
            "Diese Erklärung wurde zuletzt am 3. Juni 2024 aktualisiert.",
        ),
        ("2024年5月1日改定", "2025年6月2日改定"),
    ] {
        weighs(before, after, Editorial);
        weighs(after, before, Editorial);
    }
}

/// A statement and another one that a reader would act upon otherwise.
#[track_caller]
fn matters(before: &str, after: &str) {
    for frame in [
        "{}\n",
        "# Terms\n\n## Part\n\n- An item.\n- {}\n",
        "| Kind | Held |\n| --- | --- |\n| One | {} |\n",
    ] {
        let (before, after) = (frame.replace("{}", before), frame.replace("{}", after));
        weighs(&before, &after, Substantive);
        weighs(&after, &before, Substantive);
    }
}

#[test]
fn a_date_that_is_a_term_matters() {
    matters(
        "As of June 30, 2020, we have never been asked by a court for what people drew here.",
        "As of June 30, 2021, we have never been asked by a court for what people drew here.",
    );
    matters(
        "You may cancel until January 15, 2026 if we update these terms.",
        "You may cancel until January 31, 2026 if we update these terms.",
    );
    matters(
        "Rights are kept for posts published before March 1, 2020.",
        "Rights are kept for posts published before March 1, 2024.",
    );
    matters(
        "Accounts opened until 2025-12-31 keep their price without a change of any kind for ever.",
        "Accounts opened until 2026-12-31 keep their price without a change of any kind for ever.",
    );
    matters(
        "We tell you of updates more than one month before they take effect.",
        "We tell you of updates less than one week before they take effect.",
    );
    matters(
        "Fees are due on the last day of May.",
        "Fees are due on the last day of June.",
    );
}

#[test]
fn a_number_that_is_a_term_matters() {
    for (before, after) in [
        ("You must be 13 years old.", "You must be 16 years old."),
        ("13 Years or Older", "16 Years or Older"),
        ("5.5 % interest a month", "9.5 % interest a month"),
        ("2.5 GB of storage", "1.5 GB of storage"),
        (
            "We keep logs for 1 000 000 days",
            "We keep logs for 2 000 000 days",
        ),
        ("The fine is 1 000 000 EUR", "The fine is 3 000 000 EUR"),
        (
            "Damages are limited to $100.",
            "Damages are limited to $50.",
        ),
        (
            "Damages are limited to €100.",
            "Damages are limited to £100.",
        ),
        (
            "Damages are limited to ₹100.",
            "Damages are limited to ₺100.",
        ),
        ("Age ≥ 13", "Age ≤ 13"),
        ("It costs 1.000 crowns", "It costs 1,000 crowns"),
        ("The share is 0.5 of it", "The share is 5 of it"),
        ("The share is .5 of it", "The share is 5 of it"),
        ("½ of the fee", "¼ of the fee"),
    ] {
        matters(before, after);
    }
}

#[test]
fn an_address_that_comes_matters_and_one_that_changes_does_not() {
    let list = "Their terms hold too:\n\n- https://oakmere.example/terms\n";
    let longer = format!("{list}- https://tindrel.example/terms\n");
    weighs(list, &longer, Substantive);
    weighs(
        "Write to a@oakmere.example.\n",
        "Write to b@oakmere.example.\n",
        Editorial,
    );
    weighs(
        "Call +1 (555) 123-4567 by day.\n",
        "Call +1 (555) 987-6543 by day.\n",
        Editorial,
    );
    weighs(
        "Call 800 555 1234 by day.\n",
        "Call 800 555 9876 by day.\n",
        Editorial,
    );
}

#[test]
fn a_sign_that_is_an_answer_matters() {
    for (before, after) in [
        ("✓", "✗"),
        ("✔️", "❌"),
        ("Sold to others: ☑", "Sold to others: ☐"),
        ("Yes", "No"),
        ("Ja", "Nein"),
    ] {
        matters(before, after);
    }
}

#[test]
fn a_word_that_negates_matters_wherever_it_hides() {
    for (before, after) in [
        ("We are not able to read it.", "We are able to read it."),
        ("We share it.", "We share it, not."),
        ("Effective May 2, 2024", "Not effective May 2, 2024"),
        ("We're selling data.", "We aren't selling data."),
        ("It is notable.", "It is not able."),
    ] {
        matters(before, after);
    }
}

#[test]
fn answers_that_change_places_matter() {
    weighs(
        "## Do you sell data?\n\nNo.\n\n## Do you share data?\n\nYes.\n",
        "## Do you sell data?\n\nYes.\n\n## Do you share data?\n\nNo.\n",
        Substantive,
    );
    weighs(
        "Do you sell data?\n\nNo.\n\nDo you share data?\n\nYes.\n",
        "Do you sell data?\n\nYes.\n\nDo you share data?\n\nNo.\n",
        Substantive,
    );
    weighs(
        "## What we collect\n\n- Name\n- Email address\n\n## What we sell\n\n- Drawings\n",
        "## What we collect\n\n- Name\n\n## What we sell\n\n- Drawings\n- Email address\n",
        Substantive,
    );
}

#[test]
fn what_is_said_elsewhere_too_matters_under_another_heading() {
    weighs(
        "## We use data\n\n- to show you advertisements by others\n- to keep it\n\n## We sell data\n\n- to partners\n",
        "## We use data\n\n- to show you advertisements by others\n- to keep it\n\n## We sell data\n\n- to partners\n- to show you advertisements by others\n",
        Substantive,
    );
    // A table of contents says what the headings say.
    let text = "# Terms\n\n## Our data\n\nWe keep it.\n\n## Your rights under the law\n\nAsk us.\n";
    let contents = text.replace(
        "# Terms\n",
        "# Terms\n\n- [Our data](#a)\n- [Your rights under the law](#b)\n",
    );
    weighs(text, &contents, Editorial);
    weighs(&contents, text, Editorial);
}

#[test]
fn a_clause_that_moves_is_neither_gone_nor_new() {
    let before =
        "# Rules\n\nBe kind to all others.\n\nDraw whatever you like.\n\nAsk before you copy.\n";
    let after =
        "# Rules\n\nAsk before you copy.\n\nBe kind to all others.\n\nDraw whatever you like.\n";
    tells(
        before,
        after,
        "editorial\nmoved (place): Ask before you copy.",
    );
    tells(
        "## May\n\nYou may draw birds and fish here.\n\n## May not\n\nSwear at the others.\n",
        "## May\n\nYou may draw nothing.\n\n## May not\n\nSwear at the others.\n\nYou may draw birds and fish here.\n",
        "substantive\n\
         added (clause added): You may draw nothing.\n\
         moved (other heading): You may draw birds and fish here.",
    );
}

#[test]
fn text_in_html_is_read() {
    let table = |age: &str| {
        format!("<table><tr><td>Age</td>\n<td class=\"a\n b\">{age}</td></tr></table>\n")
    };
    tells(
        &table("13"),
        &table("13").replace("class", "id"),
        "presentational",
    );
    weighs(&table("13"), &table("16"), Substantive);
    // A sign of comparison opens no tag, and closes none.
    weighs(
        &table("under < 13 not"),
        &table("under < 16 not"),
        Substantive,
    );
    weighs(&table("13 > 12, not"), &table("14 > 12, not"), Substantive);
    weighs(
        "<div>\nwe do > sell it\n</div>\n",
        "<div>\nwe don't > sell it\n</div>\n",
        Substantive,
    );
    // Comments are not read.
    tells(
        "<!-- a -->\n\nText.\n",
        "<!-- b > c -->\n\nText.\n",
        "presentational",
    );
}

#[test]
fn code_and_tables_without_header_are_read() {
    weighs(
        "```\nretain 30 days\n```\n",
        "```\nretain 90 days\n```\n",
        Substantive,
    );
    weighs("    retain 30 days\n", "    retain 90 days\n", Substantive);
    weighs("Keep `30` days\n", "Keep `90` days\n", Substantive);
    weighs(
        "|  |  |\n| --- | --- |\n| Sold | No |\n",
        "|  |  |\n| --- | --- |\n| Sold | Yes |\n",
        Substantive,
    );
    weighs(
        "| Sold | No |\n| Lent | No |\n",
        "| Sold | Yes |\n| Lent | No |\n",
        Substantive,
    );
    weighs("Fee\n:   10 crowns\n", "Fee\n:   20 crowns\n", Substantive);
    weighs(
        "A[^1]\n\n[^1]: Not for children.\n",
        "A[^1]\n\n[^1]: For children.\n",
        Substantive,
    );
}

#[test]
fn other_languages_are_compared_like_english() {
    let german = "## Zweck\n\nWir verkaufen Ihre Daten nicht.\n\nStand: 1. Mai 2024\n";
    weighs(german, &german.replace(" nicht", ""), Substantive);
    weighs(
        german,
        &german.replace("1. Mai 2024", "12. Juni 2025"),
        Editorial,
    );
    weighs(
        german,
        &german.replace("Zweck", "Zwecke der Verarbeitung"),
        Substantive,
    );
    let french =
        "## Finalités\n\nNous ne vendons pas vos données.\n\nDernière mise à jour : 1er mai 2024\n";
    weighs(
        french,
        &french.replace("ne vendons pas", "vendons"),
        Substantive,
    );
    weighs(
        french,
        &french.replace("1er mai 2024", "12 juin 2025"),
        Editorial,
    );
    let japanese = "## 目的\n\n当社は、お客様の情報を販売しません。広告に利用しません。\n\n最終更新日:2024年5月1日\n";
    weighs(
        japanese,
        &japanese.replace("販売しません", "販売します"),
        Substantive,
    );
    weighs(
        japanese,
        &japanese.replace("2024年5月1日", "2025年6月12日"),
        Editorial,
    );
}

#[test]
fn a_wall_of_text_is_compared_by_its_sentences() {
    let sentence = |number: usize| {
        format!("The {number}th rule of the board is that drawing {number} stays there. ")
    };
    let wall: String = (1..200).map(sentence).collect();
    let other = wall.replace("drawing 120 stays", "drawing 120 never stays");
    tells(
        &wall,
        &other,
        "substantive\nreworded (negation): The 120th rule of the board is that drawing 120 stays there. \
         => The 120th rule of the board is that drawing 120 never stays there.",
    );
}

#[test]
fn headings_of_every_make_give_the_path() {
    let text = "Title\n=====\n\n## Part ##\n\n**Bold part**\n\n- outer\n  - inner\n    text\n\nTerm\n:   What it means.\n\n| a | b |\n| --- | --- |\n| c | d |\n";
    let clauses = recension::segment::segment(text);
    let all: Vec<String> = clauses
        .all()
        .iter()
        .map(|clause| {
            let path = clauses.path(clause).join(" > ");
            format!("{path}: {} {}", clause.kind.word(), clauses.reading(clause))
        })
        .collect();
    let expected = [
        ": heading Title",
        "Title: heading Part",
        "Title > Part: heading Bold part",
        "Title > Part > Bold part: item outer",
        "Title > Part > Bold part: item inner text",
        "Title > Part > Bold part: paragraph Term",
        "Title > Part > Bold part: paragraph What it means.",
        "Title > Part > Bold part: row a | b",
        "Title > Part > Bold part: row c | d",
    ];
    assert_eq!(all, expected);
}
