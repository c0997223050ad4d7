"""Many accounts in one server, and an organization over them, through the stock AWS CLI and boto3."""

import json
import pathlib
import re
import subprocess

import botocore.exceptions
import pytest

from server import ACCOUNT, BINARY, Server, Shell, clean_environment

PARTNER, MEMBER = "111122223333", "444455556666"
ROOTS = {PARTNER: ("partnerroot", "partnersecret"), MEMBER: ("memberroot", "membersecret")}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    flags = [f"{account}:{key}:{secret}" for account, (key, secret) in ROOTS.items()]
    directory = tmp_path_factory.mktemp("server")
    server = Server(directory, *[part for flag in flags for part in ("--account", flag)])
    yield server
    assert server.stop() == 0


@pytest.fixture
def people(server, tmp_path):
    """A shell whose profiles are the root users of all accounts."""
    shell = Shell(server, tmp_path / "home")
    shell.configure("own", server.key, server.secret, "us-east-1")
    shell.configure("partner", *ROOTS[PARTNER], "us-east-1")
    shell.configure("member", *ROOTS[MEMBER], "us-east-1")
    return shell


def answer(shell, command):
    return json.loads(shell.ok(f"aws {command} --output json"))


def test_the_root_of_a_declared_account_is_who_it_says(people):
    who = answer(people, "sts get-caller-identity --profile partner")
    assert who == {"UserId": PARTNER, "Account": PARTNER, "Arn": f"arn:aws:iam::{PARTNER}:root"}
    assert answer(people, "iam get-user --profile partner")["User"]["Arn"] == who["Arn"]


def test_the_operator_creates_lists_and_closes_accounts(server, people):
    environment = clean_environment() | server.root_environment()

    def rolecall(*words):
        command = [BINARY, "account", *words, "--output", "json"]
        return json.loads(subprocess.run(command, check=True, env=environment, capture_output=True).stdout)

    made = rolecall("create", "--id", "777788889999", "--name", "Made here", "--email", "made@here.example")
    sts = server.client("sts", made["AccessKeyId"], made["SecretAccessKey"])
    assert sts.get_caller_identity()["Account"] == "777788889999"
    listed = {account["AccountId"]: account for account in rolecall("list")["Accounts"]}
    assert {ACCOUNT, PARTNER, MEMBER, "777788889999"} <= set(listed)
    assert "SecretAccessKey" not in listed["777788889999"]
    rolecall("close", "777788889999")
    assert rolecall("describe", "777788889999")["Status"] == "SUSPENDED"
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        sts.get_caller_identity()
    assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"
    stranger = {"AWS_ACCESS_KEY_ID": ROOTS[PARTNER][0], "AWS_SECRET_ACCESS_KEY": ROOTS[PARTNER][1]}
    done = subprocess.run([BINARY, "account", "list"], env=environment | stranger, capture_output=True, text=True)
    assert done.returncode == 1 and "AccessDenied" in done.stderr


def test_a_role_of_another_account_with_an_external_id(server, people):
    """A customer's role for a vendor: external id right, wrong and absent, and both sides' permission."""
    condition = {"StringEquals": {"sts:ExternalId": "customer-7"}}
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{PARTNER}:root"},
                "Action": "sts:AssumeRole",
                "Condition": condition,
            }
        ],
    }
    people.ok(
        "aws iam create-role --profile own --role-name vendor "
        f"--assume-role-policy-document '{json.dumps(trust)}'\n"
        "aws iam attach-role-policy --profile own --role-name vendor "
        "--policy-arn arn:aws:iam::aws:policy/AmazonS3FullAccess\n"
        "aws iam create-user --profile partner --user-name worker"
    )
    key = answer(people, "iam create-access-key --profile partner --user-name worker")["AccessKey"]
    people.configure("worker", key["AccessKeyId"], key["SecretAccessKey"], "us-east-1")
    role = f"arn:aws:iam::{ACCOUNT}:role/vendor"
    assume = f"aws sts assume-role --profile worker --role-arn {role} --role-session-name work"
    denied = f"User: arn:aws:iam::{PARTNER}:user/worker is not authorized to perform: sts:AssumeRole on resource: {role}"
    assert denied in people.fails(f"{assume} --external-id customer-7"), "its own account must allow it, too"
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}]}
    people.ok(
        "aws iam put-user-policy --profile partner --user-name worker --policy-name assume "
        f"--policy-document '{json.dumps(allow)}'"
    )
    assert denied in people.fails(assume)
    assert denied in people.fails(f"{assume} --external-id customer-8")
    people.ok(f"{assume} --external-id customer-7")
    people.ok(
        f"aws configure set profile.vendor.role_arn {role}\n"
        "aws configure set profile.vendor.source_profile worker\n"
        "aws configure set profile.vendor.external_id customer-7\n"
        "aws configure set profile.vendor.region us-east-1"
    )
    assert answer(people, "sts get-caller-identity --profile vendor")["Account"] == ACCOUNT
    people.ok("aws s3 mb s3://made-across --profile vendor")
    assert "made-across" in people.ok("aws s3 ls --profile own")
    assert "made-across" not in people.ok("aws s3 ls --profile partner")


def test_a_bucket_shared_with_another_account(server, people):
    people.ok("aws s3 mb s3://shared-across --profile own\necho hello > f\naws s3 cp f s3://shared-across/f --profile own")
    assert "AccessDenied" in people.fails("aws s3api get-object --bucket shared-across --key f o --profile partner")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": PARTNER},
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "arn:aws:s3:::shared-across/*",
            }
        ],
    }
    people.ok(f"aws s3api put-bucket-policy --profile own --bucket shared-across --policy '{json.dumps(policy)}'")
    people.ok("aws s3api get-object --bucket shared-across --key f o --profile partner\ngrep hello o")
    complaint = people.fails("aws s3api list-objects-v2 --bucket shared-across --profile partner")
    assert complaint.strip().endswith("Access Denied")
    expected = "aws s3api head-bucket --bucket shared-across --profile own --expected-bucket-owner"
    people.ok(f"{expected} {ACCOUNT}")
    people.fails(f"{expected} {PARTNER}")


def test_an_organization_and_what_it_denies(server, people):
    made = answer(people, "organizations create-organization --feature-set ALL --profile own")["Organization"]
    assert made["MasterAccountId"] == ACCOUNT and made["FeatureSet"] == "ALL"
    root = answer(people, "organizations list-roots --profile own")["Roots"][0]["Id"]
    people.ok(
        f"aws organizations enable-policy-type --root-id {root} --policy-type SERVICE_CONTROL_POLICY --profile own"
    )
    status = answer(
        people, "organizations create-account --email new@org.example --account-name New --profile own"
    )["CreateAccountStatus"]
    request = f"organizations describe-create-account-status --create-account-request-id {status['Id']} --profile own"
    done = answer(people, request)["CreateAccountStatus"]
    assert done["State"] == "SUCCEEDED"
    new = done["AccountId"]
    admin = server.client("iam")
    admin.create_user(UserName="org-admin")
    admin.attach_user_policy(
        UserName="org-admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    key = admin.create_access_key(UserName="org-admin")["AccessKey"]
    people.configure("org-admin", key["AccessKeyId"], key["SecretAccessKey"], "us-east-1")
    people.ok(
        f"aws configure set profile.new.role_arn arn:aws:iam::{new}:role/OrganizationAccountAccessRole\n"
        "aws configure set profile.new.source_profile org-admin\n"
        "aws configure set profile.new.region us-east-1"
    )
    people.ok("aws iam create-user --user-name before --profile new")
    target = f"Id={MEMBER},Type=ACCOUNT"
    invite = answer(people, f"organizations invite-account-to-organization --target {target} --profile own")
    people.ok(f"aws organizations accept-handshake --handshake-id {invite['Handshake']['Id']} --profile member")
    assert len(answer(people, "organizations list-accounts --profile own")["Accounts"]) == 3
    unit = answer(
        people, f"organizations create-organizational-unit --parent-id {root} --name Workloads --profile own"
    )["OrganizationalUnit"]["Id"]
    for account in (new, MEMBER):
        people.ok(
            f"aws organizations move-account --account-id {account} --source-parent-id {root} "
            f"--destination-parent-id {unit} --profile own"
        )
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}]}
    policy = answer(
        people,
        "organizations create-policy --name no-users --description none --type SERVICE_CONTROL_POLICY "
        f"--content '{json.dumps(deny)}' --profile own",
    )["Policy"]["PolicySummary"]
    people.ok(f"aws organizations attach-policy --policy-id {policy['Id']} --target-id {unit} --profile own")
    reason = f"with an explicit deny in a service control policy: {policy['Arn']}"
    complaint = people.fails("aws iam create-user --user-name after --profile new")
    session = f"arn:aws:sts::{new}:assumed-role/OrganizationAccountAccessRole/"
    assert f"User: {session}" in complaint and reason in complaint
    complaint = people.fails("aws iam create-user --user-name after --profile member")
    sentence = f"User: arn:aws:iam::{MEMBER}:root is not authorized to perform: iam:CreateUser on resource: "
    assert f"{sentence}arn:aws:iam::{MEMBER}:user/after {reason}" in complaint
    people.ok("aws iam create-user --user-name after --profile own")
    complaint = people.fails(f"aws organizations detach-policy --policy-id {policy['Id']} --target-id {unit} --profile member")
    assert "(AccessDeniedException)" in complaint and "You don't have permissions to access this resource." in complaint
    listed = answer(people, f"organizations list-targets-for-policy --policy-id {policy['Id']} --profile own")
    assert [target["TargetId"] for target in listed["Targets"]] == [unit]
    people.ok(f"aws organizations detach-policy --policy-id {policy['Id']} --target-id {unit} --profile own")
    people.ok("aws iam create-user --user-name after --profile member")
    complaint = people.fails("aws organizations describe-organization --profile partner")
    assert "(AWSOrganizationsNotInUseException)" in complaint


def test_boto3_pages_and_typed_errors(server):
    organizations = server.client("organizations")
    pages = organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})
    assert [len(page["Accounts"]) for page in pages] == [1, 1, 1]
    with pytest.raises(organizations.exceptions.PolicyNotFoundException):
        organizations.describe_policy(PolicyId="p-unknown000")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        organizations.describe_account(AccountId="1")
    assert refused.value.response["Error"]["Code"] == "InvalidInputException"


def test_a_root_session_opens_a_bucket_that_locks_everybody_out(server, people):
    key = server.client("iam").create_access_key(UserName="org-admin")["AccessKey"]
    people.configure("org-admin", key["AccessKeyId"], key["SecretAccessKey"], "us-east-1")
    lock = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::locked-out", "arn:aws:s3:::locked-out/*"],
            }
        ],
    }
    people.ok(
        "aws s3 mb s3://locked-out --profile member\n"
        f"aws s3api put-bucket-policy --profile member --bucket locked-out --policy '{json.dumps(lock)}'"
    )
    people.fails("aws s3 ls s3://locked-out --profile member")
    task = "arn=arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"
    assume = f"sts assume-root --target-principal {MEMBER} --task-policy-arn {task} --profile org-admin"
    assert "(AccessDenied)" in people.fails(f"aws {assume}"), "root sessions are not enabled"
    people.ok(
        "aws organizations enable-aws-service-access --service-principal iam.amazonaws.com --profile own\n"
        "aws iam enable-organizations-root-sessions --profile own"
    )
    root = server.session_client("s3", answer(people, assume)["Credentials"])
    with pytest.raises(botocore.exceptions.ClientError):
        root.list_objects_v2(Bucket="locked-out")
    root.delete_bucket_policy(Bucket="locked-out")
    people.ok("aws s3 ls s3://locked-out --profile member")


def test_the_page_on_accounts_assumes_a_members_root_as_it_stands(server, people):
    """Invited first, as the page's commands before these do; the organization may be there already."""
    organizations = server.client("organizations")
    try:
        organizations.create_organization(FeatureSet="ALL")
    except organizations.exceptions.AlreadyInOrganizationException:
        pass
    target = {"Id": PARTNER, "Type": "ACCOUNT"}
    invite = organizations.invite_account_to_organization(Target=target)["Handshake"]["Id"]
    people.ok(f"aws organizations accept-handshake --handshake-id {invite} --profile partner")
    page = (pathlib.Path(__file__).parent.parent / "docs" / "accounts.md").read_text()
    blocks = re.findall(r"^```bash\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    script = "\n".join(blocks).replace("org-admin", "page-admin")
    people.environment |= server.root_environment()
    printed = people.ok("set -e\n" + script)
    assert '"AccessKeyId": "ASIA' in printed
    refused = people.fails(blocks[1])
    assert "(AccessDenied)" in refused, "root assumes nothing"
