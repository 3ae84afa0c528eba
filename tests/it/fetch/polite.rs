//! Manners: robots.txt, one thing at a time, rests, and an end when it is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use recension::fetch::{Fetcher, Job, Policy, Request, Stop, run};

use super::site::{Site, page, respond};
use super::{clock, fetch, hasty, told};

#[test]
fn robots_are_told_what_a_site_permits() {
    let read = "[200] text/html, no charset: <p>Terms</p>";
    let unreachable = "can't be read (status: the server answers 500 Internal Server Error), so nothing is fetched";
    for (robots, expected) in [
        (
            "200 OK|User-agent: *\nDisallow: /",
            "[] robots: robots.txt of 127.0.0.1 forbids it by \"/\"".to_owned(),
        ),
        (
            "200 OK|User-agent: *\nDisallow: /terms",
            "[] robots: robots.txt of 127.0.0.1 forbids it by \"/terms\"".to_owned(),
        ),
        ("200 OK|User-agent: *\nDisallow: /private", read.to_owned()),
        (
            "200 OK|User-agent: *\nDisallow: /\n\nUser-agent: Recension\nAllow: /",
            read.to_owned(),
        ),
        (
            "200 OK|User-agent: recension\nDisallow: /*?print=",
            read.to_owned(),
        ),
        ("200 OK|<html>Not found</html>", read.to_owned()),
        ("404 Not Found|", read.to_owned()),
        ("403 Forbidden|", read.to_owned()),
        (
            "500 Internal Server Error|",
            format!("[] robots: robots.txt of 127.0.0.1 {unreachable}"),
        ),
    ] {
        let (status, body) = robots.split_once('|').unwrap();
        let site = Site::new(move |asked, line| match asked.path.as_str() {
            "/robots.txt" => respond(line, status, &[], body.as_bytes()),
            _ => page(line, "<p>Terms</p>"),
        });
        assert_eq!(
            told(&fetch(hasty(), &site.url("/terms"))),
            expected,
            "{robots}"
        );
        let heedless = Policy {
            ignore_robots: true,
            ..hasty()
        };
        let fetched = fetch(heedless, &site.url("/terms"));
        assert_eq!(told(&fetched), read);
        assert!(fetched.unwrap().evidence.ignored_robots);
    }
}

#[test]
fn robots_txt_may_lie_behind_redirects_but_not_many() {
    for (redirects, expected) in [
        (5, "[] robots: robots.txt of 127.0.0.1 forbids it by \"/\""),
        (6, "[200] text/html, no charset: <p>Terms</p>"),
    ] {
        let site = Site::new(
            move |asked, line| match asked.path.strip_prefix("/robots") {
                Some(rest) => {
                    let hop: usize = rest.trim_start_matches('-').parse().unwrap_or(0);
                    if hop == redirects {
                        respond(line, "200 OK", &[], b"User-agent: *\nDisallow: /");
                    } else {
                        let next = format!("Location: /robots-{}", hop + 1);
                        respond(line, "302 Found", &[&next], b"");
                    }
                }
                None => page(line, "<p>Terms</p>"),
            },
        );
        assert_eq!(told(&fetch(hasty(), &site.url("/terms"))), expected);
    }
}

/// Does jobs of one page each, and gives what came of them by their order.
fn sweep(policy: Policy, addresses: &[String], at_once: usize, stop: &Stop) -> Vec<String> {
    let fetcher = Arc::new(Fetcher::new(policy, clock()).unwrap());
    let jobs = addresses.iter().enumerate().map(|(id, address)| Job {
        id,
        pages: vec![Request {
            address: address.clone(),
            validators: None,
            browser: None,
        }],
        judge: Arc::new(|_| None),
    });
    let jobs: Vec<Job> = jobs.collect();
    let (sender, mut receiver) = tokio::sync::mpsc::channel(4);
    thread::scope(|scope| {
        scope.spawn(|| {
            let sender = sender;
            run(&fetcher, jobs, at_once, stop, &sender).unwrap();
        });
        let mut found = Vec::new();
        while let Some((id, results)) = receiver.blocking_recv() {
            found.push((id, told(&results[0])));
        }
        found.sort();
        found.into_iter().map(|(_, told)| told).collect()
    })
}

#[test]
fn many_hosts_are_asked_at_once_and_each_one_thing_at_a_time() {
    let most_at_once: Arc<Vec<AtomicUsize>> = Arc::new((0..8).map(|_| 0.into()).collect());
    let sites: Vec<Site> = (0..8)
        .map(|site| {
            let (now, most_at_once) = (AtomicUsize::new(0), Arc::clone(&most_at_once));
            Site::new(move |asked, line| {
                let here = now.fetch_add(1, Ordering::SeqCst) + 1;
                most_at_once[site].fetch_max(here, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(5));
                // Whoever has its answer may ask again before this thread gets on.
                now.fetch_sub(1, Ordering::SeqCst);
                page(line, &format!("<p>{}</p>", asked.path));
            })
        })
        .collect();
    // The same host by another port is the same host to ask, so names tell the sites apart.
    let ports: Vec<u16> = sites.iter().map(|site| site.address.port()).collect();
    let addresses: Vec<String> = (0..40)
        .map(|number| {
            let site = number % ports.len();
            format!("http://site{site}.example:{}/{number}", ports[site])
        })
        .collect();
    let policy = Policy {
        allowed_hosts: (0..8).map(|site| format!("site{site}.example")).collect(),
        lookup: Arc::new(|_| Ok(vec![[127, 0, 0, 1].into()])),
        ..hasty()
    };
    let found = sweep(policy, &addresses, 8, &Stop::default());
    let expected = |number| format!("[200] text/html, no charset: <p>/{number}</p>");
    assert_eq!(found, (0..40).map(expected).collect::<Vec<_>>());
    for (site, most_at_once) in sites.iter().zip(most_at_once.iter()) {
        assert_eq!(site.asked().len(), 6, "its pages and robots.txt");
        assert_eq!(most_at_once.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_sweep_ends_soon_after_it_is_told_to() {
    let site = Site::new(|_, _| thread::sleep(Duration::from_secs(600)));
    let addresses: Vec<String> = (0..10)
        .map(|number| site.url(&format!("/{number}")))
        .collect();
    let stop = Stop::default();
    let policy = Policy {
        timeout: Duration::from_secs(600),
        ..hasty()
    };
    let found = thread::scope(|scope| {
        let sweep = scope.spawn(|| sweep(policy, &addresses, 4, &stop));
        while site.asked().is_empty() {
            thread::sleep(Duration::from_millis(5));
        }
        stop.stop();
        sweep.join().unwrap()
    });
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_host_that_is_limited_by_one_page_is_spared_by_the_next() {
    let site = Site::new(|asked, line| match asked.path.as_str() {
        "/robots.txt" => respond(line, "404 Not Found", &[], b""),
        "/1" => respond(line, "429 Too Many Requests", &["Retry-After: 3600"], b""),
        _ => page(line, "<p>Terms</p>"),
    });
    let addresses: Vec<String> = (1..4)
        .map(|number| site.url(&format!("/{number}")))
        .collect();
    let found = sweep(hasty(), &addresses, 4, &Stop::default());
    assert!(
        found[0].starts_with("[429] status: the server answers 429"),
        "{found:?}"
    );
    for spared in &found[1..] {
        assert!(
            spared.starts_with("[] status: 127.0.0.1 asks to be left alone until"),
            "{spared}"
        );
    }
    assert_eq!(site.asked(), ["/robots.txt", "/1"]);
}
