//! How long to wait before the next attempt: exponential, with jitter. Pure; the random number is given.

use std::time::Duration;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::options::duration;

/// The pause before attempt number `step` (from 0): between half of the exponential delay and all of it, so
/// that clients that lost the same engine do not come back all at once.
pub(crate) fn delay(initial: Duration, longest: Duration, step: u32, random: u64) -> Duration {
    let factor = 2_u32.checked_pow(step).unwrap_or(u32::MAX);
    let whole = initial.saturating_mul(factor).min(longest);
    let half = whole / 2;
    // 16 bits of chance are plenty for spreading clients.
    let share = u32::from(u16::try_from(random & 0xffff).unwrap_or(u16::MAX));
    half + half * share / u32::from(u16::MAX)
}

/// Refuses pauses that make no sense, of the policy `name`.
pub(crate) fn check(name: &str, initial: Duration, longest: Duration) -> Result<()> {
    if initial.is_zero() {
        let name = format!("{name}.initial_delay");
        return Err(Error::invalid_argument(&name, "it must be more than zero"));
    }
    if longest < initial {
        let name = format!("{name}.max_delay");
        return Err(Error::invalid_argument(
            &name,
            "it is shorter than initial_delay",
        ));
    }
    Ok(())
}

/// The JSON form of a policy: every field may be missing.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fields {
    max_attempts: Option<u32>,
    initial_delay_s: Option<f64>,
    max_delay_s: Option<f64>,
}

impl Fields {
    /// Puts what is given into the policy `name`.
    pub(crate) fn put(
        self,
        name: &str,
        max_attempts: &mut u32,
        initial: &mut Duration,
        longest: &mut Duration,
    ) -> Result<()> {
        *max_attempts = self.max_attempts.unwrap_or(*max_attempts);
        for (field, seconds, place) in [
            ("initial_delay", self.initial_delay_s, initial),
            ("max_delay", self.max_delay_s, longest),
        ] {
            if let Some(seconds) = seconds {
                *place = duration(&format!("{name}.{field}"), seconds)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use crate::remote::ReconnectPolicy;

    fn delay(policy: &ReconnectPolicy, step: u32, random: u64) -> Duration {
        super::delay(policy.initial_delay, policy.max_delay, step, random)
    }

    #[test]
    fn it_doubles_up_to_the_largest() {
        let policy = ReconnectPolicy::default();
        let longest = |step| delay(&policy, step, u64::MAX);
        assert_eq!(longest(0), Duration::from_millis(250));
        assert_eq!(longest(1), Duration::from_millis(500));
        assert_eq!(longest(5), Duration::from_secs(8));
        assert_eq!(longest(4000), Duration::from_secs(8));
        assert_eq!(delay(&policy, 1, 0), Duration::from_millis(250));
    }

    proptest! {
        #[test]
        fn it_is_never_outside_of_half_and_whole(step in 0_u32..100, random in any::<u64>()) {
            let policy = ReconnectPolicy::default();
            let whole = delay(&policy, step, u64::MAX);
            let some = delay(&policy, step, random);
            prop_assert!(some >= whole / 2 && some <= whole);
        }
    }
}
