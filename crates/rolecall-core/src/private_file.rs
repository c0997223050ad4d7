//! Files that only their owner may read: keys and root credentials.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Creates a file with mode 0600 and makes its content durable.
///
/// # Errors
/// When the file exists already or the disk refuses.
pub fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// Replaces a file by another of mode 0600; a crash leaves the old one or the new one, whole.
///
/// # Errors
/// When the disk refuses; the old file is then still there.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    create(&fresh, content)?;
    std::fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// Refuses a file that anybody but its owner may read or write.
///
/// # Errors
/// When the file is missing or its mode gives rights to group or others.
pub fn check_mode(path: &Path) -> io::Result<()> {
    check(path, 0o077, "")
}

/// The same for a file that a group may read: keys that others keep for their servers, as Debian does for the group
/// `ssl-cert` and Kubernetes for an `fsGroup`.
///
/// # Errors
/// When the file is missing, its group may write, or others have any rights.
pub fn check_group_mode(path: &Path) -> io::Result<()> {
    check(path, 0o037, " (or 640, for a group that may read it)")
}

fn check(path: &Path, refused: u32, or: &str) -> io::Result<()> {
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    let message =
        format!("{0} has mode {mode:03o}; it holds secrets, run: chmod 600 {0}{or}", path.display());
    if mode & refused == 0 { Ok(()) } else { Err(io::Error::new(io::ErrorKind::PermissionDenied, message)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_12_a_group_may_read_what_is_shared_with_it_and_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        create(&path, b"key").unwrap();
        for (mode, own, shared) in [
            (0o600, true, true),
            (0o400, true, true),
            (0o640, false, true),
            (0o440, false, true),
            (0o660, false, false),
            (0o644, false, false),
            (0o604, false, false),
            (0o650, false, false),
        ] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(
                (check_mode(&path).is_ok(), check_group_mode(&path).is_ok()),
                (own, shared),
                "{mode:o}"
            );
        }
    }
}
