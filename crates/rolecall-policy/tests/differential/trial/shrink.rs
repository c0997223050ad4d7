//! Cutting a disagreement down to what matters.

use super::pair::Pair;
use super::print::{Style, row};
use super::world::{Ask, Policy, Statement, World};

/// The smallest world and request that still disagree, as text.
pub(crate) fn case(mut world: World, mut ask: Ask) -> String {
    'again: loop {
        for (smaller, request) in smaller(&world, &ask) {
            if disagree(&smaller, &request).is_some() {
                (world, ask) = (smaller, request);
                continue 'again;
            }
        }
        let why = disagree(&world, &ask).unwrap_or_default();
        return format!("{why}\n{}", row(&world, &ask));
    }
}

/// A disagreement about a document.
pub(crate) fn document(world: &World, why: &str) -> String {
    let policies =
        world.layers.iter().flat_map(|(layer, levels)| levels.iter().flatten().map(move |p| (*layer, p)));
    let mut smallest = why.to_owned();
    for (layer, policy) in policies {
        let alone = |policy: Policy| {
            let world = World { layers: vec![(layer, vec![vec![policy]])] };
            Pair::compile(&world, Style::Compact, &mut 0).err()
        };
        let mut policy = policy.clone();
        while let Some((less, why)) =
            less_of_policy(&policy).into_iter().find_map(|less| alone(less.clone()).map(|why| (less, why)))
        {
            (policy, smallest) = (less, why);
        }
    }
    smallest
}

fn disagree(world: &World, ask: &Ask) -> Option<String> {
    let pair = Pair::compile(world, Style::Compact, &mut 0).ok()?;
    pair.ask(&pair.layers(), ask).err()
}

fn smaller(world: &World, ask: &Ask) -> Vec<(World, Ask)> {
    let mut all = Vec::new();
    for n in 0..world.layers.len() {
        let mut less = world.clone();
        less.layers.remove(n);
        all.push((less, ask.clone()));
        for level in 0..world.layers[n].1.len() {
            let mut less = world.clone();
            less.layers[n].1.remove(level);
            if !less.layers[n].1.is_empty() {
                all.push((less, ask.clone()));
            }
            for policy in 0..world.layers[n].1[level].len() {
                let mut less = world.clone();
                less.layers[n].1[level].remove(policy);
                all.push((less, ask.clone()));
                for smaller in less_of_policy(&world.layers[n].1[level][policy]) {
                    let mut less = world.clone();
                    less.layers[n].1[level][policy] = smaller;
                    all.push((less, ask.clone()));
                }
            }
        }
    }
    for n in 0..ask.facts.len() {
        let mut less = ask.clone();
        less.facts.remove(n);
        all.push((world.clone(), less));
    }
    all
}

fn less_of_policy(policy: &Policy) -> Vec<Policy> {
    let mut all = Vec::new();
    for n in 0..policy.statements.len() {
        if policy.statements.len() > 1 {
            let mut less = policy.clone();
            less.statements.remove(n);
            all.push(less);
        }
        for smaller in less_of_statement(&policy.statements[n]) {
            let mut less = policy.clone();
            less.statements[n] = smaller;
            all.push(less);
        }
    }
    all
}

fn less_of_statement(statement: &Statement) -> Vec<Statement> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Statement)| {
        let mut less = statement.clone();
        change(&mut less);
        all.push(less);
    };
    for n in 0..statement.conditions.len() {
        with(&|less| drop(less.conditions.remove(n)));
        for value in 0..statement.conditions[n].2.len() {
            if statement.conditions[n].2.len() > 1 {
                with(&|less| drop(less.conditions[n].2.remove(value)));
            }
        }
    }
    for n in 0..statement.actions.1.len() {
        if statement.actions.1.len() > 1 {
            with(&|less| drop(less.actions.1.remove(n)));
        }
    }
    let resources = statement.resources.as_ref().map_or(0, |(_, list)| list.len());
    for n in 0..resources {
        if resources > 1 {
            with(&|less| less.resources.iter_mut().for_each(|(_, list)| drop(list.remove(n))));
        }
    }
    all
}
