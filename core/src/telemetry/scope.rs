//! In which span, and in whose trace, the requests of a task are made, without handing it through every call.

use std::future::Future;

use crate::telemetry::context::TraceContext;

tokio::task_local! {
    static SCOPE: Scope;
}

/// Where requests belong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// The span that they are a part of.
    pub(crate) parent: Option<u64>,
    /// What the engine is told with them.
    pub(crate) trace: Option<TraceContext>,
}

/// Runs `work`, whose requests belong there.
pub(crate) async fn within<T>(scope: Scope, work: impl Future<Output = T>) -> T {
    if scope.parent.is_none() && scope.trace.is_none() {
        return work.await;
    }
    SCOPE.scope(scope, work).await
}

/// Where the request that is about to be made belongs.
pub(crate) fn current() -> Scope {
    SCOPE.try_with(Clone::clone).unwrap_or_default()
}
