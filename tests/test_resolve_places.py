"""Places: which entry of GeoNames a quotation names, or lies in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.records import Article
from extractor.resolve import (
    RESOLVERS,
    ResolvedPlace,
    Words,
    resolve_country,
    resolve_place,
)

NAMES = [name for name in RESOLVERS if name.startswith("place.")]


def test_a_town() -> None:
    assert resolve_place("the Marenga market in Zagreb") == ResolvedPlace(
        name="Zagreb",
        geonames_id=3186886,
        latitude=45.81444,
        longitude=15.97798,
        feature_code="PPLC",
        resolution="city",
        country="HRV",
    )


def test_a_state_and_a_country_have_no_coordinates() -> None:
    assert resolve_place("northern Texas") == ResolvedPlace(
        "Texas", 4736286, None, None, "ADM1", "admin1", "USA"
    )
    assert resolve_place("southern Honduras") == ResolvedPlace(
        "Honduras", 3608932, None, None, "PCLI", "country", "HND"
    )


def test_a_territory_is_no_independent_country() -> None:
    place = resolve_place("Greenland")
    assert (place.resolution, place.feature_code) == ("country", None)


@pytest.mark.parametrize(
    ("quote", "name", "country"),
    [
        ("Osaka Airport", "Osaka", "JPN"),
        ("eastern Aleppo", "Aleppo", "SYR"),
        ("Riga", "Riga", "LVA"),
        ("N’Djamena", "N'Djamena", "TCD"),
        ("Beijing’s Great Hall", "Beijing", "CHN"),
        ("a village near Kyiv", "Kyiv", "UKR"),
        ("a hotel in the centre of Accra", "Accra", "GHA"),
        ("the Russian embassy in Seoul", "Seoul", "KOR"),
        ("a Chinese embassy in Belgrade, Serbia", "Belgrade", "SRB"),
        ("the Russian port city of Vladivostok", "Vladivostok", "RUS"),
        ("the Norwegian port of Bergen", "Bergen", "NOR"),
        ("Norway's Bergen", "Bergen", "NOR"),
        ("Port Sudan", "Port Sudan", "SDN"),
        ("Kansas City, Missouri", "Kansas City", "USA"),
        ("Mexico City", "Mexico City", "MEX"),
        ("Washington", "Washington", "USA"),
        ("Washington, D.C.", "Washington", "USA"),
        ("New York", "New York City", "USA"),
        ("the Kremlin", "Moscow", "RUS"),
        ("Downing Street", "London", "GBR"),
        ("the White House", "Washington", "USA"),
        ("the Élysée", "Paris", "FRA"),
        ("Tel Aviv", "Tel Aviv", "ISR"),
        ("Gaza City", "Gaza", "PSE"),
        ("Köln", "Köln", "DEU"),
    ],
)
def test_towns(quote: str, name: str, country: str) -> None:
    place = resolve_place(quote)
    assert (place.name, place.country, place.resolution) == (name, country, "city")
    assert place.latitude is not None
    assert place.longitude is not None


@pytest.mark.parametrize(
    ("quote", "geonames_id"),
    [
        ("Paris", 2988507),
        ("Paris, France", 2988507),
        ("Paris, Texas", 4717560),
        ("Tripoli", 2210247),
        ("Tripoli in Lebanon", 266826),
        ("Tripoli, northern Lebanon", 266826),
        ("Tripoli (Lebanon)", 266826),
        ("London, Ontario", 6058560),
        ("Springfield, Illinois", 4250542),
        ("Springfield, Ill.", 4250542),
        ("Portland, Ore.", 5746545),
        ("Portland, Maine", 4975802),
        ("Vancouver, Wash.", 5814616),
        ("Austin, TX", 4671654),
        ("Buffalo, New York", 5110629),
        ("Birmingham, Alabama", 4049979),
        ("St. Petersburg, Florida", 4171563),
        ("Reading, England", 2639577),
        ("the city of Goma in eastern Congo", 216281),
        ("Victoria, Seychelles", 241131),
    ],
)
def test_what_follows_tells_which_town_it_is(quote: str, geonames_id: int) -> None:
    assert resolve_place(quote).geonames_id == geonames_id


@pytest.mark.parametrize(
    ("quote", "name"),
    [
        *(("Moscou", "Moscow"), ("Mailand", "Milan"), ("Kiev", "Kyiv"), ("Kharkov", "Kharkiv")),
        *(("Saigon", "Ho Chi Minh City"), ("Bombay", "Mumbai"), ("Cologne", "Köln")),
        *(("Peking", "Beijing"), ("München", "Munich"), ("Londres", "London")),
        *(("Khan Younis", "Khān Yūnis"), ("Choluteca", "Ciudad Choluteca"), ("Rangoon", "Yangon")),
    ],
)
def test_other_names_of_towns(quote: str, name: str) -> None:
    assert resolve_place(quote).name == name


@pytest.mark.parametrize(
    ("quote", "name", "code", "resolution"),
    [
        ("Norway", "Norway", "PCLI", "country"),
        ("the coast of Norway", "Norway", "PCLI", "country"),
        ("Russia’s Pacific coast", "Russia", "PCLI", "country"),
        ("Singapore", "Singapore", "PCLI", "country"),
        ("Kosovo", "Kosovo", "PCLI", "country"),
        ("Alemania", "Germany", "PCLI", "country"),
        ("Washington state", "Washington", "ADM1", "admin1"),
        ("New York state", "New York", "ADM1", "admin1"),
        ("Georgia, USA", "Georgia", "ADM1", "admin1"),
        ("a farm in Iowa", "Iowa", "ADM1", "admin1"),
    ],
)
def test_countries_and_states(quote: str, name: str, code: str, resolution: str) -> None:
    place = resolve_place(quote)
    assert (place.name, place.feature_code, place.resolution) == (name, code, resolution)


@pytest.mark.parametrize(
    "quote",
    [
        *("Nowhereville", "the summit", "", "Camp David", "the Norwegian port", "Siberia"),
        *("the Russian border city of Nowhereskoye", "Gulf of Mexico", "Europe", "the Gaza Strip"),
    ],
)
def test_what_is_not_in_the_gazetteer_is_no_problem(quote: str) -> None:
    assert resolve_place(quote) == ResolvedPlace()


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        ("Springfield", "several towns in USA are called 'Springfield'"),
        ("between Paris and Berlin", "'Paris' and 'Berlin' name several countries: DEU, FRA"),
        ("Tokyo and Osaka", "'Tokyo' and 'Osaka' are several places"),
        ("Hyderabad", "'Hyderabad' can be in IND or PAK"),
        ("Georgia", "'Georgia' can be in GEO or USA"),
        ("London, Nowhere", "it is not known in which country 'Nowhere' is"),
    ],
)
def test_what_is_not_one_place_says_why(quote: str, reason: str) -> None:
    assert resolve_place(quote) == ResolvedPlace(reason=reason)


def test_the_rest_of_the_article_tells_one_town_from_another() -> None:
    assert resolve_place("Hyderabad", "The Pakistani army was called.").country == "PAK"
    assert resolve_place("Hyderabad", "Officials in India spoke.").country == "IND"
    assert resolve_place("Hyderabad", "India and Pakistan").name is None
    assert resolve_place("Georgia", "It rained in Atlanta.").resolution == "admin1"
    assert resolve_place("Georgia", "It rained in Tbilisi.").resolution == "country"
    assert resolve_place("Georgia", "It rained in Tbilisi.").spans == ((13, 20),)


def test_the_resolvers_agree() -> None:
    quote = Words("the market in Zagreb", (), Article(text="x"))
    assert {name: RESOLVERS[name](quote).value for name in NAMES} == {
        "place.name": "Zagreb",
        "place.geonames_id": 3186886,
        "place.latitude": 45.81444,
        "place.longitude": 15.97798,
        "place.feature_code": "PPLC",
        "place.resolution": "city",
    }


@pytest.mark.parametrize("quote", ["Hyderabad", "Springfield", "Georgia", "London, Nowhere"])
def test_one_cause_has_one_reason(quote: str) -> None:
    words = Words(quote, (), Article(text="x"))
    reasons = {RESOLVERS[name](words).reason for name in [*NAMES, "country.of_place"]} - {None}
    assert len(reasons) == 1


VOCABULARY = (
    "the|in|near|,|and|Paris|Texas|London|Georgia|Kremlin|Norwegian|Norway's|Hyderabad|"
    "New York|Springfield|Illinois|Goma|Congo|city of|Nowhere|(|)|-|Kansas City|Alemania|Osaka|"
)
PIECES = st.lists(
    st.sampled_from(VOCABULARY.split("|")),
    max_size=7,
).map(" ".join)


@given(PIECES | st.text(max_size=40), PIECES)
def test_a_place_never_contradicts_its_country(quote: str, context: str) -> None:
    place, country = resolve_place(quote, context), resolve_country(quote, context)
    if place.country is not None:
        assert place.country == country.value
    if country.reason is not None:
        assert place == ResolvedPlace(reason=country.reason)
    assert (place.name is None) == (place.geonames_id is None) == (place.resolution is None)
    assert (place.name is None) or place.reason is None
    assert (place.latitude is not None) == (place.resolution == "city")


@pytest.mark.parametrize("piece", ["Paris, ", "in ", "New York ", "a-", "Ä", "'", "Saint "])
@pytest.mark.parametrize("length", [999, 20_000])
def test_hostile_words(piece: str, length: int) -> None:
    place = resolve_place((piece * length)[:length].strip())
    assert place.name is None or place.reason is None


def test_what_is_too_long_says_so() -> None:
    assert "too long" in str(resolve_place("Paris " * 500).reason)
    assert resolve_country("Paris " * 500).reason == resolve_place("Paris " * 500).reason
