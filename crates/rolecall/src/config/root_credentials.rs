//! Keys of root users that an operator chooses, as they are written: `KEY:SECRET`, or `@FILE` that has them.
//!
//! What stands in a command can be read by everybody on the machine (proc(5), `cmdline`); a file cannot.

use serde::{Serialize, Serializer};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::str::FromStr;
use zeroize::Zeroizing;

/// An access key id and its secret, given by the operator.
#[derive(Clone)]
pub struct RootCredentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret: Zeroizing<String>,
}

impl FromStr for RootCredentials {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix('@') {
            None => pair(text),
            Some(file) => {
                let text = read(file).map_err(|error| format!("{file}: {error}"))?;
                pair(text.trim_ascii()).map_err(|error| format!("{file}: {error}"))
            }
        }
    }
}

fn pair(text: &str) -> Result<RootCredentials, String> {
    let (id, secret) = text.split_once(':').ok_or("not of the form KEY:SECRET")?;
    let fits =
        |text: &str| !text.is_empty() && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_graphic());
    if !fits(id) || !fits(secret) || id.contains('/') {
        return Err("key and secret are 1 to 128 printable characters, and the key has no '/'".to_owned());
    }
    Ok(RootCredentials { access_key_id: id.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
}

fn read(file: &str) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(LONGEST));
    File::open(file)?.take(LONGEST as u64).read_to_string(&mut text)?;
    Ok(text)
}

impl fmt::Debug for RootCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:<hidden>", self.access_key_id)
    }
}

impl Serialize for RootCredentials {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

/// More than a file can need, in bytes.
const LONGEST: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_secret_are_given_or_stand_in_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        let at = format!("@{}", file.display());
        std::fs::write(&file, "key:sec:ret\n").unwrap();
        for text in ["key:sec:ret", &at] {
            let read: RootCredentials = text.parse().unwrap();
            assert_eq!((read.access_key_id.as_str(), read.secret.as_str()), ("key", "sec:ret"));
            assert_eq!(format!("{read:?}"), "key:<hidden>");
        }
        for (text, why) in [
            ("hide-me", "not of the form KEY:SECRET"),
            ("key:", "1 to 128 printable characters"),
            ("key:a b", "1 to 128 printable characters"),
            ("key:one\nkey:hide-me", "1 to 128 printable characters"),
        ] {
            assert!(text.parse::<RootCredentials>().unwrap_err().contains(why), "{text}");
            std::fs::write(&file, text).unwrap();
            let told = at.parse::<RootCredentials>().unwrap_err();
            assert!(told.starts_with(&at[1..]) && told.contains(why) && !told.contains("hide-me"), "{told}");
        }
        std::fs::remove_file(&file).unwrap();
        let told = at.parse::<RootCredentials>().unwrap_err();
        assert!(told.starts_with(&at[1..]) && told.contains("No such file"), "{told}");
    }
}
