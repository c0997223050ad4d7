//! The house's own rules that no linter knows: file sizes, a first line that says what a file owns, where
//! transactions begin, and the list of attack cases that have a test.

use crate::steps::root;
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// Checks all rules.
///
/// # Errors
/// Every breach, one a line.
pub(crate) fn check() -> Result<()> {
    println!("== tidy");
    let sources = sources()?;
    let mut breaches: Vec<String> = sources.iter().flat_map(|source| source.breaches()).collect();
    breaches.extend(attack_cases(&sources)?);
    ensure!(breaches.is_empty(), "tidy:\n{}", breaches.join("\n"));
    Ok(())
}

struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn breaches(&self) -> Vec<String> {
        let name = self.path.strip_prefix(root()).unwrap_or(&self.path).display().to_string();
        let mut breaches = Vec::new();
        if self.is_generated() || !name.ends_with(".rs") {
            return breaches;
        }
        let lines = self.text.lines().count();
        if lines > MOST_LINES {
            breaches.push(format!("{name}: {lines} lines; a file with one owner has at most {MOST_LINES}"));
        }
        if !self.is_test() && !self.text.starts_with("//!") {
            breaches.push(format!("{name}: the first line must say what the file owns (`//! …`)"));
        }
        breaches.extend(self.loose_transactions().map(|line| {
            format!(
                "{name}:{line}: a transaction that is not held to what permission was decided on; begin it from \
                 `Granted`, or use `transact` after a streamed body"
            )
        }));
        breaches
    }

    /// The lines of an operation where a transaction begins from the store itself.
    fn loose_transactions(&self) -> impl Iterator<Item = usize> {
        let is_operation = self.path.starts_with(root().join(OPERATIONS)) && !self.is_test();
        let code = self.text.split("#[cfg(test)]\nmod tests {").next().filter(|_| is_operation);
        let lines = code.unwrap_or_default().lines().zip(1..);
        lines.filter(|(line, _)| line.contains(".begin()")).map(|(_, number)| number)
    }

    fn is_generated(&self) -> bool {
        self.text.starts_with("// GENERATED") || self.path.components().any(|part| part.as_os_str() == "gen")
    }

    fn is_test(&self) -> bool {
        let is_room = |part: &str| TEST_ROOMS.contains(&part) || part.ends_with("tests.rs");
        self.path.components().any(|part| part.as_os_str().to_str().is_some_and(is_room))
    }
}

/// Every case of `spec/attack-cases.txt` that says it is tested must have a test named after it.
fn attack_cases(sources: &[Source]) -> Result<Vec<String>> {
    let list = fs::read_to_string(root().join("spec/attack-cases.txt"))?;
    let untested = |id: &str| {
        let name = id.to_lowercase().replace('-', "_");
        let marks = [format!("fn {name}_"), format!("def test_{name}_")];
        !sources.iter().any(|source| marks.iter().any(|mark| source.text.contains(mark)))
    };
    let tested = list.lines().filter_map(|line| line.strip_suffix(" tested"));
    Ok(tested
        .filter(|id| untested(id))
        .map(|id| format!("spec/attack-cases.txt: {id} has no test"))
        .collect())
}

fn sources() -> Result<Vec<Source>> {
    let mut found = Vec::new();
    for folder in ["crates", "xtask", "e2e", "bench", "fuzz"] {
        collect(&root().join(folder), &mut found)?;
    }
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() && !["target", ".venv", "__pycache__"].contains(&name) {
            collect(&path, found)?;
        } else if name.ends_with(".rs") || name.ends_with(".py") {
            found.push(Source { text: fs::read_to_string(&path)?, path });
        }
    }
    Ok(())
}

const MOST_LINES: usize = 700;
const OPERATIONS: &str = "crates/rolecall-core/src/ops";
/// Folders that hold nothing but tests.
const TEST_ROOMS: [&str; 3] = ["tests", "attacks", "matrix"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_of_an_operation_begins_from_its_permission() {
        let breaches = |path: &str, text: &str| {
            let source = Source { path: root().join(path), text: format!("//! A file.\n{text}\n") };
            source.breaches()
        };
        let (loose, held) = ("let txn = cx.system.store.begin();", "let txn = granted.begin(cx);");
        let found = breaches("crates/rolecall-core/src/ops/iam/a.rs", loose);
        assert!(
            found.len() == 1 && found[0].starts_with("crates/rolecall-core/src/ops/iam/a.rs:2: "),
            "{found:?}"
        );
        let inline = format!("{held}\n#[cfg(test)]\nmod tests {{\n{loose}\n}}");
        for (path, text) in [
            ("crates/rolecall-core/src/ops/iam/a.rs", held),
            ("crates/rolecall-core/src/ops/iam/a.rs", inline.as_str()),
            ("crates/rolecall-core/src/ops/iam/tests/a.rs", loose),
            ("crates/rolecall-core/src/ops/rolecall/session_tests.rs", loose),
            ("crates/rolecall-core/src/ops/attacks/mod.rs", loose),
            ("crates/rolecall-core/src/usage.rs", loose),
        ] {
            assert_eq!(breaches(path, text), [""; 0], "{path}");
        }
    }
}
