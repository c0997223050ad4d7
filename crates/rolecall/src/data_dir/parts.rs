//! The parts of a data directory: which are there, and whose they are, looked at without a change; and what is said
//! when they are not those of one installation (ADR 22).

use anyhow::{Context, Result, bail};
use rolecall_core::id::AccountId;
use rolecall_core::installation::{Installation, InstallationId};
use rolecall_core::keyring::KeyRing;
use rolecall_core::private_file;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Whose a part is, as a small file in it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    /// The installation.
    pub installation: InstallationId,
    /// The account that it was founded with.
    pub account: AccountId,
}

/// What was found of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    Absent,
    /// A folder without content, such as one made to mount something on.
    Empty,
    /// Content that does not say whose it is.
    Unmarked,
    Of(InstallationId),
}

/// What was found in a directory.
#[derive(Debug)]
pub(super) struct Parts {
    directory: PathBuf,
    ring: Found,
    store: Found,
    blobs: Found,
    audit: Found,
    has_root_credentials: bool,
    begun: Option<Mark>,
    foreign: Vec<String>,
}

/// What can be done with a directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing is in it.
    Fresh,
    /// An installation was begun in it and not finished.
    Begun(Mark),
    /// Every part is there, and those that say whose they are agree.
    Whole,
}

impl Mark {
    /// Writes the mark durably.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string(self)?;
        private_file::replace(path, format!("{text}\n").as_bytes())
            .with_context(|| format!("{}: cannot be written", path.display()))
    }

    fn read(path: &Path) -> Result<Option<Self>> {
        let text = match std::fs::read(path) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound) => return Ok(None),
            text => text.with_context(|| path.display().to_string())?,
        };
        let mark = serde_json::from_slice(&text);
        mark.map(Some)
            .with_context(|| format!("{}: does not say which installation it is of", path.display()))
    }
}

impl Parts {
    /// Looks at a directory, which need not exist.
    pub(super) fn look(directory: &Path) -> Result<Self> {
        let names = names(directory)?.unwrap_or_default();
        let at = |name: &str| directory.join(name);
        let ring = match names.iter().any(|name| name == KEYS) {
            true => ring(&at(KEYS))?,
            false => Found::Absent,
        };
        Ok(Self {
            directory: directory.to_owned(),
            ring,
            store: store(&at(STORE))?,
            blobs: folder(&at(BLOBS))?,
            audit: folder(&at(AUDIT))?,
            has_root_credentials: names.iter().any(|name| name == ROOT_CREDENTIALS),
            begun: Mark::read(&at(BEGUN))?,
            foreign: names.into_iter().filter(|name| !OURS.contains(&name.as_str())).collect(),
        })
    }

    /// What can be done with the directory.
    ///
    /// # Errors
    /// When parts are missing, are of different installations, or something else lives there.
    pub(super) fn standing(&self) -> Result<Standing> {
        self.check_agreement()?;
        if let Some(mark) = &self.begun {
            return Ok(Standing::Begun(mark.clone()));
        }
        if !self.has_root_credentials && self.all().iter().all(|(_, found)| found.is_nothing()) {
            return if self.foreign.is_empty() { Ok(Standing::Fresh) } else { self.refuse_foreign() };
        }
        if self.missing().is_empty() { Ok(Standing::Whole) } else { self.refuse_incomplete() }
    }

    /// Whether every part is of the installation that the store has recorded, and the ring opens what it sealed.
    pub(super) fn check_recorded(&self, record: &Installation, ring: &KeyRing) -> Result<()> {
        let others = self.all().into_iter().any(|(_, found)| found.id().is_some_and(|id| *id != record.id));
        if others {
            return self.refuse_mixed(Some(record));
        }
        if !record.is_opened_by(ring) {
            return self.refuse_ring();
        }
        let unmarked = [(BLOBS, &self.blobs), (AUDIT, &self.audit)];
        match unmarked.into_iter().find(|(_, found)| found.id().is_none()) {
            Some((name, _)) => bail!(
                "{0}/{name} does not say which installation it is of, and {0}/{STORE} is of installation {1}; nothing \
                 was changed. Mount or restore the {name} of this installation. If it is this one, say so:\n  {2}",
                self.directory.display(),
                record.id,
                self.marking(name, &Mark::of(record)),
            ),
            None => Ok(()),
        }
    }

    /// The installation that a part of an unrecorded store says it is of.
    pub(super) fn id(&self) -> Option<&InstallationId> {
        self.all().into_iter().find_map(|(_, found)| found.id())
    }

    /// Refuses a ring that does not open what the store holds.
    pub(super) fn refuse_ring<T>(&self) -> Result<T> {
        bail!(
            "{0}/{KEYS} is not the key ring that {0}/{STORE} was written with: it does not open what is sealed there. \
             Nothing was changed. Restore {KEYS} and {STORE}/ from one backup",
            self.directory.display()
        )
    }

    /// Refuses a store that lost its content.
    pub(super) fn refuse_empty_store<T>(&self) -> Result<T> {
        bail!(
            "{0}/{STORE} holds no records, but {0} is of installation {1}. Nothing was changed. Restore {STORE}/ from \
             the backup that was made with the rest, or mount what is not mounted; for a new installation give another \
             --data-dir",
            self.directory.display(),
            self.id().map_or_else(|| "unknown".to_owned(), ToString::to_string),
        )
    }

    fn check_agreement(&self) -> Result<()> {
        let mut ids = self.all().into_iter().filter_map(|(_, found)| found.id());
        let first = self.begun.as_ref().map(|mark| &mark.installation).or_else(|| ids.next());
        if ids.all(|id| Some(id) == first) { Ok(()) } else { self.refuse_mixed(None) }
    }

    fn all(&self) -> [(&'static str, &Found); 4] {
        [(KEYS, &self.ring), (STORE, &self.store), (BLOBS, &self.blobs), (AUDIT, &self.audit)]
    }

    /// An installation of an earlier build that was never asked anything has a folder for the audit log and nothing
    /// in it.
    fn missing(&self) -> Vec<&'static str> {
        let is_early = self.all().iter().all(|(_, found)| found.id().is_none());
        let fine = |name: &str, found: &Found| name == AUDIT && *found == Found::Empty && is_early;
        let missing = self.all().into_iter().filter(|(name, found)| found.is_nothing() && !fine(name, found));
        missing.map(|(name, _)| name).collect()
    }

    fn refuse_foreign<T>(&self) -> Result<T> {
        bail!(
            "{} is neither empty nor a data directory of Rolecall: it holds {}. Nothing was changed. Give an empty or \
             absent directory as --data-dir",
            self.directory.display(),
            listed(&self.foreign),
        )
    }

    fn refuse_incomplete<T>(&self) -> Result<T> {
        let missing = self.missing();
        let (directory, mut text) = (self.directory.display(), String::new());
        let _ = write!(text, "{directory} is not whole. Nothing was changed.\n  there:   ");
        let root = self.has_root_credentials.then(|| ROOT_CREDENTIALS.to_owned());
        let there = self.all().into_iter().filter(|(_, found)| !found.is_nothing());
        let there = there.map(|(name, found)| match found.id() {
            Some(id) => format!("{name} (installation {id})"),
            None => name.to_owned(),
        });
        text += &there.chain(root).collect::<Vec<_>>().join(", ");
        for name in &missing {
            let _ = write!(text, "\n  missing: {name}, {}", meaning(name));
        }
        let _ = write!(
            text,
            "\nRestore {} from the backup that was made with the rest, or mount what is not mounted. For a new \
             installation give another --data-dir",
            listed(&missing.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        );
        if let Some((mark, name)) = self.mark_in_parts().zip(missing.first())
            && missing.iter().all(|name| [BLOBS, AUDIT].contains(name))
        {
            let _ = write!(
                text,
                ".\nIf it is gone for good, go on without what was in it:\n  {}",
                self.marking(name, &mark)
            );
        }
        bail!(text)
    }

    fn refuse_mixed<T>(&self, record: Option<&Installation>) -> Result<T> {
        let mut text = format!(
            "{} has parts of different installations. Nothing was changed.",
            self.directory.display()
        );
        for (name, found) in self.all() {
            let mark = Mark::read(&self.directory.join(name).join(MARK)).ok().flatten();
            let recorded = record.filter(|_| name == STORE).map(Mark::of);
            let said = match (recorded.or(mark), found.id()) {
                (Some(mark), _) => format!("installation {}, account {}", mark.installation, mark.account),
                (None, Some(id)) => format!("installation {id}"),
                (None, None) if found.is_nothing() => "not there".to_owned(),
                (None, None) if name == STORE => "not opened".to_owned(),
                (None, None) => "does not say".to_owned(),
            };
            let _ = write!(text, "\n  {name:<10} {said}");
        }
        bail!(
            "{text}\nMount or restore the parts of one installation, all from one backup; or give another --data-dir"
        )
    }

    /// A mark that is there already, of a part that has one.
    fn mark_in_parts(&self) -> Option<Mark> {
        let mark = |name| Mark::read(&self.directory.join(name).join(MARK)).ok().flatten();
        mark(BLOBS).or_else(|| mark(AUDIT))
    }

    /// The command by which an operator says whose a part is.
    fn marking(&self, name: &str, mark: &Mark) -> String {
        let at = self.directory.join(name);
        let text = serde_json::to_string(mark).unwrap_or_default();
        format!("mkdir -p -m 700 '{0}' && echo '{text}' > '{0}/{MARK}'", at.display())
    }
}

impl Mark {
    fn of(record: &Installation) -> Self {
        Self { installation: record.id.clone(), account: record.account.clone() }
    }
}

impl Found {
    fn is_nothing(&self) -> bool {
        matches!(self, Self::Absent | Self::Empty)
    }

    fn id(&self) -> Option<&InstallationId> {
        match self {
            Self::Of(id) => Some(id),
            Self::Absent | Self::Empty | Self::Unmarked => None,
        }
    }
}

fn ring(path: &Path) -> Result<Found> {
    let ring = KeyRing::read(path).context("the key ring cannot be used")?;
    Ok(ring.installation().map_or(Found::Unmarked, |id| Found::Of(id.clone())))
}

/// The store says whose it is when it is opened.
fn store(path: &Path) -> Result<Found> {
    let content = names(path)?;
    Ok(match content {
        None => Found::Absent,
        Some(names) if names.is_empty() => Found::Empty,
        Some(_) => Found::Unmarked,
    })
}

fn folder(path: &Path) -> Result<Found> {
    match names(path)? {
        None => Ok(Found::Absent),
        Some(names) if names.is_empty() => Ok(Found::Empty),
        Some(_) => {
            Ok(Mark::read(&path.join(MARK))?.map_or(Found::Unmarked, |mark| Found::Of(mark.installation)))
        }
    }
}

/// What is in a folder, but for what file systems put there themselves; `None` when there is no such folder.
fn names(path: &Path) -> Result<Option<Vec<String>>> {
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        entries => entries.with_context(|| format!("{}: cannot be looked into", path.display()))?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<std::io::Result<Vec<_>>>().with_context(|| path.display().to_string())?;
    names.retain(|name| name != "lost+found");
    names.sort();
    Ok(Some(names))
}

fn meaning(part: &str) -> &'static str {
    match part {
        KEYS => "the key ring: without it nothing that is sealed can be read",
        STORE => "the records: accounts, users, roles, policies, buckets, objects",
        BLOBS => "the bytes of objects",
        _ => "the record of what happened",
    }
}

fn listed(names: &[String]) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let named = names.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}

pub(super) const KEYS: &str = "keys.json";
pub(super) const STORE: &str = "store";
pub(super) const BLOBS: &str = "blobs";
pub(super) const AUDIT: &str = "audit";
pub(super) const ROOT_CREDENTIALS: &str = "root-credentials";
/// In a part: whose it is.
pub(super) const MARK: &str = "installation.json";
/// In the directory, from the first to the last step of founding.
pub(super) const BEGUN: &str = "begun.json";
/// What may be in the directory of an installation that is not there yet.
const OURS: [&str; 9] = [
    KEYS,
    STORE,
    BLOBS,
    AUDIT,
    ROOT_CREDENTIALS,
    BEGUN,
    // What a crash in the middle of a replacement leaves.
    "keys.new",
    "root-credentials.new",
    "begun.new",
];
const MOST_NAMED: usize = 5;
