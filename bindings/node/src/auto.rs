//! Runs of many turns, and what they ask the application.

use codexkit::auto::{AutoOptions, AutoRequest, AutoRun};
use codexkit::{Codex, Error, Thread};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

use crate::client::array;
use crate::error::OrThrow;
use crate::hub::NativeHub;
use crate::responders::Given;
use crate::runtime::promise;
use crate::stream::NativeStream;

/// A run of a thread.
#[napi]
pub struct NativeAutoRun {
    run: AutoRun,
}

impl NativeAutoRun {
    /// Begins a run.
    pub(crate) fn start(
        thread: &Thread,
        input: &str,
        options: &str,
        given: Given,
    ) -> napi::Result<Self> {
        let mut options = AutoOptions::from_json(options).or_throw()?;
        options.setup = given.setup_after(options.setup).or_throw()?;
        let input = array("input", input).or_throw()?;
        let run = thread.auto_run(input, &options).or_throw()?;
        Ok(Self { run })
    }

    /// Goes on with one.
    pub(crate) async fn resume(
        codex: Codex,
        token: String,
        options: String,
        thread: Option<Thread>,
        given: Given,
    ) -> codexkit::Result<Self> {
        let mut options = AutoOptions::from_json(&options)?;
        options.setup = given.setup_after(options.setup)?;
        let run = codex.auto_resume(&token, &options, thread).await?;
        Ok(Self { run })
    }
}

#[napi]
impl NativeAutoRun {
    /// Its thread's id.
    #[napi]
    pub fn thread_id(&self) -> String {
        self.run.thread_id()
    }

    /// The id of the turn that runs now.
    #[napi]
    pub fn turn_id(&self) -> Option<String> {
        self.run.turn_id()
    }

    /// The newest continuation token.
    #[napi]
    pub fn continuation(&self) -> Option<String> {
        self.run.continuation()
    }

    /// The stream of all turns; `id` is what the hub says when there is something to read.
    #[napi]
    pub fn events(&self, hub: &NativeHub, id: u32) -> NativeStream {
        NativeStream::open(self.run.events(), None, hub.shared(), id)
    }

    /// The next thing that the application is asked. Promise of a `NativeAutoRequest`, or null at the end.
    #[napi]
    pub fn next_request<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let run = self.run.clone();
        promise(env, async move {
            Ok(run.next_request().await.map(NativeAutoRequest::from))
        })
    }

    /// What the application is asked now, if anything.
    #[napi]
    pub fn take_request(&self) -> Option<NativeAutoRequest> {
        self.run.take_request().map(NativeAutoRequest::from)
    }

    /// Waits for the end. Promise of JSON.
    #[napi]
    pub fn result<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let run = self.run.clone();
        promise(env, async move { Ok(run.result().await?.to_json()) })
    }

    /// Adds input to the running turn, or keeps it for the next. Promise of nothing.
    #[napi]
    pub fn steer<'env>(&self, env: &'env Env, input: String) -> napi::Result<Object<'env>> {
        let run = self.run.clone();
        promise(env, async move { run.steer(array("input", &input)?).await })
    }

    /// Ends the run after its turn.
    #[napi]
    pub fn stop(&self) {
        self.run.stop();
    }

    /// Ends the run now.
    #[napi]
    pub fn interrupt(&self) {
        self.run.interrupt();
    }
}

/// A hook or a check, to be answered once.
#[napi]
pub struct NativeAutoRequest {
    request: Option<AutoRequest>,
}

impl From<AutoRequest> for NativeAutoRequest {
    fn from(request: AutoRequest) -> Self {
        Self {
            request: Some(request),
        }
    }
}

#[napi]
impl NativeAutoRequest {
    /// What is asked; empty once it was answered.
    #[napi]
    pub fn what(&self) -> String {
        let what = self.request.as_ref().map(AutoRequest::what);
        what.unwrap_or_default().to_owned()
    }

    /// What it is about, as JSON.
    #[napi]
    pub fn params(&self) -> String {
        let params = self.request.as_ref().map(AutoRequest::params);
        params.unwrap_or("null").to_owned()
    }

    /// Waits until nobody waits for the answer any more. Promise of nothing.
    #[napi]
    pub fn withdrawn<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let withdrawn = self.request.as_ref().map(AutoRequest::withdrawn);
        promise(env, async move {
            if let Some(withdrawn) = withdrawn {
                withdrawn.await;
            }
            Ok(())
        })
    }

    /// Answers with JSON; the core says whether the answer makes sense.
    #[napi]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "napi hands strings over by value; the lint shows in one kind of build only"
    )]
    pub fn respond(&mut self, answer: String) -> napi::Result<()> {
        let answer = serde_json::from_str(&answer)
            .map_err(|error| Error::invalid_argument("answer", error))
            .or_throw()?;
        if let Some(request) = self.request.take() {
            request.respond(answer);
        }
        Ok(())
    }
}
