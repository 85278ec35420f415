//! The faulty engine: an app-server on stdio that does what a healthy one never does.
//!
//! With an empty plan it is a healthy tiny engine that streams a short turn; a [`Plan`] names the
//! points where it misbehaves. It is a process of its own (`codexkit-testkit faulty`), because
//! dying, ignoring signals and leaving processes behind need one. It must not share code with a
//! client: both sides would then agree on the same mistake.

mod actions;
mod engine;
mod output;
mod plan;

pub use plan::{Action, Answer, BadLine, Fault, Plan, TurnPlan};

use std::time::Duration;

/// Runs the engine on this process's stdin and stdout, and gives its exit code.
#[must_use]
pub fn run(plan: Plan) -> i32 {
    if plan.ignore_sigterm {
        ignore_sigterm();
    }
    let patience = Duration::from_secs(plan.max_seconds.unwrap_or(600));
    std::thread::spawn(move || {
        std::thread::sleep(patience);
        std::process::exit(124);
    });
    engine::Engine::run(plan)
}

/// Takes the signal and does nothing with it.
#[cfg(unix)]
fn ignore_sigterm() {
    let (ready, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
        else {
            return;
        };
        runtime.block_on(async {
            let kind = tokio::signal::unix::SignalKind::terminate();
            if let Ok(mut signals) = tokio::signal::unix::signal(kind) {
                let _ = ready.send(());
                while signals.recv().await.is_some() {}
            }
        });
    });
    // The first line must not be written before the signal is harmless.
    let _ = wait.recv();
}

#[cfg(not(unix))]
fn ignore_sigterm() {}
