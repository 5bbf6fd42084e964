"""Settings: what the environment says, and a clear word where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.errors import SettingsError
from extractor.settings import OPENAI_BASE_URL, read_settings, settings_of_environment

LOCAL = "http://127.0.0.1:8080/v1"


def test_without_any_the_embedded_model_works() -> None:
    settings = read_settings({})
    assert (settings.base_url, settings.model, settings.api_key) == (None, None, None)
    assert (settings.prompts, settings.schemas) == ((), ())
    assert settings.home == Path.home() / ".cache" / "extractor"


def test_what_is_blank_is_not_set() -> None:
    names = ("EXTRACTOR_BASE_URL", "EXTRACTOR_MODEL", "OPENAI_API_KEY", "EXTRACTOR_HOME")
    assert read_settings(dict.fromkeys(names, " ")) == read_settings({})


def test_a_key_alone_means_the_provider_whose_key_it_is() -> None:
    settings = read_settings({"OPENAI_API_KEY": "sk-1\n", "EXTRACTOR_MODEL": "m"})
    assert settings.base_url == OPENAI_BASE_URL
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "sk-1"
    assert "sk-1" not in repr(settings)


def test_an_address_needs_no_key() -> None:
    settings = read_settings({"EXTRACTOR_BASE_URL": LOCAL, "EXTRACTOR_MODEL": "m"})
    assert (settings.base_url, settings.model, settings.api_key) == (LOCAL, "m", None)


def test_options_take_precedence() -> None:
    environ = {"EXTRACTOR_BASE_URL": "http://other", "EXTRACTOR_MODEL": "other"}
    settings = read_settings(environ, base_url=LOCAL, model="mine")
    assert (settings.base_url, settings.model) == (LOCAL, "mine")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:8080",
        "localhost:8080/v1",
        "ftp://example.org",
        "http://",
        "http:///v1",
        "https//example.org",
        "http://[::1",
        "http://example.org:port",
        "http://example.org:99999",
        "sk-proj-1",
    ],
)
def test_what_is_no_address_is_named(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"EXTRACTOR_BASE_URL": address, "EXTRACTOR_MODEL": "m"})
    assert f"EXTRACTOR_BASE_URL is {address!r}" in str(caught.value)
    with pytest.raises(SettingsError, match="--base-url is"):
        read_settings({}, base_url=address, model="m")


@pytest.mark.parametrize("address", ["https://[::1]:8080/v1", "http://h/v1/@cf/m", "HTTP://h"])
def test_unusual_addresses(address: str) -> None:
    assert read_settings({}, base_url=address, model="m").base_url == address


@pytest.mark.parametrize("address", ["https://me:hush@h/v1", "ftp://me:hush@h", "http://hush@h"])
def test_a_password_in_an_address_is_not_repeated(address: str) -> None:
    with pytest.raises(SettingsError, match="password") as caught:
        read_settings({}, base_url=address, model="m")
    assert "hush" not in str(caught.value) + caught.value.hint


def test_a_ledger_is_an_address_that_is_not_shown() -> None:
    address = "postgresql://me:hush@db.example:5433/news"
    found = read_settings({"EXTRACTOR_LEDGER": f" {address}\n"})
    assert found.ledger is not None
    assert found.ledger.get_secret_value() == address
    assert "hush" not in repr(found)
    assert read_settings({}).ledger is None
    named = read_settings({"EXTRACTOR_LEDGER": address}, ledger="postgres://me@other/news").ledger
    assert named is not None
    assert named.get_secret_value() == "postgres://me@other/news"


@pytest.mark.parametrize(
    "option", ["postgresql://me:hush@h/news", "postgresql://h/news?user=me&password=hush"]
)
def test_a_ledger_s_password_does_not_belong_on_the_command_line(option: str) -> None:
    with pytest.raises(SettingsError, match="--ledger holds a password") as caught:
        read_settings({}, ledger=option)
    assert "hush" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("address", ["mysql://me:hush@h/news", "hush", "ledger.sqlite"])
def test_what_is_no_ledger_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(SettingsError, match="EXTRACTOR_LEDGER is not the address") as caught:
        read_settings({"EXTRACTOR_LEDGER": address})
    assert "hush" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("key", ["sk-hush\nsk-other", "sk hush", "“sk-hush”", "sk-hush\u200b"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY") as caught:
        read_settings({"OPENAI_API_KEY": key, "EXTRACTOR_MODEL": "m"})
    assert "hush" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("decoding", ["auto", "schema", "grammar"])
def test_what_holds_replies_to_their_form(decoding: str) -> None:
    assert read_settings({"EXTRACTOR_DECODING": f" {decoding}\n"}).decoding == decoding


def test_what_holds_replies_is_found_out_where_nothing_is_said() -> None:
    assert read_settings({"EXTRACTOR_DECODING": " "}).decoding == "auto"


@pytest.mark.parametrize("wrong", ["Grammar", "gbnf", "none"])
def test_a_decoding_that_is_none_is_named_with_those_there_are(wrong: str) -> None:
    with pytest.raises(SettingsError, match=f"EXTRACTOR_DECODING is '{wrong}'") as caught:
        read_settings({"EXTRACTOR_DECODING": wrong})
    assert "'schema'" in caught.value.hint
    assert "'grammar'" in caught.value.hint


@pytest.mark.parametrize(("told", "number"), [("", 1), (" 4\n", 4), ("64", 64)])
def test_how_many_requests_the_embedded_model_works_on(told: str, number: int) -> None:
    assert read_settings({"EXTRACTOR_PARALLEL": told}).parallel == number


@pytest.mark.parametrize("wrong", ["0", "65", "-1", "two", "1.5", "\u0664", "9" * 5_000])
def test_a_number_of_requests_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="EXTRACTOR_PARALLEL is") as caught:
        read_settings({"EXTRACTOR_PARALLEL": wrong})
    assert "1 to 64" in caught.value.hint


def test_folders(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    settings = read_settings({"EXTRACTOR_PROMPTS": f"{one}:{two}", "EXTRACTOR_SCHEMAS": f"{two}:"})
    assert settings.prompts == (one, two)
    assert settings.schemas == (two,)


@pytest.mark.parametrize("setting", ["EXTRACTOR_PROMPTS", "EXTRACTOR_SCHEMAS"])
def test_a_folder_that_is_none_is_named(setting: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file", tmp_path / "nowhere"):
        with pytest.raises(SettingsError) as caught:
            read_settings({setting: f"{tmp_path}:{wrong}"})
        assert setting in str(caught.value)
        assert str(wrong) in str(caught.value)


def test_where_weights_are_kept() -> None:
    assert read_settings({"XDG_CACHE_HOME": "/c"}).home == Path("/c/extractor")
    assert read_settings({"XDG_CACHE_HOME": "/c", "EXTRACTOR_HOME": "/w"}).home == Path("/w")


def test_the_environment_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACTOR_BASE_URL", LOCAL)
    monkeypatch.setenv("EXTRACTOR_MODEL", "m")
    assert settings_of_environment().base_url == LOCAL
