//! Names: where they lead, and that they can't lead inside by any way.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use recension::fetch::{Policy, is_public};

use super::site::{Site, page, respond};
use super::{fetch, hasty, told};

/// A policy by which names lead where the test says.
fn names(allowed: &[&str], lookup: fn(&str, usize) -> io::Result<Vec<IpAddr>>) -> Policy {
    let asked = AtomicUsize::new(0);
    Policy {
        allowed_hosts: allowed.iter().map(|host| (*host).to_owned()).collect(),
        lookup: Arc::new(move |name| lookup(name, asked.fetch_add(1, Ordering::SeqCst))),
        ..hasty()
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands beside look-ups that fail"
)]
fn loopback(_: &str, _: usize) -> io::Result<Vec<IpAddr>> {
    Ok(vec![[127, 0, 0, 1].into()])
}

#[test]
fn a_name_that_leads_inside_is_refused_unless_it_is_allowed() {
    let site = Site::new(|_, line| page(line, "<p>Inside</p>"));
    let port = site.address.port();
    let address = format!("http://terms.example:{port}/");
    assert_eq!(
        told(&fetch(names(&[], loopback), &address)),
        "[] guard: terms.example leads to 127.0.0.1, which is no address of the public internet"
    );
    assert_eq!(site.asked(), Vec::<String>::new());
    assert_eq!(
        told(&fetch(names(&["terms.example"], loopback), &address)),
        "[200] text/html, no charset: <p>Inside</p>"
    );
    // One public address beside a private one is no way in either.
    let both = |_: &str, _| Ok(vec![[8, 8, 8, 8].into(), [10, 0, 0, 1].into()]);
    assert_eq!(
        told(&fetch(names(&[], both), &address)),
        "[] guard: terms.example leads to 10.0.0.1, which is no address of the public internet"
    );
}

#[test]
fn a_name_that_changes_between_two_look_ups_gains_nothing() {
    // The page redirects to a name that was public when it was first asked for, and leads to loopback at the second.
    let site = Site::new(|asked, line| match asked.path.as_str() {
        "/robots.txt" => respond(line, "404 Not Found", &[], b""),
        "/" => {
            let port = asked.header("host").unwrap().rsplit(':').next().unwrap();
            let location = format!("Location: http://rebinding.example:{port}/secret");
            respond(line, "302 Found", &[&location], b"");
        }
        _ => page(line, "<p>Secret</p>"),
    });
    let lookup = |name: &str, asked: usize| match (name, asked) {
        ("rebinding.example", 0) => Ok(vec![[8, 8, 8, 8].into()]),
        _ => loopback(name, asked),
    };
    let policy = names(&["127.0.0.1"], lookup);
    drop((policy.lookup)("rebinding.example"));
    assert_eq!(
        told(&fetch(policy, &site.url("/"))),
        "[302] guard: rebinding.example leads to 127.0.0.1, which is no address of the public internet"
    );
    assert_eq!(site.asked(), ["/robots.txt", "/"]);
}

#[test]
fn names_without_an_address_and_ports_without_a_server_are_told() {
    let unknown = |_: &str, _| Err(io::Error::other("no such name"));
    assert_eq!(
        told(&fetch(names(&[], unknown), "http://nowhere.example/")),
        "[] dns: nowhere.example can't be resolved: no such name"
    );
    let empty = |_: &str, _| Ok(Vec::new());
    assert_eq!(
        told(&fetch(names(&[], empty), "http://empty.example/")),
        "[] dns: empty.example has no address"
    );
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let told = told(&fetch(hasty(), &format!("http://{closed}/")));
    assert!(told.starts_with("[] connect: Connection refused"), "{told}");
}

#[test]
fn ipv6_is_spoken() {
    let Ok(site) = Site::on("::1".parse().unwrap(), None, |_, line| {
        page(line, "<p>Six</p>");
    }) else {
        eprintln!("skipped: there is no IPv6 on this machine");
        return;
    };
    let policy = Policy {
        allowed_hosts: BTreeSet::from(["::1".to_owned()]),
        ..hasty()
    };
    assert_eq!(
        told(&fetch(policy, &site.url("/"))),
        "[200] text/html, no charset: <p>Six</p>"
    );
}

#[test]
fn only_public_addresses_are_public() {
    for (address, expected) in [
        ("93.184.215.14", true),
        ("8.8.8.8", true),
        ("127.0.0.1", false),
        ("127.255.0.3", false),
        ("0.0.0.0", false),
        ("10.1.2.3", false),
        ("100.64.0.1", false),
        ("100.128.0.1", true),
        ("169.254.169.254", false),
        ("172.15.0.1", true),
        ("172.31.255.255", false),
        ("192.168.1.1", false),
        ("192.0.2.1", false),
        ("198.19.0.1", false),
        ("203.0.113.7", false),
        ("224.0.0.1", false),
        ("255.255.255.255", false),
        ("2606:4700::1111", true),
        ("::1", false),
        ("::", false),
        ("::ffff:127.0.0.1", false),
        ("::ffff:8.8.8.8", true),
        ("64:ff9b::7f00:1", false),
        ("64:ff9b::808:808", true),
        ("2002:7f00:1::", false),
        ("2001:db8::1", false),
        ("2001:4860:4860::8888", true),
        ("fe80::1", false),
        ("fc00::1", false),
        ("fd12:3456::1", false),
        ("ff02::1", false),
    ] {
        assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
    }
}
