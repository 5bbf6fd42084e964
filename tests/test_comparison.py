"""Stored runs beside each other: what changed, and whether a gate lets it pass."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import InputError
from extractor.evals.comparison import ALL, compare, judge, read_run
from tests.recorded import command

WIDTH = 80


def stored(
    folder: Path, name: str, rights: Sequence[int], *, status: str = "complete", of: int = 4
) -> Path:
    """A run with so many right values of four in each article."""
    run = {
        "prompt": f"{name}@1",
        "schema": "event@1",
        "model": "m",
        "articles": [
            {
                "id": f"a{place}",
                "status": status,
                "fields": [
                    {
                        "path": "type",
                        "right": right,
                        "wrong": of - right,
                        "missing": 0,
                        "spurious": 0,
                    }
                ],
            }
            for place, right in enumerate(rights)
        ],
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(run), encoding="utf-8")
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return stored(tmp_path, "good", [4, 3, 4, 4, 2, 4, 3, 4] * 4)


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    return stored(tmp_path, "spoiled", [1, 0, 2, 1, 0, 1, 0, 2] * 4)


def test_a_spoiled_run_is_worse_and_a_run_is_no_worse_than_itself(
    good: Path, spoiled: Path
) -> None:
    first, second = read_run(good), read_run(spoiled)
    [everything, field] = compare(first, second)
    assert (everything.path, field.path) == (ALL, "type")
    assert judge(everything, 0.02) == "worse"
    assert everything.difference.change == pytest.approx(-0.65625)
    assert field.p is not None
    assert field.p < 0.01
    assert judge(compare(first, first)[0], 0.0) == "no worse"
    assert judge(compare(second, first)[0], 0.0) == "no worse"


def test_few_articles_cannot_tell(tmp_path: Path) -> None:
    first = stored(tmp_path, "first", [4, 2, 3])
    second = stored(tmp_path, "second", [3, 3, 1])
    assert judge(compare(read_run(first), read_run(second))[0], 0.02) == "cannot tell"


def test_the_order_of_the_articles_does_not_matter(good: Path, tmp_path: Path) -> None:
    run = json.loads(good.read_text())
    run["articles"].reverse()
    turned = tmp_path / "turned.json"
    turned.write_text(json.dumps(run))
    assert compare(read_run(good), read_run(turned))[0].difference.p == 1


def test_a_field_that_one_run_lacks_has_no_difference(good: Path, tmp_path: Path) -> None:
    run = json.loads(good.read_text())
    for article in run["articles"]:
        article["fields"].append(
            {"path": "mode", "right": 1, "wrong": 0, "missing": 0, "spurious": 0}
        )
    more = tmp_path / "more.json"
    more.write_text(json.dumps(run))
    by_path = {each.path: each for each in compare(read_run(good), read_run(more))}
    assert by_path["mode"].difference.change is None
    assert by_path["mode"].p is None


def test_runs_of_other_articles_are_not_compared(good: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not of the same articles: a10"):
        compare(read_run(good), read_run(stored(tmp_path, "short", [4] * 8)))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"articles": [{"id": 1}]}', "\ud7ff"])
def test_what_is_no_run_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "none.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"none\.json: not a stored run"):
        read_run(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_run(tmp_path / "gone.json")


def gate(*arguments: object) -> tuple[int, str]:
    done = command("eval", "gate", *map(str, arguments))
    return done.returncode, done.stdout + done.stderr


def test_the_gate_tells_by_its_exit_status(good: Path, spoiled: Path, tmp_path: Path) -> None:
    assert gate(good, good) == (0, "all values: no worse (+0.000, margin 0.02)\n")
    assert gate(good, spoiled) == (1, "all values: worse (-0.656, margin 0.02)\n")
    assert gate(good, spoiled, "--margin", 0.7, "--field", "type=0.1") == (
        1,
        "all values: no worse (-0.656, margin 0.7)\ntype: worse (-0.656, margin 0.1)\n",
    )
    few = stored(tmp_path, "few", [4, 2, 3]), stored(tmp_path, "less", [3, 3, 1])
    assert gate(*few)[0] == 3
    failed = stored(tmp_path, "failed", [4, 3, 4, 4, 2, 4, 3, 4] * 4, status="failed")
    status, said = gate(good, failed)
    assert status == 4
    assert "articles without an answer: a0" in said


def test_wrong_usage_of_the_gate(good: Path) -> None:
    assert gate(good, good, "--field", "size=0.1")[0] == 2
    assert gate(good, good, "--field", "type")[0] == 2


def test_the_table_fits_and_says_how_sure_it_is(good: Path, spoiled: Path) -> None:
    done = command("eval", "diff", str(good), str(spoiled), env={"NO_COLOR": "1"})
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert any(line.startswith("all values (micro)") and "-0.656" in line for line in lines)
    assert "\x1b" not in done.stdout
    parsed: dict[str, Any] = json.loads(
        command("eval", "diff", str(good), str(spoiled), "--format", "json").stdout
    )
    assert parsed["articles"] == 32
    assert parsed["fields"][0]["change"] == pytest.approx(-0.65625)
