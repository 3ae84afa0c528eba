//! A site on loopback whose every byte a test decides, with TLS and HTTP/2 where it is wanted.

use std::io::{Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// A request as it came.
pub struct Asked {
    /// The path with the query.
    pub path: String,
    /// The head as it came, the request line first.
    pub head: String,
    /// How often this path was asked for before.
    pub before: usize,
}

impl Asked {
    /// The value of a header, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (one, value) = line.split_once(':')?;
            one.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A connection to whoever asks.
pub trait Line: Read + Write {
    /// Breaks the connection off, so that the peer sees a reset where the system can do that.
    fn break_off(&mut self) {}
}

impl Line for TcpStream {
    fn break_off(&mut self) {
        drop(self.shutdown(Shutdown::Both));
    }
}

impl Line for rustls::StreamOwned<rustls::ServerConnection, TcpStream> {}

type Answer = dyn Fn(&Asked, &mut dyn Line) + Send + Sync;

/// A site that answers until the tests end.
pub struct Site {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// A site on a loopback address that answers each request by `answer`.
    pub fn on(
        address: IpAddr,
        tls: Option<Arc<rustls::ServerConfig>>,
        answer: impl Fn(&Asked, &mut dyn Line) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind((address, 0))?;
        let address = listener.local_addr()?;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Answer> = Arc::new(answer);
        let site = Self {
            address,
            asked: Arc::clone(&asked),
        };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (asked, answer, tls) = (Arc::clone(&asked), Arc::clone(&answer), tls.clone());
                thread::spawn(move || serve(stream, tls, &asked, &answer));
            }
        });
        Ok(site)
    }

    /// A site on 127.0.0.1.
    pub fn new(answer: impl Fn(&Asked, &mut dyn Line) + Send + Sync + 'static) -> Self {
        Self::on([127, 0, 0, 1].into(), None, answer).unwrap()
    }

    /// A site over TLS, that calls itself by a certificate.
    pub fn secure(
        config: rustls::ServerConfig,
        answer: impl Fn(&Asked, &mut dyn Line) + Send + Sync + 'static,
    ) -> Self {
        Self::on([127, 0, 0, 1].into(), Some(Arc::new(config)), answer).unwrap()
    }

    /// The address of a path there.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The paths that were asked for, in their order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: TcpStream,
    tls: Option<Arc<rustls::ServerConfig>>,
    asked: &Mutex<Vec<String>>,
    answer: &Arc<Answer>,
) {
    let mut secured;
    let line: &mut dyn Line = match tls {
        None => &mut stream,
        Some(config) => {
            let connection = rustls::ServerConnection::new(config).unwrap();
            secured = rustls::StreamOwned::new(connection, stream);
            &mut secured
        }
    };
    let Some(head) = read_head(line) else {
        return;
    };
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let before = {
        let mut asked = asked.lock().unwrap();
        let before = asked.iter().filter(|one| **one == path).count();
        asked.push(path.clone());
        before
    };
    let asked = Asked { path, head, before };
    answer(&asked, line);
    drop(line.flush());
}

fn read_head(line: &mut dyn Line) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match line.read(&mut byte) {
            Ok(1) => head.extend(byte),
            _ => return None,
        }
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

/// Writes as long as somebody reads.
pub fn write(line: &mut dyn Line, bytes: &[u8]) {
    drop(line.write_all(bytes));
}

/// Answers with a status, headers of one line each, and a body of the length that is told.
pub fn respond(line: &mut dyn Line, status: &str, headers: &[&str], body: &[u8]) {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("Connection: close\r\n\r\n");
    write(line, head.as_bytes());
    write(line, body);
}

/// Answers with a page.
pub fn page(line: &mut dyn Line, body: &str) {
    respond(
        line,
        "200 OK",
        &["Content-Type: text/html"],
        body.as_bytes(),
    );
}

/// An authority of our own, and certificates of it.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self {
            issuer: CertifiedIssuer::self_signed(params, key).unwrap(),
        }
    }

    /// Its own certificate in DER.
    pub fn der(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// A server of a name, whose certificate is valid in the years from `from` until `until`.
    pub fn server(&self, name: &str, from: i32, until: i32) -> rustls::ServerConfig {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let chain = vec![certificate.der().clone(), self.issuer.der().clone()];
        let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap()
    }
}
