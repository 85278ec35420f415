//! The guardrails of a run's turns: asked about each prompt and each result, and no longer than the run goes on.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::decide::StopReason;
use super::driver::Driver;
use crate::error::{Error, ErrorKind, Result};
use crate::guardrails;
use crate::thread::fold::TurnResult;
use crate::thread::handoff::Slot;
use crate::thread::setup::Setup;

/// How long a function of the application has that is asked when the run's time is over.
const LAST_WORD: Duration = Duration::from_secs(10);

impl Driver {
    /// What a turn has of its own and what its thread has; `handoffs` is where it notes to whom it hands over.
    pub(super) fn setups(&self, handoffs: Option<Arc<Slot>>) -> [Arc<Setup>; 2] {
        let mut of_turn = (*self.of_turns).clone();
        of_turn.handoffs = handoffs;
        self.thread.setups(Arc::new(of_turn))
    }

    /// What the guardrails make of the input; none when the run is to end before they have answered. What is stored for a
    /// repetition, which asks them again, is what was given.
    pub(super) async fn allowed_input(&self) -> Result<Option<Vec<Value>>> {
        let setups = self.setups(None);
        tokio::select! {
            biased;
            input = guardrails::check_input(&setups, self.input.clone()) => input.map(Some),
            () = self.shared.until_over() => Ok(None),
            () = self.until_impatient() => Ok(None),
        }
    }

    /// What the guardrails make of a turn's result.
    pub(super) async fn allowed_result(&mut self, result: TurnResult) -> Result<TurnResult> {
        let setups = self.setups(None);
        tokio::select! {
            biased;
            result = guardrails::check_output(&setups, result) => return result,
            () = self.shared.until_over() => {}
            () = self.until_impatient() => {}
        }
        if self.is_out_of_time() {
            self.state.asked.get_or_insert(StopReason::Timeout);
        }
        Err(Error::new(
            ErrorKind::Cancelled,
            "the run was ended before the guardrails had answered",
        ))
    }

    /// Waits until functions of the application have had their time: that of the run, or once it is over, when they are
    /// told how a turn ended, a while.
    pub(super) async fn until_impatient(&self) {
        match self.deadline() {
            Some(deadline) => {
                let last = if self.is_out_of_time() {
                    LAST_WORD
                } else {
                    Duration::ZERO
                };
                tokio::time::sleep_until((deadline + last).into()).await;
            }
            None => std::future::pending().await,
        }
    }

    /// A result that was found on the thread, where the run goes on from, has not passed the guardrails in this process.
    pub(super) async fn guard_last(&mut self) -> Result<()> {
        if let Some(last) = self.last.take() {
            self.last = Some(self.allowed_result(last).await?);
        }
        Ok(())
    }
}
