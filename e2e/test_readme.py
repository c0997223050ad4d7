"""The README's five minutes: its code blocks run as they stand."""

import pathlib
import re

README = pathlib.Path(__file__).parent.parent / "README.md"


def test_the_blocks_of_the_readme_work_in_order(server, shell):
    blocks = re.findall(r"^```bash\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3
    shell.environment |= server.root_environment()
    printed = shell.ok("set -e\n" + "\n".join(blocks))
    assert printed.count("refused, as it should be") == 2
    assert "assumed-role/reader/me" in printed
    assert (shell.home / "downloaded.txt").read_text() == "hello\n"
