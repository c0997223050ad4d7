//! The program as a process: what it does at signals, what it prints, and the commands it runs.

use rolecall::client::{Client, Credentials, Reply};
use rolecall_wire::Service;
use rolecall_wire::sigv4::SecretKey;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// A running server, ended with its test.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts `serve` and reads from its log where it listens.
    fn serve(config: &Path) -> Self {
        Self::by(program(), config)
    }

    pub(crate) fn by(mut command: Command, config: &Path) -> Self {
        command.args(["serve", "--config"]).arg(config).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let line = line_with(&mut log, "listening");
        let address = line.rsplit("address=").next().unwrap().trim().parse().unwrap();
        child.stderr = Some(log.into_inner());
        Self { child, address }
    }

    fn tell(&self, signal: Signal) {
        tell(&self.child, signal);
    }

    /// Whether the server answers.
    fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none() && TcpStream::connect(self.address).is_ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn item_4_a_hangup_makes_serve_read_its_configuration_again_and_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let file = configuration(directory.path(), "");
    assert!(program().args(["init", "--config"]).arg(&file).output().unwrap().status.success());
    let mut running = Running::serve(&file);
    let mut log = BufReader::new(running.child.stderr.take().unwrap());
    running.tell(Signal::HUP);
    line_with(&mut log, "the configuration was read again");
    assert!(running.is_alive());
    configuration(directory.path(), "drain_seconds = 7\nregion = \"eu-west-1\"\n");
    running.tell(Signal::HUP);
    assert!(line_with(&mut log, "was read again").contains("drain_seconds"));
    assert!(line_with(&mut log, "need a restart").contains("region"));
    configuration(directory.path(), "drain_seconds = \"many\"\n");
    running.tell(Signal::HUP);
    let told = line_with(&mut log, "cannot be read again");
    assert!(told.contains("rolecall.toml:1") && running.is_alive(), "{told}");
    running.tell(Signal::TERM);
    assert!(wait(&mut running.child).success());
}

#[test]
fn item_4_a_hangup_ends_dev_when_what_is_under_way_is_done() {
    let directory = tempfile::tempdir().unwrap();
    let (mut child, ready) = dev(directory.path(), &[]);
    let address = ready["Endpoint"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let mut under_way = TcpStream::connect(address).unwrap();
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 8\r\n\r\n";
    std::io::Write::write_all(&mut under_way, head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    // A closing terminal may say it twice.
    tell(&child, Signal::HUP);
    std::thread::sleep(Duration::from_millis(400));
    tell(&child, Signal::HUP);
    std::thread::sleep(Duration::from_millis(100));
    assert!(child.try_wait().unwrap().is_none(), "a request is under way");
    std::io::Write::write_all(&mut under_way, b"Action=x").unwrap();
    let mut answer = String::new();
    let _ = under_way.read_to_string(&mut answer);
    assert!(answer.contains("InvalidAction"), "{answer}");
    assert!(wait(&mut child).success());
}

/// `nohup rolecall dev &` is meant to outlive its terminal.
#[test]
#[cfg(target_os = "linux")]
fn item_4_dev_goes_on_where_hangups_are_ignored() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_rolecall")]);
    let (mut child, _) = ready(command, directory.path(), &[]);
    tell(&child, Signal::HUP);
    std::thread::sleep(Duration::from_millis(500));
    assert!(child.try_wait().unwrap().is_none());
    tell(&child, Signal::TERM);
    assert!(wait(&mut child).success());
}

#[test]
fn item_3_dev_says_that_its_key_is_gone_and_how_to_get_another() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let (mut child, first) = dev(directory.path(), &[]);
    tell(&child, Signal::TERM);
    assert!(wait(&mut child).success());
    // Another key is made, and the file still has the first one, which is then deleted.
    let before = std::fs::read(data.join("root-credentials")).unwrap();
    let made = recover(&data);
    assert!(made.contains(first["AccessKeyId"].as_str().unwrap()) && made.contains("(active)"), "{made}");
    let again = std::fs::read_to_string(data.join("root-credentials")).unwrap();
    assert_ne!(again.as_bytes(), before);
    std::fs::write(
        data.join("root-credentials"),
        "[default]\naws_access_key_id = AKIAGONE\naws_secret_access_key = x\n",
    )
    .unwrap();
    let (mut child, ready) = dev(directory.path(), &[]);
    let problem = ready["Problem"].as_str().unwrap_or_default();
    assert!(problem.contains("AKIAGONE") && problem.contains("is gone from the account"), "{ready}");
    assert!(problem.contains("rolecall recover-root --data-dir"), "{ready}");
    let refused = program().args(["recover-root", "--data-dir"]).arg(&data).output().unwrap();
    assert!(!refused.status.success(), "a server runs");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("stop that first"));
    tell(&child, Signal::TERM);
    assert!(wait(&mut child).success());
    recover(&data);
    let (mut child, ready) = dev(directory.path(), &[]);
    assert!(
        ready["AccessKeyId"].as_str().unwrap().starts_with("AKIA") && ready["Problem"].is_null(),
        "{ready}"
    );
    tell(&child, Signal::TERM);
    assert!(wait(&mut child).success());
}

#[test]
fn item_13_dev_says_in_one_line_of_json_that_it_is_ready() {
    let directory = tempfile::tempdir().unwrap();
    let (mut child, ready) = dev(directory.path(), &["--account", "111122223333:other:key"]);
    assert_eq!((&ready["AccountId"], &ready["Region"]), (&"123456789012".into(), &"us-east-1".into()));
    assert_eq!(ready["Accounts"][0]["AccountId"], "111122223333");
    assert!(ready["SecretAccessKey"].as_str().is_some_and(|secret| secret.len() == 40));
    assert_eq!(ready["DataDir"], directory.path().join("data").to_str().unwrap());
    tell(&child, Signal::INT);
    assert!(wait(&mut child).success());
    let mut rest = String::new();
    child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "one line");
}

/// The environment is covered by `secrets_are_hidden_and_completions_are_printed`.
#[test]
#[cfg(target_os = "linux")]
fn item_34_keys_that_are_chosen_may_stand_in_files_instead_of_the_command() {
    let directory = tempfile::tempdir().unwrap();
    let [own, other] = ["own", "other"].map(|name| directory.path().join(name));
    std::fs::write(&own, "chosen:hide-me-please\n").unwrap();
    std::fs::write(&other, "partner:hide-me-too\n").unwrap();
    let root = format!("@{}", own.display());
    let account = format!("111122223333:@{}", other.display());
    let (mut child, ready) = dev(directory.path(), &["--root-credentials", &root, "--account", &account]);
    assert_eq!(
        (&ready["AccessKeyId"], &ready["SecretAccessKey"]),
        (&"chosen".into(), &"hide-me-please".into())
    );
    let partner = |secret| ask(&ready, ("partner", secret), Service::Sts, "GetCallerIdentity", &[]);
    assert_eq!(partner("hide-me-too").text("Account").as_deref(), Some("111122223333"));
    assert_eq!(partner("hide-me-please").status, 403);
    let command = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    let command = String::from_utf8_lossy(&command).into_owned();
    assert!(command.contains("--root-credentials") && !command.contains("hide-me"), "{command}");
    tell(&child, Signal::TERM);
    assert!(wait(&mut child).success());
    std::fs::write(&own, "no colon here").unwrap();
    let refused = program().args(["dev", "--root-credentials", &root]).output().unwrap();
    let told = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(told.contains("own: not of the form KEY:SECRET") && !told.contains("no colon"), "{told}");
}

#[test]
fn item_34_dev_tells_of_a_parameter_that_was_not_understood() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = program();
    command.stderr(Stdio::piped());
    let (mut child, ready) = ready(command, directory.path(), &[]);
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let root = (ready["AccessKeyId"].as_str().unwrap(), ready["SecretAccessKey"].as_str().unwrap());
    let make = |params: &[_]| ask(&ready, root, Service::Iam, "CreateUser", params).status;
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    assert_eq!(make(&[("UserName", "one"), ("PermissionBoundary", boundary)]), 200);
    let told = line_with(&mut log, "iam:CreateUser");
    assert!(told.ends_with("  not understood: PermissionBoundary\n"), "{told}");
    let right = [
        ("UserName", "two"),
        ("PermissionsBoundary", boundary),
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", "v"),
    ];
    assert_eq!(make(&right), 200);
    let told = line_with(&mut log, "iam:CreateUser");
    assert!(!told.contains("understood"), "{told}");
    tell(&child, Signal::TERM);
    assert!(wait(&mut child).success());
}

#[test]
fn item_13_an_ephemeral_server_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let data = |ready: &serde_json::Value| ready["DataDir"].as_str().unwrap().to_owned();
    let (mut child, first) = dev(directory.path(), &["--ephemeral"]);
    assert!(Path::new(&data(&first)).join("keys.json").exists());
    tell(&child, Signal::TERM);
    assert!(wait(&mut child).success());
    assert!(!Path::new(&data(&first)).exists() && !directory.path().join("data").exists());
    let (mut child, second) = dev(directory.path(), &["--ephemeral"]);
    assert_ne!(first["AccessKeyId"], second["AccessKeyId"]);
    tell(&child, Signal::TERM);
    assert!(wait(&mut child).success());
}

#[test]
fn item_13_a_command_finds_the_server_in_its_environment_and_gives_its_exit_code() {
    let run = |command: &str| -> Output {
        let mut dev = program();
        dev.args(["dev", "--ephemeral", "--", "sh", "-c", command]);
        dev.env("AWS_SESSION_TOKEN", "of somebody else").env("AWS_PROFILE", "other").output().unwrap()
    };
    let ours = env!("CARGO_BIN_EXE_rolecall");
    let told = run(&format!(
        "'{ours}' info --output json && echo \"$AWS_REGION $AWS_DEFAULT_REGION ${{AWS_SESSION_TOKEN-none}} ${{AWS_PROFILE-none}}\""
    ));
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(text.contains("\"AccountId\": \"123456789012\""), "{text}");
    assert!(
        text.ends_with("us-east-1 us-east-1 none none\n") && text.starts_with('{'),
        "only the command's: {text}"
    );
    assert_eq!(run("exit 7").status.code(), Some(7));
    assert_eq!(run("kill -9 $$").status.code(), Some(137));
    let mut missing = program();
    let missing = missing.args(["dev", "--ephemeral", "--", "/no/such/command"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("/no/such/command: cannot be run"));
}

#[test]
fn item_13_a_command_is_told_to_stop_and_the_server_goes_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let mark = directory.path().join("mark");
    let script = format!(
        "trap 'echo stopped > {0}; exit 3' TERM; echo up > {0}; while :; do sleep 0.1; done",
        mark.display()
    );
    let mut child = program().args(["dev", "--ephemeral", "--", "sh", "-c", &script]).spawn().unwrap();
    let until = Instant::now() + PATIENCE;
    while !mark.exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    tell(&child, Signal::TERM);
    assert_eq!(wait(&mut child).code(), Some(3));
    assert_eq!(std::fs::read_to_string(mark).unwrap(), "stopped\n");
}

#[test]
fn item_11_dev_on_every_interface_warns_and_says_how_to_be_reached() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["dev", "--listen", "0.0.0.0:0", "--data-dir"]).arg(directory.path().join("data"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let first = line_with(&mut out, "ready at");
    assert!(first.contains("http://127.0.0.1:") && !first.contains("0.0.0.0"), "{first}");
    let mut log = BufReader::new(child.stderr.take().unwrap());
    assert!(line_with(&mut log, "plain HTTP for the whole network").contains("WARN"));
    tell(&child, Signal::TERM);
    assert!(wait(&mut child).success());
}

#[test]
fn item_11_port_gets_a_hint_and_addresses_are_taken_as_people_write_them() {
    let shown =
        |flags: &[&str]| program().args(["config", "show", "--output", "json"]).args(flags).output().unwrap();
    let hint = shown(&["--port", "8080"]);
    assert_eq!(hint.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&hint.stderr).contains("--listen 127.0.0.1:8080"));
    for (flag, address) in
        [("localhost:4567", "127.0.0.1:4567"), (":4567", "127.0.0.1:4567"), ("4567", "127.0.0.1:4567")]
    {
        let shown: serde_json::Value = serde_json::from_slice(&shown(&["--listen", flag]).stdout).unwrap();
        assert_eq!(shown["listen"][0]["address"], address);
    }
    assert!(
        !String::from_utf8_lossy(&program().args(["dev", "--help"]).output().unwrap().stdout)
            .contains("--port")
    );
}

#[test]
fn item_11_everything_that_is_wrong_with_a_file_is_told_with_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rolecall.toml");
    std::fs::write(directory.path().join("tls.pem"), "nothing").unwrap();
    let text = "data_dir = \"data\"\nregion = \"Mars\"\nmax_connections = 0\npublic_url = \"ftp://x\"\n\
                s3_hosts = [\n \"s3.example.org\",\n \"http://s3\"]\n\
                [throttle]\nprincipal = { per_second = 0, burst = 1 }\n\
                [[listen]]\naddress = \"localhost:1\"\ntls_certificate = \"tls.pem\"\n\
                [[listen]]\naddress = \"0.0.0.0:1\"\n\
                [[instance]]\nprofile = \"web\"\nlisten = \"0.0.0.0:80\"\n";
    std::fs::write(&file, text).unwrap();
    let told = |command: &[&str]| {
        let done = program().args(command).arg(&file).output().unwrap();
        assert_eq!(done.status.code(), Some(1));
        String::from_utf8(done.stderr).unwrap()
    };
    for command in [&["config", "check", "--config"][..], &["serve", "--config"]] {
        let told = told(command);
        for (line, about) in [
            (2, "'Mars' is no region"),
            (3, "nobody could connect"),
            (4, "`public_url`"),
            (7, "'http://s3' is no host name"),
            (9, "`throttle.principal`"),
            (12, "`tls_key` is missing"),
            (14, "plain HTTP"),
            (15, "loopback and link-local"),
        ] {
            let found = told.lines().find(|l| l.contains(&format!("rolecall.toml:{line}: ")));
            assert!(found.is_some_and(|l| l.contains(about)), "{line}, {about}: {told}");
        }
    }
    for (text, line) in [
        ("region = \"\"\n", 1),
        ("\naccount = \"12\"\n", 2),
        ("\n[[listen]]\naddress = \"here\"\n", 3),
        ("\n\nca_bundle = \"none.pem\"\n", 3),
        ("allow_outbound = [\"not a host\"]\n", 1),
        ("listen = []\n", 1),
        ("\n[throttle]\nissuer = { per_second = 1, burst = 0 }\n", 3),
    ] {
        std::fs::write(&file, text).unwrap();
        let told = told(&["config", "check", "--config"]);
        assert!(told.contains(&format!("rolecall.toml:{line}: ")), "{text}: {told}");
    }
    std::fs::write(&file, "region = \"Mars\"\n").unwrap();
    let right =
        program().args(["config", "check", "--region", "us-east-1", "--config"]).arg(&file).output().unwrap();
    assert!(right.status.success() && String::from_utf8_lossy(&right.stdout).contains("nothing is wrong"));
    let wrong =
        program().args(["config", "check", "--region", "Venus", "--config"]).arg(&file).output().unwrap();
    let wrong = String::from_utf8(wrong.stderr).unwrap();
    assert!(wrong.contains("'Venus'") && !wrong.contains("rolecall.toml:"), "a flag is in no file: {wrong}");
}

/// Asks a server that has said it is ready.
fn ask(
    ready: &serde_json::Value,
    (access_key_id, secret): (&str, &str),
    service: Service,
    action: &str,
    params: &[(&str, &str)],
) -> Reply {
    let secret = SecretKey::new(secret.to_owned());
    let who = Credentials { access_key_id: access_key_id.to_owned(), secret, session_token: None };
    let client = Client::new(ready["Endpoint"].as_str().unwrap(), "us-east-1", None).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.query(&who, service, action, params)).unwrap()
}

pub(crate) fn configuration(directory: &Path, text: &str) -> std::path::PathBuf {
    let file = directory.join("rolecall.toml");
    let text = format!("{text}data_dir = \"data\"\n[[listen]]\naddress = \"127.0.0.1:0\"\n");
    std::fs::write(&file, text).unwrap();
    file
}

fn recover(data: &Path) -> String {
    let done = program().args(["recover-root", "--data-dir"]).arg(data).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// Starts `dev` and reads its line.
fn dev(directory: &Path, flags: &[&str]) -> (Child, serde_json::Value) {
    ready(program(), directory, flags)
}

fn ready(mut command: Command, directory: &Path, flags: &[&str]) -> (Child, serde_json::Value) {
    command
        .args(["dev", "--output", "json", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(directory.join("data"));
    let mut child = command.args(flags).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = Vec::new();
    let mut out = child.stdout.take().unwrap();
    let mut byte = [0];
    while out.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
        line.push(byte[0]);
    }
    child.stdout = Some(out);
    (child, serde_json::from_slice(&line).unwrap())
}

pub(crate) fn line_with(lines: &mut impl BufRead, text: &str) -> String {
    let mut all = String::new();
    loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).unwrap() > 0, "no '{text}' in: {all}");
        if line.contains(text) {
            return line;
        }
        all += &line;
    }
}

pub(crate) fn tell(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if let Some(ended) = child.try_wait().unwrap() {
            return ended;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    panic!("it does not end");
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    let ours = std::env::vars_os().map(|(name, _)| name);
    ours.filter(|name| name.to_string_lossy().starts_with("ROLECALL_")).for_each(|name| {
        command.env_remove(name);
    });
    command.env("NO_COLOR", "1");
    command
}

const PATIENCE: Duration = Duration::from_secs(30);
