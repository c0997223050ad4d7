//! Laws of every decision, tried on the engine alone.

use super::cast::principal;
use super::dice::Dice;
use super::pair::{self, Answer, Pair};
use super::print::{Style, row};
use super::world::{Ask, Policy, World, kind};
use rolecall_policy::Decision;

/// Order, repetition and how a document is written do not matter; more Allow never denies and more Deny
/// never allows.
///
/// # Errors
/// The law that is broken, with the row that shows it.
pub(crate) fn hold(dice: &mut Dice, world: &World, ask: &Ask, answer: Answer) -> Result<(), String> {
    let broken = |law: &str, other: &World| Err(format!("{law}\n{}{}", row(world, ask), row(other, ask)));
    let other = turned(world);
    if engine(&other, ask, Style::Spread)? != answer {
        return broken("order, repetition or writing matters", &other);
    }
    let (more, allows) = with_one_more(dice, world);
    let now = engine(&more, ask, Style::Compact)?.decision();
    let before = answer.decision();
    let lost = allows && before == Decision::Allow && now != Decision::Allow;
    let denied = allows && (before == Decision::ExplicitDeny) != (now == Decision::ExplicitDeny);
    let gained = !allows && before != Decision::Allow && now == Decision::Allow;
    match lost || denied || gained {
        true => broken(if allows { "more Allow denies" } else { "more Deny allows" }, &more),
        false => Ok(()),
    }
}

fn engine(world: &World, ask: &Ask, style: Style) -> Result<Answer, String> {
    let pair = Pair::compile(world, style, &mut 0)?;
    Ok(pair::engine(&pair.layers(), ask, &principal(ask.who)))
}

/// Everything twice, backwards; a refused document stays refused, as sets of statements are kept.
fn turned(world: &World) -> World {
    let mut turned = world.clone();
    for policy in turned.layers.iter_mut().flat_map(|(_, levels)| levels.iter_mut().flatten()) {
        policy.statements.reverse();
        for statement in &mut policy.statements {
            statement.actions.1.reverse();
            statement.resources.iter_mut().for_each(|(_, list)| list.reverse());
        }
    }
    for (_, levels) in &mut turned.layers {
        levels.reverse();
        for level in levels {
            level.reverse();
            level.extend(level.clone());
        }
    }
    turned
}

/// The world with a random policy of one effect added to a level that exists.
fn with_one_more(dice: &mut Dice, world: &World) -> (World, bool) {
    let mut more = world.clone();
    let allows = dice.percent(50);
    let n = dice.below(more.layers.len());
    let (layer, levels) = &mut more.layers[n];
    let level = dice.below(levels.len());
    let mut policy = Policy::random(dice, kind(*layer));
    policy.statements.iter_mut().for_each(|s| s.effect = if allows { "Allow" } else { "Deny" });
    levels[level].push(policy);
    (more, allows)
}
