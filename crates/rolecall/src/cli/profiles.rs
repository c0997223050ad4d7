//! The files that AWS clients share, `~/.aws/config` and `~/.aws/credentials`, as far as our own commands need
//! them (AWS SDKs and Tools Reference Guide, Shared config and credentials files).

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::env::var_os;
use std::path::PathBuf;

/// The settings of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Profile {
    settings: BTreeMap<String, String>,
}

impl Profile {
    /// The profile of a name from both files; the credentials file wins. `None` when neither has it.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub(super) fn read(name: &str) -> Result<Option<Self>> {
        let section = if name == "default" { name.to_owned() } else { format!("profile {name}") };
        let files = [(CONFIG, section), (CREDENTIALS, name.to_owned())];
        let mut found = None::<Self>;
        for ((variable, file), section) in files {
            let Some(path) = place(variable, file) else { continue };
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error).with_context(|| path.display().to_string()),
            };
            if let Some(settings) = sections(&text).remove(&section) {
                found.get_or_insert_default().settings.extend(settings);
            }
        }
        Ok(found)
    }

    /// A setting; `None` when it is not there or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The setting by which other clients get this profile's credentials, where that is not a plain key.
    pub(super) fn indirect(&self) -> Option<&'static str> {
        let ways = ["role_arn", "credential_process", "sso_session", "sso_start_url", "login_session"];
        ways.into_iter().find(|way| self.get(way).is_some())
    }
}

fn place(variable: &str, file: &str) -> Option<PathBuf> {
    let named = var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(var_os("HOME")?).join(".aws").join(file)))
}

type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// The sections of a file with their settings: names in lower case, values trimmed. `#` and `;` begin a remark,
/// behind a value only after a blank. Indented lines belong to a setting of several lines, none of which we read.
fn sections(text: &str) -> Sections {
    let (mut all, mut current) = (Sections::new(), None::<String>);
    for line in text.lines() {
        let is_remark = line.trim_start().starts_with(['#', ';']);
        if line.trim().is_empty() || is_remark || line.starts_with([' ', '\t']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let name = rest.split(']').next().unwrap_or_default();
            let name = name.split_whitespace().map(unquoted).collect::<Vec<_>>().join(" ");
            all.entry(name.clone()).or_default();
            current = Some(name);
        } else if let (Some(section), Some((name, value))) = (&current, line.split_once('=')) {
            let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| value.find(mark)).min();
            let value = value.get(..end.unwrap_or(value.len())).unwrap_or_default().trim();
            let settings = all.entry(section.clone()).or_default();
            settings.insert(name.trim().to_ascii_lowercase(), value.to_owned());
        }
    }
    all
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

/// The variable that names a file, and its name under `~/.aws`.
const CONFIG: (&str, &str) = ("AWS_CONFIG_FILE", "config");
const CREDENTIALS: (&str, &str) = ("AWS_SHARED_CREDENTIALS_FILE", "credentials");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_other_clients_read_them() {
        let text = "# a remark\n[default]\naws_access_key_id = AKIA1\nAWS_SECRET_ACCESS_KEY=a=b/c+d  ; not a part\n\
            s3 =\n  endpoint_url = http://nested\n\tx = y\n; more\n\n[ profile  dev ]\nendpoint_url=http://127.0.0.1:4566\n\
            region = eu-west-1\nempty =\n[profile \"two words\"]\nregion = x#y\n[profile dev]\nregion = eu-north-1\n";
        let all = sections(text);
        let of = |section: &str| Profile { settings: all.get(section).cloned().unwrap_or_default() };
        assert_eq!(of("default").get("aws_access_key_id"), Some("AKIA1"));
        assert_eq!(of("default").get("aws_secret_access_key"), Some("a=b/c+d"));
        assert_eq!(of("default").get("endpoint_url"), None, "a nested one is not the profile's");
        assert_eq!(of("profile dev").get("endpoint_url"), Some("http://127.0.0.1:4566"));
        assert_eq!(
            of("profile dev").get("region"),
            Some("eu-north-1"),
            "a section goes on; the last value counts"
        );
        assert_eq!(of("profile dev").get("empty"), None);
        assert_eq!(of("profile two words").get("region"), Some("x#y"));
        assert!(sections("nothing = here\nnor here").is_empty());
    }
}
