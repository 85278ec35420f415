//! Runs the turns of a plan on a thread.

use std::sync::Arc;

use crate::error::Result;
use crate::output::plan::{OutputPlan, OutputResult, Verdict};
use crate::thread::Thread;
use crate::thread::setup::Setup;

impl Thread {
    /// Runs a typed question to its end: the turn, and repair turns while the plan asks for them.
    ///
    /// Dropping the future interrupts the turn that runs. A turn that failed is `Ok` without a value.
    ///
    /// # Errors
    /// `invalid_output` when the last answer is invalid; else as [`Thread::run`].
    pub async fn run_output(&self, plan: &mut OutputPlan) -> Result<Arc<OutputResult>> {
        self.run_output_with(plan, Setup::default()).await
    }

    /// The same, with what each of its turns has of its own.
    ///
    /// # Errors
    /// As [`Thread::run_output`].
    pub async fn run_output_with(
        &self,
        plan: &mut OutputPlan,
        setup: Setup,
    ) -> Result<Arc<OutputResult>> {
        loop {
            let (input, params) = plan.next_turn();
            let turn = self.run_with(input, params, setup.clone()).await?;
            if let Verdict::Done(result) = plan.judge(turn)? {
                return Ok(result);
            }
        }
    }
}
