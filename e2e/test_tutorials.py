"""The commands of five published tutorials on AssumeRole, as their readers type them."""

import json

import pytest

from server import ACCOUNT, trust


@pytest.fixture
def role(server):
    """Makes a role that trusts a user and carries managed policies; removes it afterwards."""
    iam, made = server.client("iam"), []

    def make(name, user, policies, condition=None):
        document = json.dumps(trust(f"arn:aws:iam::{ACCOUNT}:user/{user}", condition))
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        for policy in policies:
            iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
        made.append((name, policies))
        return arn

    yield make
    for name, policies in made:
        for policy in policies:
            iam.detach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
        iam.delete_role(RoleName=name)


def test_a_user_with_an_sts_policy_assumes_the_role_by_its_profile(server, shell, role):
    """The tutorial of the Terraform provider, by the CLI's own profile: role_arn and source_profile."""
    key = server.new_user("terraform-user")
    arn = role("terraform-role", "terraform-user", ["AmazonS3FullAccess", "AmazonEC2FullAccess"])
    iam = server.client("iam")
    statement = {"Sid": "VisualEditor0", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    policy = iam.create_policy(PolicyName="sts-policy", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="terraform-user", PolicyArn=policy)
    shell.configure("base", key["AccessKeyId"], key["SecretAccessKey"])
    shell.ok(f"aws configure set profile.assumed.role_arn {arn}")
    shell.ok("aws configure set profile.assumed.source_profile base")
    shell.ok("aws configure set profile.assumed.role_session_name any-name-here")
    shell.ok("aws configure set profile.assumed.region us-west-2")
    who = json.loads(shell.ok("aws sts get-caller-identity --profile assumed"))
    assert who["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/terraform-role/any-name-here"
    shell.ok("aws s3 mb s3://made-by-the-role --profile assumed")
    assert "made-by-the-role" in shell.ok("aws s3 ls --profile assumed")
    assert "AccessDenied" in shell.fails("aws s3 ls --profile base")


def test_the_executor_keeps_a_bucket_through_temporary_credentials(server, shell, role):
    """aws-sts-assumerole: configure, assume-role into a file, configure set aws_session_token, cp, ls."""
    key = server.new_user("taka_assume_role_bucket_executor")
    role("taka_assume_role_bucket_maintainer", "taka_assume_role_bucket_executor", [])
    bucket = "taka-assume-role-test"
    server.client("s3").create_bucket(Bucket=bucket)
    iam = server.client("iam")
    statements = [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{bucket}/*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    name = {"RoleName": "taka_assume_role_bucket_maintainer", "PolicyName": "bucket"}
    iam.put_role_policy(**name, PolicyDocument=document)
    shell.ok("aws --profile executor configure", f"{key['AccessKeyId']}\n{key['SecretAccessKey']}\nus-east-1\njson\n")
    printed = shell.ok(
        "aws --profile executor sts assume-role "
        f"--role-arn arn:aws:iam::{ACCOUNT}:role/taka_assume_role_bucket_maintainer "
        '--role-session-name "RoleSession1" > assume-role-output.txt\n'
        "cat assume-role-output.txt"
    )
    given = json.loads(printed)
    assert given["AssumedRoleUser"]["AssumedRoleId"].endswith(":RoleSession1")
    credentials = given["Credentials"]
    typed = f"{credentials['AccessKeyId']}\n{credentials['SecretAccessKey']}\nus-east-1\njson\n"
    shell.ok("aws --profile temp configure", typed)
    shell.ok(f"aws --profile temp configure set aws_session_token {credentials['SessionToken']}")
    who = json.loads(shell.ok("aws --profile temp sts get-caller-identity"))
    session = "assumed-role/taka_assume_role_bucket_maintainer/RoleSession1"
    assert (who["Account"], who["Arn"]) == (ACCOUNT, f"arn:aws:sts::{ACCOUNT}:{session}")
    shell.ok(f"touch foobar\naws --profile temp s3 cp foobar s3://{bucket}")
    assert "foobar" in shell.ok(f"aws --profile temp s3 ls s3://{bucket}")
    assert "AccessDenied" in shell.fails(f"aws --profile temp s3 rm s3://{bucket}/foobar")
    assert "AccessDenied" in shell.fails(f"aws --profile executor s3 ls s3://{bucket}")
    iam.delete_role_policy(**name)


def exports(credentials: dict) -> str:
    return (
        "set -e\nexport AWS_DEFAULT_REGION=us-west-2\n"
        f"export AWS_ACCESS_KEY_ID={credentials['AccessKeyId']}\n"
        f"export AWS_SECRET_ACCESS_KEY={credentials['SecretAccessKey']}\n"
        f"export AWS_SESSION_TOKEN={credentials['SessionToken']}\n"
    )


def test_the_deployer_exports_what_assume_role_gave(server, shell, role):
    """How to Assume IAM Role: who am I, denied, assume, export, allowed; then with an external id."""
    key = server.new_user("spa-deployment")
    arn = role("S3-CloudFront-Access", "spa-deployment", ["AmazonS3FullAccess", "CloudFrontFullAccess"])
    server.client("s3").create_bucket(Bucket="a-bucket-to-list")
    base = (
        f"export AWS_ACCESS_KEY_ID={key['AccessKeyId']} AWS_SECRET_ACCESS_KEY={key['SecretAccessKey']}\n"
        "export AWS_DEFAULT_REGION=us-west-2\n"
    )
    assert f"arn:aws:iam::{ACCOUNT}:user/spa-deployment" in shell.ok(base + "aws sts get-caller-identity")
    refused = shell.fails(base + "aws s3 ls")
    assert "An error occurred (AccessDenied) when calling the ListBuckets operation" in refused
    assert "because no identity-based policy allows the s3:ListAllMyBuckets action" in refused
    assume = f"aws sts assume-role --role-arn {arn} --role-session-name DeploySPA"
    credentials = json.loads(shell.ok(base + assume))["Credentials"]
    listing = shell.ok(exports(credentials) + "aws sts get-caller-identity\naws s3 ls")
    assert "assumed-role/S3-CloudFront-Access/DeploySPA" in listing
    assert "a-bucket-to-list" in listing


def test_an_external_id_must_be_the_right_one(server, shell, role):
    key = server.new_user("third-party")
    arn = role("external", "third-party", ["AmazonS3FullAccess"], {"StringEquals": {"sts:ExternalId": "some-id"}})
    base = (
        f"export AWS_ACCESS_KEY_ID={key['AccessKeyId']} AWS_SECRET_ACCESS_KEY={key['SecretAccessKey']}\n"
        "export AWS_DEFAULT_REGION=eu-central-1\n"
    )
    assume = base + f"aws sts assume-role --role-arn {arn} --role-session-name DeploySPA"
    denied = f"User: arn:aws:iam::{ACCOUNT}:user/third-party is not authorized to perform: sts:AssumeRole on resource: {arn}"
    assert denied in shell.fails(assume)
    assert denied in shell.fails(assume + " --external-id other-id")
    assert "ASIA" in shell.ok(assume + " --external-id some-id")


def test_a_profile_carries_external_id_duration_and_session_name(server, shell, role):
    key = server.new_user("profile-user")
    arn = role("profiled", "profile-user", ["AmazonS3ReadOnlyAccess"], {"StringEquals": {"sts:ExternalId": "x-1"}})
    shell.configure("base", key["AccessKeyId"], key["SecretAccessKey"])
    settings = {"role_arn": arn, "source_profile": "base", "external_id": "x-1", "duration_seconds": "900"}
    settings["region"] = "us-west-2"
    for name, value in settings.items():
        shell.ok(f"aws configure set profile.deploy.{name} {value}")
    shell.ok("aws configure set profile.deploy.role_session_name from-a-profile")
    who = json.loads(shell.ok("aws sts get-caller-identity --profile deploy"))
    assert who["Arn"].endswith("assumed-role/profiled/from-a-profile")
    shell.ok("aws configure set profile.deploy.external_id x-2 && rm -rf .aws/cli/cache")
    assert "AccessDenied" in shell.fails("aws sts get-caller-identity --profile deploy")


def test_a_read_only_role_lists_and_cannot_write(server, shell, role):
    """Temporary credentials instead of keys on an instance: AWS_PROFILE, AWS_SECURITY_TOKEN, ls, cp refused."""
    key = server.new_user("myteststsuser")
    arn = role("sts-s3-read-only", "myteststsuser", ["AmazonS3ReadOnlyAccess"])
    server.client("s3").create_bucket(Bucket="mytest-bucket")
    iam = server.client("iam")
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="myteststsuser", PolicyName="assume", PolicyDocument=document)
    shell.configure("ststestprofile", key["AccessKeyId"], key["SecretAccessKey"])
    profile = "export AWS_PROFILE=ststestprofile\n"
    assume = f'aws sts assume-role --role-arn {arn} --role-session-name "mytestsession"'
    credentials = json.loads(shell.ok(profile + assume))["Credentials"]
    export = (
        profile
        + f'export AWS_ACCESS_KEY_ID="{credentials["AccessKeyId"]}"\n'
        + f'export AWS_SECRET_ACCESS_KEY="{credentials["SecretAccessKey"]}"\n'
        + f'export AWS_SECURITY_TOKEN="{credentials["SessionToken"]}"\n'
    )
    assert "mytest-bucket" in shell.ok(export + "aws s3 ls")
    refused = shell.fails(export + "echo x > bucketest\naws s3 cp bucketest s3://mytest-bucket")
    assert "An error occurred (AccessDenied) when calling the PutObject operation" in refused
    assert "s3:PutObject" in refused
    assert server.client("s3").list_objects_v2(Bucket="mytest-bucket")["KeyCount"] == 0


IDIOMS = {
    "printf": r"""
export $(printf "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s" \
$(aws sts assume-role \
--role-arn $ROLE_ARN \
--role-session-name MySessionName \
--query "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]" \
--output text))
""",
    "jq": r"""
eval $(aws sts assume-role --role-arn $ROLE_ARN --role-session-name test \
| jq -r '.Credentials | "export AWS_ACCESS_KEY_ID=\(.AccessKeyId)\nexport AWS_SECRET_ACCESS_KEY=\(.SecretAccessKey)\nexport AWS_SESSION_TOKEN=\(.SessionToken)\n"')
""",
    "join": r"""
eval $(aws sts assume-role \
 --role-arn $ROLE_ARN \
 --role-session-name=test \
 --query 'join(``, [`export `, `AWS_ACCESS_KEY_ID=`, 
 Credentials.AccessKeyId, ` ; export `, `AWS_SECRET_ACCESS_KEY=`,
 Credentials.SecretAccessKey, `; export `, `AWS_SESSION_TOKEN=`,
 Credentials.SessionToken])' \
 --output text)
""",
}


@pytest.mark.parametrize("idiom", IDIOMS)
def test_the_shell_idioms_export_working_credentials(server, shell, role, idiom):
    """AWS Security Token Service: a user without permissions, a read-only role, three ways to export."""
    user = f"learnaws-test-user-{idiom}"
    key = server.new_user(user)
    arn = role(f"learnaws-role-{idiom}", user, ["AmazonS3ReadOnlyAccess"])
    server.client("s3").create_bucket(Bucket=f"my-learnaws-test-bucket-{idiom}")
    base = (
        f"export AWS_ACCESS_KEY_ID={key['AccessKeyId']} AWS_SECRET_ACCESS_KEY={key['SecretAccessKey']}\n"
        f"export AWS_DEFAULT_REGION=us-east-1 ROLE_ARN={arn}\n"
    )
    refused = shell.fails(base + "aws s3 ls")
    assert "An error occurred (AccessDenied) when calling the ListBuckets operation" in refused
    listing = shell.ok(base + IDIOMS[idiom] + "aws s3 ls\naws sts get-caller-identity --query Arn")
    assert f"my-learnaws-test-bucket-{idiom}" in listing
    assert f"assumed-role/learnaws-role-{idiom}/" in listing


def test_credentials_end_when_they_say(server, shell, role):
    key = server.new_user("short-lived")
    arn = role("short-role", "short-lived", ["AmazonS3ReadOnlyAccess"])
    sts = server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    given = sts.assume_role(RoleArn=arn, RoleSessionName="short", DurationSeconds=900)["Credentials"]
    s3 = server.session_client("s3", given)
    s3.list_buckets()
    server.advance(901)
    # The client's clock is the machine's, so only the server knows that time has passed: requests signed
    # now are outside the signature's window, and a presigned URL shows the expiry itself.
    with pytest.raises(s3.exceptions.ClientError) as refused:
        s3.list_buckets()
    assert refused.value.response["Error"]["Code"] in ("ExpiredToken", "RequestTimeTooSkewed")
