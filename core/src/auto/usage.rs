//! What a run's turns cost.

use serde::{Deserialize, Serialize};

use crate::thread::usage::Tokens;

/// What a million tokens cost, in the application's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Input that was not cached.
    pub input: f64,
    /// Input from the provider's cache.
    pub cached_input: f64,
    /// Output, reasoning included.
    pub output: f64,
}

impl Prices {
    #[expect(clippy::cast_precision_loss, reason = "money is not that exact")]
    pub(super) fn cost(&self, used: Tokens) -> f64 {
        let fresh = used.input_tokens.saturating_sub(used.cached_input_tokens);
        let cost = fresh as f64 * self.input
            + used.cached_input_tokens as f64 * self.cached_input
            + used.output_tokens as f64 * self.output;
        cost / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_input_has_a_price_of_its_own() {
        let prices = Prices {
            input: 2.0,
            cached_input: 0.5,
            output: 10.0,
        };
        let used = Tokens {
            input_tokens: 3_000_000,
            cached_input_tokens: 2_000_000,
            output_tokens: 500_000,
            reasoning_output_tokens: 400_000,
            total_tokens: 3_500_000,
        };
        assert!((prices.cost(used) - 8.0).abs() < 1e-9);
    }
}
