//! What each stage of the core costs by itself: `cargo bench -p codexkit-bench --features stages`, or as a table `cargo xtask bench core`.
//!
//! An iteration is a thousand recorded lines of one turn.

use std::hint::black_box;
use std::time::{Duration, Instant};

use codexkit::Event;
use codexkit::benching::{Queueing, Routing, fold, scan_all, split};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// Lines in an iteration.
const LINES: usize = 1000;

const KINDS: [(&str, &str); 2] = [
    ("delta", include_str!("../data/delta.jsonl")),
    ("mix", include_str!("../data/mix.jsonl")),
];

fn stages(criterion: &mut Criterion) {
    for (kind, recorded) in KINDS {
        let lines: Vec<&str> = recorded.lines().cycle().take(LINES).collect();
        let bytes = lines.join("\n").into_bytes();
        let first = lines.iter().find_map(|line| {
            Event::from_json(line)
                .ok()
                .filter(|event| event.turn_id().is_some())
        });
        let Some(first) = first else { continue };
        let mut routing = Routing::of(
            first.thread_id().unwrap_or_default(),
            first.turn_id().unwrap_or_default(),
        );
        let events = routing.route(&lines);
        let mut group = criterion.benchmark_group(kind);
        group.throughput(Throughput::Elements(LINES as u64));
        group.bench_function("split", |bench| bench.iter(|| split(black_box(&bytes))));
        group.bench_function("scan", |bench| bench.iter(|| scan_all(black_box(&lines))));
        group.bench_function("route", |bench| {
            bench.iter_with_large_drop(|| routing.route(black_box(&lines)));
        });
        group.bench_function("fold", |bench| bench.iter(|| fold(black_box(&events))));
        group.bench_function("free", |bench| {
            bench.iter_batched(|| routing.route(&lines), drop, BatchSize::LargeInput);
        });
        let mut queueing = Queueing::default();
        group.bench_function("queue", |bench| {
            bench.iter_custom(|rounds| times(rounds, &events, &mut queueing).0);
        });
        group.bench_function("drain", |bench| {
            bench.iter_custom(|rounds| times(rounds, &events, &mut queueing).1);
        });
        group.finish();
    }
}

/// The time that queueing and the time that draining takes, in so many rounds.
fn times(rounds: u64, events: &[Event], queueing: &mut Queueing) -> (Duration, Duration) {
    let (mut queued, mut drained) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..rounds {
        // Another handle on each: neither making nor freeing events is in it.
        let events = events.to_vec();
        let start = Instant::now();
        queueing.queue(events);
        let middle = Instant::now();
        black_box(queueing.drain());
        queued += middle - start;
        drained += middle.elapsed();
    }
    (queued, drained)
}

criterion_group!(benches, stages);
criterion_main!(benches);
