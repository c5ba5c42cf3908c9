#!/usr/bin/env python3
"""Checks what is linked into Moderato against deny.toml: licences, banned crates, sources.

A stand-in for `cargo deny check licenses bans sources`, which takes minutes to build.
Looks at the packages of Cargo.lock that the binary for this machine's platform is built
from, without those that only tests or build scripts use. Needs no network once the crate
has been built. Exits with 1 and one line per finding if there are any.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOKEN = re.compile(r"\s*([()]|[^\s()]+)")


def main() -> int:
    rules = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))
    packages = linked_packages()
    findings = [finding for package in packages for finding in check(package, rules)]
    for finding in findings:
        print(finding, file=sys.stderr)
    if not findings:
        print(f"{len(packages)} packages: licences, bans and sources as deny.toml has them")
    return 1 if findings else 0


def linked_packages() -> list[dict]:
    """Every package that the root package reaches by normal dependencies."""
    metadata = cargo_metadata()
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    seen, to_visit = {root}, [root]
    while to_visit:
        for dependency in nodes[to_visit.pop()]["deps"]:
            is_linked = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if is_linked and dependency["pkg"] not in seen:
                seen.add(dependency["pkg"])
                to_visit.append(dependency["pkg"])
    return sorted((packages[id] for id in seen - {root}), key=lambda package: package["name"])


def cargo_metadata() -> dict:
    host = re.search(r"^host: (.+)$", run("rustc", "-vV"), re.MULTILINE).group(1)
    arguments = ["--format-version=1", "--locked", "--offline", f"--filter-platform={host}"]
    return json.loads(run("cargo", "metadata", *arguments))


def run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def check(package: dict, rules: dict) -> list[str]:
    name = f"{package['name']} {package['version']}"
    findings = []
    licence = package["license"]
    try:
        if not is_allowed(licence or "", set(rules["licenses"]["allow"])):
            findings.append(f"{name}: licence {licence!r} is not covered by licenses.allow")
    except (ValueError, IndexError):
        findings.append(f"{name}: expected an SPDX licence expression, found {licence!r}")
    findings += [
        f"{name}: banned: {ban['reason']}"
        for ban in rules["bans"]["deny"]
        if ban["crate"] == package["name"]
    ]
    registries = {f"registry+{url}" for url in rules["sources"]["allow-registry"]}
    if package["source"] not in registries:
        findings.append(f"{name}: comes from {package['source']}, not from sources.allow-registry")
    return findings


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression can be met with `allowed`. Old crates write `/` for OR."""
    tokens = TOKEN.findall(expression.replace("/", " OR "))
    verdict = any_of(tokens, allowed)
    if tokens:
        raise ValueError(f"left over: {tokens}")
    return verdict


def any_of(tokens: list[str], allowed: set[str]) -> bool:
    verdict = all_of(tokens, allowed)
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        verdict = all_of(tokens, allowed) or verdict
    return verdict


def all_of(tokens: list[str], allowed: set[str]) -> bool:
    verdict = one(tokens, allowed)
    while tokens and tokens[0] == "AND":
        tokens.pop(0)
        verdict = one(tokens, allowed) and verdict
    return verdict


def one(tokens: list[str], allowed: set[str]) -> bool:
    licence = tokens.pop(0)
    if licence == "(":
        verdict = any_of(tokens, allowed)
        tokens.pop(0)
        return verdict
    if tokens and tokens[0] == "WITH":
        licence = " ".join([licence, tokens.pop(0), tokens.pop(0)])
    return licence in allowed


if __name__ == "__main__":
    sys.exit(main())
