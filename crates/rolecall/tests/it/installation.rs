//! What a data directory is, and what is not taken for one (ADR 22).

use crate::house::{config, plain_listener};
use rolecall::app::App;
use rolecall::client::{Client, Credentials};
use rolecall::config::{Config, Mode};
use rolecall::data_dir::DataDir;
use rolecall_core::keyring::{KeyRing, Purpose};
use rolecall_store::Store;
use rolecall_wire::Service;
use rolecall_wire::sigv4::SecretKey;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// An installation on disk, with a user `kept` in it and an object in `blobs`.
struct Site {
    config: Config,
    directory: TempDir,
}

impl Site {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let site = Self { config: config(&directory), directory };
        site.ask("CreateUser").await;
        site
    }

    fn path(&self, part: &str) -> PathBuf {
        self.config.data_dir.join(part)
    }

    /// Starts, asks about the user, and stops; the status of the answer.
    async fn ask(&self, action: &str) -> u16 {
        let app = start(&self.config).await.unwrap();
        let client = Client::new(app.endpoint(), "us-east-1", None).unwrap();
        let seen = client.query(&root_of(&self.config), Service::Iam, action, &[("UserName", "kept")]).await;
        assert!(app.stop().await);
        seen.unwrap().status
    }

    /// Expects that it does not start, and that nothing was touched by trying.
    async fn refused(&self, config: &Config, texts: &[&str]) {
        let before = snapshot(&self.config.data_dir);
        let error = start(config).await.map(|_| ()).expect_err("it started");
        texts.iter().for_each(|text| assert!(error.contains(text), "{text}: {error}"));
        assert_eq!(snapshot(&self.config.data_dir), before, "nothing is written");
    }

    fn id(&self) -> String {
        let ring = KeyRing::read(&self.path("keys.json")).unwrap();
        ring.installation().unwrap().to_string()
    }

    /// Makes it what an earlier build would have written.
    async fn into_earlier(self) -> Self {
        let text = fs::read(self.path("keys.json")).unwrap();
        let mut ring: serde_json::Value = serde_json::from_slice(&text).unwrap();
        ring.as_object_mut().unwrap().remove("installation").unwrap();
        for key in ring["keys"].as_array_mut().unwrap() {
            key.as_object_mut().unwrap().remove("checksum").unwrap();
        }
        fs::write(self.path("keys.json"), serde_json::to_string_pretty(&ring).unwrap()).unwrap();
        fs::remove_file(self.path("blobs/installation.json")).unwrap();
        fs::remove_file(self.path("audit/installation.json")).unwrap();
        let store = open(&self.path("store")).await;
        let mut txn = store.begin();
        txn.delete(b"installation".to_vec());
        txn.commit().await.unwrap();
        drop(store);
        self
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_1_another_account_than_the_one_it_was_founded_with_is_refused_and_the_root_key_stays() {
    let site = Site::new().await;
    let root = fs::read(site.path("root-credentials")).unwrap();
    for mode in [Mode::Dev, Mode::Serve] {
        let other = Config { account: Some("111122223333".parse().unwrap()), mode, ..site.config.clone() };
        site.refused(&other, &["founded with account 123456789012", "account 111122223333", "--data-dir"])
            .await;
        let error = DataDir::at(&other.data_dir).found(&other).await.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("founded with account 123456789012"), "init: {error}");
    }
    assert_eq!(fs::read(site.path("root-credentials")).unwrap(), root);
    assert_eq!(site.ask("GetUser").await, 200, "everything older is there");
    let same = Config { account: Some("123456789012".parse().unwrap()), ..site.config.clone() };
    let app = start(&same).await.unwrap();
    assert!(app.stop().await, "its own account may be said");
}

#[tokio::test(flavor = "multi_thread")]
async fn item_1_an_account_that_is_not_told_is_the_one_it_was_founded_with() {
    let directory = tempfile::tempdir().unwrap();
    let told = Config { account: Some("111122223333".parse().unwrap()), ..config(&directory) };
    let app = start(&told).await.unwrap();
    assert!(app.stop().await);
    let app = start(&config(&directory)).await.unwrap();
    assert_eq!(app.gate().system().settings.account.as_str(), "111122223333");
    assert!(app.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn item_2_a_lost_part_is_told_and_nothing_is_made_in_its_place() {
    let site = Site::new().await;
    let id = site.id();
    for part in ["keys.json", "store", "blobs", "audit"] {
        let aside = site.directory.path().join("aside");
        settle(&site).await;
        fs::rename(site.path(part), &aside).unwrap();
        for mode in [Mode::Dev, Mode::Serve] {
            let config = Config { mode, ..site.config.clone() };
            let missing = format!("missing: {part}");
            site.refused(&config, &["is not whole", &missing, &id, &format!("Restore {part}")]).await;
        }
        fs::rename(&aside, site.path(part)).unwrap();
    }
    assert_eq!(site.ask("GetUser").await, 200, "restored, it is whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn item_2_only_a_file_with_the_root_key_is_not_an_empty_directory() {
    let site = Site::new().await;
    settle(&site).await;
    for part in ["store", "blobs", "audit"] {
        fs::remove_dir_all(site.path(part)).unwrap();
    }
    fs::remove_file(site.path("keys.json")).unwrap();
    let lost = ["there:   root-credentials", "missing: keys.json", "missing: store", "missing: blobs"];
    site.refused(&site.config, &lost).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_2_a_folder_that_nothing_is_mounted_on_is_a_lost_part() {
    let site = Site::new().await;
    settle(&site).await;
    for part in ["store", "blobs", "audit"] {
        let aside = site.directory.path().join("aside");
        fs::rename(site.path(part), &aside).unwrap();
        fs::create_dir_all(site.path(part).join("lost+found")).unwrap();
        site.refused(&site.config, &[&format!("missing: {part}")]).await;
        fs::remove_dir_all(site.path(part)).unwrap();
        fs::rename(&aside, site.path(part)).unwrap();
    }
    assert_eq!(site.ask("GetUser").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn item_2_and_30_parts_of_two_installations_never_start_together() {
    let (site, other) = (Site::new().await, Site::new().await);
    settle(&site).await;
    settle(&other).await;
    for part in ["keys.json", "store", "blobs", "audit"] {
        let aside = site.directory.path().join("aside");
        fs::rename(site.path(part), &aside).unwrap();
        copy(&other.path(part), &site.path(part));
        let (own, foreign) = (site.id(), other.id());
        let both = ["parts of different installations", "account 123456789012"];
        let named = if part == "keys.json" { foreign.clone() } else { own };
        site.refused(&site.config, &[&both[..], &[named.as_str(), foreign.as_str()]].concat()).await;
        remove(&site.path(part));
        fs::rename(&aside, site.path(part)).unwrap();
    }
    assert_eq!(site.ask("GetUser").await, 200, "put right, it starts");
}

#[tokio::test(flavor = "multi_thread")]
async fn item_2_what_is_gone_for_good_can_be_done_without_by_saying_so() {
    let site = Site::new().await;
    settle(&site).await;
    fs::remove_dir_all(site.path("blobs")).unwrap();
    let told = start(&site.config).await.map(|_| ()).unwrap_err();
    let command = told.lines().last().unwrap().trim();
    assert!(command.starts_with("mkdir"), "{told}");
    assert!(std::process::Command::new("sh").args(["-c", command]).status().unwrap().success());
    assert_eq!(site.ask("GetUser").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn item_2_a_directory_that_is_neither_empty_nor_ours_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(&directory);
    fs::create_dir_all(config.data_dir.join("photos")).unwrap();
    fs::write(config.data_dir.join("letter.txt"), "dear").unwrap();
    let site = Site { config, directory };
    site.refused(&site.config, &["neither empty nor", "letter.txt, photos"]).await;
    fs::remove_dir_all(site.path("photos")).unwrap();
    fs::remove_file(site.path("letter.txt")).unwrap();
    fs::create_dir_all(site.path("lost+found")).unwrap();
    assert_eq!(site.ask("CreateUser").await, 200, "an empty file system of its own is empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn item_2_a_founding_that_was_cut_off_goes_on() {
    let site = Site::new().await;
    let (id, root) = (site.id(), fs::read(site.path("root-credentials")).unwrap());
    settle(&site).await;
    let begun = fs::read(site.path("blobs/installation.json")).unwrap();
    let all = ["keys.json", "store", "blobs", "audit", "root-credentials"];
    // Cut off after nothing, after one part, and so on to all of them; the store without its records.
    for made in 0..=all.len() {
        let directory = tempfile::tempdir().unwrap();
        let cut = Site { config: config(&directory), directory };
        fs::create_dir_all(&cut.config.data_dir).unwrap();
        fs::write(cut.path("begun.json"), &begun).unwrap();
        for part in &all[..made] {
            if *part == "store" {
                drop(open(&cut.path("store")).await)
            } else {
                copy(&site.path(part), &cut.path(part))
            }
        }
        assert!(
            start(&Config { mode: Mode::Serve, ..cut.config.clone() })
                .await
                .is_err_and(|e| e.contains("init"))
        );
        assert_eq!(cut.ask("CreateUser").await, 200, "{made}");
        assert_eq!(cut.id(), id);
        assert!(!cut.path("begun.json").exists());
        assert_eq!(fs::read(cut.path("root-credentials")).unwrap() == root, made == all.len(), "{made}");
        assert_eq!(cut.ask("GetUser").await, 200);
    }
    copy(&site.path("blobs/installation.json"), &site.path("begun.json"));
    assert_eq!(site.ask("GetUser").await, 200, "cut off before its last step");
    assert!(!site.path("begun.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn item_2_a_directory_of_an_earlier_build_is_adopted_once() {
    let site = Site::new().await.into_earlier().await;
    assert_eq!(site.ask("GetUser").await, 200);
    let id = site.id();
    for part in ["blobs", "audit"] {
        let mark = fs::read_to_string(site.path(part).join("installation.json")).unwrap();
        assert!(mark.contains(&id) && mark.contains("123456789012"), "{mark}");
    }
    assert_eq!(site.ask("GetUser").await, 200);
    assert_eq!(site.id(), id, "once");
    let other = Config { account: Some("111122223333".parse().unwrap()), ..site.config.clone() };
    site.refused(&other, &["founded with account 123456789012"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_2_an_adoption_that_was_cut_off_goes_on() {
    for marked in [&["keys.json"][..], &["keys.json", "blobs"], &["keys.json", "blobs", "audit"]] {
        let site = Site::new().await;
        settle(&site).await;
        let whole = site.directory.path().join("whole");
        copy(&site.config.data_dir, &whole);
        let id = site.id();
        let site = site.into_earlier().await;
        for part in marked {
            let file =
                if *part == "keys.json" { (*part).to_owned() } else { format!("{part}/installation.json") };
            fs::copy(whole.join(&file), site.path(&file)).unwrap();
        }
        assert_eq!(site.ask("GetUser").await, 200, "{marked:?}");
        assert_eq!(site.id(), id, "{marked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_2_parts_of_an_earlier_build_that_do_not_belong_together_are_not_adopted() {
    let (site, other) = (Site::new().await.into_earlier().await, Site::new().await.into_earlier().await);
    let earlier_ring = fs::read(site.path("keys.json")).unwrap();
    fs::copy(other.path("keys.json"), site.path("keys.json")).unwrap();
    site.refused(&site.config, &["is not the key ring that", "store"]).await;
    fs::write(site.path("keys.json"), &earlier_ring).unwrap();
    let wrong = Config { account: Some("111122223333".parse().unwrap()), ..site.config.clone() };
    site.refused(&wrong, &["123456789012", "111122223333"]).await;
    fs::rename(site.path("blobs"), site.directory.path().join("aside")).unwrap();
    site.refused(&site.config, &["missing: blobs"]).await;
    fs::rename(site.directory.path().join("aside"), site.path("blobs")).unwrap();
    assert_eq!(site.ask("GetUser").await, 200);
    // The only copy of the ring may be from before: what it opens says whose it is.
    settle(&site).await;
    let id = site.id();
    fs::write(site.path("keys.json"), &earlier_ring).unwrap();
    assert_eq!((site.ask("GetUser").await, site.id()), (200, id));
    settle(&site).await;
    fs::copy(other.path("keys.json"), site.path("keys.json")).unwrap();
    site.refused(&site.config, &["is not the key ring that"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_30_a_flipped_character_of_a_key_is_noticed_at_the_start() {
    let site = Site::new().await;
    settle(&site).await;
    let text = fs::read_to_string(site.path("keys.json")).unwrap();
    let ring = KeyRing::read(&site.path("keys.json")).unwrap();
    let id = ring.active(Purpose::SessionToken).unwrap().id();
    let at = text.find("\"bytes\": \"").unwrap() + 12;
    let mut flipped = text.clone().into_bytes();
    flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
    fs::write(site.path("keys.json"), flipped).unwrap();
    for mode in [Mode::Dev, Mode::Serve] {
        let config = Config { mode, ..site.config.clone() };
        site.refused(&config, &[&format!("key {id} is damaged"), "restore"]).await;
    }
    fs::write(site.path("keys.json"), text).unwrap();
    assert_eq!(site.ask("GetUser").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn item_30_a_ring_that_says_the_right_installation_and_opens_nothing_is_refused() {
    let site = Site::new().await;
    settle(&site).await;
    let id = site.id().parse().unwrap();
    let kept = fs::read(site.path("keys.json")).unwrap();
    fs::remove_file(site.path("keys.json")).unwrap();
    KeyRing::generate_for(id).unwrap().write_new(&site.path("keys.json")).unwrap();
    site.refused(&site.config, &["is not the key ring that", "Restore keys.json and store/"]).await;
    fs::write(site.path("keys.json"), kept).unwrap();
    assert_eq!(site.ask("GetUser").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn item_3_recovering_root_needs_a_stopped_server_and_leaves_a_key_that_works() {
    let site = Site::new().await;
    let before = root_of(&site.config);
    let app = start(&site.config).await.unwrap();
    let client = Client::new(app.endpoint(), "us-east-1", None).unwrap();
    let data_dir = DataDir::at(&site.config.data_dir);
    let refused = data_dir.recover_root(&site.config).await.map(|_| ()).unwrap_err();
    assert!(format!("{refused:#}").contains("stop that first"), "{refused:#}");
    let params = [("AccessKeyId", before.access_key_id.as_str())];
    assert_eq!(client.query(&before, Service::Iam, "DeleteAccessKey", &params).await.unwrap().status, 200);
    assert!(app.stop().await);
    settle(&site).await;
    assert_eq!(site.ask("GetUser").await, 403, "root is locked out");
    settle(&site).await;
    let (made, filed) = data_dir.recover_root(&site.config).await.unwrap();
    filed.unwrap();
    assert!(made.before.is_empty());
    drop(made);
    assert_eq!(site.ask("GetUser").await, 200, "the key in the file works");
    let log =
        site.path("audit").read_dir().unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    assert_eq!(log.collect::<String>().matches("\"eventName\":\"RecoverRoot\"").count(), 1);
}

async fn start(config: &Config) -> Result<App, String> {
    let mut config = config.clone();
    config.listen = vec![plain_listener()];
    for _ in 0..200 {
        match App::start(&config).await.map_err(|error| format!("{error:#}")) {
            Err(error) if error.contains("store cannot be opened") => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            outcome => return outcome,
        }
    }
    Err("the store is never free".to_owned())
}

/// Waits until nobody holds the store.
async fn settle(site: &Site) {
    drop(open(&site.path("store")).await);
}

async fn open(path: &Path) -> Store {
    for _ in 0..200 {
        if let Ok(store) = Store::open(path) {
            return store;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the store is never free");
}

fn root_of(config: &Config) -> Credentials {
    let root = DataDir::at(&config.data_dir).read_root().unwrap();
    let secret = SecretKey::new(root.secret.to_string());
    Credentials { access_key_id: root.access_key_id, secret, session_token: None }
}

/// Every file and its content; of the database, which is opened to be read, only that it is there, and nothing of the
/// sums that it keeps for its next opening.
fn snapshot(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in directory.read_dir().unwrap().map(Result::unwrap) {
        let path = entry.path();
        match path.is_dir() {
            true => all.extend(snapshot(&path)),
            false if path.extension().is_some_and(|e| e == "sums") => {}
            false if path.extension().is_some_and(|e| e == "redb") => drop(all.insert(path, Vec::new())),
            false => drop(all.insert(path.clone(), fs::read(&path).unwrap())),
        }
    }
    all
}

fn copy(from: &Path, to: &Path) {
    assert!(std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

fn remove(path: &Path) {
    if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
}
