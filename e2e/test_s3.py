"""S3 through stock clients: the CLI's transfer commands, presigned URLs, forms, multipart uploads."""

import hashlib
import json
import os

import botocore.exceptions
import pytest
import requests

from server import ACCOUNT, Shell


@pytest.fixture(scope="module")
def s3(server):
    return server.client("s3")


@pytest.fixture
def root_shell(server, tmp_path):
    shell = Shell(server, tmp_path / "home")
    shell.environment |= server.root_environment()
    return shell


def code(refused) -> str:
    return refused.value.response["Error"]["Code"]


def test_mb_cp_ls_sync_mv_rm_rb(root_shell):
    sh = root_shell
    sh.ok("aws s3 mb s3://cli-bucket")
    sh.ok("mkdir -p tree/deep && echo one > tree/one.txt && echo two > tree/deep/two.txt && echo é > 'tree/a +é.txt'")
    sh.ok("aws s3 sync tree s3://cli-bucket/tree")
    listing = sh.ok("aws s3 ls --recursive s3://cli-bucket")
    assert all(name in listing for name in ["tree/one.txt", "tree/deep/two.txt", "tree/a +é.txt"])
    assert "PRE deep/" in sh.ok("aws s3 ls s3://cli-bucket/tree/")
    sh.ok("aws s3 sync s3://cli-bucket/tree back && diff -r tree back")
    assert sh.ok("aws s3 sync s3://cli-bucket/tree back") == ""
    sh.ok("aws s3 mv s3://cli-bucket/tree/one.txt s3://cli-bucket/moved.txt")
    assert sh.ok("aws s3 cp s3://cli-bucket/moved.txt -") == "one\n"
    assert "BucketNotEmpty" in sh.fails("aws s3 rb s3://cli-bucket")
    sh.ok("aws s3 rm --recursive s3://cli-bucket")
    sh.ok("aws s3 rb s3://cli-bucket")
    assert "cli-bucket" not in sh.ok("aws s3 ls")


def test_a_large_file_goes_in_parts_and_comes_back_whole(root_shell, s3):
    data = os.urandom(21 * 1024 * 1024 + 5)
    (root_shell.home / "large").write_bytes(data)
    root_shell.ok("aws s3 mb s3://large-bucket && aws s3 cp large s3://large-bucket/large")
    head = s3.head_object(Bucket="large-bucket", Key="large")
    assert head["ETag"].strip('"').endswith("-3") and head["ContentLength"] == len(data)
    root_shell.ok("aws s3 cp s3://large-bucket/large again")
    assert hashlib.sha256((root_shell.home / "again").read_bytes()).digest() == hashlib.sha256(data).digest()
    part = s3.get_object(Bucket="large-bucket", Key="large", Range="bytes=8388600-8388620")["Body"].read()
    assert part == data[8388600:8388621]


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls_of_both_versions(server, version):
    client = server.client("s3", signature_version=version)
    bucket = f"presigned-{version}"
    server.client("s3").create_bucket(Bucket=bucket)
    place = {"Bucket": bucket, "Key": "a key/+é.txt"}
    assert requests.put(client.generate_presigned_url("put_object", Params=place), data=b"by url").status_code == 200
    url = client.generate_presigned_url("get_object", Params=place)
    assert requests.get(url).content == b"by url"
    assert requests.get(url.replace("txt", "tx")).status_code == 403
    assert requests.get(url, headers={"x-amz-meta-extra": "1"}).status_code == 403
    gone = client.generate_presigned_url("get_object", Params=place, ExpiresIn=60)
    server.advance(61)
    answer = requests.get(gone)
    assert answer.status_code == 403 and "Request has expired" in answer.text


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_forms(server, version):
    client = server.client("s3", signature_version=version)
    bucket, s3 = f"forms-{version}", server.client("s3")
    s3.create_bucket(Bucket=bucket)
    form = client.generate_presigned_post(bucket, "up/${filename}", Conditions=[["content-length-range", 1, 10]])
    answer = requests.post(form["url"], data=form["fields"], files={"file": ("name.txt", b"12345")})
    assert answer.status_code == 204, answer.text
    assert s3.get_object(Bucket=bucket, Key="up/name.txt")["Body"].read() == b"12345"
    answer = requests.post(form["url"], data=form["fields"], files={"file": ("long.txt", b"12345678901")})
    assert (answer.status_code, "EntityTooLarge" in answer.text) == (400, True)
    answer = requests.post(form["url"], data=form["fields"] | {"acl": "private"}, files={"file": ("x", b"1")})
    assert answer.status_code == 403
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_conditions_ranges_and_copies(s3):
    s3.create_bucket(Bucket="conditions")
    put = s3.put_object(Bucket="conditions", Key="k", Body=b"0123456789", Metadata={"a": "b"}, ContentType="x/y")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.put_object(Bucket="conditions", Key="k", Body=b"other", IfNoneMatch="*")
    assert code(refused) == "PreconditionFailed"
    got = s3.get_object(Bucket="conditions", Key="k", IfMatch=put["ETag"], Range="bytes=-3")
    assert (got["Body"].read(), got["ContentRange"], got["Metadata"]) == (b"789", "bytes 7-9/10", {"a": "b"})
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.get_object(Bucket="conditions", Key="k", IfNoneMatch=put["ETag"])
    assert code(refused) == "304"
    s3.copy_object(Bucket="conditions", Key="copy", CopySource={"Bucket": "conditions", "Key": "k"})
    assert s3.get_object(Bucket="conditions", Key="copy")["ContentType"] == "x/y"
    keys = {"Objects": [{"Key": "k"}, {"Key": "copy"}, {"Key": "absent"}]}
    assert len(s3.delete_objects(Bucket="conditions", Delete=keys)["Deleted"]) == 3
    s3.delete_bucket(Bucket="conditions")


def test_listings_page_through_everything_once(s3):
    s3.create_bucket(Bucket="listing")
    names = [f"{folder}/{n:03}" for folder in "abc" for n in range(15)] + ["top"]
    for name in names:
        s3.put_object(Bucket="listing", Key=name, Body=b"x")
    for operation in ["list_objects", "list_objects_v2"]:
        pages = s3.get_paginator(operation).paginate(Bucket="listing", PaginationConfig={"PageSize": 7})
        assert [item["Key"] for page in pages for item in page["Contents"]] == names
    page = s3.list_objects_v2(Bucket="listing", Delimiter="/")
    assert [p["Prefix"] for p in page["CommonPrefixes"]] == ["a/", "b/", "c/"]
    assert [item["Key"] for item in page["Contents"]] == ["top"]


def test_a_bucket_policy_opens_one_prefix_to_everybody_named(server, s3):
    s3.create_bucket(Bucket="shared-by-policy")
    s3.put_object(Bucket="shared-by-policy", Key="open/a", Body=b"a")
    s3.put_object(Bucket="shared-by-policy", Key="closed/b", Body=b"b")
    key = server.new_user("bucket-reader")
    reader = server.client("s3", key["AccessKeyId"], key["SecretAccessKey"])
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        reader.get_object(Bucket="shared-by-policy", Key="open/a")
    assert code(refused) == "AccessDenied"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/bucket-reader"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::shared-by-policy/open/*",
    }
    s3.put_bucket_policy(
        Bucket="shared-by-policy", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    assert reader.get_object(Bucket="shared-by-policy", Key="open/a")["Body"].read() == b"a"
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        reader.get_object(Bucket="shared-by-policy", Key="closed/b")
    assert code(refused) == "AccessDenied"
    s3.delete_bucket_policy(Bucket="shared-by-policy")
    with pytest.raises(botocore.exceptions.ClientError):
        reader.get_object(Bucket="shared-by-policy", Key="open/a")


def test_checksums_that_clients_send_are_held_to(s3):
    s3.create_bucket(Bucket="checksums")
    for algorithm in ["CRC32", "SHA1", "SHA256"]:
        s3.put_object(Bucket="checksums", Key=algorithm, Body=b"abc", ChecksumAlgorithm=algorithm)
        head = s3.head_object(Bucket="checksums", Key=algorithm, ChecksumMode="ENABLED")
        assert head[f"Checksum{algorithm}"]
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.put_object(Bucket="checksums", Key="wrong", Body=b"abc", ChecksumSHA256="A" * 43 + "=")
    assert code(refused) == "BadDigest"
    assert "wrong" not in [item["Key"] for item in s3.list_objects_v2(Bucket="checksums")["Contents"]]


UNSET = {
    "get_bucket_cors": "NoSuchCORSConfiguration",
    "get_bucket_encryption": "ServerSideEncryptionConfigurationNotFoundError",
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
}


def test_settings_that_no_bucket_has_read_as_unset(s3):
    s3.create_bucket(Bucket="plain")
    for read, expected in UNSET.items():
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            getattr(s3, read)(Bucket="plain")
        assert code(refused) == expected
    assert s3.get_bucket_request_payment(Bucket="plain")["Payer"] == "BucketOwner"
    for read in ["accelerate_configuration", "logging", "notification_configuration", "versioning"]:
        answer = getattr(s3, f"get_bucket_{read}")(Bucket="plain")
        assert set(answer) == {"ResponseMetadata"}, read


def test_a_bucket_is_emptied_by_the_versions_it_lists(s3):
    s3.create_bucket(Bucket="emptied")
    for number in range(5):
        s3.put_object(Bucket="emptied", Key=f"folder {number}/ö", Body=b"x")
    pages = s3.get_paginator("list_object_versions").paginate(Bucket="emptied", PaginationConfig={"PageSize": 2})
    found = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for page in pages for entry in page["Versions"]]
    assert found == [{"Key": f"folder {number}/ö", "VersionId": "null"} for number in range(5)]
    answer = s3.delete_objects(Bucket="emptied", Delete={"Objects": found})
    assert len(answer["Deleted"]) == 5 and "Errors" not in answer
    s3.delete_bucket(Bucket="emptied")
