//! A trial: a random world and random requests, asked of the engine and of the reference. Also what the
//! fuzzer runs, so nothing here knows of tests.

pub(crate) mod cast;
pub(crate) mod dice;
mod laws;
pub(crate) mod pair;
pub(crate) mod print;
pub(crate) mod reference;
mod shrink;
mod words;
pub(crate) mod world;

use dice::Dice;
use pair::{Answer, Pair};
use print::Style;
use std::collections::BTreeMap;
use world::{Ask, World};

/// What the trials so far have come to; shows that they reach every outcome.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cases: u64,
    pub(crate) worlds: u64,
    /// Documents that were refused, by both with one sentence.
    pub(crate) refused: u64,
    /// How often each answer was given.
    pub(crate) answers: BTreeMap<String, u64>,
}

/// One world, so many requests.
///
/// # Errors
/// The smallest disagreement that the first one was cut down to, with the row that repeats it.
pub(crate) fn run(dice: &mut Dice, requests: usize, tally: &mut Tally) -> Result<(), String> {
    let world = World::random(dice);
    let mut answers: BTreeMap<Answer, u64> = BTreeMap::new();
    let pair = Pair::compile(&world, Style::Compact, &mut tally.refused)
        .map_err(|why| shrink::document(&world, &why))?;
    let layers = pair.layers();
    for n in 0..requests {
        let ask = Ask::random(dice, world.is_of_role());
        let answer = pair.ask(&layers, &ask).map_err(|_| shrink::case(world.clone(), ask.clone()))?;
        *answers.entry(answer).or_default() += 1;
        tally.cases += 1;
        if n == 0 {
            laws::hold(dice, &world, &ask, answer)?;
        }
        if !dice.is_live() {
            break;
        }
    }
    tally.worlds += 1;
    for (answer, count) in answers {
        *tally.answers.entry(format!("{answer:?}")).or_default() += count;
    }
    Ok(())
}
