//! `rolecall env`: the lines that make a shell's AWS clients ask this server.

use super::remote::Server;
use super::say;
use anyhow::Result;
use clap::ValueEnum;
use rolecall_wire::sigv4::SecretKey;
use serde_json::json;
use std::process::ExitCode;

/// What `rolecall env` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Env {
    /// Whose lines to print; else that of SHELL
    #[arg(long, value_enum)]
    shell: Option<Shell>,
    #[command(flatten)]
    server: Server,
}

/// A kind of shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// sh, bash, zsh and their like: eval "$(rolecall env)".
    Posix,
    /// `rolecall env --shell fish | source`.
    Fish,
    /// `rolecall env --shell powershell | Out-String | Invoke-Expression`.
    #[value(alias = "pwsh")]
    Powershell,
}

impl Env {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let (place, found) = self.server.asks()?;
        let who = &found.credentials;
        let secret = SecretKey::expose(&who.secret);
        let secure = place.endpoint.starts_with("https:");
        let bundle = place.ca_bundle.as_ref().filter(|_| secure).map(|path| path.display().to_string());
        let variables = [
            ("AWS_ACCESS_KEY_ID", Some(who.access_key_id.as_str())),
            ("AWS_SECRET_ACCESS_KEY", Some(secret)),
            ("AWS_SESSION_TOKEN", who.session_token.as_deref()),
            ("AWS_ENDPOINT_URL", Some(&place.endpoint)),
            ("AWS_DEFAULT_REGION", Some(&place.region)),
            ("AWS_CA_BUNDLE", bundle.as_deref()),
            // The old name of the session's token, which clients still read.
            ("AWS_SECURITY_TOKEN", None),
            ("AWS_PROFILE", None),
            ("AWS_DEFAULT_PROFILE", None),
        ];
        if self.server.wants_json() {
            let set =
                variables.iter().filter_map(|(name, value)| Some(((*name).to_owned(), json!((*value)?))));
            return say(&format!("{:#}", serde_json::Value::Object(set.collect())));
        }
        let shell = self.shell.unwrap_or_else(Shell::of_ours);
        // What is set elsewhere for the bundle is the shell's own business.
        let told = variables.iter().filter(|(name, value)| *name != "AWS_CA_BUNDLE" || value.is_some());
        let mut lines: Vec<String> = told.map(|(name, value)| shell.line(name, *value)).collect();
        lines.push(format!("# From {}. To use this: {}", found.from, shell.hint()));
        say(&lines.join("\n"))
    }
}

impl Shell {
    fn of_ours() -> Self {
        match std::env::var("SHELL") {
            Ok(shell) if shell.ends_with("fish") => Self::Fish,
            Ok(shell) if shell.ends_with("pwsh") => Self::Powershell,
            _ => Self::Posix,
        }
    }

    /// The line that sets a variable, or takes it away.
    fn line(self, name: &str, value: Option<&str>) -> String {
        match (self, value) {
            (Self::Posix, Some(value)) => format!("export {name}='{}'", value.replace('\'', r"'\''")),
            (Self::Posix, None) => format!("unset {name}"),
            (Self::Fish, Some(value)) => {
                format!("set -gx {name} '{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
            }
            (Self::Fish, None) => format!("set -e {name}"),
            (Self::Powershell, Some(value)) => format!("$Env:{name} = '{}'", value.replace('\'', "''")),
            (Self::Powershell, None) => {
                format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue")
            }
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Posix => r#"eval "$(rolecall env)""#,
            Self::Fish => "rolecall env --shell fish | source",
            Self::Powershell => "rolecall env --shell powershell | Out-String | Invoke-Expression",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_as_each_shell_reads_them() {
        for (shell, set, unset) in [
            (Shell::Posix, r"export X='a'\''b\c'", "unset X"),
            (Shell::Fish, r"set -gx X 'a\'b\\c'", "set -e X"),
            (Shell::Powershell, r"$Env:X = 'a''b\c'", "Remove-Item Env:X -ErrorAction SilentlyContinue"),
        ] {
            assert_eq!(
                (shell.line("X", Some(r"a'b\c")), shell.line("X", None)),
                (set.to_owned(), unset.to_owned())
            );
        }
    }
}
