//! The HTTP side: reads a request, records it, and gives the reply's body to hyper.

use super::Shared;
use super::matching::{Choice, Facts, Vars};
use super::stream::{Outcome, Writer};
use crate::script::{Item, Kind, Reply};
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use std::convert::Infallible;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Accepts connections until the task is aborted; the connections end with it.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&shared)));
                }
                // Out of file descriptors, most likely: leave others the time to end.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Deltas are small and written one by one; waiting to fill a packet would hold them back.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(request, shared).await) }
    });
    // A client that hangs up and a scripted cut both end here; neither is an error of ours.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Response<ReplyBody> {
    let (head, body) = request.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => Bytes::new(),
    };
    let path = head.uri.path();
    let mut record = json!({
        "method": head.method.as_str(),
        "path": path,
        "headers": recorded_headers(&head.headers),
        "status": 200,
        "outcome": "done",
    });
    if head.method == Method::GET && path.ends_with("/models") {
        begin(&shared, record);
        let models = &shared.script.models;
        return json_response(
            StatusCode::OK,
            &json!({"object": "list", "data": models, "models": []}),
        );
    }
    let parsed = serde_json::from_slice::<Value>(&body);
    let problem = if head.method != Method::POST || !path.ends_with("/responses") {
        Some((
            StatusCode::NOT_FOUND,
            format!("the scripted model has no {} {path}", head.method),
        ))
    } else {
        parsed.as_ref().err().map(|error| {
            (
                StatusCode::BAD_REQUEST,
                format!("the request's body is not JSON: {error}"),
            )
        })
    };
    let body = parsed.unwrap_or_else(|_| String::from_utf8_lossy(&body).into());
    if let Some((status, message)) = problem {
        record["body"] = body;
        return refuse(&shared, record, status, &message);
    }
    let text = |name| {
        head.headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let facts = Facts::of(
        text("thread-id").or_else(|| text("session-id")),
        text("x-codex-turn-metadata"),
        &body,
    );
    record["kind"] = facts.kind.as_str().into();
    record["thread"] = facts.thread.as_str().into();
    record["prompt"] = facts.prompt.as_str().into();
    record["body"] = body;
    record["rule"] = Value::Null;
    record["reply"] = Value::Null;
    let choice = shared.state().matching.choose(&shared.script, &facts);
    match choice {
        Choice::Nothing(message) => {
            let status = shared.script.exhausted_status.unwrap_or(500);
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            refuse(&shared, record, status, &message)
        }
        Choice::Automatic => {
            let reply = automatic(&facts, &record["body"]);
            send(&shared, record, &facts, &reply, Vars::new()).await
        }
        Choice::Scripted { rule, reply, vars } => {
            record["rule"] = rule.into();
            record["reply"] = reply.into();
            let reply = &shared.script.rules[rule].replies[reply];
            send(&shared, record, &facts, reply, vars).await
        }
    }
}

/// What keeps a review or a compaction going when the script says nothing about it.
fn automatic(facts: &Facts, body: &Value) -> Reply {
    let last = body["input"].as_array().and_then(|input| input.last());
    if facts.kind == Kind::Guardian {
        let risky = last.is_some_and(|item| item.to_string().contains("rm -rf"));
        let verdict = json!({
            "risk_level": if risky { "high" } else { "low" },
            "user_authorization": "high",
            "outcome": if risky { "deny" } else { "allow" },
            "rationale": "the scripted model's automatic verdict",
        });
        return Reply::text(verdict.to_string());
    }
    if last.is_some_and(|item| item["type"] == "compaction_trigger") {
        Reply::new([Item::Compaction {
            encrypted_content: "ENCRYPTED".to_owned(),
        }])
    } else {
        Reply::text("Summary of the conversation.")
    }
}

async fn send(
    shared: &Arc<Shared>,
    mut record: Value,
    facts: &Facts,
    reply: &Reply,
    mut vars: Vars,
) -> Response<ReplyBody> {
    let status = reply.status.unwrap_or(200);
    record["status"] = status.into();
    record["outcome"] = "open".into();
    let number = begin(shared, record);
    let open = OpenRequest {
        shared: Arc::clone(shared),
        number,
        outcome: "client_gone",
    };
    vars.insert("request".to_owned(), number.to_string());
    vars.insert("thread".to_owned(), facts.thread.clone());
    if reply.hang {
        std::future::pending::<()>().await;
    }
    if reply.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(reply.delay_ms)).await;
    }
    let mut response = if status != 200 || reply.body.is_some() {
        open.finish("done");
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = format!("scripted status {status}");
        let body = match &reply.body {
            Some(body) => super::matching::expand_value(body, &vars),
            None => json!({"error": {"message": message}}),
        };
        json_response(status, &body)
    } else {
        let (sender, receiver) = mpsc::channel(16);
        let reply = reply.clone();
        // Ends by itself: with the reply, or when the connection drops the receiver.
        tokio::spawn(async move {
            match Writer::new(sender, number, vars).reply(&reply).await {
                Ok(Outcome::Done) => open.finish("done"),
                Ok(Outcome::Cut) => open.finish("cut"),
                Err(_) => drop(open),
            }
        });
        let mut response = Response::new(ReplyBody::Stream {
            receiver,
            cutting: false,
        });
        let kind = HeaderValue::from_static("text/event-stream");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    };
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn refuse(
    shared: &Shared,
    mut record: Value,
    status: StatusCode,
    message: &str,
) -> Response<ReplyBody> {
    record["status"] = status.as_u16().into();
    record["error"] = message.into();
    begin(shared, record);
    json_response(
        status,
        &json!({"error": {"message": format!("scripted model: {message}")}}),
    )
}

/// Records a request; its number counts from 1.
fn begin(shared: &Shared, mut record: Value) -> usize {
    let mut state = shared.state();
    let number = state.records.len() + 1;
    record["n"] = number.into();
    if let Some(log) = &shared.log {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        // The log is a convenience; a full disk must not change what the engine sees.
        let _ = writeln!(log, "{record}");
    }
    state.records.push(record);
    drop(state);
    shared.count.send_replace(number);
    number
}

/// Writes into the record how the request ended, on every way out of answering it.
struct OpenRequest {
    shared: Arc<Shared>,
    number: usize,
    outcome: &'static str,
}

impl OpenRequest {
    fn finish(mut self, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        if let Some(record) = self.shared.state().records.get_mut(self.number - 1) {
            record["outcome"] = self.outcome.into();
        }
    }
}

fn recorded_headers(headers: &HeaderMap) -> Map<String, Value> {
    headers
        .iter()
        .filter(|(name, _)| *name != hyper::header::AUTHORIZATION)
        .map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), Value::from(text))
        })
        .collect()
}

fn json_response(status: StatusCode, body: &Value) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::Whole(Some(Bytes::from(body.to_string()))));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// A piece of a streamed body.
#[derive(Debug)]
pub(super) enum Chunk {
    Data(Bytes),
    Cut,
}

/// The body of a response: JSON in one piece, or a stream.
enum ReplyBody {
    Whole(Option<Bytes>),
    Stream {
        receiver: mpsc::Receiver<Chunk>,
        cutting: bool,
    },
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = ScriptedCut;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ScriptedCut>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream { cutting: true, .. } => Poll::Ready(Some(Err(ScriptedCut))),
            Self::Stream { receiver, cutting } => match receiver.poll_recv(context) {
                Poll::Ready(Some(Chunk::Data(bytes))) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Poll::Ready(Some(Chunk::Cut)) => {
                    // An error drops what hyper has not written yet. Being pending once lets it
                    // flush first, so that the client sees all that came before the cut.
                    *cutting = true;
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                Poll::Ready(None) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Self::Stream { .. } => SizeHint::default(),
        }
    }
}

/// Ends a connection in the middle of a body.
#[derive(Debug, thiserror::Error)]
#[error("the script cuts the connection here")]
struct ScriptedCut;
