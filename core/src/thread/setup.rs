//! What a thread or a turn brings along besides the engine's parameters: who answers for it.

use std::sync::Arc;

use crate::approvals::Responders;

/// What a thread or a turn has of its own on this side of the protocol.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Setup {
    /// Who answers its approvals and questions.
    pub responders: Option<Arc<Responders>>,
}

impl Setup {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With these to answer approvals and questions.
    #[must_use]
    pub fn responders(mut self, responders: Responders) -> Self {
        self.responders = Some(Arc::new(responders));
        self
    }
}
