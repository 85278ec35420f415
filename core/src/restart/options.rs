//! When an engine that ended by itself is started again, and its JSON form.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::remote::backoff;

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
        backoff::check("restart", self.initial_delay, self.max_delay)
    }

    /// From the JSON form.
    pub(crate) fn from_fields(fields: backoff::Fields) -> Result<Self> {
        let mut policy = Self::default();
        fields.put(
            "restart",
            &mut policy.max_attempts,
            &mut policy.initial_delay,
            &mut policy.max_delay,
        )?;
        Ok(policy)
    }
}
