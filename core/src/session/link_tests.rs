//! The session while its connection comes and goes, without any connection: what is sent is taken from the queue.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::*;
use crate::session::{OUTGOING_MESSAGES, SessionOptions};
use crate::transport::Outgoing;

fn session() -> (Arc<Session>, mpsc::Receiver<Outgoing>) {
    let (outgoing, messages) = mpsc::channel(OUTGOING_MESSAGES);
    let options = SessionOptions {
        lasts: Lasts::Connections,
        largest_message: 1000,
        ..SessionOptions::plain()
    };
    let session = Session::new(options, outgoing, Handle::current());
    (Arc::new(session), messages)
}

fn lost() -> Error {
    Error::new(ErrorKind::Closed, "lost")
}

fn ask(session: &Arc<Session>) -> tokio::task::JoinHandle<Result<Box<RawValue>>> {
    let session = session.clone();
    tokio::spawn(async move { session.request("thread/list", None, None).await })
}

/// The next message: its connection, and the id of the request in it.
async fn next(messages: &mut mpsc::Receiver<Outgoing>) -> (u64, u64) {
    let message = messages.recv().await.unwrap();
    let value: Value = serde_json::from_slice(&message.bytes).unwrap();
    (message.connection, value["id"].as_u64().unwrap())
}

fn answer(session: &Arc<Session>, id: u64) {
    let line = json!({"id": id, "result": {}}).to_string();
    session.feed(std::iter::once(line.as_bytes()));
}

#[tokio::test]
async fn who_waits_is_told_and_who_asks_later_waits() {
    let (session, mut messages) = session();
    let early = ask(&session);
    let (first, old) = next(&mut messages).await;
    session.disconnected(&lost());
    assert_eq!(early.await.unwrap().unwrap_err().message(), "lost");
    let late = ask(&session);
    tokio::task::yield_now().await;
    assert!(messages.try_recv().is_err(), "there is no connection");
    session.connected(1);
    let setup = session.request_on(Lane::Setup, "initialize", None, None);
    let answered = async {
        let (connection, id) = next(&mut messages).await;
        assert_ne!((connection, id), (first, old), "ids are not used twice");
        assert!(
            messages.try_recv().is_err(),
            "the session is not picked up yet"
        );
        answer(&session, id);
    };
    let (setup, ()) = tokio::join!(setup, answered);
    setup.unwrap();
    session.restored(&Return::connection(1));
    let (connection, id) = next(&mut messages).await;
    assert!(connection > first);
    answer(&session, old); // of the old connection: nobody's
    answer(&session, id);
    late.await.unwrap().unwrap();
    assert_eq!(session.stats().pending_requests, 0);
}

#[tokio::test]
async fn a_setup_does_not_outlive_its_connection() {
    let (session, _messages) = session();
    session.disconnected(&lost());
    let refused = session.request_on(Lane::Setup, "initialize", None, None);
    assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn the_end_comes_to_those_who_wait_for_a_connection() {
    let (session, _messages) = session();
    session.disconnected(&lost());
    let waiting = ask(&session);
    tokio::task::yield_now().await;
    session.fail(&Error::new(ErrorKind::Closed, "given up"));
    assert_eq!(waiting.await.unwrap().unwrap_err().message(), "given up");
}

#[tokio::test]
async fn a_message_that_is_too_large_is_not_sent() {
    let (session, mut messages) = session();
    let params = crate::protocol::raw(&json!({"name": "x".repeat(1000)}));
    let refused = session
        .request("thread/name/set", Some(&params), None)
        .await;
    assert_eq!(refused.unwrap_err().argument(), Some("params"));
    assert!(messages.try_recv().is_err());
    assert_eq!(session.stats().pending_requests, 0);
}

#[tokio::test]
async fn threads_are_remembered_until_they_are_let_go() {
    let (session, _messages) = session();
    let raw = |value: Value| crate::protocol::raw(&value);
    let started = raw(json!({"thread": {"id": "t", "ephemeral": true}}));
    session.remember("thread/start", None, &started);
    assert_eq!(session.fate("t"), Some(Fate::Followed));
    session.lock().link.threads.insert(
        "t".to_owned(),
        Followed {
            ephemeral: true,
            fate: Fate::Lost,
            memory: Memory::default(),
        },
    );
    assert_eq!(
        session.check_followed("t").unwrap_err().kind(),
        ErrorKind::Closed
    );
    session.remember(
        "thread/unsubscribe",
        Some(&raw(json!({"threadId": "t"}))),
        &raw(json!({})),
    );
    assert_eq!(session.fate("t"), None);
    session.check_followed("t").unwrap();
}
