"""Countries: of places, of participants, and as their people are called."""

from __future__ import annotations

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.records import Article
from extractor.resolve import RESOLVERS, Resolution, Words, resolve_country
from extractor.resolve.gazetteer import countries
from extractor.resolve.nations import HINTS, PERSONAL

CODES = {country.alpha_3 for country in pycountry.countries} | {"XKX"}


def test_every_code_is_iso_or_kosovo() -> None:
    assert {code for name in countries().values() for code in name.codes} == CODES
    assert set(HINTS) <= CODES
    assert set(countries()) >= PERSONAL


def test_there_are_peoples_enough() -> None:
    peoples = {
        code for name in countries().values() if name.kind == "people" for code in name.codes
    }
    assert len(peoples) >= 180


@pytest.mark.parametrize(
    ("quote", "code"),
    [
        *(("Russia", "RUS"), ("South Korea", "KOR"), ("North Korea", "PRK"), ("DPRK", "PRK")),
        *(("ROK", "KOR"), ("Republic of Korea", "KOR"), ("US", "USA"), ("U.S.", "USA")),
        *(("USA", "USA"), ("the United States", "USA"), ("UK", "GBR"), ("Britain", "GBR")),
        *(("Kosovo", "XKX"), ("Iran", "IRN"), ("Syria", "SYR"), ("Vietnam", "VNM")),
        *(("Bolivia", "BOL"), ("Venezuela", "VEN"), ("Tanzania", "TZA"), ("Moldova", "MDA")),
        *(("Taiwan", "TWN"), ("Palestine", "PSE"), ("Gaza Strip", "PSE"), ("Laos", "LAO")),
        *(("Czech Republic", "CZE"), ("Czechia", "CZE"), ("Ivory Coast", "CIV")),
        *(("Côte d’Ivoire", "CIV"), ("Turkey", "TUR"), ("Türkiye", "TUR"), ("TURKEY", "TUR")),
        *(("DR Congo", "COD"), ("Republic of the Congo", "COG"), ("Guinea-Bissau", "GNB")),
        *(("Papua New Guinea", "PNG"), ("St. Lucia", "LCA"), ("South Sudan", "SSD")),
        *(("Nigeria", "NGA"), ("Niger", "NER"), ("North Macedonia", "MKD"), ("Burma", "MMR")),
        *(("the Kremlin", "RUS"), ("Downing Street", "GBR"), ("the White House", "USA")),
        *(("the Élysée", "FRA"), ("the Blue House", "KOR"), ("Texas", "USA")),
        *(("Seoul", "KOR"), ("Kiev", "UKR"), ("Kyiv", "UKR"), ("The Hague", "NLD")),
        *(("Vladivostok", "RUS"), ("St. Petersburg", "RUS"), ("Osaka", "JPN")),
        *(("Birmingham", "GBR"), ("Istanbul", "TUR"), ("the Norwegian port", "NOR")),
        *(("Dutch", "NLD"), ("Filipino", "PHL"), ("Frenchmen", "FRA"), ("Danes", "DNK")),
        *(("Nigerien", "NER"), ("Nigerian", "NGA"), ("South African", "ZAF"), ("Swiss", "CHE")),
    ],
)
def test_names(quote: str, code: str) -> None:
    assert resolve_country(quote) == Resolution(code)


@pytest.mark.parametrize(
    ("quote", "code"),
    [
        ("the Russian port city of Vladivostok", "RUS"),
        ("the Russian border city of Nowhereskoye", "RUS"),
        ("Russia’s Pacific coast", "RUS"),
        ("the Russian embassy in Seoul", "KOR"),
        ("the U.S. embassy in Kabul", "AFG"),
        ("a Chinese embassy in Belgrade, Serbia", "SRB"),
        ("Paris", "FRA"),
        ("Paris, Texas", "USA"),
        ("Atlanta, Georgia", "USA"),
        ("Tbilisi, Georgia", "GEO"),
        ("Kinshasa, Congo", "COD"),
        ("Cambridge, Massachusetts", "USA"),
        ("Valencia, Spain", "ESP"),
        ("Beijing’s Great Hall", "CHN"),
        ("a village near Kyiv", "UKR"),
    ],
)
def test_places(quote: str, code: str) -> None:
    words = Words(quote, (), Article(text="It was said."))
    assert RESOLVERS["country.of_place"](words) == Resolution(code)


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        ("Georgia", "GEO or USA"),
        ("Congo", "COD or COG"),
        ("Korea", "KOR or PRK"),
        ("Hyderabad", "IND or PAK"),
        ("Norway's border with Russia", "several countries: NOR, RUS"),
        ("between Chile and Peru", "several countries: CHL, PER"),
        ("a US base in Nowhereville", "'Nowhereville'"),
        ("London, Nowhere", "'Nowhere'"),
    ],
)
def test_what_is_not_one_country_says_why(quote: str, reason: str) -> None:
    assert resolve_country(quote).value is None
    assert reason in str(resolve_country(quote).reason)


@pytest.mark.parametrize(
    "quote",
    [
        *("us", "turkey", "chad", "the summit", "", "Camp David", "Latin American", "the Far East"),
        *("South China Sea", "pro-Russian", "Russian-held", "US-led", "Korean Peninsula", "Forum"),
    ],
)
def test_what_names_no_country_is_no_problem(quote: str) -> None:
    assert resolve_country(quote) == Resolution(None)


def test_a_context_tells_one_georgia_from_the_other() -> None:
    assert resolve_country("Georgia", "It rained in Tbilisi.") == Resolution("GEO", ((13, 20),))
    assert resolve_country("Georgia", "It rained in Atlanta.").value == "USA"
    assert resolve_country("Korea", "Seoul and Pyongyang").value is None


# ---------------------------------------------------------------- participants


def of(name: str, text: str) -> tuple[object, list[str]]:
    resolution = RESOLVERS["country.of_participant"](Words(name, (), Article(text=text)))
    assert resolution.reason is None
    return resolution.value, [text[start:end] for start, end in resolution.spans]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("South Korean media", "KOR"),
        ("the Kremlin", "RUS"),
        ("Norway's foreign ministry", "NOR"),
        ("Russia", "RUS"),
        ("U.S. Ambassador to Russia Ida Moss", "USA"),
        ("the Russian embassy in London", "RUS"),
        ("Israel Defense Forces", "ISR"),
        ("American Airlines", "USA"),
        *((name, None) for name in ("Paris Hilton", "Michael Jordan", "Washington Post", "police")),
        *((name, None) for name in ("pro-Russian separatists", "US-led coalition", "Ida Moss")),
    ],
)
def test_the_name_says_it(name: str, code: str | None) -> None:
    assert of(name, "Nothing else is said.") == (code, [])


@pytest.mark.parametrize(
    ("name", "text", "code", "words"),
    [
        ("Moss", "Chilean leader Ida Moss left.", "CHL", "Chilean leader Ida"),
        ("Ida Moss", "Chile’s President Ida Moss left.", "CHL", "Chile’s President"),
        ("Ida Moss", "US leader\nIda Moss left\nfor home.", "USA", "US leader"),
        ("Ida Moss", "The Chilean leader, Ida Moss, left.", "CHL", "Chilean leader"),
        ("Ida", "The Chilean leader, Ida Moss, left.", "CHL", "Chilean leader"),
        ("Ida Moss", "The President of Chile Ida Moss left.", "CHL", "President of Chile"),
        ("Ida Moss", "Ida Moss, the president of Chile, left.", "CHL", "president of Chile"),
        ("Moss", "Ida Moss, Chile's defence minister, left.", "CHL", "Chile's defence minister"),
        ("Ida Moss", "Kremlin spokeswoman Ida Moss left.", "RUS", "Kremlin spokeswoman"),
        ("Ida Moss", "Moscow Mayor Ida Moss left.", "RUS", "Moscow Mayor"),
        ("Tide TV", "Peru's Tide TV said so.", "PER", "Peru's"),
        ("Tide", "The Peruvian news agency Tide said so.", "PER", "Peruvian news agency"),
        ("Moss", "He met his Peruvian counterpart Ida Moss.", "PER", "Peruvian counterpart Ida"),
        ("Moss", "Chile's Ana Roe and Peruvian striker Moss", "PER", "Peruvian striker"),
    ],
)
def test_words_beside_the_name_say_it(name: str, text: str, code: str, words: str) -> None:
    assert of(name, text) == (code, [words])


@pytest.mark.parametrize(
    "text",
    [
        "Ida Moss left for Chile.",
        "Chilean shells hit Lima, Mayor Ida Moss said.",
        "Chile critic Ida Moss left.",
        "Anti-Chile campaigner Ida Moss left.",
        "The Chilean-born leader Ida Moss left.",
        "Chilean President Ana Roe's counterpart Ida Moss left.",
        "After talks in Chile President Ida Moss left.",
        "American-Chilean businesswoman Ida Moss left.",
        "It was signed by Ida Moss, the Chilean president, and Ana Roe.",
        "He spoke of Chile. President Ida Moss left.",
        "A port in Moscow\nMayor Ida Moss left",
        "Chilean officials told Ida Moss so.",
        "Paris Saint-Marc striker Ida Moss left.",
    ],
)
def test_a_country_that_is_merely_near_does_not_count(text: str) -> None:
    assert of("Ida Moss", text) == (None, [])


def test_every_mention_is_evidence() -> None:
    text = "Chilean leader Ida Moss left. The Chilean president, Ida Moss, came back."
    assert of("Ida Moss", text) == ("CHL", ["Chilean leader", "Chilean president"])


def test_mentions_that_disagree_say_so() -> None:
    article = Article(text="Chilean leader Ida Moss left. Peruvian minister Ida Moss slept.")
    resolution = RESOLVERS["country.of_participant"](Words("Ida Moss", (), article))
    assert resolution == Resolution(None, reason="'Ida Moss' is said to be of CHL and PER")


def test_a_name_that_is_also_a_country() -> None:
    assert of("Jordan", "Jordan said no.") == ("JOR", [])
    assert of("Jordan", "Representative Jim Jordan spoke. Jordan said no.") == (None, [])


@given(st.text(max_size=20), st.text(min_size=1, max_size=60).filter(str.strip))
def test_any_name_in_any_text(name: str, text: str) -> None:
    article = Article.model_construct(text=text)
    for resolver in ("country.of_participant", "country.of_place"):
        resolution = RESOLVERS[resolver](Words(name, (), article))
        assert resolution.value is None or resolution.value in CODES
        assert all(0 <= start < end <= len(text) for start, end in resolution.spans)
