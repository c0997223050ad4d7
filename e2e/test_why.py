"""Denials explained: the policy simulator, the IAM toolbox, encoded messages and `rolecall why`."""

import json
import pathlib
import re

import botocore
import botocore.exceptions
import pytest

from server import ACCOUNT, BINARY, Shell

READ_OWN = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/*"},
        {"Sid": "NoLists", "Effect": "Deny", "Action": "iam:List*", "Resource": "*"},
    ],
}


@pytest.fixture
def admin(server, tmp_path):
    """Root at a terminal."""
    shell = Shell(server, tmp_path / "admin")
    # The CLI brings a copy of botocore that is older than the toolbox; the models are botocore's own.
    models = str(pathlib.Path(botocore.__file__).parent / "data")
    shell.environment |= server.root_environment() | {"AWS_DATA_PATH": models}
    return shell


@pytest.fixture
def denial(server, tmp_path):
    """What a user is told who is denied `iam list-users`; once a module."""
    iam = server.client("iam")
    name = f"reader-{tmp_path.name[-8:].replace('_', '-')}"
    key = server.new_user(name)
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(READ_OWN, indent=1))
    shell = Shell(server, tmp_path / "user")
    shell.environment |= {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    message = shell.fails("aws iam list-users")
    found = re.search(r"with the following authorization id: ([0-9a-z]+)", message)
    assert found, message
    return name, found.group(1)


def test_policies_are_simulated_with_the_stock_cli(admin):
    admin.home.joinpath("policy.json").write_text(json.dumps(READ_OWN))
    common = '--policy-input-list "$(cat policy.json)" --output json'
    keys = json.loads(admin.ok(f"aws iam get-context-keys-for-custom-policy {common}"))
    assert keys["ContextKeyNames"] == ["aws:username"]
    ask = (
        f"aws iam simulate-custom-policy {common} --action-names s3:GetObject iam:ListUsers "
        "--resource-arns arn:aws:s3:::b/ann/x "
        "--context-entries ContextKeyName=aws:username,ContextKeyValues=ann,ContextKeyType=string"
    )
    results = json.loads(admin.ok(ask))["EvaluationResults"]
    assert [result["EvalDecision"] for result in results] == ["allowed", "explicitDeny"]
    matched = results[0]["ResourceSpecificResults"][0]["MatchedStatements"]
    assert matched[0]["SourcePolicyId"] == "PolicyInputList.1" and matched[0]["StartPosition"]["Line"] == 1


def test_a_principal_is_simulated_with_the_stock_cli(admin, denial):
    name, _ = denial
    source = f"--policy-source-arn arn:aws:iam::{ACCOUNT}:user/{name} --output json"
    ask = f"aws iam simulate-principal-policy {source} --action-names iam:ListUsers s3:GetObject"
    results = json.loads(admin.ok(ask))["EvaluationResults"]
    assert [result["EvalDecision"] for result in results] == ["explicitDeny", "implicitDeny"]
    assert results[0]["MatchedStatements"][0]["SourcePolicyId"] == f"user_{name}_own"
    keys = json.loads(admin.ok(f"aws iam get-context-keys-for-principal-policy {source}"))
    assert keys["ContextKeyNames"] == ["aws:username"]


def test_the_toolbox_explains_a_denial(admin, denial):
    name, identifier = denial
    ask = f"aws iam-toolbox get-request-authorization-details --no-paginate --output json --authorization-id {identifier}"
    told = json.loads(admin.ok(ask))
    assert told["requestContext"]["aws:username"] == name
    evaluation = told["evaluations"][0]
    assert evaluation["action"] == "iam:ListUsers" and evaluation["evaluatedEffect"] == "EXPLICIT_DENY"
    check = evaluation["checks"][0]
    assert (check["checkType"], check["evaluatedEffect"]) == ("PRINCIPAL", "EXPLICIT_DENY")
    uri = check["matchedPolicies"][0]["uri"]
    assert check["matchedPolicies"][0]["matchedStatements"] == [{"sid": "NoLists", "evaluatedEffect": "DENY"}]
    ask = "aws iam-toolbox get-request-authorization-policy --output json"
    policy = json.loads(admin.ok(f"{ask} --authorization-id {identifier} --policy-uri {uri}"))
    assert policy["policyDocument"] == READ_OWN
    error = admin.fails(f"{ask} --authorization-id {identifier} --policy-uri other")
    assert "ResourceNotFoundException" in error


def test_why_draws_the_decision_and_encodes_it(admin, denial):
    name, identifier = denial
    drawn = admin.ok(f"{BINARY} why {identifier}")
    for expected in [
        f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "iam:ListUsers",
        "Deny NoLists at",
        f"inline policy own of user {name}",
        "This allows it, all of these:",
        f"add the condition ArnNotEquals aws:PrincipalArn \"arn:aws:iam::{ACCOUNT}:user/{name}\" to the statement NoLists",
        "add a statement that allows iam:ListUsers",
    ]:
        assert expected in drawn, drawn
    assert "\x1b" not in drawn
    told = json.loads(admin.ok(f"{BINARY} why {identifier} --output json"))
    assert told["evaluations"][0]["decision"] == "explicitDeny"
    encoded = admin.ok(f"{BINARY} why {identifier} --encoded").strip()
    decode = "aws sts decode-authorization-message --output text --encoded-message"
    message = json.loads(admin.ok(f"{decode} {encoded}"))
    assert message["explicitDeny"] is True and message["context"]["principal"]["name"] == name
    assert "InvalidAuthorizationMessageException" in admin.fails(f"{decode} {encoded[:-8]}AAAAAAAA")
    assert admin.run(f"{BINARY} why nothing").returncode == 1


def test_the_edits_that_why_proposes_allow_the_request(server, admin, tmp_path):
    """Each kind once: a policy is edited as proposed, or the caller does what it is told, and then it may."""
    iam = server.client("iam")
    name = f"edit-{tmp_path.name[-8:].replace('_', '-')}"
    key = server.new_user(name)
    shell = Shell(server, tmp_path / "user")
    shell.environment |= {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_DEFAULT_REGION": "us-east-1",
    }

    def proposal(command, member="edits"):
        identifier = re.search(r"authorization id: ([0-9a-z]+)", shell.fails(command)).group(1)
        told = json.loads(admin.ok(f"{BINARY} why {identifier} --output json"))
        assert told["evaluations"][0]["noEdit"] is None
        return told["evaluations"][0][member]

    def put(document):
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)

    # A wrong value of a condition: the caller's tag, or the value added to the condition.
    statement = {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}
    tagged = statement | {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "ops"}}}
    put(json.dumps({"Version": "2012-10-17", "Statement": [tagged]}))
    iam.tag_user(UserName=name, Tags=[{"Key": "team", "Value": "art"}])
    (by_caller,) = proposal("aws iam list-users")
    assert (by_caller["by"], by_caller["edit"]) == ("caller", 'give the caller the tag team = "ops"')
    (by_policy,) = proposal("aws iam list-users", "alternative")
    assert 'add "art" to the values of StringEquals aws:PrincipalTag/team' in by_policy["edit"]
    assert any("aws:PrincipalTag/team" in change["context"] for change in by_policy["changes"])
    put(by_policy["document"])
    shell.ok("aws iam list-users")
    put(json.dumps({"Version": "2012-10-17", "Statement": [tagged]}))
    shell.fails("aws iam list-users")
    iam.tag_user(UserName=name, Tags=[{"Key": "team", "Value": "ops"}])
    shell.ok("aws iam list-users")

    # Nothing allows it, and a statement denies it: two edits of one policy, the last with both.
    put(json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Effect": "Deny"}]}))
    edits = proposal("aws iam list-users")
    assert [edit["by"] for edit in edits] == ["policy", "policy"], edits
    put(edits[0]["document"])
    shell.fails("aws iam list-users")
    put(edits[1]["document"])
    shell.ok("aws iam list-users")


def test_why_tells_whom_to_send_an_external_id(server, admin, tmp_path):
    iam = server.client("iam")
    name = f"ext-{tmp_path.name[-8:].replace('_', '-')}"
    key = server.new_user(name)
    user = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": user},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "blue"}},
        },
    }
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    sts = server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    with pytest.raises(botocore.exceptions.ClientError) as denied:
        sts.assume_role(RoleArn=role, RoleSessionName="session")
    identifier = denied.value.response["ResponseMetadata"]["RequestId"]
    drawn = admin.ok(f"{BINARY} why {identifier}")
    for expected in [
        'the caller sends sts:ExternalId = "blue"',
        "this opens: nothing: no policy changes",
        "Or, with the request as it is:",
        "to StringEqualsIfExists",
    ]:
        assert expected in drawn, drawn
    sts.assume_role(RoleArn=role, RoleSessionName="session", ExternalId="blue")


def test_policies_are_worked_on_without_a_server(admin):
    home = admin.home
    home.joinpath("policy.json").write_text(json.dumps(READ_OWN))
    wider = json.loads(json.dumps(READ_OWN).replace("s3:GetObject", "s3:*"))
    home.joinpath("wider.json").write_text(json.dumps(wider))
    home.joinpath("expect").write_text(
        f"principal arn:aws:iam::{ACCOUNT}:user/ann\nidentity policy.json\n"
        "may s3:GetObject arn:aws:s3:::b/ann/x\nmay-not s3:GetObject arn:aws:s3:::b/bob/x\nmay-not iam:ListUsers\n"
    )
    assert "3 expectations, 0 failed" in admin.ok(f"{BINARY} policy test expect")
    home.joinpath("expect").write_text(home.joinpath("expect").read_text().replace("may-not iam", "may iam"))
    broken = admin.run(f"{BINARY} policy test expect --output junit")
    assert broken.returncode == 3 and 'failures="1"' in broken.stdout
    changed = admin.run(f"{BINARY} policy diff policy.json wider.json")
    assert changed.returncode == 3 and "now allowed" in changed.stdout
    assert admin.run(f"{BINARY} policy diff policy.json policy.json").returncode == 0
    asked = f"{BINARY} policy simulate --identity policy.json --action iam:ListUsers"
    assert admin.run(asked).returncode == 3
    home.joinpath("bad.json").write_text('{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}')
    checked = admin.run(f"{BINARY} policy check bad.json --output json")
    assert checked.returncode == 3 and json.loads(checked.stdout)["findings"]


def test_the_page_about_policies_is_true(admin):
    page = pathlib.Path(__file__).parent.parent / "docs" / "policies.md"
    commands = 0
    for kind, name, body in re.findall(r"```(\w+) ?(\S*)\n(.*?)```", page.read_text(), re.S):
        if name:
            admin.home.joinpath(name).write_text(body)
            continue
        for line in body.strip().splitlines():
            command, _, expected = line.partition(" # exit ")
            done = admin.run(command.replace("rolecall", BINARY, 1))
            assert done.returncode == int(expected or 0), f"{command}\n{done.stdout}\n{done.stderr}"
            commands += 1
    assert commands == 9
