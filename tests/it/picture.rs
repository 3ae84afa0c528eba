//! The picture of a store: a page and a drawing that stand alone, and say in words what they show.

use std::fs;

use recension::export::picture::{write_html, write_svg};
use recension::model::BlobId;
use recension::store::Blobs;
use rusqlite::Connection;

use crate::support::archive::{Archive, seconds, text};
use crate::support::fixture::Fixture;

const HOSTILE: &str = "<img src=x> & \"Co\"";
const DAYS: i64 = 400;

fn page(day: i64) -> String {
    let clause = |index: i64| format!("{index}. Clause of edition {}.\n", (day + index * 7) / 40);
    (0..60).map(clause).collect()
}

/// More than a year of one platform, and as many others as don't all have a place of their own.
fn history() -> Fixture {
    let mut history = Fixture::new();
    for day in (0..DAYS).step_by(10) {
        let at = seconds("2023-06-01") + day * 86_400;
        let path = format!("{HOSTILE}/Terms.md");
        history.commit(&[(&path, Some(&page(day)))], "Update", at);
        if day < 250 {
            let (path, other) = (
                format!("Platform {day}/Terms.md"),
                format!("On day {day}.\n"),
            );
            history.commit(&[(&path, Some(&other))], "Update", at + 1);
        }
    }
    history
}

/// Every element ends, in the order in which they began, but for those of HTML that have no end.
#[track_caller]
fn assert_nested(markup: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in markup.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a tag ends");
        let name = tag.split([' ', '\n', '/']).next().unwrap();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{piece}");
        } else if !tag.ends_with('/') && !["!DOCTYPE", "meta", "br"].contains(&name) {
            open.push(name);
        }
    }
    assert_eq!(open, [""; 0]);
}

#[track_caller]
fn assert_stands_alone(markup: &str) {
    let own = "http://www.w3.org/2000/svg";
    for forbidden in [
        "<img", "<script", "src=\"", "url(", "@import", "<link", "http:", "https:",
    ] {
        assert!(!markup.replace(own, "").contains(forbidden), "{forbidden}");
    }
    assert_whole(markup);
}

/// Elements are nested, ids are each there once, and what labels something is there.
#[track_caller]
pub fn assert_whole(markup: &str) {
    assert_nested(markup);
    let ids: Vec<&str> = markup
        .split(" id=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    for (position, id) in ids.iter().enumerate() {
        assert!(!ids[..position].contains(id), "{id} stands twice");
    }
    for target in markup.split("href=\"#").skip(1) {
        let id = target.split('"').next().unwrap();
        assert!(ids.contains(&id), "{id} is missing");
    }
    for label in markup.split("aria-labelledby=\"").skip(1) {
        for id in label.split('"').next().unwrap().split(' ') {
            assert!(ids.contains(&id), "{id} is missing");
        }
    }
}

/// The rows of a table by its caption, cells in order.
fn table(page: &str, caption: &str) -> Vec<Vec<String>> {
    let (_, table) = page.split_once(&format!("<caption>{caption}")).unwrap();
    let (table, _) = table.split_once("</table>").unwrap();
    let body = table.split_once("<tbody>").unwrap().1;
    let rows = body.split("<tr>").skip(1);
    let bare = |cell: &str| {
        let mut cell = cell.split_once('>').unwrap().1.to_owned();
        for tag in [
            "</th>", "</td>", "</tr>", "</tbody>", "<bdi>", "</bdi>", "\n",
        ] {
            cell = cell.replace(tag, "");
        }
        cell
    };
    rows.map(|row| {
        row.replace("<td", "<th")
            .split("<th")
            .skip(1)
            .map(bare)
            .collect()
    })
    .collect()
}

#[test]
fn the_page_says_in_tables_what_the_store_has() {
    let archive = Archive::of(&history());
    let page = archive.fine(&["stats", "--html", "-"]);
    assert_stands_alone(&page);
    let stats = &archive.recension(&["stats", "--format", "json"]).json()[0];
    let contents = stats["blobs"].as_u64().unwrap();
    assert_eq!(contents, 65);
    let years = table(&page, "What had been seen by the end of each year");
    assert_eq!(years.len(), 2);
    assert_eq!(
        (&years[0][0][..], &years[1][..2]),
        ("2023", &["2024".to_owned(), "65".to_owned()][..])
    );
    assert_eq!(years[0][1], "44", "two contents on each of 22 days");
    let platforms = table(&page, "What the contents of each platform take");
    assert_eq!(platforms.len(), 21);
    assert_eq!(
        platforms[0][..2],
        ["&lt;img src=x&gt; &amp; &quot;Co&quot;", "40"]
    );
    assert_eq!(platforms[20][..2], ["6 others", "6"]);
    let sum: u64 = platforms
        .iter()
        .map(|row| row[1].parse::<u64>().unwrap())
        .sum();
    assert_eq!(sum, contents);
    let reads = table(&page, "Reads by how long they took");
    let frames = table(&page, "Contents by the number of frames");
    for rows in [frames, reads] {
        let number = |row: &Vec<String>| row[1].split(' ').next().unwrap().parse::<u64>().unwrap();
        assert_eq!(rows.iter().map(number).sum::<u64>(), contents);
    }
    assert_eq!(page.matches("<svg ").count(), 5);
    assert!(page.contains("<p>Measured when this was made, on the machine that made it: 65 reads"));
    assert!(!page.contains("Not counted"));
}

#[test]
fn what_is_withheld_or_lost_is_not_counted_and_said() {
    let archive = Archive::of(&history());
    let blob = |day| BlobId::of(page(day).as_bytes()).to_string();
    archive.fine(&["withhold", &blob(50), "--reason", "an order"]);
    let with = archive.fine(&["stats", "--html", "-"]);
    assert!(with.contains("<p>64 distinct contents of "), "{with}");
    assert!(with.contains(" Not counted: 1 content withheld, whose bytes are taken out.</p>"));
    assert!(!with.contains("lost"));
    assert!(with.contains("64 reads of other contents"));
    archive.damaged();
    let other = BlobId::of(b"On day 10.\n");
    let gone = Connection::open(archive.file("blobs.sqlite"))
        .unwrap()
        .execute("DELETE FROM blob WHERE digest = ?1", [other.as_bytes()])
        .unwrap();
    assert_eq!(gone, 1);
    let with = archive.fine(&["stats", "--svg", "-"]);
    assert!(with.contains("63 distinct contents of "), "{with}");
    assert!(with.contains(" Not counted: 1 content lost, which `recension verify` lists.</desc>"));
}

#[test]
fn a_content_that_cannot_be_read_is_said_and_left_out() {
    let archive = Archive::of(&history());
    archive.damaged();
    let blob = BlobId::of(b"On day 10.\n");
    Connection::open(archive.file("blobs.sqlite"))
        .unwrap()
        .execute(
            "UPDATE blob SET frame = x'00' WHERE digest = ?1",
            [blob.as_bytes()],
        )
        .unwrap();
    let ran = archive.recension(&["stats", "--html", "-"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.starts_with(&format!(
        "warning: blob {blob} in $DIR/archive/blobs.sqlite is damaged"
    )));
    assert!(ran.stdout.contains("64 reads of other contents"));
}

#[test]
fn the_drawing_stands_alone() {
    let archive = Archive::of(&history());
    let drawing = archive.fine(&["stats", "--svg", "-"]);
    assert!(drawing.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" "));
    assert_stands_alone(&drawing);
    assert_eq!(drawing.matches("<desc ").count(), 6);
    assert!(
        drawing.contains("<text x=\"0\" y=\"13\">&lt;img src=x&gt; &amp; &quot;Co&quot;</text>")
    );
}

/// But for the reads, which are measured anew, the page is the same each time; so is what the file gets.
#[test]
fn a_file_is_written_whole() {
    let archive = Archive::of(&history());
    let file = archive.place("page.html");
    archive.prints(&["stats", "--html", text(&file)], "");
    let written = fs::read_to_string(&file).unwrap();
    let printed = archive.fine(&["stats", "--html", "-"]);
    let before_reads = |page: &str| page.split("<h2 id=\"reading\">").next().unwrap().to_owned();
    assert_eq!(before_reads(&written), before_reads(&printed));
    for args in [
        &["--html", "-", "--svg", "-"][..],
        &["--svg", "-", "--format", "json"],
    ] {
        assert_eq!(archive.recension(&[&["stats"], args].concat()).code, 2);
    }
    let ran = archive.recension(&["stats", "--html", text(&archive.place("no/page.html"))]);
    assert!(
        ran.code == 2 && ran.stderr.contains("$DIR/no/page.html can't be written"),
        "{ran:?}"
    );
}

#[test]
fn an_empty_archive_has_nothing_to_draw() {
    let archive = Archive::new();
    let page = archive.fine(&["stats", "--html", "-"]);
    assert_stands_alone(&page);
    assert!(
        page.contains("<p>0 distinct contents of 0 B are stored in 0 B.</p>"),
        "{page}"
    );
    assert!(!page.contains("<svg "));
    assert_stands_alone(&archive.fine(&["stats", "--svg", "-"]));
}

/// Contents that all came at one instant, and lengths up to the greatest that there may be, can be drawn.
#[test]
fn extremes_can_be_drawn() {
    let archive = Archive::of(&history());
    let mut picture = archive.open().picture().unwrap();
    let at = picture.contents[0].first_observed_at;
    for content in &mut picture.contents {
        content.first_observed_at = at;
        content.size_bytes = 1 << 52;
        content.frames = u64::from(u32::MAX);
    }
    picture.reads = vec![
        std::time::Duration::ZERO,
        std::time::Duration::from_secs(5000),
    ];
    let (mut page, mut drawing) = (Vec::new(), Vec::new());
    write_html(&mut page, &picture).unwrap();
    write_svg(&mut drawing, &picture).unwrap();
    assert_nested(std::str::from_utf8(&page).unwrap());
    assert_nested(std::str::from_utf8(&drawing).unwrap());
}

#[test]
fn frames_are_counted_from_the_root() {
    let archive = Archive::of(&history());
    let path = archive.file("blobs.sqlite");
    let counted: Vec<u64> = Blobs::open(&path)
        .unwrap()
        .frames()
        .unwrap()
        .iter()
        .map(|frame| frame.frames)
        .collect();
    let connection = Connection::open(&path).unwrap();
    let sql = "WITH RECURSIVE way (id, frames) AS (
             SELECT id, 1 FROM blob WHERE base IS NULL
             UNION ALL SELECT blob.id, way.frames + 1 FROM blob JOIN way ON blob.base = way.id)
         SELECT frames FROM way ORDER BY id";
    let expected: Vec<u64> = connection
        .prepare(sql)
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert!(expected.iter().any(|frames| *frames > 5));
    assert_eq!(counted, expected);
}
