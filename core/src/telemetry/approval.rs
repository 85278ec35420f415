//! Questions of the engine to a person: a span from the question to the decision.

use std::sync::Arc;

use crate::approvals::Asked;
use crate::telemetry::content;
use crate::telemetry::record::SpanKind;
use crate::telemetry::recorder::{Telemetry, lock};
use crate::telemetry::scope::Scope;

/// The decisions that are told apart.
const DECISIONS: [&str; 7] = [
    "accept",
    "acceptForSession",
    "acceptWithRule",
    "decline",
    "cancel",
    "answered",
    "withdrawn",
];

impl Telemetry {
    /// The engine asks, in the turn of this span.
    pub(crate) fn requested(self: &Arc<Self>, asked: &Asked, turn: Option<u64>) {
        let scope = Scope {
            parent: turn,
            trace: None,
        };
        let open = self.start(SpanKind::Approval, scope, || {
            let (thread_id, turn_id, item_id) = asked.place();
            let mut attributes = vec![
                ("codexkit.approval.id", asked.id().into()),
                ("codexkit.approval.kind", asked.kind().into()),
            ];
            let place = [
                ("gen_ai.conversation.id", thread_id),
                ("codexkit.turn.id", turn_id),
                ("codexkit.item.id", item_id),
            ];
            let known = place.into_iter();
            attributes.extend(known.filter_map(|(name, id)| Some((name, id?.into()))));
            ("codexkit.approval".to_owned(), attributes)
        });
        if let Some(mut open) = open {
            open.content("codexkit.approval.request", || {
                content::bounded(&asked.to_json()).to_owned()
            });
            let replaced = lock(&self.asked).insert(asked.id().to_owned(), open);
            drop(replaced); // without the lock
        }
    }

    /// It has its answer.
    pub(crate) fn decided(&self, asked: &Asked, decision: &str, by: &str) {
        let known = DECISIONS.into_iter().find(|known| *known == decision);
        let decision = known.unwrap_or("other");
        self.counters.approval(decision);
        let open = lock(&self.asked).remove(asked.id());
        if let Some(mut open) = open {
            open.set("codexkit.approval.decision", decision);
            open.set("codexkit.approval.by", by);
            open.end();
        }
    }
}
