//! How long to wait before the next attempt: exponential, with jitter. Pure; the random number is given.

use std::time::Duration;

use crate::remote::ReconnectPolicy;

/// The pause before attempt number `step` (from 0): between half of the exponential delay and all of it, so
/// that clients that lost the same engine do not come back all at once.
pub(crate) fn delay(policy: &ReconnectPolicy, step: u32, random: u64) -> Duration {
    let factor = 2_u32.checked_pow(step).unwrap_or(u32::MAX);
    let whole = policy
        .initial_delay
        .saturating_mul(factor)
        .min(policy.max_delay);
    let half = whole / 2;
    // 16 bits of chance are plenty for spreading clients.
    let share = u32::from(u16::try_from(random & 0xffff).unwrap_or(u16::MAX));
    half + half * share / u32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

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
