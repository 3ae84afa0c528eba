//! What the browser tells of the exchanges for a page itself, as evidence.

use std::collections::HashMap;

use serde_json::Value;

use super::word;
use crate::model::{Exchange, Header, Instant, Response, Tls};

/// More requests than this of one page are not followed.
const MAX_REQUESTS: usize = 10_000;

/// The exchanges for the page, its redirects and the pages that its scripts led to.
#[derive(Default)]
pub(super) struct Told {
    exchanges: Vec<(String, Exchange)>,
    /// The headers as sent and as received, by the request that the browser tells of them: once for each hop.
    sent: HashMap<String, Vec<Vec<Header>>>,
    received: HashMap<String, Vec<Vec<Header>>>,
}

impl Told {
    /// A request for the page.
    pub(super) fn request(&mut self, params: &Value, at: Instant) {
        if let Some(redirect) = params.get("redirectResponse") {
            self.response(params, redirect, at);
        }
        let request = &params["request"];
        let exchange = Exchange {
            address: word(&request["url"]),
            method: word(&request["method"]),
            request_headers: headers(&request["headers"]),
            started_at: at.to_string(),
            ended_at: at.to_string(),
            remote: None,
            tls: None,
            response: None,
        };
        self.exchanges.push((word(&params["requestId"]), exchange));
    }

    /// A request that was never sent.
    pub(super) fn unsent(&mut self, id: &Value) {
        if self.is_last(id) {
            self.exchanges.pop();
        }
    }

    /// A response to the newest request for the page.
    pub(super) fn response(&mut self, params: &Value, response: &Value, at: Instant) {
        let id = word(&params["requestId"]);
        let Some((_, exchange)) = self.exchanges.last_mut().filter(|(of, _)| *of == id) else {
            return;
        };
        exchange.ended_at = at.to_string();
        exchange.response = Some(Response {
            http_version: match response["protocol"].as_str() {
                Some("h2") => "HTTP/2".to_owned(),
                Some(other) => other.to_ascii_uppercase(),
                None => String::new(),
            },
            status: response["status"]
                .as_u64()
                .map_or(0, |status| status.try_into().unwrap_or(0)),
            headers: headers(&response["headers"]),
        });
        exchange.tls = response.get("securityDetails").map(|details| Tls {
            version: details["protocol"].as_str().map(str::to_owned),
            certificates: Vec::new(),
        });
    }

    /// The headers of any request as they were sent.
    pub(super) fn sent(&mut self, params: &Value) {
        keep(&mut self.sent, params);
    }

    /// The headers of any response as they were received.
    pub(super) fn received(&mut self, params: &Value) {
        keep(&mut self.received, params);
    }

    /// The newest request for the page, with its exchange.
    pub(super) fn last(&self) -> Option<(&str, &Exchange)> {
        let (id, exchange) = self.exchanges.last()?;
        Some((id, exchange))
    }

    /// How many requests for the page there were.
    pub(super) fn count(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether it is the newest request for the page.
    pub(super) fn is_last(&self, id: &Value) -> bool {
        self.last().is_some_and(|(last, _)| id == last)
    }

    /// The exchanges in their order, with the headers that went over the line where the browser tells of them.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        let mut hops: HashMap<&str, usize> = HashMap::new();
        let exchanges = self.exchanges.iter().map(|(id, exchange)| {
            let mut exchange = exchange.clone();
            let hop = hops.entry(id).or_default();
            let of = |told: &HashMap<String, Vec<Vec<Header>>>| told.get(id)?.get(*hop).cloned();
            if let Some(sent) = of(&self.sent) {
                exchange.request_headers = sent;
            }
            if let (Some(response), Some(received)) = (&mut exchange.response, of(&self.received)) {
                response.headers = received;
            }
            *hop += 1;
            exchange
        });
        exchanges.collect()
    }
}

fn keep(told: &mut HashMap<String, Vec<Vec<Header>>>, params: &Value) {
    if told.len() < MAX_REQUESTS {
        let hops = told.entry(word(&params["requestId"])).or_default();
        hops.push(headers(&params["headers"]));
    }
}

/// Headers as the browser tells them: an object, in which lines part the values of one name.
fn headers(told: &Value) -> Vec<Header> {
    let told = told.as_object().into_iter().flatten();
    told.flat_map(|(name, value)| {
        let value = word(value);
        let values: Vec<Header> = value
            .split('\n')
            .map(|value| {
                (
                    name.trim_start_matches(':').to_ascii_lowercase(),
                    value.to_owned(),
                )
            })
            .collect();
        values
    })
    .collect()
}
