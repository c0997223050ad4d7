//! What the documents show must be what the program takes.

use rolecall::config::{Config, Mode, Overrides};

#[test]
fn the_operators_configuration_is_taken_as_it_stands() {
    let page = include_str!("../../../../docs/operating.md");
    let block = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rolecall.toml");
    std::fs::write(&file, block).unwrap();
    let config = Config::load(Mode::Serve, Overrides::default(), Some(&file)).unwrap();
    assert_eq!(config.listen.len(), 2);
    assert_eq!(config.s3_hosts, ["s3.example.org"]);
    config.check().unwrap();
    std::fs::write(&file, format!("no_such_key = 1\n{block}")).unwrap();
    let refused = Config::load(Mode::Serve, Overrides::default(), Some(&file)).unwrap_err();
    assert!(format!("{refused:#}").contains("no_such_key"), "{refused:#}");
}

#[test]
fn the_instance_of_its_page_is_taken_as_it_stands() {
    let page = include_str!("../../../../docs/instances.md");
    let block = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rolecall.toml");
    std::fs::write(&file, block).unwrap();
    let load = |mode| Config::load(mode, Overrides::default(), Some(&file)).unwrap();
    assert_eq!(load(Mode::Dev).instances[0].profile, "web");
    load(Mode::Serve).check().unwrap();
    std::fs::write(&file, block.replace("127.0.0.1", "0.0.0.0")).unwrap();
    let refused = load(Mode::Dev).check().unwrap_err().to_string();
    assert!(refused.contains("loopback and link-local"), "{refused}");
}

#[test]
fn a_development_server_takes_a_file_and_has_the_limits_that_it_names() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rolecall.toml");
    let text = "[throttle]\naddress = { per_second = 7, burst = 9 }\n";
    std::fs::write(&file, text).unwrap();
    let limits = |mode| Config::load(mode, Overrides::default(), Some(&file)).unwrap().throttle.limits();
    let (dev, serve) = (limits(Mode::Dev), limits(Mode::Serve));
    assert_eq!((dev.address.unwrap().per_second, dev.principal, dev.issuer), (7, None, None));
    assert!(serve.address == dev.address && serve.principal.is_some() && serve.issuer.is_some());
}

/// Every command stands in the operator's page with its flags and variables: those of several commands in a table of
/// their own, a command's own ones in its row.
#[test]
fn the_operators_page_names_every_flag_and_variable() {
    let page = include_str!("../../../../docs/operating.md");
    let mut missing = Vec::new();
    commands(&rolecall::cli::definition(), &mut |path, command| {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{path}")));
        let is_ours =
            |a: &&clap::Arg| !a.is_hide_set() && !["help", "version"].contains(&a.get_id().as_str());
        for argument in command.get_arguments().filter(is_ours) {
            let Some(flag) = argument.get_long().map(|long| format!("`--{long}`")) else { continue };
            let shared = page.lines().any(|line| line.starts_with(&format!("| {flag}")));
            let with_value = flag.replacen('`', "", 2);
            let named = |row: &str| row.contains(&flag) || row.contains(&format!("`{with_value} "));
            if !shared && !row.is_some_and(named) {
                missing.push(format!("{path}: {flag}"));
            }
            let variable = argument.get_env().and_then(|name| name.to_str());
            missing.extend(variable.filter(|name| !page.contains(&format!("`{name}`"))).map(str::to_owned));
        }
        if command.get_subcommands().all(|sub| sub.get_name() == "help") && row.is_none() {
            missing.push(format!("no row for {path}"));
        }
    });
    assert!(missing.is_empty(), "docs/operating.md lacks {missing:#?}");
    for variable in
        ["AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_REGION", "ROLECALL_LOG", "NO_COLOR"]
    {
        assert!(page.contains(&format!("`{variable}`")), "{variable}");
    }
}

fn commands(command: &clap::Command, look: &mut impl FnMut(&str, &clap::Command)) {
    fn down(path: &str, command: &clap::Command, look: &mut impl FnMut(&str, &clap::Command)) {
        look(path, command);
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            down(&format!("{path} {}", sub.get_name()), sub, look);
        }
    }
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        down(sub.get_name(), sub, look);
    }
}
