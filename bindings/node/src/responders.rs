//! Who answers approvals and questions: the JSON of `node/src/responders.ts`, its callbacks asked through the hub.

use std::sync::Arc;

use codexkit::approvals::{AskHandler, Responders};
use codexkit::{Result, Setup};
use napi_derive::napi;

use crate::error::OrThrow;
use crate::hub::NativeHub;

/// What a call was given: responders as JSON, and under which number its callbacks are known to JavaScript.
pub(crate) struct Given {
    asker: Arc<dyn AskHandler>,
    json: Option<String>,
}

impl Given {
    pub(crate) fn new(hub: &NativeHub, owner: u32, json: Option<String>) -> Self {
        let asker = hub.shared().asker(owner);
        Self { asker, json }
    }

    /// None if none were given.
    pub(crate) fn responders(self) -> Result<Option<Responders>> {
        self.json
            .map(|json| Responders::from_json(&json, Some(self.asker)))
            .transpose()
    }

    /// The same for a thread or a turn.
    pub(crate) fn setup(self) -> Result<Setup> {
        let setup = Setup::new();
        Ok(match self.responders()? {
            Some(responders) => setup.responders(responders),
            None => setup,
        })
    }
}

/// Throws if `json` are no responders, or if there are callbacks among them.
#[napi]
#[allow(
    clippy::needless_pass_by_value,
    reason = "napi hands strings over by value; the lint shows in one kind of build only"
)]
#[allow(
    unreachable_pub,
    dead_code,
    reason = "napi exports what is public, but not from a build of tests"
)]
pub fn check_responders(json: String) -> napi::Result<()> {
    Responders::from_json(&json, None).or_throw().map(drop)
}
