"""The command line as a user meets it: what it says, where, and with which exit status."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from extractor import __version__
from tests.recorded import CASES, CASSETTES, MODEL, ROOT, command, command_at, recorded_cases
from tests.replay_server import ReplayServer
from tests.small_context import SmallContext

VISIT = CASES / "visit-conflicting-reports.json"
FLOOD = CASES / "flood-two-tolls.json"
NOBODY = "http://127.0.0.1:9/v1"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with ReplayServer(CASSETTES) as server:
        yield server.base_url


def test_it_says_its_version() -> None:
    assert command("--version").stdout == f"extractor {__version__}\n"


def test_text_shows_marked_evidence_within_80_columns(endpoint: str) -> None:
    done = command_at(endpoint, "extract", str(VISIT), env={"COLUMNS": "80"})
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b" not in done.stdout
    assert "main_event" in done.stdout
    assert re.search(r"\[[^]]+\]\d", done.stdout), "words of the article are marked and numbered"
    assert "tokens in" in done.stdout


def test_articles_come_from_standard_input(endpoint: str) -> None:
    article = json.loads(FLOOD.read_text(encoding="utf-8"))["article"]
    options = ["extract", "-", "--format", "json"]
    done = command_at(endpoint, *options, stdin=json.dumps(article))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["article"]["id"] == "flood-two-tolls"


def test_the_options_name_the_date_and_the_outlet(endpoint: str) -> None:
    options = ["--published", "2024-11-04", "--outlet", "Elsewhere", "--format", "json"]
    done = command_at(endpoint, "extract", str(FLOOD), *options)
    info = json.loads(done.stdout)["article"]
    assert (info["published"], info["outlet"]) == ("2024-11-04", "Elsewhere")


def test_a_file_that_cannot_be_used_does_not_stop_the_others(endpoint: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    missing = tmp_path / "missing.txt"
    files = map(str, (empty, FLOOD, missing))
    done = command_at(endpoint, "extract", *files, "--format", "json")
    assert done.returncode == 1
    statuses = [json.loads(line)["status"] for line in done.stdout.splitlines()]
    assert statuses[0] == statuses[2] == "failed"
    assert statuses[1] in {"complete", "partial"}
    assert f"{empty}: the file is empty" in done.stderr
    assert f"{missing}: No such file" in done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"   \n", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "binary"),
        ("é".encode("latin-1") * 9, "not UTF-8"),
        ("news".encode("utf-16"), "UTF-16"),
    ],
    ids=["empty", "binary", "latin-1", "utf-16"],
)
def test_bad_files_get_a_message_and_a_record(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    # No model is opened for it: there is no endpoint here, and none is missed.
    done = command("extract", str(path), "--format", "json", "--base-url", NOBODY, "--model", "m")
    assert done.returncode == 1
    assert message in done.stderr
    assert json.loads(done.stdout)["status"] == "failed"


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["extract", str(VISIT), "--published", "2023-02-30"], ["--published", "YYYY-MM-DD"]),
        (["extract", str(VISIT), "--prompt", "event@99"], ["event@99", "event@1"]),
        (["extract", str(VISIT), "--schema", "evnt@1"], ["evnt", "event"]),
        (["extract", str(VISIT), "--base-url", "localhost"], ["--base-url", "http://"]),
        (["extract", str(VISIT), "--base-url", NOBODY], ["EXTRACTOR_MODEL"]),
        (["extract", str(VISIT), "--model", "gpt-99"], ["gpt-99", MODEL]),
        (["extract"], ["PATH"]),
    ],
    ids=["date", "version", "schema", "address", "no model", "model", "nothing"],
)
def test_wrong_usage_is_exit_2_and_says_what_was_expected(
    arguments: list[str], messages: list[str]
) -> None:
    done = command(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    for message in messages:
        assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_endpoint_that_cannot_be_reached_fails_that_article(tmp_path: Path) -> None:
    done = command("extract", str(FLOOD), "--format", "json", "--base-url", NOBODY, "--model", "m")
    assert done.returncode == 1
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["code"] == "model.unreachable"
    assert NOBODY in problem["message"]
    assert "Traceback" not in done.stderr


class _Page(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html><body>Welcome</body></html>")

    def log_message(self, format: str, *args: object) -> None:
        """Standard error belongs to the test."""


@pytest.mark.parametrize("long", ["windows", "refuse"])
def test_a_text_over_the_context_is_read_in_windows_or_refused(tmp_path: Path, long: str) -> None:
    path = tmp_path / "long.txt"
    path.write_text("The ferry sank off Oslo on Friday. " * 1_500)
    with SmallContext(40_000) as endpoint:
        options = ["--format", "json", "--base-url", endpoint.url, "--model", "small"]
        done = command("extract", str(path), *options, "--long", long)
    result = json.loads(done.stdout)
    assert endpoint.refused == 1
    if long == "refuse":
        assert result["problems"][0]["code"] == "input.too_long"
        assert endpoint.answered == 0
    else:
        told = result["provenance"]
        assert told["windows"] > 1
        assert told["windows"] + told["repairs"] == endpoint.answered


def test_an_endpoint_that_answers_html_is_named() -> None:
    server = HTTPServer(("127.0.0.1", 0), _Page)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    done = command("extract", str(FLOOD), "--format", "json", "--base-url", url, "--model", "m")
    server.shutdown()
    server.server_close()
    assert done.returncode == 1
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["code"] == "model.not_an_endpoint"
    assert url in problem["message"]


def test_an_evaluation_that_failed_says_why_and_exits_1() -> None:
    done = command("eval", "run", str(FLOOD), "--base-url", NOBODY, "--model", "m")
    assert done.returncode == 1
    assert NOBODY in done.stderr


def test_a_folder_of_another_run_is_announced(endpoint: str, tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text(FLOOD.read_text(encoding="utf-8"), encoding="utf-8")
    said = [
        command_at(
            endpoint, "backfill", str(tmp_path / name), "--out", str(tmp_path / "out")
        ).stderr
        for name in ("one.json", "two.json")
    ]
    assert "was used with another input" not in said[0]
    assert "was used with another input" in said[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.csv"], "nowhere.csv: No such file"),
        ([str(VISIT), "--column", "body"], "expected FIELD=COLUMN"),
    ],
)
def test_a_backfill_says_what_is_wrong_before_it_loads_a_model(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    done = command("backfill", *arguments, "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert "model" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_backfill_is_looked_at_from_elsewhere(endpoint: str, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    article = json.loads(FLOOD.read_text(encoding="utf-8"))["article"]
    lines = [json.dumps(article), '{"text": " "}']
    (tmp_path / "news.jsonl").write_text("\n".join(lines), encoding="utf-8")
    command_at(endpoint, "backfill", str(tmp_path / "news.jsonl"), "--out", out)
    status = command("backfill", "status", out)
    assert status.returncode == 0
    assert "nobody is at work" in status.stdout
    assert "news.jsonl" in status.stdout
    assert max(map(len, status.stdout.splitlines())) <= 80
    told = json.loads(command("backfill", "status", out, "--format", "json").stdout)
    [run] = told["runs"]
    assert (run["reached"], run["done"], run["statuses"]["failed"]) == (2, 2, 1)
    assert told["usage"]["input_tokens"] > 0
    failures = command("backfill", "failures", out).stdout.splitlines()
    assert len(failures) == 1
    assert "failed input.empty" in failures[0]
    nothing = command("backfill", "status", str(tmp_path))
    assert nothing.returncode == 1
    assert "there is no ledger" in nothing.stderr
    assert "run" in command("backfill", "--help").stdout


def test_a_backfill_is_estimated_and_then_done_in_parquet(endpoint: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    article = json.loads(FLOOD.read_text(encoding="utf-8"))["article"]
    (tmp_path / "news.jsonl").write_text(json.dumps(article), encoding="utf-8")
    prices = ("--price-in", "1", "--price-out", "2")
    common = ("backfill", str(tmp_path / "news.jsonl"), "--out", str(out), *prices)
    before = command_at(endpoint, *common, "--dry-run")
    assert before.returncode == 0, before.stderr
    assert "to ask:  1" in before.stdout
    assert "nothing was asked, nothing was paid" in before.stdout
    assert not out.exists()
    poor = command_at(endpoint, *common, "--budget", "100tokens")
    assert poor.returncode == 1
    assert "the budget of 100 tokens is reached" in poor.stderr
    assert "higher --budget" in poor.stderr
    done = command_at(endpoint, *common, "--format", "parquet", "--budget", "1.00")
    assert "cost 0.00" in done.stderr
    assert "records-00001.parquet" in done.stderr
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["articles"]["reached"] == 1
    assert manifest["ledger"]["cost"] > 0
    after = command_at(endpoint, *common, "--dry-run")
    assert "done:    1 (1 " in after.stdout
    assert "to ask:  0" in after.stdout
    assert "cost 0.00" in command("backfill", "status", str(out)).stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--budget", "2M"], "expected money or tokens"),
        (["--price-in", "1"], "go together"),
        (["--only", "@nowhere"], "nowhere: No such file"),
        (["--retry", "failed", "--limit", "3"], "--retry goes with --only"),
    ],
)
def test_options_that_cannot_be_meant(options: list[str], message: str, tmp_path: Path) -> None:
    done = command("backfill", str(VISIT), "--out", str(tmp_path / "out"), *options)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert not (tmp_path / "out").exists()


def test_a_backfill_refuses_a_moving_version(tmp_path: Path) -> None:
    done = command(
        "backfill",
        str(VISIT),
        "--out",
        str(tmp_path),
        "--prompt",
        "event@latest",
        "--base-url",
        NOBODY,
        "--model",
        "m",
    )
    assert done.returncode == 2
    assert "event@latest" in done.stderr


def test_prompts_and_schemas_are_listed_shown_and_checked() -> None:
    assert "event@1" in command("prompts", "list").stdout
    assert "production" in command("schemas", "list").stdout
    assert "<!-- role: system -->" in command("prompts", "show", "event@production").stdout
    assert "x-support" in command("schemas", "show", "event").stdout
    assert command("prompts", "check").returncode == 0
    assert command("schemas", "check").returncode == 0


def test_writing_an_unchanged_json_schema_changes_nothing() -> None:
    path = ROOT / "schemas" / "event" / "v1.json"
    before = path.read_bytes()
    done = command("schemas", "write", "event@1")
    assert done.stdout.strip() == "schemas/event/v1.json"
    assert path.read_bytes() == before


def test_the_embedded_models_are_listed(tmp_path: Path) -> None:
    env = {"EXTRACTOR_HOME": str(tmp_path)}
    assert MODEL in command("model", "list", env=env).stdout
    path = command("model", "path", env=env).stdout.strip()
    assert path.startswith(str(tmp_path))


def test_the_evaluation_replays_on_the_command_line() -> None:
    done = command("eval", "run", str(CASES), "--replay", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["replayed"] is True
    table = command("eval", "run", str(CASES), "--replay", env={"COLUMNS": "80"})
    assert max(map(len, table.stdout.splitlines())) <= 80


def test_the_cassettes_are_fresh_on_the_command_line(tmp_path: Path) -> None:
    done = command("cassettes", "status")
    assert done.returncode == 0, done.stdout
    count = len(recorded_cases())
    assert states(done.stdout) == ["fresh"] * count
    gone = command("cassettes", "status", "--cassettes", str(tmp_path))
    assert gone.returncode == 1
    assert states(gone.stdout) == ["missing"] * count


def states(listed: str) -> list[str]:
    return [line.split()[0] for line in listed.splitlines()]
