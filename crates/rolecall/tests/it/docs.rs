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
