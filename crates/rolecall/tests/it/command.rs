//! The program as people run it.

use std::process::{Command, Output};

#[test]
fn the_demo_plays_and_every_answer_is_awss() {
    let done = rolecall(&["demo", "--output", "json"]);
    let steps: Vec<serde_json::Value> = serde_json::from_slice(&done.stdout).unwrap();
    let differing: Vec<_> = steps.iter().filter(|step| step["AsExpected"] != true).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(steps.len() > 20 && done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_defaults() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rolecall.toml");
    std::fs::write(&file, "region = \"eu-west-1\"\naccount = \"210987654321\"\ndata_dir = \"data\"\n")
        .unwrap();
    let show = |flags: &[&str], region: Option<&str>| -> serde_json::Value {
        let mut command = program();
        command.args(["config", "show", "--output", "json", "--config"]).arg(&file).args(flags);
        command.envs(region.map(|region| ("ROLECALL_REGION", region)));
        serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
    };
    assert_eq!(show(&[], None)["region"], "eu-west-1");
    assert_eq!(show(&[], Some("eu-north-1"))["region"], "eu-north-1");
    assert_eq!(show(&["--region", "us-west-2"], Some("eu-north-1"))["region"], "us-west-2");
    assert_eq!(show(&[], None)["account"], "210987654321");
    assert_eq!(show(&[], None)["max_connections"], 10_000);
    assert_eq!(show(&[], None)["data_dir"], directory.path().join("data").to_str().unwrap());
}

#[test]
fn a_wrong_file_is_told_with_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rolecall.toml");
    std::fs::write(&file, "region = \"eu-west-1\"\n\nregoin = \"x\"\n").unwrap();
    let done = rolecall(&["config", "show", "--config", file.to_str().unwrap()]);
    let complaint = String::from_utf8(done.stderr).unwrap();
    assert!(complaint.contains("rolecall.toml:3: unknown field `regoin`"), "{complaint}");
    assert_eq!(done.status.code(), Some(1));
    assert_eq!(rolecall(&["nonsense"]).status.code(), Some(2));
}

#[test]
fn init_works_once_and_shows_the_key() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rolecall.toml");
    std::fs::write(&file, "data_dir = \"data\"\n").unwrap();
    let init = || rolecall(&["init", "--config", file.to_str().unwrap()]);
    let done = init();
    let told = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && told.contains("AWS_ACCESS_KEY_ID=AKIA"), "{told}");
    let done = init();
    assert!(!done.status.success() && String::from_utf8_lossy(&done.stderr).contains("initialised already"));
}

#[test]
fn secrets_are_hidden_and_completions_are_printed() {
    let mut command = program();
    command.args(["dev", "--help"]).env("ROLECALL_ROOT_CREDENTIALS", "key:hide-me-please");
    assert!(!String::from_utf8_lossy(&command.output().unwrap().stdout).contains("hide-me-please"));
    let text = rolecall(&["config", "show"]).stdout;
    assert!(String::from_utf8_lossy(&text).contains("127.0.0.1:4566"));
    assert!(String::from_utf8_lossy(&rolecall(&["completions", "bash"]).stdout).contains("rolecall"));
}

fn rolecall(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    let ours = std::env::vars_os().map(|(name, _)| name);
    ours.filter(|name| name.to_string_lossy().starts_with("ROLECALL_")).for_each(|name| {
        command.env_remove(name);
    });
    command
}
