//! Where in its file a value of the configuration stands, so that whatever is wrong with it is told with its line.

use anyhow::{Error, anyhow};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The lines of a file's values, by name: `region`, `listen[0].tls_key`.
#[derive(Debug, Clone, Default)]
pub struct Places {
    file: PathBuf,
    lines: BTreeMap<String, usize>,
}

impl Places {
    /// The places in a file that can be read.
    pub(super) fn read(file: &Path, text: &str) -> Self {
        let mut places = Self { file: file.to_owned(), lines: BTreeMap::new() };
        if let Ok(table) = DeTable::parse(text) {
            places.note_table(text, "", table.get_ref());
        }
        places
    }

    /// What a flag or a variable says is not in the file.
    pub(super) fn forget(&mut self, name: &str) {
        let inside = |known: &str| known.strip_prefix(name).is_some_and(|rest| !rest.starts_with('_'));
        self.lines.retain(|known, _| !inside(known));
    }

    /// The message with file and line, if the value of this name, or what holds it, is from the file.
    pub(super) fn tell(&self, name: &str, message: &str) -> String {
        let mut name = name;
        loop {
            if let Some(line) = self.lines.get(name) {
                return format!("{}:{line}: {message}", self.file.display());
            }
            match name.rfind(['.', '[']) {
                Some(end) => name = name.get(..end).unwrap_or_default(),
                None => return message.to_owned(),
            }
        }
    }

    fn note_table(&mut self, text: &str, above: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = match above {
                "" => key.get_ref().to_string(),
                above => format!("{above}.{}", key.get_ref()),
            };
            self.lines.insert(name.clone(), line(text, key.span().start));
            self.note_value(text, &name, value.get_ref());
        }
    }

    fn note_value(&mut self, text: &str, name: &str, value: &DeValue<'_>) {
        match value {
            DeValue::Table(table) => self.note_table(text, name, table),
            DeValue::Array(array) => {
                for (at, item) in array.iter().enumerate() {
                    let name = format!("{name}[{at}]");
                    self.lines.insert(name.clone(), line(text, item.span().start));
                    self.note_value(text, &name, item.get_ref());
                }
            }
            _ => {}
        }
    }
}

/// `file:line: what is wrong`.
pub(super) fn unreadable(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let line = line(text, error.span().map_or(0, |span| span.start));
    anyhow!("{}:{line}: {}", path.display(), error.message().trim())
}

fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_name_or_by_what_holds_it() {
        let text = "region = \"\"\n\n[throttle]\naddress = { per_second = 0, burst = 1 }\n\n[[listen]]\naddress = \"x\"\n\n\
                    [[listen]]\naddress = \"y\"\ntls_key = \"k\"\n";
        let mut places = Places::read(Path::new("f"), text);
        for (name, told) in [
            ("region", "f:1: m"),
            ("throttle.address.per_second", "f:4: m"),
            ("throttle.issuer", "f:3: m"),
            ("listen[1].tls_key", "f:11: m"),
            ("listen[0].tls_key", "f:6: m"),
            ("nowhere", "m"),
        ] {
            assert_eq!(places.tell(name, "m"), told, "{name}");
        }
        places.forget("listen");
        assert_eq!(
            (places.tell("listen[1]", "m"), places.tell("region", "m")),
            ("m".into(), "f:1: m".into())
        );
    }
}
