"""A second factor and federated users, with the stock CLI and boto3."""

import base64
import hashlib
import hmac
import json
import struct
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
import requests

from server import ACCOUNT, Server, trust
from test_iam import refusal

WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Authenticator:
    """What a telephone does: RFC 6238 over the seed, on the server's clock."""

    def __init__(self, serial: str, seed: bytes, ahead: int = 0):
        self.serial, self.seed, self.ahead = serial, base64.b32decode(seed), ahead

    def code(self, later: int = 0) -> str:
        step = struct.pack(">Q", (int(time.time()) + self.ahead + later) // 30)
        digest = hmac.new(self.seed, step, hashlib.sha1).digest()
        at = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def enabled(server, user: str) -> Authenticator:
    """A device made and enabled for a user; its first fresh code is half a minute away."""
    iam = server.client("iam")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    assert device["QRCodePNG"].startswith(b"\x89PNG")
    phone = Authenticator(device["SerialNumber"], device["Base32StringSeed"], server.ahead)
    codes = {"AuthenticationCode1": phone.code(-30), "AuthenticationCode2": phone.code()}
    iam.enable_mfa_device(UserName=user, SerialNumber=phone.serial, **codes)
    pass_time(server, phone, 60)
    return phone


def pass_time(server, phone: Authenticator, seconds: int) -> None:
    server.advance(seconds)
    server.ahead = phone.ahead = server.ahead + seconds


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    server.ahead = 0
    yield server
    assert server.stop() == 0, "the server must end cleanly"


def test_a_role_that_asks_for_a_second_factor_is_assumed_by_the_cli(server, shell):
    iam = server.client("iam")
    key = server.new_user("ann")
    phone = enabled(server, "ann")
    arn = f"arn:aws:iam::{ACCOUNT}:user/ann"
    iam.create_role(RoleName="careful", AssumeRolePolicyDocument=json.dumps(trust(arn, WITH_MFA)))
    shell.configure("ann", key["AccessKeyId"], key["SecretAccessKey"])
    role = f"arn:aws:iam::{ACCOUNT}:role/careful"
    assume = f"aws sts assume-role --profile ann --role-arn {role} --role-session-name job"
    assert "AccessDenied" in shell.fails(assume)
    code = phone.code()
    with_code = f"{assume} --serial-number {phone.serial} --token-code {code}"
    assert role.split("/")[-1] in json.loads(shell.ok(with_code))["AssumedRoleUser"]["Arn"]
    assert "invalid MFA one time pass code" in shell.fails(with_code), "a code is taken once"
    pass_time(server, phone, 30)
    shell.ok(f"aws configure set profile.careful.role_arn {role}")
    shell.ok("aws configure set profile.careful.source_profile ann")
    shell.ok(f"aws configure set profile.careful.mfa_serial {phone.serial}")
    shell.ok("aws configure set profile.careful.region us-west-2")
    asked = f"setsid -w aws sts get-caller-identity --profile careful <<< {phone.code()}"
    assert "assumed-role/careful" in shell.ok(asked), "the CLI asks for the code, here without a terminal"


def test_a_session_token_with_a_code_opens_iam_and_guarded_roles(server):
    iam = server.client("iam")
    key = server.new_user("bea")
    iam.put_user_policy(UserName="bea", PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL))
    phone = enabled(server, "bea")
    sts = server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    plain = sts.get_session_token()["Credentials"]
    assert refusal(server.session_client("iam", plain).list_users)["Code"] == "InvalidClientTokenId"
    given = {"SerialNumber": phone.serial, "TokenCode": phone.code()}
    session = sts.get_session_token(**given)["Credentials"]
    server.session_client("iam", session).list_users()
    assert refusal(sts.get_session_token, **given)["Code"] == "AccessDenied"
    root = f"arn:aws:iam::{ACCOUNT}:root"
    iam.create_role(RoleName="guarded", AssumeRolePolicyDocument=json.dumps(trust(root, WITH_MFA)))
    asked = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/guarded", "RoleSessionName": "job"}
    assert refusal(server.session_client("sts", plain).assume_role, **asked)["Code"] == "AccessDenied"
    server.session_client("sts", session).assume_role(**asked)


def test_a_used_code_stays_used_when_the_server_is_started_again(tmp_path):
    server = Server(tmp_path)
    server.ahead = 0
    key = server.new_user("cleo")
    iam = server.client("iam")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="cleo")["VirtualMFADevice"]
    phone = Authenticator(device["SerialNumber"], device["Base32StringSeed"])
    codes = {"AuthenticationCode1": phone.code(-60), "AuthenticationCode2": phone.code(-30)}
    iam.enable_mfa_device(UserName="cleo", SerialNumber=phone.serial, **codes)
    given = {"SerialNumber": phone.serial, "TokenCode": phone.code()}
    credentials = key["AccessKeyId"], key["SecretAccessKey"]
    server.client("sts", *credentials).get_session_token(**given)
    server.process.kill()
    server.process.wait()
    again = Server(tmp_path)
    try:
        sts = again.client("sts", *credentials)
        error = refusal(sts.get_session_token, **given)
        assert error["Message"].startswith("MultiFactorAuthentication failed with invalid MFA")
        sts.get_session_token(SerialNumber=phone.serial, TokenCode=phone.code(30))
    finally:
        assert again.stop() == 0


def test_a_federated_user_uses_s3_within_its_policy(server):
    key = server.new_user("dora")
    server.client("iam").put_user_policy(UserName="dora", PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL))
    s3 = server.client("s3")
    s3.create_bucket(Bucket="shared")
    s3.put_object(Bucket="shared", Key="in/a", Body=b"a")
    s3.put_object(Bucket="shared", Key="out/b", Body=b"b")
    narrow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared/in/*"}
    policy = {"Version": "2012-10-17", "Statement": [narrow]}
    sts = server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    answer = sts.get_federation_token(Name="guest", Policy=json.dumps(policy), DurationSeconds=900)
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    guest = server.session_client("s3", answer["Credentials"])
    assert guest.get_object(Bucket="shared", Key="in/a")["Body"].read() == b"a"
    assert refusal(guest.get_object, Bucket="shared", Key="out/b")["Code"] == "AccessDenied"
    assert refusal(guest.put_object, Bucket="shared", Key="in/a", Body=b"")["Code"] == "AccessDenied"
    who = server.session_client("sts", answer["Credentials"]).get_caller_identity()
    assert who["UserId"] == f"{ACCOUNT}:guest"
    iam = server.session_client("iam", answer["Credentials"])
    assert refusal(iam.list_users)["Code"] == "InvalidClientTokenId"


def test_a_cluster_is_told_who_calls_by_a_presigned_url(server):
    """As the EKS authenticator and Vault do it: a URL, a signed header, an answer in JSON."""
    key = server.new_user("eks")
    credentials = botocore.credentials.Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    url = f"{server.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15"
    request = botocore.awsrequest.AWSRequest("GET", url, headers={"x-k8s-aws-id": "cluster"})
    botocore.auth.SigV4QueryAuth(credentials, "sts", "us-east-1", expires=900).add_auth(request)
    headers = {"x-k8s-aws-id": "cluster", "Accept": "application/json"}
    answer = requests.get(request.url, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    result = answer.json()["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
    assert result["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/eks"
    for bad in ({}, {"x-k8s-aws-id": "other"}):
        assert requests.get(request.url, headers=bad, timeout=10).status_code == 403
    steered = request.url.replace("GetCallerIdentity", "GetSessionToken")
    assert requests.get(steered, headers=headers, timeout=10).status_code == 403
    doubled = request.url + "&Action=GetSessionToken"
    assert requests.get(doubled, headers=headers, timeout=10).status_code == 400
