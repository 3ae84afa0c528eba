//! The guard: addresses that are nobody's public ones are refused, whatever name leads there and at whatever hop.
//!
//! The check is made on the very addresses that a connection then goes to, so that a name that changes its address
//! between two look-ups gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::{Failure, Policy};
use crate::model::Stage;

/// Whether an address is one of the public internet, by the registries of special purposes (IANA, RFC 6890).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [.., high, low] = parts;
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    match parts {
        // Addresses of the other kind behind a translator (RFC 6052).
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(Ipv4Addr::new(a, b, c, d)),
        // Teredo, benchmarks and the like; documentation; 6to4, which holds an address of the other kind.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Refuses an address whose host is written as a number that is none of the public internet. Names are checked when
/// they are resolved.
pub(super) fn check(url: &Url, policy: &Policy) -> Result<(), Failure> {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    let host = url.host_str().unwrap_or_default();
    if is_public(address) || is_allowed(host, policy) {
        return Ok(());
    }
    let reason = format!("{host} is no address of the public internet");
    Err(Failure::new(Stage::Guard, reason))
}

fn is_allowed(host: &str, policy: &Policy) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let bare = bare.trim_end_matches('.').to_ascii_lowercase();
    policy.allowed_hosts.contains(&bare)
}

/// Resolves names to public addresses only, and remembers why it did not.
pub(super) struct Guard {
    policy: Policy,
    refusal: Arc<Mutex<Option<Failure>>>,
}

impl Guard {
    pub(super) fn new(policy: &Policy, refusal: &Arc<Mutex<Option<Failure>>>) -> Self {
        Self {
            policy: policy.clone(),
            refusal: Arc::clone(refusal),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, refusal) = (self.policy.clone(), Arc::clone(&self.refusal));
        Box::pin(async move {
            let name = name.as_str().to_owned();
            match resolve(&name, &policy).await {
                Ok(found) => {
                    let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
                    Ok(Box::new(addresses) as Addrs)
                }
                Err(failure) => {
                    let told = failure.to_string();
                    *refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                    Err(told.into())
                }
            }
        })
    }
}

/// The addresses of a host that may be connected to, by its name or its own number.
pub(super) async fn resolve(host: &str, policy: &Policy) -> Result<Vec<IpAddr>, Failure> {
    let (lookup, name) = (Arc::clone(&policy.lookup), host.to_owned());
    let found = match host.parse() {
        Ok(address) => Ok(vec![address]),
        Err(_) => tokio::task::spawn_blocking(move || lookup(&name))
            .await
            .unwrap_or_else(|error| Err(std::io::Error::other(error))),
    };
    choose(host, found, policy)
}

/// The addresses that may be connected to: all of those found, or none where one of them is not public.
fn choose(
    name: &str,
    found: std::io::Result<Vec<IpAddr>>,
    policy: &Policy,
) -> Result<Vec<IpAddr>, Failure> {
    let found = found
        .map_err(|error| Failure::new(Stage::Dns, format!("{name} can't be resolved: {error}")))?;
    if found.is_empty() {
        return Err(Failure::new(Stage::Dns, format!("{name} has no address")));
    }
    let mut private = found.clone();
    private.retain(|address| !is_public(*address));
    if !private.is_empty() && !is_allowed(name, policy) {
        let private: Vec<String> = private.iter().map(IpAddr::to_string).collect();
        let reason = format!(
            "{name} leads to {}, which is no address of the public internet",
            private.join(" and ")
        );
        return Err(Failure::new(Stage::Guard, reason));
    }
    Ok(found)
}
