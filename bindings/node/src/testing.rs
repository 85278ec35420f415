//! The scripted model of the test kit.

use std::time::Duration;

use codexkit::{Error, ErrorKind};
use codexkit_testkit::ScriptedModel;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::Value;

use crate::error::OrThrow;
use crate::runtime::{promise, runtime};

/// A model server whose answers are a script.
#[napi]
pub struct NativeScriptedModel {
    model: std::sync::Arc<ScriptedModel>,
}

fn refused(error: &codexkit_testkit::Error) -> Error {
    Error::new(ErrorKind::InvalidArgument, error.to_string())
}

#[napi]
impl NativeScriptedModel {
    /// Starts a server that answers as `script` (JSON) says. Promise of a `NativeScriptedModel`.
    #[napi]
    pub fn start<'env>(env: &'env Env, script: String) -> napi::Result<Object<'env>> {
        promise(env, async move {
            let model = ScriptedModel::start(&script)
                .await
                .map_err(|error| refused(&error))?;
            Ok(Self {
                model: model.into(),
            })
        })
    }

    /// Where the server is, with `/v1`.
    #[napi]
    pub fn base_url(&self) -> String {
        self.model.base_url()
    }

    /// The `--config` values that point an engine to the server.
    #[napi]
    pub fn config_overrides(&self) -> Vec<String> {
        self.model.config_overrides()
    }

    /// The requests that came so far, as JSON.
    #[napi]
    pub fn requests(&self) -> String {
        Value::Array(self.model.requests()).to_string()
    }

    /// Waits until `count` requests have come. Promise of their JSON.
    #[napi]
    pub fn wait_for_requests<'env>(
        &self,
        env: &'env Env,
        count: u32,
        timeout: f64,
    ) -> napi::Result<Object<'env>> {
        let model = self.model.clone();
        promise(env, async move {
            let timeout = Duration::try_from_secs_f64(timeout)
                .map_err(|error| Error::invalid_argument("timeout", error))?;
            let requests = model
                .wait_for_requests(count as usize, timeout)
                .await
                .map_err(|error| Error::new(ErrorKind::Timeout, error.to_string()))?;
            Ok(Value::Array(requests).to_string())
        })
    }

    /// Stops the server.
    #[napi]
    pub fn shutdown(&self) -> napi::Result<()> {
        let _entered = runtime().or_throw()?.enter();
        self.model.shutdown();
        Ok(())
    }
}
