//! Hosts: each is asked one thing at a time, with rests in between.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::model;

/// What is known of a host.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// When it may be asked again.
    rested_at: Option<Instant>,
    /// When it asks to be left alone until.
    pub(super) closed_until: Option<model::Instant>,
    /// How long it asks robots to rest.
    pub(super) crawl_delay: Duration,
}

/// The hosts that were asked.
#[derive(Debug)]
pub(super) struct Hosts {
    pause: Duration,
    known: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Host>>>>,
}

impl Hosts {
    pub(super) fn new(pause: Duration) -> Self {
        Self {
            pause,
            known: Mutex::default(),
        }
    }

    /// Waits until a host is free and rested; it stays taken until the turn is given back.
    pub(super) async fn turn(&self, host: &str) -> Turn {
        let host = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(host.to_owned()).or_default())
        };
        let turn = Turn {
            host: host.lock_owned().await,
            pause: self.pause,
        };
        if let Some(rested_at) = turn.host.rested_at {
            tokio::time::sleep_until(rested_at).await;
        }
        turn
    }
}

/// A host's turn to be asked.
pub(super) struct Turn {
    pub(super) host: OwnedMutexGuard<Host>,
    pause: Duration,
}

impl Turn {
    /// Gives the host back after an exchange that began with `address`. Addresses differ in how long they let it rest,
    /// so that what is asked regularly doesn't beat.
    pub(super) fn end(mut self, address: &str) {
        let [spread, ..] = *blake3::hash(address.as_bytes()).as_bytes();
        let pause = self.pause.max(self.host.crawl_delay);
        let pause = pause.saturating_add(self.pause.mul_f64(f64::from(spread) / 255.0));
        self.host.rested_at = Instant::now().checked_add(pause);
    }
}
