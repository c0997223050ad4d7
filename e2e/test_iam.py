"""IAM and STS through boto3: what administrators do, and what must be refused."""

import json

import botocore.exceptions
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from server import ACCOUNT, trust

ALLOW_S3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def refusal(call, **arguments) -> dict:
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]


def test_managed_policies_have_versions_and_can_be_paged(server):
    iam = server.client("iam")
    arn = iam.create_policy(PolicyName="versions", PolicyDocument=json.dumps(ALLOW_S3))["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(ALLOW_S3), SetAsDefault=True)
    error = refusal(iam.create_policy_version, PolicyArn=arn, PolicyDocument=json.dumps(ALLOW_S3))
    assert error["Code"] == "LimitExceeded"
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v5")["PolicyVersion"]
    assert version["Document"] == ALLOW_S3 and version["IsDefaultVersion"]
    pages = iam.get_paginator("list_policies").paginate(Scope="All")
    arns = [policy["Arn"] for page in pages for policy in page["Policies"]]
    assert len(arns) == len(set(arns)) > 1500 and arn in arns


def test_a_used_policy_and_a_full_role_cannot_be_deleted(server):
    iam = server.client("iam")
    user = server.new_user("keeps-policy")
    arn = iam.create_policy(PolicyName="in-use", PolicyDocument=json.dumps(ALLOW_S3))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="keeps-policy", PolicyArn=arn)
    assert refusal(iam.delete_policy, PolicyArn=arn)["Code"] == "DeleteConflict"
    assert refusal(iam.delete_user, UserName="keeps-policy")["Code"] == "DeleteConflict"
    iam.detach_user_policy(UserName="keeps-policy", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    iam.delete_access_key(UserName="keeps-policy", AccessKeyId=user["AccessKeyId"])
    iam.delete_user(UserName="keeps-policy")
    assert refusal(iam.get_user, UserName="keeps-policy")["Code"] == "NoSuchEntity"


def test_groups_give_and_take_permissions_at_once(server):
    iam = server.client("iam")
    key = server.new_user("member")
    s3 = server.client("s3", key["AccessKeyId"], key["SecretAccessKey"])
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    assert refusal(s3.list_buckets)["Code"] == "AccessDenied"
    iam.add_user_to_group(GroupName="readers", UserName="member")
    s3.list_buckets()
    iam.remove_user_from_group(GroupName="readers", UserName="member")
    assert refusal(s3.list_buckets)["Code"] == "AccessDenied"


def test_an_inactive_key_is_refused_and_works_again(server):
    iam = server.client("iam")
    key = server.new_user("inactive")
    sts = server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    sts.get_caller_identity()
    iam.update_access_key(UserName="inactive", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert refusal(sts.get_caller_identity)["Code"] == "InvalidClientTokenId"
    iam.update_access_key(UserName="inactive", AccessKeyId=key["AccessKeyId"], Status="Active")
    assert sts.get_caller_identity()["Arn"].endswith("user/inactive")


def test_a_session_policy_and_a_boundary_only_narrow(server):
    iam = server.client("iam")
    key = server.new_user("narrow")
    document = json.dumps(trust(f"arn:aws:iam::{ACCOUNT}:user/narrow"))
    arn = iam.create_role(RoleName="wide", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="wide", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    sts = server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    listing = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}
    given = sts.assume_role(RoleArn=arn, RoleSessionName="narrow", Policy=json.dumps(listing))
    assert given["PackedPolicySize"] > 0
    s3 = server.session_client("s3", given["Credentials"])
    s3.list_buckets()
    error = refusal(s3.create_bucket, Bucket="narrow-bucket")
    assert error["Message"].split(". Call ")[0].endswith("because no session policy allows the s3:CreateBucket action")
    iam.put_role_permissions_boundary(
        RoleName="wide", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonEC2FullAccess"
    )
    given = sts.assume_role(RoleArn=arn, RoleSessionName="narrow")
    s3 = server.session_client("s3", given["Credentials"])
    error = refusal(s3.list_buckets)
    assert error["Message"].split(". Call ")[0].endswith("because no permissions boundary allows the s3:ListAllMyBuckets action")


def test_a_role_made_anew_does_not_revive_old_sessions(server):
    iam = server.client("iam")
    key = server.new_user("patient")
    document = json.dumps(trust(f"arn:aws:iam::{ACCOUNT}:user/patient"))
    arn = iam.create_role(RoleName="twice", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    sts = server.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    session = server.session_client("sts", sts.assume_role(RoleArn=arn, RoleSessionName="old")["Credentials"])
    session.get_caller_identity()
    iam.delete_role(RoleName="twice")
    assert refusal(session.get_caller_identity)["Code"] == "InvalidClientTokenId"
    iam.create_role(RoleName="twice", AssumeRolePolicyDocument=document)
    assert refusal(session.get_caller_identity)["Code"] == "InvalidClientTokenId"
    assert sts.assume_role(RoleArn=arn, RoleSessionName="new")["Credentials"]


def test_ssh_public_keys_are_kept_in_both_encodings(server):
    iam = server.client("iam")
    iam.create_user(UserName="commits")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    openssh = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    made = iam.upload_ssh_public_key(UserName="commits", SSHPublicKeyBody=f"{openssh} laptop")["SSHPublicKey"]
    named = {"UserName": "commits", "SSHPublicKeyId": made["SSHPublicKeyId"]}
    for encoding, body in (("SSH", openssh), ("PEM", pem)):
        shown = iam.get_ssh_public_key(**named, Encoding=encoding)["SSHPublicKey"]
        assert shown["SSHPublicKeyBody"] == body and shown["Fingerprint"] == made["Fingerprint"]
    error = refusal(iam.upload_ssh_public_key, UserName="commits", SSHPublicKeyBody=pem)
    assert error["Code"] == "DuplicateSSHPublicKey"
    iam.update_ssh_public_key(**named, Status="Inactive")
    [listed] = iam.list_ssh_public_keys(UserName="commits")["SSHPublicKeys"]
    assert listed["Status"] == "Inactive"
    assert refusal(iam.delete_user, UserName="commits")["Code"] == "DeleteConflict"
    iam.delete_ssh_public_key(**named)
    iam.delete_user(UserName="commits")


def test_what_is_not_served_says_so(server):
    error = refusal(server.client("iam").list_server_certificates)
    assert error["Code"] == "InvalidAction"
    assert error["Message"] == "Rolecall does not serve iam:ListServerCertificates."
    assert refusal(server.client("s3").get_bucket_analytics_configuration, Bucket="x-y-z", Id="1")["Code"] in (
        "NotImplemented",
        "NoSuchBucket",
    )
