"""A `rolecall dev` server of its own for a test module, and people who use it through the stock CLI."""

import os
import pathlib
import re
import signal
import subprocess
import sys

import boto3
import botocore.config

ACCOUNT = "123456789012"
BINARY = os.environ.get("ROLECALL_BIN") or str(
    pathlib.Path(__file__).parent.parent / "target" / "release" / "rolecall"
)


class Server:
    """A running server with a test clock, and its root user's credentials."""

    def __init__(self, directory: pathlib.Path, *flags: str):
        self.directory = directory
        self.log = open(directory / "server.log", "wb")
        command = [BINARY, "dev", "--listen", "127.0.0.1:0", "--data-dir", str(directory / "data"), "--test-clock"]
        self.process = subprocess.Popen(
            [*command, *flags], stdout=subprocess.PIPE, stderr=self.log, text=True, env=clean_environment()
        )
        self.printed = self._read_until_ready()
        self.endpoint = re.search(r"http://127\.0\.0\.1:\d+", self.printed).group(0)
        self.key = self._printed_value("AWS_ACCESS_KEY_ID")
        self.secret = self._printed_value("AWS_SECRET_ACCESS_KEY")

    def _read_until_ready(self) -> str:
        """Everything printed up to the third command to paste."""
        text, commands = "", 0
        for line in self.process.stdout:
            text += line
            commands += line.strip().startswith("aws ")
            if commands == 3:
                return text
        raise RuntimeError(f"the server ended: {text}\n{(self.directory / 'server.log').read_text()}")

    def _printed_value(self, name: str) -> str:
        return re.search(rf"export {name}=['\"]?([^\s'\"]+)", self.printed).group(1)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        self.log.close()
        return code

    def client(self, service: str, key: str = "", secret: str = "", token: str | None = None, **config):
        """A boto3 client, of root unless told otherwise."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key or self.key,
            aws_secret_access_key=secret or self.secret,
            aws_session_token=token,
            config=botocore.config.Config(retries={"max_attempts": 1}, **config),
        )

    def session_client(self, service: str, credentials: dict, **config):
        """A boto3 client with the Credentials of an STS answer."""
        return self.client(
            service,
            credentials["AccessKeyId"],
            credentials["SecretAccessKey"],
            credentials["SessionToken"],
            **config,
        )

    def new_user(self, name: str) -> dict:
        """A user without permissions; its AccessKey."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        return iam.create_access_key(UserName=name)["AccessKey"]

    def advance(self, seconds: int) -> None:
        """Lets time pass."""
        environment = clean_environment() | self.root_environment()
        subprocess.run([BINARY, "clock", "advance", str(seconds)], check=True, env=environment, capture_output=True)

    def root_environment(self) -> dict:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": "us-east-1",
        }


class Shell:
    """A person at a terminal: an own HOME, AWS_ENDPOINT_URL set, the stock `aws` on the PATH."""

    def __init__(self, server: Server, home: pathlib.Path):
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.environment = clean_environment() | {
            "HOME": str(home),
            "AWS_ENDPOINT_URL": server.endpoint,
            "AWS_PAGER": "",
        }

    def run(self, script: str, typed: str = "") -> subprocess.CompletedProcess:
        """Runs a script as bash would, in HOME."""
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.home,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def ok(self, script: str, typed: str = "") -> str:
        """Runs a script that must succeed; what it printed."""
        done = self.run(script, typed)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def fails(self, script: str) -> str:
        """Runs a script that must fail; what it complained."""
        done = self.run(script)
        assert done.returncode != 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stderr + done.stdout

    def configure(self, profile: str, key: str, secret: str, region: str = "us-west-2") -> None:
        """`aws configure --profile`, answering its four questions."""
        self.ok(f"aws configure --profile {profile}", typed=f"{key}\n{secret}\n{region}\njson\n")


def clean_environment() -> dict:
    """The environment without anything of AWS's, and with this virtual environment's programs first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ROLECALL_"))}
    kept["PATH"] = str(pathlib.Path(sys.executable).parent) + os.pathsep + kept.get("PATH", "")
    return kept


def trust(user_arn: str, condition: dict | None = None) -> dict:
    """A trust policy that names one principal."""
    statement = {"Effect": "Allow", "Principal": {"AWS": user_arn}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}
