//! The HTTP client of one fetch, and what its errors mean. Cookies live as long as it does, and no longer.

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::header::{self, HeaderMap, HeaderValue};
use url::Url;

use super::guard::Guard;
use super::tls::{Chain, Trust};
use super::{Failure, Policy, Validators};
use crate::model::Stage;

/// More headers than this are no answer of a site that publishes documents.
const MAX_HEADERS: usize = 256;

/// A client for one fetch: no connection, cookie or address is kept from one fetch to another.
pub(super) struct Client {
    http: reqwest::Client,
    cookies: Jar,
    chain: Chain,
    refusal: Arc<Mutex<Option<Failure>>>,
}

impl Client {
    pub(super) fn new(policy: &Policy, trust: &Trust) -> Result<Self, Failure> {
        let (chain, refusal) = (Chain::default(), Arc::new(Mutex::new(None)));
        let config = trust
            .config(&chain)
            .map_err(|error| Failure::new(Stage::Tls, error.to_string()))?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .tls_info(true)
            .dns_resolver(Guard::new(policy, &refusal))
            .no_proxy() // a proxy would resolve names where the guard doesn't see it
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .pool_max_idle_per_host(0)
            .http1_max_headers(MAX_HEADERS)
            .connect_timeout(policy.connect_timeout)
            .build()
            .map_err(|error| Failure::new(Stage::Connect, told(&error)))?;
        Ok(Self {
            http,
            cookies: Jar::default(),
            chain,
            refusal,
        })
    }

    /// The request for a page.
    pub(super) fn request(
        &self,
        url: &Url,
        policy: &Policy,
        validators: Option<&Validators>,
    ) -> Result<reqwest::Request, Failure> {
        let mut request = reqwest::Request::new(reqwest::Method::GET, url.clone());
        let mut add = |name, value: &str| {
            let value = HeaderValue::from_bytes(&latin1(value)).map_err(|_| {
                let reason = format!("\"{value}\" can't be sent as the header {name}");
                Failure::new(Stage::Address, reason)
            })?;
            request.headers_mut().insert(name, value);
            Ok(())
        };
        add(header::USER_AGENT, &policy.user_agent())?;
        add(
            header::ACCEPT,
            "text/html, application/xhtml+xml, text/markdown, text/plain, application/pdf;q=0.9, */*;q=0.1",
        )?;
        add(header::ACCEPT_LANGUAGE, "en, *;q=0.5")?;
        add(header::ACCEPT_ENCODING, "gzip, br, zstd, deflate")?;
        if let Some(validators) = validators {
            if let Some(etag) = &validators.etag {
                add(header::IF_NONE_MATCH, etag)?;
            }
            if let Some(last_modified) = &validators.last_modified {
                add(header::IF_MODIFIED_SINCE, last_modified)?;
            }
        }
        if let Some(cookies) = self.cookies.cookies(url) {
            request.headers_mut().insert(header::COOKIE, cookies);
        }
        Ok(request)
    }

    /// Sends a request and takes the head of the response, with its cookies.
    pub(super) async fn send(
        &self,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, Failure> {
        let url = request.url().clone();
        lock(&self.chain).clear();
        match self.http.execute(request).await {
            Ok(response) => {
                let mut set = response.headers().get_all(header::SET_COOKIE).iter();
                self.cookies.set_cookies(&mut set, &url);
                Ok(response)
            }
            Err(error) => {
                let refusal = lock(&self.refusal).take();
                Err(refusal.unwrap_or_else(|| failure(&error)))
            }
        }
    }

    /// The certificates of the newest handshake, in DER, the peer's own first.
    pub(super) fn certificates(&self) -> Vec<Vec<u8>> {
        lock(&self.chain).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bytes of a text that [`headers`] gave.
fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|one| u8::try_from(u32::from(one)).unwrap_or(b'?'))
        .collect()
}

/// Headers in their order, with every byte of a value as the character of that number.
pub(super) fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    map.iter()
        .map(|(name, value)| {
            let value = value.as_bytes().iter().map(|byte| char::from(*byte));
            (name.as_str().to_owned(), value.collect())
        })
        .collect()
}

/// What an error of the client means.
pub(super) fn failure(error: &reqwest::Error) -> Failure {
    let stage = if is_tls(error) {
        Stage::Tls
    } else if error.is_connect() {
        Stage::Connect
    } else if error.is_timeout() {
        Stage::TooSlow
    } else if error.is_body() || error.is_decode() {
        Stage::Body
    } else {
        Stage::Response
    };
    Failure::new(stage, told(error))
}

/// Whether an error is one of TLS: it lies deep in others.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let within = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    error.is::<rustls::Error>()
        || within.is_some_and(|inner| is_tls(inner))
        || error.source().is_some_and(is_tls)
}

/// The innermost message of an error, which names the cause.
fn told(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
