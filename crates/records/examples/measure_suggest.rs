//! How long a suggestion takes while somebody types: `cargo run --release -p carnet-records --example measure_suggest`.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use carnet_records::typed::{TypedKind, suggest};

/// Calls of each kind and text.
const ROUNDS: usize = 2000;

fn main() {
    println!("{:<12} {:<14} {:>8} {:>10} {:>10}", "kind", "typed", "found", "median", "slowest");
    for kind in TypedKind::ALL {
        for typed in ["a", "pen", "blood pressure", "zzzz", "hypertonie", &"word ".repeat(40)] {
            let mut times: Vec<Duration> = (0..ROUNDS)
                .map(|_| {
                    let begun = Instant::now();
                    black_box(suggest(kind, black_box(typed), "de"));
                    begun.elapsed()
                })
                .collect();
            times.sort_unstable();
            let median = times.get(ROUNDS / 2).copied().unwrap_or_default();
            let slowest = times.last().copied().unwrap_or_default();
            let shown: String = typed.chars().take(14).collect();
            println!(
                "{:<12} {shown:<14} {:>8} {median:>10.1?} {slowest:>10.1?}",
                kind.as_str(),
                suggest(kind, typed, "de").len()
            );
        }
    }
}
