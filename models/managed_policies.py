"""Writes the AWS managed policies as the server carries them.

Usage: python3 models/managed_policies.py PATH/TO/moto/iam/aws_managed_policies.py

The input is a file of the PyPI package moto (Apache-2.0). The output is an index (JSON, deflated) and
all documents, each deflated on its own, in crates/rolecall-core/data/.
"""

import datetime
import importlib.util
import json
import pathlib
import sys
import zlib

OUT = pathlib.Path(__file__).parent.parent / "crates" / "rolecall-core" / "data"
MEMBERS = ["Version", "Id", "Statement"]


def deflate(text: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(text.encode()) + packer.flush()


def seconds(date: str) -> int:
    return int(datetime.datetime.fromisoformat(date).timestamp())


def load(path: str) -> dict:
    spec = importlib.util.spec_from_file_location("policies", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return json.loads(module.aws_managed_policies_data)


def main(path: str) -> None:
    index, documents = [], bytearray()
    for name, policy in sorted(load(path).items(), key=lambda item: item[0].encode()):
        document = {member: policy["Document"][member] for member in MEMBERS if member in policy["Document"]}
        packed = deflate(json.dumps(document, indent=2))
        index.append(
            {
                "name": name,
                "path": policy["Path"],
                "version": policy["DefaultVersionId"],
                "created": seconds(policy["CreateDate"]),
                "updated": seconds(policy["UpdateDate"]),
                "offset": len(documents),
                "length": len(packed),
            }
        )
        documents += packed
    OUT.mkdir(exist_ok=True)
    (OUT / "aws-managed-policies.index").write_bytes(deflate(json.dumps(index, separators=(",", ":"))))
    (OUT / "aws-managed-policies.documents").write_bytes(documents)
    print(f"{len(index)} policies, {len(documents)} bytes of documents")


if __name__ == "__main__":
    main(sys.argv[1])
