//! The tunnel: the browser's only way to the network, a SOCKS server (RFC 1928) on loopback that connects to no address
//! that the guard refuses.
//!
//! Names are resolved here and not by the browser, and the connection goes to the very address that was checked.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::failure;
use crate::fetch::{Failure, Policy, guard};
use crate::model::Stage;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;
/// Replies (RFC 1928, section 6).
const SUCCEEDED: u8 = 0;
const NOT_ALLOWED: u8 = 2;
const UNREACHABLE: u8 = 4;

/// How many refusals are told.
const MAX_REFUSED: usize = 100;
/// How many bodies of the largest size a page may take from the network in all.
const MAX_BODIES: u64 = 8;

/// A tunnel that stands until this is dropped.
pub(super) struct Tunnel {
    port: u16,
    state: Arc<State>,
    listening: AbortHandle,
}

struct State {
    policy: Policy,
    /// Bytes that came from the network.
    received: AtomicU64,
    connections: AtomicU64,
    peers: Mutex<HashMap<(String, u16), Result<SocketAddr, Failure>>>,
}

impl State {
    fn peers(&self) -> MutexGuard<'_, HashMap<(String, u16), Result<SocketAddr, Failure>>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tunnel {
    /// Opens a tunnel that keeps to a policy.
    pub(super) async fn open(policy: &Policy) -> Result<Self, Failure> {
        let closed = |error| failure(format!("there is no way to the browser: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(closed)?;
        let port = listener.local_addr().map_err(closed)?.port();
        let state = Arc::new(State {
            policy: policy.clone(),
            received: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            peers: Mutex::default(),
        });
        let listening = tokio::spawn(listen(listener, Arc::clone(&state))).abort_handle();
        Ok(Self {
            port,
            state,
            listening,
        })
    }

    /// Where it listens on loopback.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The address that connections to a host went to, or why none did.
    pub(super) fn peer(&self, host: &str, port: u16) -> Option<Result<SocketAddr, Failure>> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        self.state.peers().get(&(host.to_owned(), port)).cloned()
    }

    /// How many connections were made, and which were refused.
    pub(super) fn told(&self) -> (u64, Vec<String>) {
        let peers = self.state.peers();
        let refused = peers.values().filter_map(|peer| peer.as_ref().err());
        let mut refused: Vec<String> = refused.map(ToString::to_string).collect();
        refused.sort_unstable();
        refused.truncate(MAX_REFUSED);
        (self.state.connections.load(Ordering::Relaxed), refused)
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Serves connections until it is aborted, and they with it.
async fn listen(listener: TcpListener, state: Arc<State>) {
    let mut serving = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        serving.spawn(async move {
            // A connection that breaks off is one that the browser sees break off.
            drop(serve(stream, &state).await);
        });
        while serving.try_join_next().is_some() {}
    }
}

async fn serve(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    let Some((host, port)) = greet(&mut stream).await? else {
        return Ok(());
    };
    let reached = connect(&host, port, state).await;
    let peer = match &reached {
        Ok(peer) => peer
            .peer_addr()
            .map_err(|error| Failure::new(Stage::Connect, error.to_string())),
        Err(failure) => Err(failure.clone()),
    };
    let reply = match &peer {
        Ok(_) => SUCCEEDED,
        Err(failure) if failure.stage == Stage::Guard => NOT_ALLOWED,
        Err(_) => UNREACHABLE,
    };
    state.peers().insert((host, port), peer);
    stream
        .write_all(&[VERSION, reply, 0, IPV4, 0, 0, 0, 0, 0, 0])
        .await?;
    let Ok(peer) = reached else {
        return Ok(());
    };
    state.connections.fetch_add(1, Ordering::Relaxed);
    let (from_peer, to_peer) = peer.into_split();
    let (from_browser, to_browser) = stream.into_split();
    let most = state.policy.max_body_bytes.saturating_mul(MAX_BODIES);
    let sent = AtomicU64::new(0);
    let (there, back) = tokio::join!(
        pump(from_browser, to_peer, &sent, most),
        pump(from_peer, to_browser, &state.received, most),
    );
    there.and(back)
}

/// Reads what the browser wants to be connected to; none where it asks in another way than browsers do.
async fn greet(stream: &mut TcpStream) -> std::io::Result<Option<(String, u16)>> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await?;
    let [version, methods] = head;
    if version != VERSION {
        return Ok(None);
    }
    let mut offered = vec![0; usize::from(methods)];
    stream.read_exact(&mut offered).await?;
    if !offered.contains(&NO_AUTHENTICATION) {
        return Ok(None);
    }
    stream.write_all(&[VERSION, NO_AUTHENTICATION]).await?;
    let mut request = [0; 4];
    stream.read_exact(&mut request).await?;
    let [VERSION, CONNECT, _, kind] = request else {
        return Ok(None);
    };
    let host = match kind {
        IPV4 => {
            let mut address = [0; 4];
            stream.read_exact(&mut address).await?;
            IpAddr::V4(Ipv4Addr::from(address)).to_string()
        }
        IPV6 => {
            let mut address = [0; 16];
            stream.read_exact(&mut address).await?;
            IpAddr::V6(Ipv6Addr::from(address)).to_string()
        }
        NAME => {
            let mut name = vec![0; usize::from(stream.read_u8().await?)];
            stream.read_exact(&mut name).await?;
            String::from_utf8_lossy(&name).into_owned()
        }
        _ => return Ok(None),
    };
    Ok(Some((host, stream.read_u16().await?)))
}

/// Connects to the first address of a host that answers.
async fn connect(host: &str, port: u16, state: &State) -> Result<TcpStream, Failure> {
    let addresses = guard::resolve(host, &state.policy).await?;
    let mut last = Failure::new(Stage::Connect, format!("{host} has no address"));
    for address in addresses {
        let connecting = TcpStream::connect((address, port));
        let reason = match tokio::time::timeout(state.policy.connect_timeout, connecting).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "there was no answer".to_owned(),
        };
        last = Failure::new(Stage::Connect, format!("{host}: {reason}"));
    }
    Err(last)
}

/// Hands bytes on until there are no more, or more than `most` in all.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    handed: &AtomicU64,
    most: u64,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let read = from.read(&mut buffer).await?;
        let handed = handed.fetch_add(read as u64, Ordering::Relaxed);
        if read == 0 || handed > most {
            return to.shutdown().await;
        }
        to.write_all(buffer.get(..read).unwrap_or_default()).await?;
    }
}
