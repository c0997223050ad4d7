"""Sessions seen and ended, and keys rotated, by `rolecall` on a server that stock clients use."""

import json
import subprocess
import threading

import botocore.exceptions
import pytest

from server import ACCOUNT, BINARY, clean_environment

ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"


@pytest.fixture(scope="module")
def worker(server):
    """A user who may assume a role that may list buckets."""
    iam = server.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=policy(trust))
    lists = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    iam.put_role_policy(RoleName="worker", PolicyName="lists", PolicyDocument=policy(lists))
    key = server.new_user("ann")
    assumes = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"], "Resource": ROLE}
    iam.put_user_policy(UserName="ann", PolicyName="assumes", PolicyDocument=policy(assumes))
    return key


def policy(statement: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def assume(server, key: dict, name: str) -> dict:
    sts = server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    return sts.assume_role(RoleArn=ROLE, RoleSessionName=name, SourceIdentity="Ann")["Credentials"]


def rolecall(server, *words: str) -> str:
    environment = clean_environment() | server.root_environment()
    done = subprocess.run([BINARY, *words], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def is_alive(server, credentials: dict) -> bool:
    try:
        server.session_client("s3", credentials).list_buckets()
        return True
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] in ("InvalidAccessKeyId", "InvalidToken", "AccessDenied")
        return False


def test_a_session_is_listed_shown_and_ended(server, worker):
    first, second = assume(server, worker, "first"), assume(server, worker, "second")
    assert is_alive(server, first) and is_alive(server, second)
    table = rolecall(server, "sessions", "list", "--role", "worker")
    assert f"assumed-role/worker/first" in table and "s3:ListBuckets" in table
    shown = json.loads(rolecall(server, "sessions", "show", first["AccessKeyId"], "--output", "json"))
    assert shown["Session"]["Origin"] == f"arn:aws:iam::{ACCOUNT}:user/ann"
    assert shown["Session"]["LastAddress"] == "127.0.0.1"
    rolecall(server, "sessions", "revoke", first["AccessKeyId"])
    assert not is_alive(server, first)
    assert is_alive(server, second)
    rolecall(server, "sessions", "revoke", "--source-identity", "Ann")
    assert not is_alive(server, second)
    assert is_alive(server, assume(server, worker, "third"))


def test_the_role_s_older_sessions_end_in_aws_s_own_way(server, worker):
    older = assume(server, worker, "older")
    assert is_alive(server, older)
    server.advance(2)
    rolecall(server, "sessions", "revoke", "--role", "worker", "--by-policy")
    assert not is_alive(server, older)
    server.advance(2)
    assert is_alive(server, assume(server, worker, "newer"))
    server.client("iam").delete_role_policy(RoleName="worker", PolicyName="AWSRevokeOlderSessions")
    assert is_alive(server, older)


def test_keys_rotate_under_load(server, worker):
    """FLT-09: sessions of before stay good while keys come and go, and no request fails."""
    old = assume(server, worker, "old")
    stopped, failures = threading.Event(), []

    def load():
        while not stopped.is_set():
            try:
                assert is_alive(server, old) and is_alive(server, assume(server, worker, "load"))
            except Exception as failure:  # noqa: BLE001: whatever it is, it is a failure of the server
                failures.append(failure)

    threads = [threading.Thread(target=load) for _ in range(4)]
    [thread.start() for thread in threads]
    for _ in range(5):
        rolecall(server, "keys", "rotate", "--step", "prepare")
        rolecall(server, "keys", "rotate", "--step", "activate")
    stopped.set()
    [thread.join() for thread in threads]
    assert failures == []
    assert is_alive(server, old)
    keys = json.loads(rolecall(server, "keys", "list", "--output", "json"))["Keys"]
    oldest = next(k["KeyId"] for k in keys if (k["Purpose"], k["State"]) == ("SessionToken", "Retired"))
    rolecall(server, "keys", "remove", str(oldest), "--force")
    assert not is_alive(server, old)
    assert is_alive(server, assume(server, worker, "new"))
