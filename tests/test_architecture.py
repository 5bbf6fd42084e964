"""Rules of the house that no linter knows. The floors are in pyproject.toml (import-linter)."""

from __future__ import annotations

import ast
import json
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PACKAGE_ROOT = ROOT / "extractor"
PACKAGE = sorted(PACKAGE_ROOT.rglob("*.py"))
SCHEMAS = sorted((ROOT / "schemas").rglob("*.py"))
LONGEST_FUNCTION = 60


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def where(path: Path, node: ast.stmt | ast.expr) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def imported(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Each module or name that is imported, as a dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            yield from ((node, f"{start}.{alias.name}") for alias in node.names)


def test_there_is_something_to_check() -> None:
    assert PACKAGE
    assert SCHEMAS


def test_functions_are_short() -> None:
    """A function over 60 lines is two functions, or its docstring says `Long because ...`."""
    long = []
    for path in PACKAGE:
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            reasons = [
                line
                for line in (ast.get_docstring(node) or "").splitlines()
                if line.startswith("Long because")
            ]
            if lines > LONGEST_FUNCTION and not reasons:
                long.append(f"{where(path, node)} {node.name}: {lines} lines")
    assert not long, "functions over 60 lines without a reason:\n" + "\n".join(long)


def test_only_cli_and_settings_read_the_environment() -> None:
    names = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    found = []
    for path in PACKAGE:
        if path in {PACKAGE_ROOT / "cli" / "parts.py", PACKAGE_ROOT / "settings.py"}:
            continue
        tree = parsed(path)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "os"
                and node.attr in names
            ):
                found.append(f"{where(path, node)} os.{node.attr}")
        found += [
            f"{where(path, node)} {name}"
            for node, name in imported(tree)
            if name in {f"os.{each}" for each in names}
        ]
    assert not found, "the environment is read outside cli and settings:\n" + "\n".join(found)


def test_only_model_modules_use_the_http_of_the_standard_library() -> None:
    """The import linter sees third-party clients only; `urllib.parse` is free to all."""
    allowed = {
        PACKAGE_ROOT / f"{name}.py"
        for name in ("openai_model", "embedded/engine", "embedded/download")
    }
    clients = ("urllib.request", "urllib.error", "http.client")
    found = [
        f"{where(path, node)} {name}"
        for path in PACKAGE
        if path not in allowed
        for node, name in imported(parsed(path))
        if any(name == client or name.startswith(f"{client}.") for client in clients)
    ]
    report = "\n".join(found)
    assert not found, f"HTTP outside openai_model and embedded:\n{report}"


def test_schemas_import_only_the_records() -> None:
    """So that a schema keeps loading, and a record keeps its meaning, when the core changes."""
    free = {"pydantic", "extractor.records"} | set(sys.stdlib_module_names)
    found = [
        f"{where(path, node)} {name}"
        for path in SCHEMAS
        for node, name in imported(parsed(path))
        if name.split(".")[0] not in free and ".".join(name.split(".")[:2]) not in free
    ]
    assert not found, "schemas import more than extractor.records:\n" + "\n".join(found)


def test_import_stays_light() -> None:
    """Users who only validate records or read articles do not pay for clients and servers."""
    heavy = ["fastapi", "fastwarc", "fsspec", "instructor", "jinja2", "openai", "pyarrow",
             "sqlalchemy", "trafilatura", "vcr", "xllamacpp"]  # fmt: skip
    program = "import extractor, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not set(heavy) & set(json.loads(done.stdout))


def requirements(project: dict[str, Any]) -> Iterator[Requirement]:
    """All that pyproject.toml asks for: to run, with each extra, to develop, to build."""
    yield from map(Requirement, project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        yield from map(Requirement, extra)
    for group in project["dependency-groups"].values():
        yield from map(Requirement, group)
    yield from map(Requirement, project["build-system"]["requires"])


def test_lock_satisfies_pyproject() -> None:
    """`make` installs the lock only, so what the lock forgets is missing."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock, flags=re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    unmet = [
        str(requirement)
        for requirement in requirements(project)
        if not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), "0"))
    ]
    assert not unmet, f"requirements.lock does not pin {', '.join(unmet)}: run make lock"
    assert "://" not in lock, "requirements.lock names an address; make lock leaves them out"


@pytest.mark.parametrize("address", [("192.0.2.1", 443), ("2001:db8::1", 443)])
def test_connections_to_other_machines_are_blocked(
    address: tuple[str, int], blocked_connections: list[str]
) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as client:
        with pytest.raises(RuntimeError, match="no other machine"):
            client.connect(address)
        with pytest.raises(RuntimeError, match="no other machine"):
            client.connect_ex(address)
    with pytest.raises(RuntimeError, match="no other machine"):
        socket.getaddrinfo("model.example", 443)
    assert len(blocked_connections) == 3
    blocked_connections.clear()


@given(st.integers(min_value=0, max_value=255))
def test_loopback_is_free(last: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
    assert socket.getaddrinfo(f"127.0.0.{last}", 80)
