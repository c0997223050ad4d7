"""Fixtures: a server for each test module, a shell for each test."""

import pytest

from server import Server, Shell


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    assert server.stop() == 0, "the server must end cleanly"


@pytest.fixture
def shell(server, tmp_path):
    return Shell(server, tmp_path / "home")
