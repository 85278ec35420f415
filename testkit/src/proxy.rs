//! A proxy between a client and an engine that listens, which can break the connections in between.
//!
//! It carries bytes and knows no protocol. What it is told holds until it is told something else.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};

/// Where a proxy leads to.
#[derive(Clone, Debug)]
pub enum Target {
    /// `HOST:PORT`.
    Tcp(String),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

/// What the proxy does with connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Bytes pass.
    Pass,
    /// Nothing passes, and nobody is told: a network that has gone away.
    Hold,
    /// New connections are closed at once.
    Refuse,
}

#[derive(Clone, Copy, Debug)]
struct State {
    mode: Mode,
    /// Connections made before this count are cut.
    cut_before: u64,
}

/// A TCP proxy on a free port of 127.0.0.1. It ends, with its connections, when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: Arc<watch::Sender<State>>,
    count: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy that leads to `target`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(target: Target) -> Result<Self> {
        let context = "starting the proxy";
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(|error| Error::io(context, error))?;
        let port = listener
            .local_addr()
            .map_err(|error| Error::io(context, error))?
            .port();
        let state = State {
            mode: Mode::Pass,
            cut_before: 0,
        };
        let state = Arc::new(watch::Sender::new(state));
        let count = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(accept(listener, target, state.clone(), count.clone()));
        Ok(Self {
            port,
            state,
            count,
            task,
        })
    }

    /// The proxy's port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections there were so far.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// Cuts the connections that there are; new ones can be made.
    pub fn cut(&self) {
        let before = self.connections();
        self.state.send_modify(|state| state.cut_before = before);
    }

    /// Says what becomes of connections from now on.
    pub fn set(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    target: Target,
    state: Arc<watch::Sender<State>>,
    count: Arc<AtomicU64>,
) {
    while let Ok((client, _)) = listener.accept().await {
        if state.borrow().mode == Mode::Refuse {
            continue; // dropped
        }
        let number = count.fetch_add(1, Ordering::SeqCst);
        let (target, seen) = (target.clone(), state.subscribe());
        tokio::spawn(async move {
            match target {
                Target::Tcp(address) => {
                    if let Ok(engine) = TcpStream::connect(address).await {
                        carry(client, engine, seen, number).await;
                    }
                }
                #[cfg(unix)]
                Target::Unix(path) => {
                    if let Ok(engine) = tokio::net::UnixStream::connect(path).await {
                        carry(client, engine, seen, number).await;
                    }
                }
                #[cfg(not(unix))]
                Target::Unix(_) => {}
            }
        });
    }
}

/// Carries bytes both ways until an end closes or the connection is cut.
async fn carry(
    client: TcpStream,
    engine: impl AsyncRead + AsyncWrite,
    mut seen: watch::Receiver<State>,
    number: u64,
) {
    let (client_in, client_out) = tokio::io::split(client);
    let (engine_in, engine_out) = tokio::io::split(engine);
    let (up, down) = (seen.clone(), seen.clone());
    tokio::select! {
        () = one_way(client_in, engine_out, up) => {}
        () = one_way(engine_in, client_out, down) => {}
        _ = seen.wait_for(|state| number < state.cut_before) => {}
    }
}

async fn one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: watch::Receiver<State>,
) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        if state
            .wait_for(|state| state.mode != Mode::Hold)
            .await
            .is_err()
        {
            return;
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
