//! Any bytes as the choices that make a world of policies and requests: the engine and the reference evaluator
//! agree on every decision, and the laws of decisions hold.
#![no_main]

#[path = "../../crates/rolecall-policy/tests/differential/trial/mod.rs"]
mod trial;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut dice = trial::dice::Dice::Bytes(bytes.to_vec(), 0);
    if let Err(why) = trial::run(&mut dice, 64, &mut trial::Tally::default()) {
        panic!("{why}");
    }
});
