//! The command line as a client: where it asks, as whom, and what it tells.

use crate::house::House;
use std::path::Path;
use std::process::{Command, Output};

/// A machine's home with nothing in it, and commands that know nothing but it.
struct Home {
    directory: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn aws(&self, file: &str, text: &str) {
        std::fs::create_dir_all(self.path().join(".aws")).unwrap();
        std::fs::write(self.path().join(".aws").join(file), text).unwrap();
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Told {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
        command.env_clear().env("HOME", self.path()).envs(variables.iter().copied()).args(arguments);
        Told::of(&command.output().unwrap())
    }
}

struct Told {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Told {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    #[track_caller]
    fn fails(self, code: i32, with: &str) -> String {
        assert!(
            self.code == Some(code) && self.err.contains(with),
            "{:?} {}{}",
            self.code,
            self.out,
            self.err
        );
        self.err
    }
}

fn endpoint(house: &House) -> String {
    format!("http://{}", house.address())
}

fn keys(id: &str, secret: &str) -> String {
    format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_beside_the_server_goes_before_the_environment_and_this_before_files() {
    let (house, home) = (House::new().await, Home::new());
    let url = endpoint(&house);
    let (data, secret) = (house.config.data_dir.to_str().unwrap(), house.root.secret.expose());
    let assumed =
        [("AWS_ENDPOINT_URL", &*url), ("AWS_ACCESS_KEY_ID", "AKIAASSUMED"), ("AWS_SECRET_ACCESS_KEY", "x")];
    let told = home.run(&["info"], &assumed).fails(1, "refused GetServerInfo to the access key AKIAASSUMED");
    assert!(told.contains("from the environment (AWS_ACCESS_KEY_ID)"), "{told}");
    home.run(&["info"], &[&assumed[..], &[("ROLECALL_DATA_DIR", data)]].concat()).ok();

    home.aws("credentials", &format!("[admin]\n{}", keys(&house.root.access_key_id, secret)));
    home.aws("config", &format!("[profile admin]\nendpoint_url = {url}\nregion = eu-west-1\n"));
    home.run(&["info"], &[("AWS_PROFILE", "admin")]).ok();
    home.run(&["info", "--profile", "admin"], &assumed[1..]).ok();
    home.run(&["info", "--profile", "none"], &assumed).fails(1, "--profile none: no such profile");
    home.run(&["info", "--data-dir", data], &assumed).ok();
    home.run(&["info"], &[("AWS_ENDPOINT_URL", &url)])
        .fails(1, "no credentials: neither in a data directory");
    home.aws("config", "[profile sso]\nsso_session = x\n");
    home.run(&["info", "--profile", "sso"], &assumed).fails(1, "aws configure export-credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_servers_directory_beside_us_is_not_in_the_way() {
    let (house, other, home) = (House::new().await, House::new().await, Home::new());
    let mine = home.path().join(".local/share/rolecall");
    std::fs::create_dir_all(mine.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&other.config.data_dir, &mine).unwrap();
    let (url, secret) = (endpoint(&house), house.root.secret.expose());
    let shell = [
        ("AWS_ENDPOINT_URL", &*url),
        ("AWS_ACCESS_KEY_ID", &*house.root.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", secret),
    ];
    home.run(&["info"], &shell).ok();
    home.run(&["info"], &shell[..1]).fails(1, "from the data directory");
    home.run(&["info"], &[("AWS_ENDPOINT_URL", &*endpoint(&other))]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_refusals_are_told_from_the_command_line() {
    let (house, home) = (House::new().await, Home::new());
    let url = endpoint(&house);
    let data = house.config.data_dir.to_str().unwrap();
    let run =
        |arguments: &[&str]| home.run(&[arguments, &["--endpoint", &url, "--data-dir", data]].concat(), &[]);
    let nobody = run(&["sessions", "revoke", "ASIAQAAAAAAAAAAAAAAA"]);
    assert!(nobody.code == Some(3) && nobody.out.contains("none was ended"), "{}", nobody.out);
    run(&["why", "--last"]).fails(1, "no such request was refused");

    let root = &house.root;
    let role = [("RoleArn", "arn:aws:iam::123456789012:role/r"), ("RoleSessionName", "one")];
    let refused = house.client.query(root, rolecall_wire::Service::Sts, "AssumeRole", &role).await.unwrap();
    let id = refused.header("x-amzn-requestid").unwrap();
    assert_eq!(refused.header("x-rolecall-why"), Some(&*format!("rolecall why {id}")));
    for arguments in
        [&["why", id][..], &["why", "--last"], &["why", "--user", "root"], &["why", "--action", "sts:*"]]
    {
        let told = run(arguments).ok();
        assert!(
            told.contains("Roles may not be assumed by root accounts") && told.contains("Because"),
            "{told}"
        );
    }
    let listed = run(&["denials"]).ok();
    assert!(listed.starts_with("TIME") && listed.contains(&format!("rolecall why {id}")), "{listed}");
    let session =
        house.client.query(root, rolecall_wire::Service::Sts, "GetSessionToken", &[]).await.unwrap();
    let key = session.text("AccessKeyId").unwrap();
    assert!(run(&["sessions", "list"]).ok().contains(&key));
    let ended = run(&["sessions", "revoke", &key]).ok();
    assert!(ended.starts_with(&format!("Ended 1 session with the key {key}")), "{ended}");
    assert!(!run(&["sessions", "list"]).ok().contains(&key));
    assert!(run(&["sessions", "list", "--ended"]).ok().contains("revoked"));
    assert!(run(&["sessions", "show", &key]).ok().contains("status           revoked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_of_env_make_a_shell_ask_the_server() {
    let (house, home) = (House::new().await, Home::new());
    let (url, data) = (endpoint(&house), house.config.data_dir.to_str().unwrap());
    let told =
        home.run(&["env", "--endpoint", &url, "--data-dir", data], &[("AWS_SESSION_TOKEN", "old")]).ok();
    let of_a_session = ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
    let left = of_a_session.map(|name| format!("${{{name}-none}}")).join(" ");
    let script = format!("{told}\necho $AWS_ACCESS_KEY_ID $AWS_ENDPOINT_URL {left}");
    let mut shell = Command::new("sh");
    let shown = shell.arg("-c").arg(script).envs(of_a_session.map(|name| (name, "old"))).output().unwrap();
    let expected = format!("{} {url} none none none none\n", house.root.access_key_id);
    assert_eq!(String::from_utf8_lossy(&shown.stdout), expected);
    let fish = home.run(&["env", "--shell", "fish", "--endpoint", &url, "--data-dir", data], &[]).ok();
    assert!(fish.starts_with("set -gx AWS_ACCESS_KEY_ID '"), "{fish}");
}

#[test]
fn usage_is_the_same_whatever_is_set_and_unknown_commands_lead_to_known_ones() {
    let home = Home::new();
    let set = [
        ("ROLECALL_CONFIG", "/etc/x"),
        ("ROLECALL_DATA_DIR", "/secret/place"),
        ("ROLECALL_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", "http://elsewhere"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ];
    for arguments in
        [&["dev", "--help"][..], &["init", "--help"], &["sessions", "list", "--help"], &["why", "--nonsense"]]
    {
        let (plain, with) = (home.run(arguments, &[]), home.run(arguments, &set));
        assert_eq!((plain.out, plain.err), (with.out, with.err), "{arguments:?}");
    }
    let usage =
        home.run(&["init", "--nonsense"], &set).fails(2, "Usage: rolecall init [OPTIONS] --config <FILE>");
    assert!(!usage.contains("/secret/place"));
    home.run(&["version"], &[]).fails(2, "Did you mean: rolecall --version");
    home.run(&["users"], &[]).fails(2, "Did you mean: aws iam list-users");
    home.run(&["sesions"], &[]).fails(2, "sessions");
}
