"""`extractor eval run` of several prompts, models and repeats, asked of a server on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from extractor.cli import app
from extractor.errors import InputError
from extractor.evals.comparison import read_run
from tests.small_context import SmallContext

WIDTH = 80


class Fickle(SmallContext):
    """An endpoint that calls an article `briefs` and `report` by turns, and counts its tokens."""

    def __init__(self) -> None:
        super().__init__(10**6)

    def _answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        genre = ("briefs", "report")[self.answered % 2]
        record = {"lead": "It rained.", "genre": genre, "main_event": None}
        self._content = json.dumps({**record, "attributions": [], "other_events": []})
        return super()._answer(body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fickle]:
    with Fickle() as running:
        for name in ("OPENAI_API_KEY", "EXTRACTOR_DECODING"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("EXTRACTOR_BASE_URL", running.url)
        monkeypatch.setenv("EXTRACTOR_MODEL", "small")
        yield running


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    folder = tmp_path / "cases"
    folder.mkdir()
    for name, text in (("one", "It rained. Ann left."), ("two", "It rained. Bob left.")):
        gold = {"lead": "It rained.", "genre": "briefs"}
        case = {"article": {"text": text}, "schema": "event@1", "gold": gold}
        (folder / f"{name}.json").write_text(json.dumps(case), encoding="utf-8")
    return folder


def extractor(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_every_combination_is_a_run_with_a_file(
    server: Fickle, cases: Path, tmp_path: Path
) -> None:
    done = extractor(
        *("eval", "run", cases, "--prompt", "event@1", "--model", "small,large"),
        *("--repeat", 2, "--concurrency", 2, "--out", tmp_path / "runs"),
        *("--price-in", "1000", "--price-out", "2000", "--format", "json"),
    )
    assert done.exit_code == 0, done.output
    assert server.answered == 2 * 2 * 2
    files = sorted(path.name for path in (tmp_path / "runs").glob("*.json"))
    assert files == [
        "event@1.event@1.large.json",
        "event@1.event@1.large.repeat-2.json",
        "event@1.event@1.small.json",
        "event@1.event@1.small.repeat-2.json",
    ]
    assert read_run(tmp_path / "runs" / files[0]).articles == ("one", "two")
    rows = json.loads(done.stdout)["runs"]
    assert [row["model"] for row in rows] == ["small", "large"]
    for row in rows:
        assert (row["repeats"], row["articles"], row["failed"]) == (2, 2, 0)
        assert row["f1"] == 0.75  # every lead, and every other genre
        assert 0 <= row["low"] <= row["f1"] <= row["high"] <= 1
        assert row["same_fields"]["lead"] == 1
        assert row["cost"] > 0


def test_repeats_agree_as_far_as_their_records_do(cases: Path, tmp_path: Path) -> None:
    """The last of three articles makes the number of replies odd, so the repeats differ."""
    third = json.loads((cases / "two.json").read_text(encoding="utf-8"))
    third["article"]["text"] = "It rained. Cy left."
    (cases / "three.json").write_text(json.dumps(third), encoding="utf-8")
    asked = ("eval", "run", cases, "--prompt", "event@1", "--repeat", 2, "--model", "small")
    with Fickle() as fickle:
        options = (*asked, "--base-url", fickle.url, "--out", tmp_path / "runs")
        done = extractor(*options, "--format", "json")
        [row] = json.loads(done.stdout)["runs"]
        assert row["same_fields"] == {"genre": 0, "lead": 1}
        assert (row["same_values"], row["same_records"]) == (0.5, 0)
        text = extractor(*options)
        assert fickle.answered == 6  # the second time everything was kept
    assert max(map(len, text.stdout.splitlines())) <= WIDTH
    assert "event@1: 2 repeats agree in" in text.stdout
    assert ["genre", "0.000"] in [line.split() for line in text.stdout.splitlines()]
    for form, start in (("csv", "prompt,schema,model"), ("markdown", "| prompt | schema")):
        assert extractor(*options, "--format", form).stdout.startswith(start)


def test_a_run_that_was_interrupted_goes_on_and_repeats_are_kept_apart(
    server: Fickle, cases: Path, tmp_path: Path
) -> None:
    options = ("eval", "run", cases, "--prompt", "event@1", "--keep", tmp_path / "kept")
    assert extractor(*options, "--limit", 1).exit_code == 0
    assert server.answered == 1
    assert extractor(*options).exit_code == 0
    assert server.answered == 2
    again = extractor(*options, "--repeat", 2, "--out", tmp_path / "runs", "--format", "json")
    assert again.exit_code == 0, again.output
    assert server.answered == 4  # the second repeat alone
    name = "event@1.event@1.small.repeat-2.json"
    second = json.loads((tmp_path / "runs" / name).read_text(encoding="utf-8"))
    rescore = ("eval", "rescore", cases, "--prompt", "event@1", "--keep", tmp_path / "kept")
    rescored = extractor(*rescore, "--repeat", 2, "--out", tmp_path / "again")
    assert rescored.exit_code == 0, rescored.output
    assert json.loads((tmp_path / "again" / name).read_text(encoding="utf-8")) == second
    assert second["articles"][0]["article"]["text"] == "It rained. Ann left."


def test_articles_at_the_same_time_keep_their_order(
    server: Fickle, cases: Path, tmp_path: Path
) -> None:
    done = extractor(
        *("eval", "run", cases, "--prompt", "event@1", "--concurrency", 8, "--format", "json")
    )
    articles = json.loads(done.stdout)["articles"]
    assert [article["id"] for article in articles] == ["one", "two"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--repeat", "2"),
        ("--prompt", "event@1,event@2"),
        ("--replay", "--repeat", "2"),
        ("--price-in", "1"),
        ("--price-in", "-1", "--price-out", "2"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_run_is_refused_before_anything_is_asked(
    server: Fickle, cases: Path, wrong: tuple[str, ...]
) -> None:
    assert extractor("eval", "run", cases, *wrong).exit_code == 2
    assert server.answered == 0


def test_a_folder_that_cannot_be_made_is_said(server: Fickle, cases: Path) -> None:
    done = extractor("eval", "run", cases, "--out", cases / "one.json" / "runs")
    assert isinstance(done.exception, InputError)
    assert server.answered == 0
