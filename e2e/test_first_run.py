"""What a fresh server prints works as it stands, and a later start goes on where the first one ended."""

import subprocess

from server import BINARY, Server, clean_environment


def test_the_commands_that_the_server_prints_work(server, shell):
    shell.environment |= server.root_environment()
    commands = [line.strip() for line in server.printed.splitlines() if line.strip().startswith("aws ")]
    assert len(commands) == 3
    for command in commands:
        shell.ok(command)


def test_a_second_start_keeps_keys_and_data(tmp_path):
    first = Server(tmp_path)
    first.client("s3").create_bucket(Bucket="kept")
    key, secret = first.key, first.secret
    assert first.stop() == 0
    second = Server(tmp_path)
    assert (second.key, second.secret) == (key, secret)
    assert [bucket["Name"] for bucket in second.client("s3").list_buckets()["Buckets"]] == ["kept"]
    assert (tmp_path / "data" / "root-credentials").stat().st_mode & 0o777 == 0o600
    assert second.stop() == 0


def test_the_demo_plays_the_whole_story(tmp_path):
    done = subprocess.run([BINARY, "demo"], capture_output=True, text=True, env=clean_environment(), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ExpiredToken" in done.stdout and "learnaws-test-user" in done.stdout


def test_the_server_names_what_it_refuses(tmp_path):
    """Root credentials of the operator's choice are for loopback only."""
    command = [BINARY, "dev", "--listen", "0.0.0.0:0", "--data-dir", str(tmp_path), "--root-credentials", "AKIA:x"]
    done = subprocess.run(command, capture_output=True, text=True, env=clean_environment(), timeout=20)
    assert done.returncode != 0 and "loopback" in done.stderr
