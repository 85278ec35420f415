//! Maps: many items, each on a fresh thread.

use codexkit::map::{MapItem, MapOptions, MapRun, MapStep};
use codexkit::{Codex, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

use crate::client::to_json;
use crate::error::OrThrow;
use crate::responders::Given;
use crate::runtime::{promise, runtime};

/// A map whose items are brought one by one.
#[napi]
pub struct NativeMapRun {
    run: MapRun,
}

impl NativeMapRun {
    /// Begins a map.
    pub(crate) async fn start(codex: Codex, options: String, given: Given) -> Result<Self> {
        let mut options = MapOptions::from_json(&options)?;
        options.setup = given.setup_after(options.setup)?;
        let run = codex.map_run(options).await?;
        Ok(Self { run })
    }
}

#[napi]
impl NativeMapRun {
    /// Whether items have to be brought before anything can begin.
    #[napi]
    pub fn must_check(&self) -> bool {
        self.run.must_check()
    }

    /// Brings an item, as JSON.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn push(&self, item: String) -> napi::Result<()> {
        let _entered = runtime().or_throw()?.enter();
        let item = MapItem::from_json(&item).or_throw()?;
        self.run.push(item).or_throw()
    }

    /// Says that there are no more.
    #[napi]
    pub fn finish(&self) -> napi::Result<()> {
        self.run.finish().or_throw()
    }

    /// Waits for what is next. Promise of `"want"` for a wanted item, of JSON for a result, of null at the end.
    #[napi]
    pub fn step<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let run = self.run.clone();
        promise(env, async move {
            Ok(match run.step().await? {
                MapStep::Want => Some("want".to_owned()),
                MapStep::Result(result) => Some(result.to_json()),
                MapStep::End => None,
            })
        })
    }

    /// Where it is, as JSON.
    #[napi]
    pub fn progress(&self) -> napi::Result<String> {
        to_json(&self.run.progress())
    }

    /// Interrupts what runs.
    #[napi]
    pub fn interrupt(&self) {
        self.run.interrupt();
    }
}
