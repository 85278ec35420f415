//! What turns used.
//!
//! The engine reports `{last, total}`: `last` is one model response, `total` the whole thread. A turn's use is
//! the total at its end less the total before it; nothing here ever adds two totals.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Tokens, as the engine counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tokens {
    /// What the model read, cached parts included.
    pub input_tokens: u64,
    /// How much of the input came from the provider's cache.
    pub cached_input_tokens: u64,
    /// What the model wrote, reasoning included.
    pub output_tokens: u64,
    /// How much of the output was reasoning.
    pub reasoning_output_tokens: u64,
    /// Input and output.
    pub total_tokens: u64,
}

impl Tokens {
    /// From the engine's counters; what is missing or no number is 0.
    pub(crate) fn from_wire(counters: &Value) -> Self {
        let count = |name: &str| counters[name].as_u64().unwrap_or_default();
        Self {
            input_tokens: count("inputTokens"),
            cached_input_tokens: count("cachedInputTokens"),
            output_tokens: count("outputTokens"),
            reasoning_output_tokens: count("reasoningOutputTokens"),
            total_tokens: count("totalTokens"),
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        self.each(other, u64::saturating_add)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        self.each(other, u64::saturating_sub)
    }

    fn each(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            input_tokens: of(self.input_tokens, other.input_tokens),
            cached_input_tokens: of(self.cached_input_tokens, other.cached_input_tokens),
            output_tokens: of(self.output_tokens, other.output_tokens),
            reasoning_output_tokens: of(
                self.reasoning_output_tokens,
                other.reasoning_output_tokens,
            ),
            total_tokens: of(self.total_tokens, other.total_tokens),
        }
    }
}

/// Follows the reports of a thread, so that each token is counted once, in the turn that used it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meter {
    /// The thread's total as last reported; none until there was a report.
    pub(crate) total: Option<Tokens>,
    /// The total when the turn began.
    before: Option<Tokens>,
}

impl Meter {
    /// Of a thread that had used so much, if that is known.
    pub(crate) fn of(total: Option<Tokens>) -> Self {
        Self {
            total,
            before: None,
        }
    }

    /// A turn begins.
    pub(crate) fn begin(&mut self) {
        self.before = self.total;
    }

    /// Takes in the `tokenUsage` of a report. On a thread whose use is not known yet, what was before the
    /// first report is its total less the response that it is about.
    pub(crate) fn report(&mut self, usage: &Value) {
        let total = Tokens::from_wire(&usage["total"]);
        self.before
            .get_or_insert_with(|| total.minus(Tokens::from_wire(&usage["last"])));
        self.total = Some(total);
    }

    /// What the turn has used so far.
    pub(crate) fn used(&self) -> Tokens {
        match (self.total, self.before) {
            (Some(total), Some(before)) => total.minus(before),
            _ => Tokens::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn tokens(total: u64) -> Value {
        json!({"inputTokens": total, "totalTokens": total})
    }

    #[test]
    fn cumulative_totals_are_never_added() {
        // The three totals that were measured upstream: 16504, 85681, 103779.
        let mut meter = Meter::default();
        let mut sum = 0;
        for (last, total) in [(16504, 16504), (69177, 85681), (18098, 103_779)] {
            meter.begin();
            meter.report(&json!({"last": tokens(last), "total": tokens(total)}));
            sum += meter.used().total_tokens;
        }
        assert_eq!(sum, 103_779);
    }

    #[test]
    fn a_thread_with_a_past_and_repeated_reports_count_once() {
        let mut meter = Meter::default();
        meter.begin();
        let report = json!({"last": tokens(10), "total": tokens(5010)});
        meter.report(&report);
        meter.report(&report);
        meter.report(&json!({"last": tokens(7), "total": tokens(5017)}));
        assert_eq!(meter.used().total_tokens, 17);
        meter.begin();
        assert_eq!(meter.used(), Tokens::default());
    }

    proptest! {
        #[test]
        fn the_turns_sum_up_to_the_thread(responses in proptest::collection::vec(proptest::collection::vec(0_u64..100_000, 0..4), 0..20)) {
            let mut meter = Meter::default();
            let (mut total, mut sum) = (0, 0);
            for turn in responses {
                meter.begin();
                for last in turn {
                    total += last;
                    meter.report(&json!({"last": tokens(last), "total": tokens(total)}));
                }
                sum += meter.used().total_tokens;
            }
            prop_assert_eq!(sum, total);
        }
    }
}
