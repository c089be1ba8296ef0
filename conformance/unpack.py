"""Unpacks the downloaded suites: `unpack.py DOWNLOADS TARGET`.

In: a directory with the packages named in `suites.txt`. Out: `TARGET/json-schema/{draft2020-12,remotes,LICENSE}` and
`TARGET/bfcl/{*.json,possible_answer/*.json}`. It fails when the JSON Schema suite has not exactly the known number of
required tests, so that a suite that shrank is never taken for a suite that passes.
"""

import json
import pathlib
import sys
import tarfile
import zipfile

REQUIRED_TESTS = 1299
SUITE = "/tests/JSON-Schema-Test-Suite/"
BFCL = "bfcl_eval/data/"


def only(directory, pattern):
    found = sorted(directory.glob(pattern))
    if len(found) != 1:
        sys.exit(f"expected one `{pattern}` in `{directory}`, found {len(found)}")
    return found[0]


def write(target, relative, content):
    if ".." in pathlib.PurePosixPath(relative).parts:
        sys.exit(f"unexpected path `{relative}` in a package")
    path = target / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def schema_suite(package, target):
    with tarfile.open(package) as archive:
        for member in archive:
            _, found, relative = member.name.partition(SUITE)
            if not found or not member.isfile():
                continue
            relative = relative.removeprefix("tests/")
            if relative == "LICENSE" or relative.startswith(("draft2020-12/", "remotes/")):
                write(target, relative, archive.extractfile(member).read())


def count_required(directory):
    groups = [group for file in sorted(directory.glob("*.json")) for group in json.loads(file.read_bytes())]
    return sum(len(group["tests"]) for group in groups)


def bfcl(package, target):
    with zipfile.ZipFile(package) as archive:
        for name in archive.namelist():
            relative = name.removeprefix(BFCL)
            if relative == name or not relative.endswith(".json"):
                continue
            if relative.startswith("possible_answer/") or "/" not in relative:
                write(target, relative, archive.read(name))


def main():
    downloads, target = map(pathlib.Path, sys.argv[1:3])
    schema_suite(only(downloads, "jacobs_json_schema-*.tar.gz"), target / "json-schema")
    found = count_required(target / "json-schema" / "draft2020-12")
    if found != REQUIRED_TESTS:
        sys.exit(f"expected {REQUIRED_TESTS} required tests in the JSON Schema suite, found {found}")
    bfcl(only(downloads, "bfcl_eval-*.whl"), target / "bfcl")


main()
