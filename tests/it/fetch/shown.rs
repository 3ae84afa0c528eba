//! Pages that a browser shows, in the Chromium that is installed. Where none is, that is said and nothing tested.

use std::path::PathBuf;
use std::time::Duration;

use recension::fetch::{Browser, Failure, Fetched, Fetcher, Page, Policy, Request};
use recension::model::{BlobId, Stage};

use super::site::{Site, page, respond};
use super::{clock, hasty, told, wait};

/// The browser of this machine.
pub fn chromium() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: no Chromium is installed");
    }
    found
}

/// A policy for loopback with a browser, which may be started by the superuser.
fn with_browser(program: PathBuf) -> Policy {
    Policy {
        timeout: Duration::from_secs(50),
        attempts: 1,
        browser: Some(Browser {
            program,
            has_sandbox: false,
            takes_screenshot: false,
            takes_pdf: false,
        }),
        ..hasty()
    }
}

fn show(policy: Policy, address: &str) -> Result<Fetched, Failure> {
    let fetcher = Fetcher::new(policy, clock()).unwrap();
    let request = Request {
        address: address.to_owned(),
        validators: None,
        browser: Some("a test asks for it".to_owned()),
    };
    wait(fetcher.fetch(&request))
}

fn html(fetched: &Fetched) -> &str {
    match &fetched.page {
        Page::Body { bytes, .. } => std::str::from_utf8(bytes).unwrap(),
        Page::NotModified => panic!("a browser shows a page"),
    }
}

const SCRIPTED: &str = r#"<!DOCTYPE html><title>Terms</title><main id="text"></main><script>
    fetch("/clauses").then(answer => answer.text()).then(text => {
        setTimeout(() => { document.getElementById("text").innerHTML = text; }, 200);
    });
</script>"#;

#[test]
fn a_page_whose_text_is_made_by_scripts_is_taken_as_it_stands_then() {
    let Some(program) = chromium() else { return };
    let site = Site::new(|asked, line| match asked.path.as_str() {
        "/old" => respond(line, "302 Found", &["Location: /terms"], b""),
        "/terms" => page(line, SCRIPTED),
        "/clauses" => page(line, "<p>You keep what is yours, S\u{fc}dwind too.</p>"),
        _ => respond(line, "404 Not Found", &[], b""),
    });
    let mut policy = with_browser(program);
    if let Some(browser) = &mut policy.browser {
        (browser.takes_screenshot, browser.takes_pdf) = (true, true);
    }
    policy.max_body_bytes = 1 << 20;
    let fetched = show(policy, &site.url("/old")).unwrap();
    assert!(html(&fetched).starts_with("<!DOCTYPE html>"));
    assert!(html(&fetched).contains("<p>You keep what is yours, S\u{fc}dwind too.</p>"));

    let evidence = &fetched.evidence;
    assert_eq!(evidence.fetcher, "browser");
    assert_eq!(evidence.charset(), Some("utf-8"));
    let statuses: Vec<u16> = evidence
        .exchanges
        .iter()
        .map(|one| one.response.as_ref().unwrap().status)
        .collect();
    assert_eq!(statuses, [302, 200]);
    assert_eq!(evidence.final_address(), site.url("/terms"));
    let last = evidence.exchanges.last().unwrap();
    assert_eq!(last.remote, Some(site.address.to_string()));
    let agent = last
        .request_headers
        .iter()
        .find(|(name, _)| name == "user-agent");
    let agent = &agent.unwrap().1;
    assert!(
        agent.contains("recension/") && agent.contains("mailto:archive@example.org"),
        "{agent}"
    );

    let shown = evidence.shown.as_ref().unwrap();
    assert!(shown.browser.contains("Chrom"), "{shown:?}");
    assert_eq!(
        (shown.reason.as_str(), &shown.refused),
        ("a test asks for it", &Vec::new())
    );
    let named = |name: &Option<String>| {
        let name = name.as_deref().unwrap();
        let mut captures = fetched.captures.iter();
        captures
            .find(|bytes| BlobId::of(bytes).to_string() == name)
            .unwrap()
    };
    assert_eq!(named(&shown.received), SCRIPTED.as_bytes());
    assert!(named(&shown.screenshot).starts_with(b"\x89PNG"));
    assert!(named(&shown.pdf).starts_with(b"%PDF"));
}

#[test]
fn nothing_in_a_page_reaches_an_address_that_is_not_public() {
    let Some(program) = chromium() else { return };
    let inside = Site::new(|_, line| page(line, "<p>secret</p>"));
    let port = inside.address.port();
    let site = Site::new(move |asked, line| match asked.path.as_str() {
        "/terms" => page(
            line,
            &format!(
                "<p id=text>Terms</p><iframe src='http://localhost:{port}/frame'></iframe>\
                 <img src='http://[::1]:{port}/image'><script src='http://10.255.0.1/script'></script>\
                 <script>new WebSocket('ws://localhost:{port}/socket'); \
                 fetch('http://localhost:{port}/secret', {{mode: 'no-cors'}});</script>"
            ),
        ),
        "/away" => respond(
            line,
            "302 Found",
            &[&format!("Location: http://localhost:{port}/page")],
            b"",
        ),
        "/led" => page(
            line,
            &format!("<p>wait</p><script>location = 'http://169.254.169.254:{port}/'</script>"),
        ),
        _ => respond(line, "404 Not Found", &[], b""),
    });
    let fetched = show(with_browser(program.clone()), &site.url("/terms")).unwrap();
    assert!(html(&fetched).contains("Terms"));
    let refused = &fetched.evidence.shown.as_ref().unwrap().refused;
    for host in ["localhost", "10.255.0.1", "::1"] {
        assert!(
            refused.iter().any(|one| one.contains(host)),
            "{host}: {refused:?}"
        );
    }
    let away = show(with_browser(program.clone()), &site.url("/away"));
    assert_eq!(
        away.unwrap_err().to_string(),
        "guard: localhost leads to 127.0.0.1 and ::1, which is no address of the public internet"
            .replace(" and ::1", if resolves_to_both() { " and ::1" } else { "" })
    );
    let led = show(with_browser(program), &site.url("/led"));
    assert_eq!(
        led.unwrap_err().to_string(),
        "guard: 169.254.169.254 is no address of the public internet"
    );
    assert_eq!(inside.asked(), Vec::<String>::new());
}

/// Whether this machine's localhost has an address of each kind.
fn resolves_to_both() -> bool {
    recension::fetch::system_lookup("localhost").unwrap().len() > 1
}

#[test]
fn what_a_site_answers_and_what_it_asks_of_robots_hold_for_a_browser_too() {
    let Some(program) = chromium() else { return };
    let site = Site::new(|asked, line| match asked.path.as_str() {
        "/robots.txt" => respond(line, "200 OK", &[], b"User-agent: *\nDisallow: /private"),
        "/missing" => respond(
            line,
            "404 Not Found",
            &["Content-Type: text/html"],
            b"<p>no",
        ),
        "/busy" => respond(
            line,
            "429 Too Many Requests",
            &["Retry-After: 900"],
            b"later",
        ),
        "/file" => respond(line, "200 OK", &["Content-Type: application/zip"], b"PK"),
        "/hidden" => respond(line, "302 Found", &["Location: /private"], b""),
        "/loop" => respond(line, "302 Found", &["Location: /loop"], b""),
        "/large" => page(
            line,
            "<body><script>document.body.append('x'.repeat(200000))</script>",
        ),
        "/alert" => page(
            line,
            "<p>Terms</p><script>alert('stay'); confirm('sure?')</script>",
        ),
        _ => respond(line, "404 Not Found", &[], b""),
    });
    let no = "robots: robots.txt of 127.0.0.1 forbids it by \"/private\"";
    for (path, expected) in [
        ("/missing", "[404] status: the server answers 404 Not Found"),
        ("/private", &format!("[] {no}")),
        ("/hidden", &format!("[302] {no}")),
        (
            "/loop",
            "[302 302 302 302 302] redirects: more than 4 redirects",
        ),
        ("/large", "[200] too large: more than 100000 bytes"),
        (
            "/file",
            "[200] media type: the browser shows no page of what came",
        ),
    ] {
        let shown = show(with_browser(program.clone()), &site.url(path));
        let evidence_less = shown
            .as_ref()
            .is_err_and(|failure| failure.stage == Stage::Browser);
        assert!(!evidence_less, "{path}: {shown:?}");
        assert_eq!(told(&shown), expected, "{path}");
    }
    let busy = show(with_browser(program.clone()), &site.url("/busy")).unwrap_err();
    assert!(busy.retry_at.is_some(), "{busy}");
    let alert = show(with_browser(program), &site.url("/alert")).unwrap();
    assert!(html(&alert).contains("Terms"));
}

#[test]
fn a_page_that_never_rests_is_taken_and_one_that_never_comes_is_given_up() {
    let Some(program) = chromium() else { return };
    let site = Site::new(|asked, line| match asked.path.as_str() {
        "/restless" => page(
            line,
            "<p>Terms</p><script>setInterval(() => fetch('/more'), 100)</script>",
        ),
        "/never" => std::thread::sleep(Duration::from_secs(30)),
        _ => respond(line, "404 Not Found", &[], b""),
    });
    let restless = show(with_browser(program.clone()), &site.url("/restless")).unwrap();
    assert!(html(&restless).contains("Terms"));
    let hasty = Policy {
        timeout: Duration::from_secs(5),
        ..with_browser(program)
    };
    let never = show(hasty, &site.url("/never")).unwrap_err();
    assert_eq!(
        never.to_string(),
        "too slow: the browser did not show the page within 5 s"
    );
}

#[test]
fn a_browser_that_is_none_is_told() {
    let policy = |program: &str| with_browser(PathBuf::from(program));
    let site = Site::new(|_, line| respond(line, "404 Not Found", &[], b""));
    for (program, expected) in [
        ("/bin/true", "browser: the browser ended"),
        ("/nowhere/chromium", "browser: the browser ended: "),
    ] {
        let failure = show(policy(program), &site.url("/terms")).unwrap_err();
        assert!(failure.to_string().starts_with(expected), "{failure}");
    }
}
