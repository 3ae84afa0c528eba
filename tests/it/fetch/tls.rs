//! Connections that are secured, well or badly, and HTTP/2.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use base64::Engine as _;
use recension::fetch::{Fetched, Policy};
use recension::model::Sha256;

use super::site::{self, Authority, Site, page};
use super::{fetch, hasty, told, wait};

fn policy(authority: &Authority) -> Policy {
    Policy {
        allowed_hosts: BTreeSet::from(["terms.example".to_owned()]),
        lookup: Arc::new(|_| Ok(vec![[127, 0, 0, 1].into()])),
        trusted: vec![authority.der()],
        ..hasty()
    }
}

/// Checks that the evidence of the last exchange holds the certificates of the peer.
fn check_chain(fetched: &Fetched, authority: &Authority) {
    let last = fetched.evidence.exchanges.last().unwrap();
    let tls = last.tls.as_ref().unwrap();
    assert_eq!(tls.version.as_deref(), Some("TLS 1.3"));
    assert_eq!(tls.certificates.len(), 2);
    assert_eq!(
        tls.certificates[1],
        Sha256::of(&[&authority.der()]).to_string()
    );
    for name in &tls.certificates {
        let der = &fetched.evidence.certificates[name];
        let der = base64::engine::general_purpose::STANDARD
            .decode(der)
            .unwrap();
        assert_eq!(*name, Sha256::of(&[&der]).to_string());
    }
}

#[test]
fn a_secured_page_comes_with_the_certificates_of_its_site() {
    let authority = Authority::new();
    let config = authority.server("terms.example", 2020, 2100);
    let site = Site::secure(config, |_, line| page(line, "<p>Safe</p>"));
    let port = site.address.port();
    let fetched = fetch(
        policy(&authority),
        &format!("https://terms.example:{port}/"),
    );
    assert_eq!(told(&fetched), "[200] text/html, no charset: <p>Safe</p>");
    check_chain(&fetched.unwrap(), &authority);
}

#[test]
fn whom_nobody_vouches_for_is_not_believed() {
    let authority = Authority::new();
    let other = Authority::new();
    let safe = |config| Site::secure(config, |_, line| page(line, "<p>Safe</p>"));
    for (config, expected) in [
        (
            authority.server("terms.example", 2020, 2021),
            "[] tls: invalid peer certificate: certificate expired",
        ),
        (
            authority.server("terms.example", 2090, 2100),
            "[] tls: invalid peer certificate: certificate not valid yet",
        ),
        (
            authority.server("other.example", 2020, 2100),
            "[] tls: invalid peer certificate: certificate not valid for name \"terms.example\"",
        ),
        (
            other.server("terms.example", 2020, 2100),
            // Another authority that calls itself by the same name.
            "[] tls: invalid peer certificate: BadSignature",
        ),
    ] {
        let site = safe(config);
        let port = site.address.port();
        let found = told(&fetch(
            policy(&authority),
            &format!("https://terms.example:{port}/"),
        ));
        assert!(found.starts_with(expected), "{found}");
        assert_eq!(site.asked(), Vec::<String>::new());
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            site::write(&mut stream.unwrap(), b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let found = told(&fetch(
        policy(&authority),
        &format!("https://terms.example:{port}/"),
    ));
    assert!(
        found.starts_with("[] tls: received corrupt message"),
        "{found}"
    );
}

#[test]
fn http_2_is_spoken() {
    let authority = Authority::new();
    let mut config = authority.server("terms.example", 2020, 2100);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || wait(serve_http_2(listener, config)));
    let fetched = fetch(
        policy(&authority),
        &format!("https://terms.example:{port}/"),
    );
    assert_eq!(told(&fetched), "[200] text/html, no charset: <p>Two</p>");
    let fetched = fetched.unwrap();
    let response = fetched.evidence.response().unwrap();
    assert_eq!(response.http_version, "HTTP/2");
    check_chain(&fetched, &authority);
}

async fn serve_http_2(listener: TcpListener, config: rustls::ServerConfig) {
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = acceptor.accept(stream).await.unwrap();
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(request) = connection.accept().await {
            let Ok((_, mut respond)) = request else {
                break;
            };
            let response = http::Response::builder()
                .header("content-type", "text/html")
                .body(())
                .unwrap();
            let mut body = respond.send_response(response, false).unwrap();
            body.send_data("<p>Two</p>".into(), true).unwrap();
        }
    }
}
