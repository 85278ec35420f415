//! A connection to an engine that somebody else runs: made, watched, and made again when it is lost.
//!
//! The task here decides when to connect and when to give up. What is said over a connection is the
//! session's business, what it is made of the transport's.

pub(crate) mod backoff;
pub(crate) mod options;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use crate::remote::options::{ReconnectPolicy, RemoteOptions};

use crate::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::lasting::{Lasting, Wish, Wishes, lasting};
use crate::session::Session;
use crate::session::restore::{Return, restore};
use crate::transport::Outgoing;
use crate::transport::socket::{Dialer, Failure, Socket};
use crate::transport::websocket::{self, read_loop, write_loop};

/// So long is read after writing has failed.
const LAST_INPUT: Duration = Duration::from_millis(500);

/// What it takes to make the connection again.
pub(crate) struct Again {
    pub(crate) dialer: Dialer,
    pub(crate) policy: ReconnectPolicy,
    pub(crate) keep_alive: Duration,
    pub(crate) close_timeout: Duration,
    /// The params of `initialize`.
    pub(crate) hello: Box<RawValue>,
    pub(crate) initialize_timeout: Duration,
}

/// Watches over a connection that was just made.
pub(crate) fn supervise(
    again: Again,
    socket: Socket,
    messages: mpsc::Receiver<Outgoing>,
    session: &Arc<Session>,
) -> Lasting {
    let (handle, wishes, has_ended) = lasting();
    let supervisor = Supervisor {
        again,
        session: session.clone(),
        messages,
        wishes,
    };
    session.runtime().spawn(async move {
        supervisor.run(socket).await;
        has_ended.tell();
    });
    handle
}

struct Supervisor {
    again: Again,
    session: Arc<Session>,
    messages: mpsc::Receiver<Outgoing>,
    wishes: Wishes,
}

/// How serving a connection ended.
enum End {
    Closed,
    Lost(String),
}

/// The halves of a connection that is being served: the reader is a task, the writer is here.
struct Served {
    reader: JoinHandle<String>,
    writer: websocket::Sender,
    connection: u64,
}

/// The attempts to make a lost connection again.
#[derive(Default)]
struct Tries {
    /// Since the session was last picked up.
    made: u32,
    /// How often the pause has grown; a connection that lasts makes it short again.
    pauses: u32,
    /// Why the connection was lost.
    lost: String,
    /// Why the last attempt failed.
    last: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Supervisor {
    async fn run(mut self, socket: Socket) {
        let error = self.serve_all(socket).await;
        self.session.fail(&error);
    }

    /// Serves one connection after the other; gives what ended the client.
    async fn serve_all(&mut self, socket: Socket) -> Error {
        let mut served = self.serve(socket);
        let mut tries = Tries::default();
        loop {
            let since = clock::now();
            let mut picked_up = tries.made == 0;
            let why = match self
                .until_end(&mut served, tries.made, &mut picked_up)
                .await
            {
                End::Closed => return self.close(served).await,
                End::Lost(why) => why,
            };
            stop(served).await;
            if self.wishes.now() == Wish::Starting || self.again.policy.max_attempts == 0 {
                return self.lost(&why, "it is not re-established");
            }
            let error = self.lost(&why, "it is being re-established");
            self.session.disconnected(&error);
            if picked_up {
                tries.made = 0;
                tries.lost = why.clone();
            }
            tries.last = why;
            if clock::now() - since > self.again.policy.max_delay {
                tries.pauses = 0;
            }
            served = match self.connect(&mut tries).await {
                Ok(socket) => self.serve(socket),
                Err(error) => return error,
            };
        }
    }

    fn serve(&self, socket: Socket) -> Served {
        let (writer, receiver) = socket.split();
        let reader = read_loop(self.session.clone(), receiver, self.again.keep_alive);
        Served {
            reader: self.session.runtime().spawn(reader),
            writer,
            connection: self.session.connection(),
        }
    }

    /// Reads and writes until the connection is lost or not wanted any more. On a connection that attempt
    /// `attempt` has made again, the session is picked up first.
    async fn until_end(&mut self, served: &mut Served, attempt: u32, picked_up: &mut bool) -> End {
        let Again {
            keep_alive,
            hello,
            initialize_timeout,
            ..
        } = &self.again;
        let session = self.session.clone();
        let failing = async {
            if attempt > 0 {
                let restored = restore(
                    &session,
                    &Return::connection(attempt),
                    hello,
                    *initialize_timeout,
                )
                .await;
                if let Err(error) = restored {
                    return error.message().to_owned();
                }
                *picked_up = true;
            }
            std::future::pending().await
        };
        let writing = write_loop(
            &mut self.messages,
            &mut served.writer,
            served.connection,
            *keep_alive,
        );
        let why = tokio::select! {
            () = self.wishes.closing() => return End::Closed,
            why = &mut served.reader => {
                return End::Lost(why.unwrap_or_else(|_| "its reader ended".to_owned()));
            }
            why = failing => return End::Lost(why),
            why = writing => why,
        };
        // What the engine wrote before it went can still be read.
        let _ = tokio::time::timeout(LAST_INPUT, &mut served.reader).await;
        End::Lost(why)
    }

    /// Makes the connection again, as the policy allows. An error is the client's end.
    async fn connect(&mut self, tries: &mut Tries) -> Result<Socket> {
        let most = self.again.policy.max_attempts;
        let mut last = None;
        while tries.made < most {
            let pause = {
                let policy = &self.again.policy;
                backoff::delay(
                    policy.initial_delay,
                    policy.max_delay,
                    tries.pauses,
                    random(),
                )
            };
            tries.pauses = tries.pauses.saturating_add(1);
            tries.made += 1;
            let tried = tokio::select! {
                () = self.wishes.closing() => return Err(client_closed()),
                tried = async {
                    tokio::time::sleep(pause).await;
                    self.again.dialer.dial().await
                } => tried,
            };
            let Failure { error, lasting } = match tried {
                Ok(socket) => return Ok(socket),
                Err(failure) => failure,
            };
            self.session.not_reconnected(&error);
            error.message().clone_into(&mut tries.last);
            if lasting {
                let how = format!("it could not be re-established: {}", tries.last);
                return Err(self.lost(&tries.lost, &how).caused_by(error));
            }
            last = Some(error);
        }
        let how = format!(
            "it could not be re-established in {most} attempts; the last: {}",
            tries.last
        );
        let error = self.lost(&tries.lost, &how);
        Err(match last {
            Some(last) => error.caused_by(last),
            None => error,
        })
    }

    /// Says good-bye, within the deadline.
    async fn close(&mut self, mut served: Served) -> Error {
        if self.wishes.now() != Wish::Cut {
            let timeout = self.again.close_timeout;
            let _ = tokio::time::timeout(timeout, self.goodbye(&mut served)).await;
        }
        stop(served).await;
        client_closed()
    }

    async fn goodbye(&mut self, served: &mut Served) {
        // What is in the queue was sent before the wish to close.
        while let Ok(message) = self.messages.try_recv() {
            let current = message.connection == served.connection;
            if current
                && websocket::send(&mut served.writer, message.bytes)
                    .await
                    .is_err()
            {
                return;
            }
        }
        if served.writer.close().await.is_ok() {
            let _ = (&mut served.reader).await;
        }
    }

    fn lost(&self, why: &str, then: &str) -> Error {
        Error::new(
            ErrorKind::Closed,
            format!(
                "the connection to the remote engine {} was lost ({why}); {then}",
                self.again.dialer.shown()
            ),
        )
    }
}

/// Ends a connection. Afterwards nothing of it reaches the session any more.
async fn stop(mut served: Served) {
    served.reader.abort();
    if !served.reader.is_finished() {
        let _ = (&mut served.reader).await;
    }
}

pub(crate) fn client_closed() -> Error {
    Error::new(ErrorKind::Closed, "the client is closed; create a new one")
}

/// A number that nobody needs to be unable to guess: it spreads the pauses of clients.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(0)
}
