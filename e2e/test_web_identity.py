"""Web identity with a real OpenID provider: boto3, the aws CLI, the JavaScript SDK, and what the GitHub action sends."""

import base64
import json
import os
import pathlib
import re
import subprocess
import urllib.parse

import boto3
import botocore
import botocore.config
import botocore.exceptions
import pytest
import requests

from server import ACCOUNT, clean_environment

JS = pathlib.Path(__file__).parent / "js"


class Idp:
    """The OpenID provider, and people who log in to it."""

    def __init__(self):
        command = ["node", str(JS / "provider.mjs")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.issuer = json.loads(self.process.stdout.readline())["issuer"]
        self.name = self.issuer.removeprefix("http://")
        self.arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{self.name}"

    def id_token(self, login: str) -> str:
        """An ID token by the authorization code flow, as a browser and a web application go through it."""
        browser = requests.Session()
        asked = {
            "client_id": "web-app",
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": "https://client.example.com/cb",
            "state": "s",
        }
        page = browser.get(f"{self.issuer}/auth", params=asked, timeout=10)
        for fields in ({"prompt": "login", "login": login, "password": "x"}, {"prompt": "consent"}):
            action = re.search(r'action="([^"]+)"', page.text).group(1)
            page = browser.post(action, data=fields, allow_redirects=False, timeout=10)
            while page.is_redirect and not page.headers["location"].startswith("https://client.example.com"):
                page = browser.get(urllib.parse.urljoin(page.url, page.headers["location"]), allow_redirects=False, timeout=10)
        code = urllib.parse.parse_qs(urllib.parse.urlparse(page.headers["location"]).query)["code"][0]
        traded = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked["redirect_uri"]}
        answer = requests.post(f"{self.issuer}/token", data=traded, auth=("web-app", "secret"), timeout=10)
        return answer.json()["id_token"]


@pytest.fixture(scope="module")
def idp():
    idp = Idp()
    yield idp
    idp.process.terminate()
    idp.process.wait(timeout=10)


@pytest.fixture(scope="module")
def house(server, idp):
    """The provider registered, roles that trust it, and a bucket."""
    iam, s3 = server.client("iam"), server.client("s3")
    made = iam.create_open_id_connect_provider(Url=idp.issuer, ClientIDList=["web-app", "sts.amazonaws.com"])
    assert made["OpenIDConnectProviderArn"] == idp.arn
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=idp.arn)["Url"] == idp.name
    s3.create_bucket(Bucket="shared")
    allow(iam, "web", web_trust(idp, {"StringEquals": {f"{idp.name}:sub": "alice", f"{idp.name}:aud": "web-app"}}))
    allow(iam, "deploy", web_trust(idp, {"StringLike": {f"{idp.name}:sub": "repo:octo-org/app:*"}}))
    second = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/web"}
    allow(iam, "second", {"Effect": "Allow", "Principal": second, "Action": "sts:AssumeRole"})
    return server


def web_trust(idp, condition: dict) -> dict:
    return {
        "Effect": "Allow",
        "Principal": {"Federated": idp.arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }


def allow(iam, role: str, trusted: dict) -> None:
    """A role with this trust, which may use the bucket."""
    document = {"Version": "2012-10-17", "Statement": [trusted]}
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(document))
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::shared", "arn:aws:s3:::shared/*"]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_role_policy(RoleName=role, PolicyName="bucket", PolicyDocument=json.dumps(policy))


def unsigned(server):
    config = botocore.config.Config(signature_version=botocore.UNSIGNED, retries={"max_attempts": 1})
    return boto3.client("sts", endpoint_url=server.endpoint, region_name="us-east-1", config=config)


def arn(role: str, session: str) -> str:
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"


def assume(server, token: str, role: str = "web"):
    asked = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{role}", "RoleSessionName": "boto3", "WebIdentityToken": token}
    return unsigned(server).assume_role_with_web_identity(**asked)


def test_boto3_assumes_a_role_with_an_id_token(house, idp):
    answer = assume(house, idp.id_token("alice"))
    assert (answer["SubjectFromWebIdentityToken"], answer["Audience"]) == ("alice", "web-app")
    assert answer["Provider"] == idp.issuer
    s3 = house.session_client("s3", answer["Credentials"])
    s3.put_object(Bucket="shared", Key="k", Body=b"v")
    assert s3.get_object(Bucket="shared", Key="k")["Body"].read() == b"v"
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        house.session_client("iam", answer["Credentials"]).list_users()


def test_somebody_else_and_a_forged_token_are_refused(house, idp):
    with pytest.raises(botocore.exceptions.ClientError, match="Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        assume(house, idp.id_token("bob"))
    header, payload, signature = idp.id_token("bob").split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    payload = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "alice"}).encode()).rstrip(b"=").decode()
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidIdentityToken"):
        assume(house, f"{header}.{payload}.{signature}")


def test_the_cli_takes_the_token_from_a_file(house, idp, shell):
    token = shell.home / "token"
    token.write_text(idp.id_token("alice"))
    role = f"arn:aws:iam::{ACCOUNT}:role/web"
    variables = f"AWS_ROLE_ARN={role} AWS_WEB_IDENTITY_TOKEN_FILE={token} AWS_ROLE_SESSION_NAME=cli AWS_DEFAULT_REGION=us-east-1"
    who = json.loads(shell.ok(f"{variables} aws sts get-caller-identity"))
    assert who["Arn"] == arn("web", "cli")
    shell.ok(f"{variables} aws s3 ls s3://shared")
    (shell.home / ".aws").mkdir(exist_ok=True)
    profile = f"[profile web]\nrole_arn = {role}\nweb_identity_token_file = {token}\nrole_session_name = profile\nregion = us-east-1\n"
    (shell.home / ".aws" / "config").write_text(profile)
    who = json.loads(shell.ok("aws sts get-caller-identity --profile web"))
    assert who["Arn"] == arn("web", "profile")


def node(script: str, *arguments: str, **variables: str) -> dict:
    environment = clean_environment() | variables
    done = subprocess.run(
        ["node", str(JS / script), *arguments], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_javascript_sdk_knows_every_way_in(house, idp, tmp_path):
    token = tmp_path / "token"
    token.write_text(idp.id_token("alice"))
    role = f"arn:aws:iam::{ACCOUNT}:role/web"
    (tmp_path / "config").write_text(
        f"[profile web]\nrole_arn = {role}\nweb_identity_token_file = {token}\nrole_session_name = js-ini\nregion = us-east-1\n"
    )
    seen = node(
        "web-identity.mjs",
        HOME=str(tmp_path),
        AWS_CONFIG_FILE=str(tmp_path / "config"),
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_ENDPOINT_URL=house.endpoint,
        AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
        WEB_ROLE=role,
        SECOND_ROLE=f"arn:aws:iam::{ACCOUNT}:role/second",
        BUCKET="shared",
    )
    assert seen == {
        "fromTokenFile": arn("web", "js-file"),
        "fromIni": arn("web", "js-ini"),
        "fromTemporaryCredentials": arn("second", "js-chained"),
        "object": "hello",
    }


def test_a_github_workflow_deploys_by_its_token(house, idp, tmp_path):
    seen = node(
        "github-action.mjs",
        HOME=str(tmp_path),
        AWS_ENDPOINT_URL=house.endpoint,
        ACTIONS_ID_TOKEN_REQUEST_URL=f"{idp.issuer}/actions/token?v=1",
        ACTIONS_ID_TOKEN_REQUEST_TOKEN="runner",
        ROLE_TO_ASSUME=f"arn:aws:iam::{ACCOUNT}:role/deploy",
        # The action sends what it finds, though the call needs no signature.
        AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
        AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    assert seen["Arn"] == arn("deploy", "GitHubActions")


def test_a_github_workflow_deploys_by_keys_and_is_tagged(house, tmp_path):
    key = house.new_user("octocat")
    iam = house.client("iam")
    trusted = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/octocat"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"StringEquals": {"aws:RequestTag/Repository": "octo-org/app", "sts:ExternalId": "ext-1"}},
    }
    allow(iam, "by-keys", trusted)
    seen = node(
        "github-action.mjs",
        "keys",
        HOME=str(tmp_path),
        AWS_ENDPOINT_URL=house.endpoint,
        ROLE_TO_ASSUME=f"arn:aws:iam::{ACCOUNT}:role/by-keys",
        AWS_ACCESS_KEY_ID=key["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"],
    )
    assert seen["Arn"] == arn("by-keys", "GitHubActions")


def test_the_server_takes_its_own_tokens(house):
    """GetWebIdentityToken, verified by whoever registers this server as a provider: here, itself."""
    iam, sts = house.client("iam"), house.client("sts")
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    published = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    assert published["issuer"] == issuer
    assert {key["alg"] for key in requests.get(published["jwks_uri"], timeout=10).json()["keys"]} == {"RS256", "ES384"}
    made = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["partner"])
    name = issuer.removeprefix("http://")
    trusted = {
        "Effect": "Allow",
        "Principal": {"Federated": made["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{name}:sub": f"arn:aws:iam::{ACCOUNT}:root"}},
    }
    allow(iam, "partner", trusted)
    for algorithm in ("RS256", "ES384"):
        token = sts.get_web_identity_token(Audience=["partner"], SigningAlgorithm=algorithm)["WebIdentityToken"]
        answer = assume(house, token, "partner")
        assert answer["AssumedRoleUser"]["Arn"] == arn("partner", "boto3")
