//! When an engine that ended by itself is started again, and its JSON form.

use std::time::Duration;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::options::duration;
use crate::remote::ReconnectPolicy;

/// When to start an engine again that ended by itself: how often, and how long to wait between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartPolicy {
    /// Restarts in a row until the client is closed. An engine that has run for longer than `max_delay` begins a
    /// new row.
    pub max_attempts: u32,
    /// The pause before the first restart; it doubles with every further one in a row, and each is shortened by up to
    /// a half at random.
    pub initial_delay: Duration,
    /// The longest pause.
    pub max_delay: Duration,
}

impl Default for RestartPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            initial_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(10),
        }
    }
}

impl RestartPolicy {
    /// Refuses what makes no sense.
    pub(crate) fn check(&self) -> Result<()> {
        if self.max_attempts == 0 {
            return Err(Error::invalid_argument(
                "restart.max_attempts",
                "it must be at least 1; leave `restart` out to have none",
            ));
        }
        if self.initial_delay.is_zero() {
            return Err(Error::invalid_argument(
                "restart.initial_delay",
                "it must be more than zero",
            ));
        }
        if self.max_delay < self.initial_delay {
            return Err(Error::invalid_argument(
                "restart.max_delay",
                "it is shorter than initial_delay",
            ));
        }
        Ok(())
    }

    /// The same, as the one who counts pauses knows it.
    pub(super) fn pauses(&self) -> ReconnectPolicy {
        ReconnectPolicy {
            max_attempts: self.max_attempts,
            initial_delay: self.initial_delay,
            max_delay: self.max_delay,
        }
    }
}

/// The JSON form: every field may be missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestartFields {
    max_attempts: Option<u32>,
    initial_delay_s: Option<f64>,
    max_delay_s: Option<f64>,
}

impl RestartFields {
    pub(crate) fn into_policy(self) -> Result<RestartPolicy> {
        let mut policy = RestartPolicy::default();
        policy.max_attempts = self.max_attempts.unwrap_or(policy.max_attempts);
        for (name, seconds, place) in [
            (
                "restart.initial_delay",
                self.initial_delay_s,
                &mut policy.initial_delay,
            ),
            ("restart.max_delay", self.max_delay_s, &mut policy.max_delay),
        ] {
            if let Some(seconds) = seconds {
                *place = duration(name, seconds)?;
            }
        }
        Ok(policy)
    }
}
