//! The hooks of a run around approvals and calls of tools: whose they are, and that none is waited for without end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::approvals::{Asked, Decision};
use crate::session::Session;
use crate::session::requests::no_answer_within;
use crate::thread::hooks::{Changed, Hooked, Said, TurnHooks};
use crate::thread::setup::Setup;
use crate::tools::{Called, Cancelled, Found, ToolResult};

/// The hooks that are asked, and how long each may take.
pub(super) struct Watched {
    hooks: Arc<dyn TurnHooks>,
    limit: Duration,
    /// Nobody is asked after the responders.
    is_last: bool,
}

impl Session {
    /// From now on a run's hooks are asked in the turns of a thread, as long as somebody holds them.
    pub(crate) fn watch_run(&self, thread_id: &str, setup: &Arc<Setup>) {
        let mut state = self.lock();
        let runs = &mut state.desk.runs;
        runs.retain(|_, setup| setup.strong_count() > 0);
        runs.insert(thread_id.to_owned(), Arc::downgrade(setup));
    }

    /// The hooks of a turn.
    pub(super) fn hooks_of(
        &self,
        thread_id: Option<&str>,
        turn_id: Option<&str>,
    ) -> Option<Watched> {
        let setups = self.lock().setups(thread_id, turn_id);
        self.hooks_among(&setups)
    }

    /// The hooks of a turn that has these setups.
    pub(super) fn hooks_among(&self, setups: &[Arc<Setup>]) -> Option<Watched> {
        let hooks = setups.iter().find_map(|setup| setup.hooks.clone())?;
        Some(Watched {
            hooks,
            limit: self.options.approval_timeout,
            is_last: self.options.handler.is_none(),
        })
    }

    /// The hooks that a question is for: those of approvals are asked about nothing else.
    pub(super) fn hooks_around(&self, asked: &Asked) -> Option<Watched> {
        let (thread_id, turn_id, _) = asked.place();
        matches!(asked, Asked::Approval(_))
            .then(|| self.hooks_of(thread_id, turn_id))
            .flatten()
    }
}

impl Watched {
    /// Whether it is declined when the responders have no opinion.
    pub(super) fn is_last(&self) -> bool {
        self.is_last
    }

    async fn said<T>(&self, hook: Hooked<'_, T>) -> Said<T> {
        let said = tokio::time::timeout(self.limit, hook).await;
        said.unwrap_or_else(|_| Said::Refuse(no_answer_within(self.limit)))
    }

    pub(super) async fn before_approval(&self, asked: &Asked) -> Said<Decision> {
        self.said(self.hooks.before_approval(asked)).await
    }

    pub(super) async fn after_approval(
        &self,
        asked: &Asked,
        decision: &Decision,
    ) -> Said<Decision> {
        self.said(self.hooks.after_approval(asked, decision)).await
    }

    /// Makes a call, if the hooks let it be made.
    pub(super) async fn call(
        &self,
        found: Found,
        called: &Called,
        arguments: Value,
        cancelled: Cancelled,
    ) -> ToolResult {
        let before = self.said(self.hooks.before_tool(called, &arguments)).await;
        let arguments = match before {
            Said::GoOn => arguments,
            Said::Instead(Changed::Arguments(changed)) => changed,
            Said::Instead(Changed::Result(result)) => return result,
            Said::Refuse(why) | Said::Stop(why) => return ToolResult::error(why),
        };
        let result = found.call(called, arguments.clone(), cancelled).await;
        let after = self.hooks.after_tool(called, &arguments, &result);
        match self.said(after).await {
            Said::GoOn => result,
            Said::Instead(changed) => changed,
            Said::Refuse(why) | Said::Stop(why) => ToolResult::error(why),
        }
    }
}
