//! Sums and word of damage beside the file, whatever became of either.

use super::super::beside::Beside;
use super::*;
use std::path::PathBuf;
use tempfile::TempDir;

const SUMS: &str = "rolecall.sums";

/// A store that was closed: the file and its sums.
struct Closed {
    file: Vec<u8>,
    sums: Vec<u8>,
}

impl Closed {
    fn of(directory: &TempDir) -> Self {
        Self {
            file: std::fs::read(at(directory, FILE)).unwrap(),
            sums: std::fs::read(at(directory, SUMS)).unwrap(),
        }
    }
}

fn at(directory: &TempDir, name: &str) -> PathBuf {
    directory.path().join(name)
}

/// A store of this file with these sums beside it.
fn made_of(file: &[u8], sums: &[u8]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(at(&directory, FILE), file).unwrap();
    std::fs::write(at(&directory, SUMS), sums).unwrap();
    directory
}

/// Opens the store, which must be whole, and reads what the first and the last record say.
async fn whole(directory: &TempDir) -> (Bytes, Bytes) {
    let backend = Embedded::open(directory.path()).unwrap();
    assert!(!at(directory, SUMS).exists(), "sums lie beside a file that is open");
    for n in 1..19 {
        assert_eq!(value(&backend, &format!("k{n}")).await.unwrap(), vec![n; 900]);
    }
    let found = (value(&backend, "k0").await.unwrap(), value(&backend, "k19").await.unwrap());
    drop(backend);
    assert!(!at(directory, DAMAGED).exists());
    found
}

async fn change(directory: &TempDir, value: &[u8]) {
    let backend = Embedded::open(directory.path()).unwrap();
    put(&backend, "k0", value).await.unwrap();
}

/// The sums are not synced: after a crash they may be there in part, or be anything.
#[tokio::test]
async fn sums_that_were_torn_or_flipped_are_not_believed() {
    let closed = Closed::of(&twenty_records().await);
    let length = closed.sums.len();
    let cuts = (0..length).step_by(length / 20).chain(length - 40..length);
    let cut = cuts.map(|cut| closed.sums[..cut].to_vec());
    let flipped = (0..length).step_by(length / 40).map(|at| {
        let mut sums = closed.sums.clone();
        sums[at] ^= 1 << (at % 8);
        sums
    });
    let zeroed = (0..length).step_by(512).map(|at| {
        let mut sums = closed.sums.clone();
        sums[at..(at + 512).min(length)].fill(0);
        sums
    });
    for sums in cut.chain(flipped).chain(zeroed).chain([[&closed.sums[..], b"\0\0\0\0"].concat()]) {
        assert_eq!(whole(&made_of(&closed.file, &sums)).await.0, vec![0; 900]);
    }
}

#[tokio::test]
async fn the_sums_of_a_file_do_not_speak_for_a_backup_of_it_nor_the_other_way_round() {
    let directory = twenty_records().await;
    let older = Closed::of(&directory);
    change(&directory, b"newer").await;
    let newer = Closed::of(&directory);
    // One more that changed nothing but the times it was opened.
    drop(Embedded::open(directory.path()).unwrap());
    let same = Closed::of(&directory);
    for (file, sums, expected) in [
        (&older, &newer, &[0; 900][..]),
        (&newer, &older, b"newer"),
        (&newer, &same, b"newer"),
        (&same, &newer, b"newer"),
        (&same, &older, b"newer"),
        (&same, &same, b"newer"),
    ] {
        assert_eq!(whole(&made_of(&file.file, &sums.sums)).await.0, expected);
    }
}

#[tokio::test]
async fn the_sums_of_another_installations_file_are_not_believed() {
    let (one, other) = (twenty_records().await, twenty_records().await);
    change(&one, b"one").await;
    change(&other, b"two").await;
    let (one, other) = (Closed::of(&one), Closed::of(&other));
    assert_eq!(one.sums.len(), other.sums.len());
    assert_eq!(whole(&made_of(&one.file, &other.sums)).await.0, &b"one"[..]);
    assert_eq!(whole(&made_of(&other.file, &one.sums)).await.0, &b"two"[..]);
}

/// A power loss can bring the sums back, whose removal was not synced, at every moment of what follows.
#[tokio::test]
async fn sums_that_come_back_after_their_removal_take_nothing_away() {
    let directory = twenty_records().await;
    let closed = Closed::of(&directory);
    let backend = Embedded::open(directory.path()).unwrap();
    let image = || std::fs::read(at(&directory, FILE)).unwrap();
    let opened = image();
    put(&backend, "k0", b"newer").await.unwrap();
    let written = image();
    put(&backend, "k19", &[3; 200_000]).await.unwrap();
    let grown = image();
    assert!(grown.len() > written.len() && opened != closed.file, "the file grew, and says that it is open");
    // The crash came before the first write: there is nothing but the file.
    std::fs::remove_file(at(&made_of(&closed.file, b""), SUMS)).unwrap();
    for (file, first, last) in [
        (&closed.file, &[0; 900][..], &[19; 900][..]),
        (&opened, &[0; 900], &[19; 900]),
        (&written, b"newer", &[19; 900]),
        (&grown, b"newer", &[3; 200_000]),
    ] {
        for sums in [&closed.sums[..], b""] {
            assert_eq!(whole(&made_of(file, sums)).await, (first.to_vec().into(), last.to_vec().into()));
        }
    }
}

/// The file grows and shrinks while it is open and over many openings, each of which believes the sums.
#[tokio::test]
async fn sums_follow_a_file_that_grows_and_shrinks() {
    let directory = twenty_records().await;
    let length = || std::fs::metadata(at(&directory, FILE)).unwrap().len();
    let (mut grown, mut shrunk) = (0, 0);
    for round in 0..6 {
        let before = length();
        let backend = Embedded::open(directory.path()).unwrap();
        if round % 2 == 0 {
            put(&backend, "large", &vec![round; 3 << 20]).await.unwrap();
        } else {
            backend.commit(vec![], vec![Write::Delete(b"large".to_vec())]).await.unwrap();
            put(&backend, "k0", &[0; 900]).await.unwrap();
        }
        drop(backend);
        grown += usize::from(length() > before);
        shrunk += usize::from(length() < before);
        assert_eq!(whole(&directory).await.0, vec![0; 900], "round {round}");
    }
    assert!(grown > 0 && shrunk > 0, "{grown} {shrunk}");
}

/// Also while the engine has given up its own lock on the file, as it does when it is closed or opened again.
#[tokio::test]
async fn an_opening_that_is_refused_takes_no_sums_away() {
    let directory = twenty_records().await;
    let held = Beside::within(directory.path()).unwrap();
    let error = Embedded::open(directory.path()).err().unwrap();
    assert!(error.to_string().contains("in use"), "{error}");
    assert!(at(&directory, SUMS).exists());
    drop(held);
    whole(&directory).await;
}

/// A store with more than the engine keeps in memory, of which pages go bad while it is open.
async fn going_bad(directory: &TempDir) -> Embedded {
    let backend = Embedded::open(directory.path()).unwrap();
    let large = (0..LARGE).map(|n| Write::Put(format!("large{n}").into(), vec![200; 1 << 20].into()));
    backend.commit(vec![], large.collect()).await.unwrap();
    let file = std::fs::File::options().write(true).open(at(directory, FILE)).unwrap();
    let whole = std::fs::read(at(directory, FILE)).unwrap();
    let is_large = |place: &usize| whole[*place..].iter().take(4096).all(|byte| *byte == 200);
    for place in (0..whole.len()).step_by(4096).filter(is_large) {
        file.write_all_at(&[0xff], place as u64).unwrap();
    }
    backend
}

/// Reads until damage is found.
async fn find_damage(backend: &Embedded) {
    for n in 0..LARGE {
        if backend.get(&[format!("large{n}").into()]).await.is_err() {
            return;
        }
    }
    panic!("all was in memory");
}

#[tokio::test]
async fn a_damaged_file_stays_as_it_is_when_it_is_found_and_the_word_outlives_all() {
    let directory = twenty_records().await;
    let backend = going_bad(&directory).await;
    let damaged = || std::fs::read(at(&directory, FILE)).unwrap();
    put(&backend, "k0", b"acknowledged").await.unwrap();
    find_damage(&backend).await;
    let found = damaged();
    put(&backend, "k0", b"refused").await.unwrap_err();
    backend.get(&["k19".into()]).await.unwrap_err();
    drop(backend);
    assert!(damaged() == found, "nothing is written to a damaged file");
    assert!(found.windows(12).any(|part| part == b"acknowledged"));
    assert!(!at(&directory, SUMS).exists());
    let word = std::fs::read_to_string(at(&directory, DAMAGED)).unwrap();
    assert!(word.contains("Move it aside"), "{word}");
    for _ in 0..2 {
        let error = Embedded::open(directory.path()).err().unwrap();
        assert!(error.to_string().contains(DAMAGED), "{error}");
        assert!(damaged() == found);
    }
}

/// On a disk that takes no new file for a while.
#[tokio::test]
async fn word_of_damage_is_left_as_soon_as_it_can_be() {
    let directory = twenty_records().await;
    let backend = going_bad(&directory).await;
    std::os::unix::fs::symlink("nowhere/at/all", at(&directory, DAMAGED)).unwrap();
    find_damage(&backend).await;
    std::fs::remove_file(at(&directory, DAMAGED)).unwrap();
    drop(backend);
    assert!(at(&directory, DAMAGED).exists(), "the last chance is the close");
    let error = Embedded::open(directory.path()).err().unwrap();
    assert!(error.to_string().contains(DAMAGED), "{error}");
}

/// Records of a mebibyte.
const LARGE: usize = 40;
