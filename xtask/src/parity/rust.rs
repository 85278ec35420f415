//! stub
use anyhow::{Result, bail};
use serde_json::Value;

#[derive(Debug)]
pub(crate) struct RustRunner;

impl RustRunner {
    pub(crate) async fn run(&mut self, _job: &Value) -> Result<Vec<Value>> {
        bail!("not yet")
    }
}
