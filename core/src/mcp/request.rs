//! One request of the client: sent once, given up at its deadline, and what its failures are called.

use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{
    CancelledNotification, CancelledNotificationParam, ClientRequest, RequestId, ServerResult,
};
use rmcp::service::{Peer, PeerRequestOptions, ServiceError};
use serde::Serialize;
use serde_json::Value;
use tokio::runtime::Handle;

use crate::error::{Error, ErrorKind, Result};
use crate::redact::redact;

/// What became of a request.
pub(crate) enum Outcome {
    /// The server answered.
    Answered(Box<Result<ServerResult>>),
    /// The connection was gone before the request was on its way.
    Unsent,
    /// The connection ended while the request was on its way; the server may have acted on it.
    Lost,
}

/// Sends a request and waits for the answer.
pub(crate) async fn send(
    peer: &Peer<RoleClient>,
    what: &What<'_>,
    request: ClientRequest,
    timeout: Duration,
) -> Outcome {
    let options = PeerRequestOptions::with_timeout(timeout);
    let handle = match peer.send_cancellable_request(request, options).await {
        Ok(handle) => handle,
        Err(ServiceError::TransportClosed) => return Outcome::Unsent,
        Err(error) => return Outcome::Answered(Box::new(Err(what.failed(&error, timeout)))),
    };
    let mut guard = GivenUp {
        peer: peer.clone(),
        id: Some(handle.id.clone()),
    };
    let answer = handle.await_response().await;
    guard.id = None;
    match answer {
        Ok(result) => Outcome::Answered(Box::new(Ok(result))),
        Err(ServiceError::TransportClosed) => Outcome::Lost,
        Err(error) => Outcome::Answered(Box::new(Err(what.failed(&error, timeout)))),
    }
}

/// Tells the server when nobody waits for its answer any more.
struct GivenUp {
    peer: Peer<RoleClient>,
    id: Option<RequestId>,
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        let (Some(id), Ok(runtime)) = (self.id.take(), Handle::try_current()) else {
            return;
        };
        let peer = self.peer.clone();
        runtime.spawn(async move {
            let params = CancelledNotificationParam::new(Some(id), Some("given up".to_owned()));
            let _ = peer
                .send_notification(CancelledNotification::new(params).into())
                .await;
        });
    }
}

/// What was asked of whom, for errors.
#[derive(Clone, Copy)]
pub(crate) struct What<'a> {
    pub(crate) server: &'a str,
    pub(crate) method: &'static str,
}

impl What<'_> {
    fn failed(&self, error: &ServiceError, timeout: Duration) -> Error {
        let Self { server, method } = *self;
        match error {
            ServiceError::McpError(error) => {
                let data = error.data.as_ref().map(crate::protocol::raw);
                Error::rpc(method, error.code.0.into(), &error.message, data)
            }
            ServiceError::Timeout { .. } => self.late(timeout),
            ServiceError::UnexpectedResponse => self.nonsense("the answer is of another kind"),
            error => Error::new(
                ErrorKind::Closed,
                format!(
                    "{method}: the MCP server {server:?} cannot be reached: {}",
                    redact(&chain(error))
                ),
            )
            .of_method(method),
        }
    }

    /// The deadline passed.
    pub(crate) fn late(&self, timeout: Duration) -> Error {
        let Self { server, method } = *self;
        Error::new(
            ErrorKind::Timeout,
            format!(
                "{method}: the MCP server {server:?} did not answer within {} s; give a longer timeout",
                timeout.as_secs_f64()
            ),
        )
        .of_method(method)
    }

    /// The server sent what cannot be understood.
    pub(crate) fn nonsense(&self, why: &str) -> Error {
        let Self { server, method } = *self;
        let message = format!("{method}: the MCP server {server:?} answered nonsense: {why}");
        Error::new(ErrorKind::Protocol, message).of_method(method)
    }

    /// A part of an answer as JSON.
    pub(crate) fn json(&self, part: &impl Serialize) -> Result<Value> {
        serde_json::to_value(part).map_err(|error| self.nonsense(&error.to_string()))
    }
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let words = next.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = next.source();
    }
    text
}
