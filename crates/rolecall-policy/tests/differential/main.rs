//! The engine against a second evaluator: the tables of spec/policy, and random worlds.
//!
//! 20,000 cases, or as many as `ROLECALL_CASES` says (spec/policy/long-run.md tells of the long ones).
//! `ROLECALL_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod trial;
mod truth;

use std::time::Instant;
use trial::Tally;
use trial::dice::Dice;

/// POL-01, POL-23: the engine and the reference agree on decision and blame; POL-24: the laws hold.
#[test]
fn pol_23_the_engine_equals_the_reference() {
    let tally = trials(number("ROLECALL_SEED").unwrap_or(20_261_122));
    // The trials would prove nothing if they did not reach every outcome by every layer.
    assert_eq!(tally.answers.len(), 1 + 2 * 7, "{:?}", tally.answers);
    assert!(tally.answers.values().all(|count| count * 2_000 > tally.cases), "{:?}", tally.answers);
}

/// An explanation decides as the decision does, and an index changes nothing: `pair::engine` asks all three.
#[test]
fn pol_22_explanations_decide_alike() {
    let tally = trials(number("ROLECALL_SEED").unwrap_or(20_261_122) + 1_000_000);
    assert!(tally.answers.len() > 10, "{:?}", tally.answers);
}

fn trials(seed: u64) -> Tally {
    let cases = number("ROLECALL_CASES").unwrap_or(20_000);
    // Few requests a world try more worlds; many make more of the time that compiling a world takes.
    let requests = if cases > 1_000_000 { 64 } else { 16 };
    let begun = Instant::now();
    let mut tally = Tally::default();
    let mut told = 0;
    while tally.cases < cases {
        let world_seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(tally.worlds);
        if let Err(why) = trial::run(&mut Dice::Seed(world_seed), requests, &mut tally) {
            panic!("seed {seed}, world {}, {} cases: {why}", tally.worlds, tally.cases);
        }
        if tally.cases / 1_000_000 > told {
            told = tally.cases / 1_000_000;
            println!("seed {seed}: {} cases in {:?}", tally.cases, begun.elapsed());
        }
    }
    println!("seed {seed}: {} in {:?}\n{:?}", summary(&tally), begun.elapsed(), tally.answers);
    tally
}

/// The fuzzer's way in: any bytes make a world, and both agree on it.
#[test]
fn bytes_make_worlds() {
    let mut tally = Tally::default();
    for length in 0..400_usize {
        let bytes = (0..length).map(|n| u8::try_from(n * (length % 251) % 256).unwrap()).collect();
        trial::run(&mut Dice::Bytes(bytes, 0), 64, &mut tally).unwrap();
    }
    assert!(tally.cases >= 400 && tally.answers.len() > 4, "{tally:?}");
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

fn summary(tally: &Tally) -> String {
    format!("{} cases, {} worlds, {} documents refused", tally.cases, tally.worlds, tally.refused)
}
