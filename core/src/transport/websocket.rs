//! Messages over a WebSocket: one text message is one line. The loops end when the connection does and
//! say how; what becomes of the session then is decided elsewhere.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use crate::redact::redact;
use crate::session::Session;
use crate::transport::Outgoing;
use crate::transport::socket::Socket;

/// The engine takes frames of up to 16 MiB; a message of several frames may be larger.
const FRAME: usize = 1 << 20;
/// The engine takes no larger message over a WebSocket: it ends the connection.
pub(crate) const LARGEST_MESSAGE: usize = 64 << 20;
/// So many messages that are ready are routed under one lock.
const BATCH: usize = 256;
/// How many pings may go unanswered before the connection counts as lost.
const SILENT_PINGS: u32 = 3;

/// The two halves of a connection.
pub(crate) type Sender = SplitSink<Socket, Message>;
pub(crate) type Receiver = SplitStream<Socket>;

/// Reads until the connection ends or says nothing for too long, feeding the session. Gives the reason.
pub(crate) async fn read_loop(
    session: Arc<Session>,
    from: Receiver,
    keep_alive: Duration,
) -> String {
    let mut from = from.ready_chunks(BATCH);
    let patience = keep_alive.saturating_mul(SILENT_PINGS);
    loop {
        let batch = match tokio::time::timeout(patience, from.next()).await {
            Ok(Some(batch)) => batch,
            Ok(None) => return "the engine closed it".to_owned(),
            Err(_) => return format!("nothing came for {} s", patience.as_secs_f64()),
        };
        let mut end = None;
        let mut lines = Vec::with_capacity(batch.len());
        for message in batch {
            match message {
                Ok(Message::Text(text)) => lines.push(Bytes::from(text)),
                Ok(Message::Binary(bytes)) => lines.push(bytes),
                Ok(Message::Close(frame)) => {
                    let why = frame
                        .map(|frame| frame.reason.to_string())
                        .unwrap_or_default();
                    end.get_or_insert_with(|| closed(&why));
                }
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Err(error) => {
                    end.get_or_insert_with(|| broken(&error));
                }
            }
        }
        if !lines.is_empty() {
            session.feed(lines.iter().map(|line| &line[..]));
        }
        if let Some(end) = end {
            return end;
        }
    }
}

fn closed(why: &str) -> String {
    if why.is_empty() {
        "the engine closed it".to_owned()
    } else {
        format!("the engine closed it: {}", redact(why))
    }
}

fn broken(error: &Error) -> String {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => closed(""),
        Error::Capacity(_) => {
            "a message was longer than max_line_bytes, which cannot be skipped".to_owned()
        }
        other => redact(&other.to_string()).into_owned(),
    }
}

/// Writes the messages of connection `connection`, and pings, until writing fails or nobody can send any
/// more. Messages of an earlier connection are dropped: nobody waits for their answers.
pub(crate) async fn write_loop(
    messages: &mut mpsc::Receiver<Outgoing>,
    to: &mut Sender,
    connection: u64,
    keep_alive: Duration,
) -> String {
    let mut pings = tokio::time::interval(keep_alive);
    pings.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let sent = tokio::select! {
            message = messages.recv() => match message {
                Some(message) if message.connection == connection => send(to, message.bytes).await,
                Some(_) => Ok(()),
                None => return "the client is gone".to_owned(),
            },
            _ = pings.tick() => to.send(Message::Ping(Bytes::new())).await,
        };
        if let Err(error) = sent {
            return broken(&error);
        }
    }
}

pub(crate) async fn send(to: &mut Sender, mut line: Vec<u8>) -> Result<(), Error> {
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    let mut rest = Bytes::from(line);
    if rest.len() <= FRAME
        && let Ok(text) = rest.clone().try_into()
    {
        return to.send(Message::Text(text)).await;
    }
    let mut kind = Data::Text;
    while rest.len() > FRAME {
        let frame = Frame::message(rest.split_to(FRAME), OpCode::Data(kind), false);
        to.send(Message::Frame(frame)).await?;
        kind = Data::Continue;
    }
    let last = Frame::message(rest, OpCode::Data(kind), true);
    to.send(Message::Frame(last)).await
}
