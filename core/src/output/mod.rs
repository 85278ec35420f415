//! Structured output: an answer that follows a JSON Schema, as a value or as an error that says what is wrong.
//!
//! [`OutputSchema`] is a schema, what is sent of it and how an answer is checked; [`OutputPlan`] decides what
//! becomes of a turn's answer, repair turns included; [`Partial`] reads an answer that is not finished. All of
//! them are plain values and do no I/O. [`Thread::run_output`](crate::Thread::run_output) drives a plan.

mod answer;
mod fault;
mod nulls;
mod partial;
mod plan;
mod run;
mod schema;
mod strict;
#[cfg(feature = "schemars")]
mod typed;

#[cfg(test)]
mod partial_tests;
#[cfg(test)]
mod strict_tests;

pub use fault::{InvalidOutput, OutputFault, PathPart};
pub(crate) use fault::{bounded, faults};
pub use partial::{Partial, PartialOutputs};
pub use plan::{OutputPlan, OutputResult, Verdict};
pub use schema::OutputSchema;
pub(crate) use schema::{check_words, compile};
#[cfg(feature = "schemars")]
pub use typed::{TypedResult, schema_for};

/// The search for JSON in an answer, for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn fuzz_find(text: &str) -> Option<serde_json::Value> {
    answer::find(text).ok()
}
