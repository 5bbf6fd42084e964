"""Extraction from Python: any schema, any model, with or without an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, model_validator

from extractor import ExtractorError, Verbatim, aextract, extract, open_model
from extractor.api import choose_weights, recipe_for
from extractor.capability import detected_decoding
from extractor.embedded import DEFAULT_WEIGHTS, engine, find
from extractor.errors import SettingsError, UnknownVersion
from extractor.openai_model import Budget, OpenAIModel
from extractor.pipeline import assemble
from extractor.reading import Readings, answer, build_request
from extractor.settings import read_settings, settings_of_environment
from tests.recorded import CASSETTES, MODEL, ROOT, recorded_case, recorded_model
from tests.replay_server import ReplayServer

ARTICLE = recorded_case("bus-bombing-claim").article


class Merger(BaseModel):
    """A user's own model, half of it annotated."""

    buyer: Annotated[str, Verbatim]
    price: str | None


@pytest.fixture
def model() -> Iterator[OpenAIModel]:
    with ReplayServer(CASSETTES) as server:
        yield recorded_model(server.base_url)


def test_one_model_serves_one_event_loop_after_another(model: OpenAIModel) -> None:
    first, second = (extract(ARTICLE, model=model, repair=0) for _ in range(2))
    assert first.record == second.record
    assert first.record is not None


def test_aextract_gives_the_same(model: OpenAIModel) -> None:
    async def work() -> object:
        async with model:
            return (await aextract(ARTICLE, model=model, repair=0)).record

    assert asyncio.run(work()) == extract(ARTICLE, model=model, repair=0).record


def test_extract_inside_an_event_loop_says_what_to_do(model: OpenAIModel) -> None:
    async def work() -> None:
        extract(ARTICLE, model=model)

    with pytest.raises(ExtractorError, match="event loop") as caught:
        asyncio.run(work())
    assert "aextract" in caught.value.hint


def test_a_models_failure_is_a_value() -> None:
    nobody = OpenAIModel("m", base_url="http://127.0.0.1:9/v1", budget=Budget(attempts=1))
    result = extract("Rain fell.", model=nobody)
    assert result.status == "failed"
    assert result.problems[0].code == "model.unreachable"


def test_a_users_own_model_goes_to_the_prompt_for_any_schema() -> None:
    recipe = recipe_for(Merger, None)
    assert recipe.schema.id == "Merger"
    request = build_request(ARTICLE, recipe)
    assert '"buyer"' in request.messages[0].content, "the form is shown to the model"
    assert request.strict
    assert "Chagoua bridge" in request.messages[-1].content


def test_unknown_names_list_what_there_is() -> None:
    with pytest.raises(UnknownVersion) as caught:
        recipe_for("evnt@1", None)
    assert "event" in f"{caught.value} {caught.value.hint}"


def test_a_remote_endpoint_needs_no_engine() -> None:
    settings = read_settings({}, base_url="http://127.0.0.1:9/v1", model="m")
    with open_model(settings) as opened:
        assert (opened.name, opened.endpoint, opened.decoding) == ("m", "remote", "schema")


def test_the_environment_says_what_an_endpoint_obeys() -> None:
    environ = {"EXTRACTOR_DECODING": "grammar"}
    settings = read_settings(environ, base_url="http://127.0.0.1:9/v1", model="m")
    with open_model(settings) as opened:
        assert opened.decoding == "grammar"


@pytest.mark.parametrize(
    "environ", [{"OPENAI_API_KEY": "sk-1"}, {"EXTRACTOR_BASE_URL": "http://127.0.0.1:9/v1"}]
)
def test_an_endpoint_without_a_models_name_says_what_to_set(environ: dict[str, str]) -> None:
    with (
        pytest.raises(SettingsError, match="no model is named for the endpoint http") as caught,
        open_model(read_settings(environ)),
    ):
        pass
    assert "EXTRACTOR_MODEL" in caught.value.hint


def test_folders_that_the_environment_names_are_part_of_the_catalog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "brief"
    folder.mkdir()
    own = (ROOT / "prompts" / "any" / "v1.md").read_text(encoding="utf-8")
    (folder / "v1.md").write_text(own.replace("id: any", "id: brief"), encoding="utf-8")
    monkeypatch.setenv("EXTRACTOR_PROMPTS", str(tmp_path))
    assert recipe_for(Merger, "brief@1").prompt.path == folder / "v1.md"


def test_an_unknown_embedded_model_is_named_with_those_there_are() -> None:
    with pytest.raises(SettingsError) as caught:
        choose_weights("gpt-99")
    assert MODEL in caught.value.hint


class Touchy(BaseModel):
    """A schema whose own code has an ordinary mistake."""

    trigger: str | None = None

    @model_validator(mode="after")
    def _shouts(self) -> Touchy:
        raise KeyError("buyer")


def test_a_mistake_in_a_users_validator_rejects_that_record_and_raises_nothing(
    model: OpenAIModel,
) -> None:
    readings = asyncio.run(_recorded_answer(model))
    result = assemble(ARTICLE, recipe_for(Touchy, None), readings, model)
    assert result.status == "rejected"
    assert result.problems[-1].code == "schema_failed"
    assert "KeyError" in result.problems[-1].message


async def _recorded_answer(model: OpenAIModel) -> Readings:
    async with model:
        return await answer(ARTICLE, recipe_for(None, None), model)


def test_a_schema_without_a_prompt_of_its_own_gets_the_one_for_any_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "merger"
    folder.mkdir()
    source = "import pydantic\n\nSCHEMA = pydantic.create_model('Merger', buyer=(str, ...))\n"
    (folder / "v1.py").write_text(source, encoding="utf-8")
    monkeypatch.setenv("EXTRACTOR_SCHEMAS", str(tmp_path))
    assert recipe_for("merger@1", None).prompt.id == "any@1"


def test_the_prompt_for_any_schema_needs_one() -> None:
    with pytest.raises(UnknownVersion, match="for a schema of your choice"):
        recipe_for(None, "any@1")


@pytest.mark.live
def test_what_the_embedded_model_quotes_stands_in_the_article() -> None:
    with open_model() as opened:
        result = extract(ARTICLE, model=opened)
    assert result.provenance is not None
    assert result.provenance.decoding == "grammar"
    assert result.status in {"complete", "partial"}
    assert any(evidence.support == "quoted" for evidence in result.evidence.values())
    assert [problem for problem in result.problems if problem.code == "ungrounded"] == []


@pytest.mark.live
def test_the_embedded_engine_is_found_to_obey_grammars() -> None:
    settings = settings_of_environment()
    path = find(DEFAULT_WEIGHTS, settings.home)
    if path is None:
        pytest.skip("the weights are not here: extractor model pull")
    with engine(path) as running:
        found = detected_decoding(running.model, base_url=running.base_url, api_key=running.api_key)
        assert asyncio.run(found) == "grammar"


@pytest.mark.live
def test_the_embedded_model_answers_with_its_own_words() -> None:
    with open_model() as opened:
        result = extract("A bomb exploded in Oslo on Friday, police said.", model=opened)
    assert result.status in {"complete", "partial"}
    assert result.provenance is not None
    assert result.provenance.endpoint == "embedded"
