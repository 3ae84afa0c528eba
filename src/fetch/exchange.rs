//! One attempt at a page: exchanges from redirect to redirect, each told in the evidence.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderMap;
use url::Url;

use super::body::read_body;
use super::client::{Client, failure, headers};
use super::failure::until;
use super::hosts::Turn;
use super::robots::Permission;
use super::{Failure, Fetcher, Page, Request, guard, parse_address};
use crate::model::{Evidence, Exchange, Response, Stage, Tls};

/// An attempt at a page.
pub(super) struct Attempt<'a> {
    fetcher: &'a Fetcher,
    request: &'a Request,
    evidence: &'a mut Evidence,
}

/// What a response is.
enum Reply {
    Redirect(Url),
    Page(Page),
}

impl<'a> Attempt<'a> {
    pub(super) fn new(
        fetcher: &'a Fetcher,
        request: &'a Request,
        evidence: &'a mut Evidence,
    ) -> Self {
        Self {
            fetcher,
            request,
            evidence,
        }
    }

    /// Asks for the page through at most so many redirects; with `obey`, as far as robots.txt permits.
    pub(super) async fn follow(
        &mut self,
        max_redirects: usize,
        obey: bool,
    ) -> Result<Page, Failure> {
        let client = Client::new(&self.fetcher.policy, &self.fetcher.tls)?;
        let mut url = parse_address(&self.request.address)?;
        for _ in 0..=max_redirects {
            self.fetcher.allow(&url, obey).await?;
            match self.exchange(&client, &url).await? {
                Reply::Redirect(next) => url = next,
                Reply::Page(page) => return Ok(page),
            }
        }
        let reason = format!("more than {max_redirects} redirects");
        Err(Failure::new(Stage::Redirects, reason))
    }

    /// Waits for the host's turn, asks it, and tells in the evidence what came of it.
    async fn exchange(&mut self, client: &Client, url: &Url) -> Result<Reply, Failure> {
        let policy = &self.fetcher.policy;
        let mut turn = self.fetcher.turn(url).await?;
        let request = client.request(url, policy, self.request.validators.as_ref())?;
        let now = (self.fetcher.clock)();
        self.evidence.exchanges.push(Exchange {
            address: url.to_string(),
            method: request.method().to_string(),
            request_headers: headers(request.headers()),
            started_at: now.to_string(),
            ended_at: now.to_string(),
            remote: None,
            tls: None,
            response: None,
        });
        let answer = tokio::time::timeout(policy.timeout, self.answer(client, request, url)).await;
        let answer = answer.unwrap_or_else(|_| {
            let seconds = policy.timeout.as_secs_f32();
            let reason = format!("the exchange was not at its end after {seconds} s");
            Err(Failure::new(Stage::TooSlow, reason))
        });
        self.keep_certificates(client);
        if let Some(last) = self.evidence.exchanges.last_mut() {
            last.ended_at = (self.fetcher.clock)().to_string();
        }
        if let Err(failure) = &answer {
            turn.host.closed_until = failure.retry_at.max(turn.host.closed_until);
        }
        turn.end(url.as_str());
        answer
    }

    /// Sends the request and takes the response, whose head goes into the evidence as soon as it is there.
    async fn answer(
        &mut self,
        client: &Client,
        request: reqwest::Request,
        url: &Url,
    ) -> Result<Reply, Failure> {
        self.evidence.body = None;
        let response = client.send(request).await?;
        let secured = response.extensions().get::<reqwest::tls::TlsInfo>();
        let version = secured.and_then(reqwest::tls::TlsInfo::version);
        if let Some(last) = self.evidence.exchanges.last_mut() {
            last.remote = response.remote_addr().map(|address| address.to_string());
            last.tls = version.map(|version| Tls {
                version: tls_version(version),
                certificates: Vec::new(),
            });
            last.response = Some(Response {
                http_version: http_version(response.version()),
                status: response.status().as_u16(),
                headers: headers(response.headers()),
            });
        }
        let status = response.status().as_u16();
        match status {
            200 | 203 => self.body(response).await,
            301 | 302 | 303 | 307 | 308 => redirect(response.headers(), url),
            304 if self.request.validators.is_some() => Ok(Reply::Page(Page::NotModified)),
            _ => {
                let asked = response.headers().get(reqwest::header::RETRY_AFTER);
                let asked = asked.and_then(|value| value.to_str().ok());
                Err(Failure::of_status(status, asked, (self.fetcher.clock)()))
            }
        }
    }

    async fn body(&mut self, mut response: reqwest::Response) -> Result<Reply, Failure> {
        let limit = self.fetcher.policy.max_body_bytes;
        let too_large = || Failure::new(Stage::TooLarge, format!("more than {limit} bytes"));
        if response
            .content_length()
            .is_some_and(|length| length > limit)
        {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| Failure {
            stage: Stage::Body,
            ..failure(&error)
        })? {
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        let text = |name| {
            let value = response.headers().get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let encodings = response
            .headers()
            .get_all(reqwest::header::CONTENT_ENCODING);
        let encodings: Vec<_> = encodings
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let content_type = text(reqwest::header::CONTENT_TYPE);
        let (page, received) =
            read_body(bytes, &encodings.join(","), content_type.as_deref(), limit)?;
        self.evidence.body = Some(received);
        Ok(Reply::Page(page))
    }

    /// Takes the certificates of the newest handshake into the evidence, also of one that failed.
    fn keep_certificates(&mut self, client: &Client) {
        let names: Vec<String> = client
            .certificates()
            .iter()
            .map(|der| {
                self.evidence
                    .add_certificate(der, |der| STANDARD.encode(der))
            })
            .collect();
        let Some(last) = self.evidence.exchanges.last_mut() else {
            return;
        };
        match &mut last.tls {
            Some(tls) => tls.certificates = names,
            None if names.is_empty() => {}
            None => {
                last.tls = Some(Tls {
                    version: None,
                    certificates: names,
                });
            }
        }
    }
}

impl Fetcher {
    /// Checks that an address may be fetched; with `obey`, that robots.txt permits it too.
    pub(super) async fn allow(&self, url: &Url, obey: bool) -> Result<(), Failure> {
        guard::check(url, &self.policy)?;
        if !obey {
            return Ok(());
        }
        let host = url.host_str().unwrap_or_default();
        let reason = match self.permission(url).await? {
            Permission::Given => return Ok(()),
            Permission::Denied { rule } => {
                format!("robots.txt of {host} forbids it by \"{rule}\"")
            }
            Permission::Unreachable { reason } => {
                format!("robots.txt of {host} can't be read ({reason}), so nothing is fetched")
            }
        };
        Err(Failure::new(Stage::Robots, reason))
    }

    /// The turn of an address's host, unless it asks to be left alone for longer than is waited.
    pub(super) async fn turn(&self, url: &Url) -> Result<Turn, Failure> {
        let host = url.host_str().unwrap_or_default();
        let turn = self.hosts.turn(host).await;
        let now = (self.clock)();
        if let Some(at) = turn.host.closed_until {
            let wait = until(now, at);
            if wait > self.policy.max_wait {
                let reason = format!("{host} asks to be left alone until {at}");
                return Err(Failure {
                    retry_at: Some(at),
                    status: Some(429),
                    ..Failure::new(Stage::Status, reason)
                });
            }
            tokio::time::sleep(wait).await;
        }
        Ok(turn)
    }
}

/// Where a redirect leads.
fn redirect(headers: &HeaderMap, url: &Url) -> Result<Reply, Failure> {
    let wrong = |what: &str| Failure::new(Stage::Redirects, format!("a redirect {what}"));
    let location = headers.get(reqwest::header::LOCATION);
    let location = location.ok_or_else(|| wrong("names no address"))?;
    let location = String::from_utf8_lossy(location.as_bytes());
    let joined = url
        .join(&location)
        .map_err(|error| wrong(&format!("leads to {location:?}: {error}")))?;
    Ok(Reply::Redirect(parse_address(joined.as_str())?))
}

fn http_version(version: reqwest::Version) -> String {
    if version == reqwest::Version::HTTP_2 {
        "HTTP/2".to_owned()
    } else {
        format!("{version:?}")
    }
}

fn tls_version(version: reqwest::tls::Version) -> Option<String> {
    let known = [
        (reqwest::tls::Version::TLS_1_2, "TLS 1.2"),
        (reqwest::tls::Version::TLS_1_3, "TLS 1.3"),
    ];
    let named = known.iter().find(|(known, _)| *known == version);
    named.map(|(_, name)| (*name).to_owned())
}
