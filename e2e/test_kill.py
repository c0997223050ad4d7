"""A server killed without warning under load: what it acknowledged is there, whole, and recorded.

Three kills in the quick lane; two hundred when ROLECALL_SLOW is set.
"""

import glob
import hashlib
import json
import os
import pathlib
import random
import threading
import time

import botocore.exceptions

from server import Server

KILLS = 200 if os.environ.get("ROLECALL_SLOW") else 3
SEED = int(os.environ.get("ROLECALL_SEED", "20261122"))


class Writer(threading.Thread):
    """Writes objects of all sizes and makes users until the server is gone; remembers what was acknowledged."""

    def __init__(self, server: Server, name: str, seed: int):
        super().__init__(daemon=True)
        self.s3, self.iam = server.client("s3"), server.client("iam")
        self.name, self.random = name, random.Random(seed)
        self.objects: dict[str, str] = {}
        self.users: list[str] = []
        self.started = 0

    def run(self):
        try:
            for n in range(100_000):
                self.started = n
                if n % 5 == 4:
                    self.iam.create_user(UserName=f"{self.name}-{n}")
                    self.users.append(f"{self.name}-{n}")
                    continue
                body = self.random.randbytes(self.random.choice([10, 5_000, 20_000, 300_000]))
                self.s3.put_object(Bucket="killed", Key=f"{self.name}/{n}", Body=body)
                self.objects[f"{self.name}/{n}"] = hashlib.sha256(body).hexdigest()
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
            return


def check(server: Server, writers: list[Writer]) -> None:
    s3, iam = server.client("s3"), server.client("iam")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="killed")
    listed = {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}
    for writer in writers:
        for key, digest in writer.objects.items():
            body = s3.get_object(Bucket="killed", Key=key)["Body"].read()
            assert hashlib.sha256(body).hexdigest() == digest, key
        for name in writer.users:
            assert iam.get_user(UserName=name)["User"]["UserName"] == name
        # At most the write that was on its way may be there besides: whole, or not at all.
        own = {key for key in listed if key.startswith(f"{writer.name}/")}
        for key in own - set(writer.objects):
            assert len(s3.get_object(Bucket="killed", Key=key)["Body"].read()) == listed[key]
        assert len(own - set(writer.objects)) <= 1


def recorded(server: Server) -> set[str]:
    """The object keys and user names in the audit log."""
    names = set()
    for path in glob.glob(str(server.directory / "data" / "audit" / "*.jsonl")):
        for line in open(path):
            asked = json.loads(line)["requestParameters"] or {}
            names.add(asked.get("key") or asked.get("userName"))
    return names


def killed_under_load(directory: pathlib.Path, kills: int):
    """Kills a server while it is written to, again and again; after each kill the next server and the writers."""
    chance = random.Random(SEED)
    print(f"seed {SEED}, {kills} kills")
    server = Server(directory)
    server.client("s3").create_bucket(Bucket="killed")
    for kill in range(kills):
        writers = [Writer(server, f"{kill:03}-{n}", SEED + kill * 10 + n) for n in range(3)]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.05, 0.6))
        server.process.kill()
        server.process.wait()
        for writer in writers:
            writer.join(timeout=30)
        began = time.monotonic()
        server = Server(directory)
        server.client("sts").get_caller_identity()
        assert time.monotonic() - began < 2, "the server must be back within two seconds"
        yield server, writers
    assert server.stop() == 0


def test_flt_01_what_was_acknowledged_survives_kills(tmp_path):
    for server, writers in killed_under_load(tmp_path, KILLS):
        check(server, writers)


def test_aud_03_every_acknowledged_change_has_its_record_after_kills(tmp_path):
    acknowledged = 0
    for server, writers in killed_under_load(tmp_path, KILLS):
        names = recorded(server)
        for writer in writers:
            own = set(writer.objects) | set(writer.users)
            assert own <= names, "an acknowledged change has no record"
            acknowledged += len(own)
    assert acknowledged > 0
