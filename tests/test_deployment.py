"""What stands in `deploy/` and `docs/examples/` is what the service is."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from typer.main import get_command

from extractor.cli import app
from extractor.embedded.engine import READY_SECONDS
from extractor.errors import SettingsError
from extractor.service import DRAIN_SECONDS
from extractor.service.guard import OPEN
from extractor.service.keys import hash_of, new_key, read_keys
from extractor.shards import GRACE_SECONDS
from tests.recorded import AS_RECORDED, CASES, CASSETTES, MODEL, ROOT, UNDER_GRAMMAR
from tests.replay_server import ReplayServer
from tests.test_service_jobs import PATIENCE, free_port

DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
SENDING_SECONDS = 30
"""How long the last spans and measurements may take to be sent: three times OTLP's time-out."""


def manifest(name: str) -> Any:
    return yaml.safe_load((KUBERNETES / f"{name}.yaml").read_text(encoding="utf-8"))


def pod() -> dict[str, Any]:
    found: dict[str, Any] = manifest("deployment")["spec"]["template"]["spec"]
    return found


def container() -> dict[str, Any]:
    [found] = pod()["containers"]
    assert isinstance(found, dict)
    return found


def composed() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, continued lines joined."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, rest.strip())
        for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())
    ]


# As long as the service needs to end


def test_the_pod_is_given_the_time_that_the_service_needs_to_end() -> None:
    before = container()["lifecycle"]["preStop"]["sleep"]["seconds"]
    needed = before + DRAIN_SECONDS + GRACE_SECONDS + SENDING_SECONDS
    assert needed <= pod()["terminationGracePeriodSeconds"] <= needed + 30


def test_compose_gives_the_same_time() -> None:
    grace = composed()["services"]["extractor"]["stop_grace_period"]
    assert re.fullmatch(r"\d+s", grace)
    assert int(grace.removesuffix("s")) >= DRAIN_SECONDS + GRACE_SECONDS + SENDING_SECONDS


# Probes, users, what may be written


def test_the_probes_ask_what_needs_no_key() -> None:
    probes = {name: container()[name]["httpGet"] for name in container() if name.endswith("Probe")}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startupProbe": "/healthz",
        "livenessProbe": "/healthz",
        "readinessProbe": "/readyz",
    }
    assert {probe["path"] for probe in probes.values()} <= OPEN
    [port] = container()["ports"]
    assert {probe["port"] for probe in probes.values()} == {port["name"]}
    assert str(port["containerPort"]) in container()["args"]
    start = container()["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] >= READY_SECONDS


def test_nobody_is_root_and_nothing_is_written_elsewhere() -> None:
    [user] = [rest for word, rest in instructions() if word == "USER"]
    uid = int(user.partition(":")[0])
    assert uid > 0
    assert pod()["securityContext"]["runAsUser"] == uid
    assert pod()["securityContext"]["runAsNonRoot"] is True
    context = container()["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    service = composed()["services"]["extractor"]
    assert service["read_only"] is True
    assert service["cap_drop"] == context["capabilities"]["drop"] == ["ALL"]
    written = {mount["mountPath"] for mount in container()["volumeMounts"]} - {"/etc/extractor"}
    assert written == {"/tmp", "/var/lib/extractor"}


def test_the_service_and_the_budget_are_for_these_pods() -> None:
    labels = manifest("deployment")["spec"]["template"]["metadata"]["labels"]
    assert manifest("service")["spec"]["selector"] == labels
    budget = manifest("poddisruptionbudget")["spec"]
    assert budget["selector"]["matchLabels"] == labels
    assert budget["minAvailable"] < manifest("deployment")["spec"]["replicas"]
    [port] = manifest("service")["spec"]["ports"]
    assert port["targetPort"] == container()["ports"][0]["name"]


def test_every_manifest_is_applied() -> None:
    named = set(manifest("kustomization")["resources"])
    assert named == {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}


def test_the_secret_lets_nobody_in_until_it_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(manifest("secret")["stringData"]["keys.toml"], encoding="utf-8")
    with pytest.raises(SettingsError, match="sha256"):
        read_keys(path)
    names = {each["valueFrom"]["secretKeyRef"]["key"] for each in env() if "valueFrom" in each}
    names |= {item["key"] for item in pod()["volumes"][0]["secret"]["items"]}
    assert names == set(manifest("secret")["stringData"])


def env() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = container()["env"]
    return found


def test_the_ledger_is_where_it_is_said_to_be() -> None:
    services = composed()["services"]
    address = services["extractor"]["environment"]["EXTRACTOR_LEDGER"]
    password = services["ledger"]["environment"]["POSTGRES_PASSWORD"]
    assert address == f"postgresql://extractor:{password}@ledger:5432/extractor"
    assert services["extractor"]["depends_on"]["ledger"]["condition"] == "service_healthy"
    assert services["ledger"]["healthcheck"]["test"][1] == "pg_isready"
    assert "ports" not in services["ledger"], "it is reached by the service alone"
    assert "EXTRACTOR_LEDGER" in {each["name"] for each in env() if "valueFrom" in each}
    assert "--keep" not in container()["args"], "a folder belongs to one service"
    [install] = [rest for word, rest in instructions() if word == "RUN" and "[serve" in rest]
    assert "postgres" in install


# Commands that are the program's


@pytest.mark.parametrize("where", ["image", "pod"])
def test_the_command_is_one_of_the_program(where: str) -> None:
    [given] = [json.loads(rest) for word, rest in instructions() if word == "CMD"]
    name, *options = given if where == "image" else container()["args"]
    command = get_command(app).get_command(None, name)  # type: ignore[attr-defined]
    found = command.make_context(name, options).params
    assert (found["host"], found["port"]) == ("0.0.0.0", 8000)
    assert found["keys"], "it is reached from other machines"


def test_all_that_is_installed_comes_from_the_lock() -> None:
    fetching = [rest for word, rest in instructions() if word == "RUN" and "pip" in rest]
    [download] = [rest for rest in fetching if "pip download" in rest]
    assert "--require-hashes" in download
    assert "--no-deps" in download
    [settings] = [rest for word, rest in instructions() if word == "ENV" and "PIP_" in rest]
    assert "PIP_NO_INDEX=1" in settings
    copied = {part for word, rest in instructions() if word == "COPY" for part in rest.split()[:-1]}
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for name in copied - {"/wheels", "/opt/extractor"}:
        if not name.startswith("--"):
            assert (ROOT / name).exists(), name
            assert f"!{name}" in ignored, name


@pytest.mark.skipif(shutil.which("docker") is None, reason="needs docker")
def test_compose_reads_its_file() -> None:
    known = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if known.returncode != 0:
        pytest.skip("docker has no compose")
    path = str(DEPLOY / "compose.yaml")
    subprocess.run(["docker", "compose", "-f", path, "config", "--quiet"], check=True, timeout=60)


# The examples, against the service in a process of its own


class Running(NamedTuple):
    address: str
    key: str
    process: subprocess.Popen[bytes]
    log: Path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("serve")
    key, keys, log, port = new_key(), folder / "keys.toml", folder / "log", free_port()
    keys.write_text(f'[analysts]\nsha256 = ["{hash_of(key)}"]\n', encoding="utf-8")
    address = f"http://127.0.0.1:{port}"
    with ReplayServer(CASSETTES) as server, log.open("wb") as stderr:
        options = ["--port", str(port), "--keys", str(keys), "--log-level", "debug"]
        options += ["--base-url", server.base_url, "--model", MODEL, *AS_RECORDED]
        process = subprocess.Popen(
            [sys.executable, "-m", "extractor", "serve", *options],
            cwd=ROOT,
            env={**os.environ, **UNDER_GRAMMAR},
            stderr=stderr,
        )
        try:
            until_it_is_up(address, process)
            yield Running(address, key, process, log)
        finally:
            process.kill()
            process.wait(PATIENCE)


def until_it_is_up(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("the service did not come up")


def example(name: str, running: Running, article: Path, key: str) -> tuple[int, str, str]:
    program = {"client.py": sys.executable, "client.sh": "sh"}[name]
    done = subprocess.run(
        [program, str(ROOT / "docs" / "examples" / name), str(article), running.address],
        env={**os.environ, "EXTRACTOR_KEY": key},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def article(tmp_path: Path) -> Path:
    case = json.loads((CASES / "bus-bombing-claim.json").read_text(encoding="utf-8"))
    path = tmp_path / "article.json"
    path.write_text(json.dumps(case["article"]), encoding="utf-8")
    return path


@pytest.mark.slow
def test_the_client_in_python(running: Running, article: Path) -> None:
    status, out, err = example("client.py", running, article, running.key)
    assert (status, err) == (0, "")
    assert out.startswith("status: ")
    assert re.search(r"^/main_event/\S+: quoted: '", out, re.M)


@pytest.mark.slow
def test_the_client_in_python_without_a_key(running: Running, article: Path) -> None:
    status, out, err = example("client.py", running, article, "xk_wrong")
    assert (status, out) == (1, "")
    assert "Unauthorized: the key is not known" in err
    assert "Authorization: Bearer" in err


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_client_in_curl(running: Running, article: Path) -> None:
    status, out, err = example("client.sh", running, article, running.key)
    assert (status, err) == (0, "")
    assert json.loads(out)["record"]
    status, out, _ = example("client.sh", running, article, "xk_wrong")
    assert status == 22
    assert json.loads(out)["status"] == 401


@pytest.mark.slow
def test_all_that_the_process_says_is_json(running: Running, article: Path) -> None:
    example("client.py", running, article, running.key)
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(PATIENCE)
    said = running.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in said.splitlines()]
    assert {"extractor.request", "uvicorn.error"} <= {line["logger"] for line in lines}
    assert [line["status"] for line in lines if line["event"] == "request"][-1] == 200
    assert running.key not in said
    text = json.loads(article.read_text(encoding="utf-8"))["text"]
    assert not [word for word in text.split("\n") if len(word) > 20 and word in said]
