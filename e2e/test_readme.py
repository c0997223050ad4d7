"""The README's five minutes: its code blocks run as they stand, twice in a row."""

import os
import pathlib
import re

from server import BINARY

README = pathlib.Path(__file__).parent.parent / "README.md"


def test_the_blocks_of_the_readme_work_in_order_and_once_more(server, shell):
    blocks = re.findall(r"^```bash\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    shell.environment |= server.root_environment() | {"ROLECALL_DATA_DIR": str(server.directory / "data")}
    shell.environment["PATH"] = str(pathlib.Path(BINARY).parent) + os.pathsep + shell.environment["PATH"]
    walk = "set -e\n" + "\n".join(blocks) + "\n"
    # The second walk begins in the shell that the first one leaves.
    printed = shell.ok(walk + walk)
    assert printed.count("refused, as it should be") == 4
    assert printed.count("assumed-role/reader/me") == 2
    assert printed.count("123456789012:root") == 2
    assert (shell.home / "downloaded.txt").read_text() == "hello\n"
    assert "learnaws-test-user" not in {user["UserName"] for user in server.client("iam").list_users()["Users"]}
