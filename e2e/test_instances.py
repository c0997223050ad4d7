"""Software without keys: stock clients that get their role from the instance metadata service."""

import json
import pathlib
import re
import socket
import subprocess

import boto3
import pytest
import requests
from botocore.exceptions import ClientError, NoCredentialsError

from server import BINARY, Server, Shell, clean_environment

PAGE = (pathlib.Path(__file__).parent.parent / "docs" / "instances.md").read_text()
JS = pathlib.Path(__file__).parent / "js"
INSTANCE = "assumed-role/web/i-"


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture(scope="module")
def address():
    return free_address()


@pytest.fixture(scope="module")
def server(tmp_path_factory, address):
    server = Server(tmp_path_factory.mktemp("server"), "--instance", f"web={address}")
    yield server
    assert server.stop() == 0, "the server must end cleanly"


@pytest.fixture(scope="module")
def web(server, tmp_path_factory):
    """The page's role, in its profile."""
    shell = Shell(server, tmp_path_factory.mktemp("root"))
    shell.environment |= server.root_environment()
    shell.ok(blocks()[0])


def blocks() -> list[str]:
    return re.findall(r"^```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def software(server, address: str, home: pathlib.Path) -> dict:
    """The environment of software that has no keys."""
    return clean_environment() | {
        "HOME": str(home),
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{address}",
    }


def test_the_page_works_as_it_stands(server, address, web, tmp_path):
    assert f"AWS_EC2_METADATA_SERVICE_ENDPOINT=http://{address}" in server.printed
    shell = Shell(server, tmp_path)
    shell.environment |= server.root_environment()
    stranger = server.new_user("default-profile")
    shell.configure("default", stranger["AccessKeyId"], stranger["SecretAccessKey"])
    script = "set -e\n" + "".join(blocks()[1:]).replace("127.0.0.1:1338", address)
    printed = shell.ok(script)
    assert INSTANCE in printed and "refused, as it should be" in printed
    assert printed.splitlines()[-1] == "Success"


def test_boto3_refreshes_and_does_what_the_role_may_and_nothing_else(server, address, web, tmp_path, monkeypatch):
    for name, value in software(server, address, tmp_path).items():
        monkeypatch.setenv(name, value)
    root = server.client("s3")
    root.create_bucket(Bucket="read-me")
    root.put_object(Bucket="read-me", Key="k", Body=b"hello")
    session = boto3.Session()
    s3 = session.client("s3")
    assert s3.get_object(Bucket="read-me", Key="k")["Body"].read() == b"hello"
    with pytest.raises(ClientError, match="no identity-based policy allows the s3:PutObject action"):
        s3.put_object(Bucket="read-me", Key="mine", Body=b"x")
    first = session.get_credentials()
    assert first.method == "iam-role"
    before = first.get_frozen_credentials().access_key
    server.advance(3_601)
    after = boto3.Session().get_credentials().get_frozen_credentials().access_key
    assert before != after
    assert INSTANCE in session.client("sts").get_caller_identity()["Arn"], "the first ones are good for hours"
    server.client("iam").detach_role_policy(
        RoleName="web", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket="read-me", Key="k")
    server.client("iam").attach_role_policy(
        RoleName="web", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )


def test_the_sdk_for_javascript_gets_the_role_too(server, address, web, tmp_path):
    done = subprocess.run(
        ["node", str(JS / "instance.mjs")],
        env=software(server, address, tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert INSTANCE in json.loads(done.stdout)["arn"]


def test_a_role_that_does_not_trust_ec2_leaves_software_without_credentials(server, address, web, tmp_path, monkeypatch):
    for name, value in software(server, address, tmp_path).items():
        monkeypatch.setenv(name, value)
    iam = server.client("iam")
    trust = iam.get_role(RoleName="web")["Role"]["AssumeRolePolicyDocument"]
    other = json.dumps(trust).replace("ec2.amazonaws.com", "lambda.amazonaws.com")
    iam.update_assume_role_policy(RoleName="web", PolicyDocument=other)
    server.advance(3_601)
    with pytest.raises(NoCredentialsError):
        boto3.client("sts").get_caller_identity()
    service = f"http://{address}/latest"
    life = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    token = {"X-aws-ec2-metadata-token": requests.put(f"{service}/api/token", headers=life, timeout=10).text}
    answer = requests.get(f"{service}/meta-data/iam/security-credentials/web", headers=token, timeout=10)
    assert answer.json()["Code"] == "AssumeRoleUnauthorizedAccess"
    why = [BINARY, "why", answer.headers["x-amzn-requestid"]]
    done = subprocess.run(why, env=clean_environment() | server.root_environment(), capture_output=True, text=True)
    assert 'add "ec2.amazonaws.com" to Principal (Service)' in done.stdout, done.stdout + done.stderr
    iam.update_assume_role_policy(RoleName="web", PolicyDocument=json.dumps(trust))
    assert INSTANCE in boto3.client("sts").get_caller_identity()["Arn"]
