"""Quantities: what stands there, its limits and its unit, in four languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.records import Article
from extractor.resolve import RESOLVERS, Resolution, ResolvedQuantity, Words, resolve_quantity

Number = int | float | None


def exact(quote: str, language: str | None = None) -> tuple[Number, str | None]:
    """The value and the unit of a quotation that says one number, no more and no less."""
    quantity = resolve_quantity(quote, language)
    assert quantity.reason is None, quantity.reason
    assert quantity.value == quantity.minimum == quantity.maximum
    assert quantity.approximate is False
    return quantity.value, quantity.unit


def bounds(quote: str, language: str | None = None) -> tuple[Number, Number, Number, bool | None]:
    quantity = resolve_quantity(quote, language)
    assert quantity.reason is None, quantity.reason
    return quantity.value, quantity.minimum, quantity.maximum, quantity.approximate


# ---------------------------------------------------------------- exact numbers


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        *(("12", 12), ("1,200", 1200), ("12 000", 12_000), ("1 200 000", 1_200_000)),
        *(("1\u202f200\u202f000", 1_200_000), ("12\u00a0000", 12_000), ("1'200'000", 1_200_000)),
        *(("twelve", 12), ("a dozen", 12), ("two dozen", 24), ("half a dozen", 6), ("zero", 0)),
        *(("twenty-one", 21), ("a hundred", 100), ("one hundred and five", 105)),
        *(("one hundred and twenty-three thousand", 123_000), ("five hundred thousand", 500_000)),
        *(("1.5 million", 1_500_000), ("half a million", 500_000), ("a half million", 500_000)),
        *(("two and a half million", 2_500_000), ("a million and a half", 1_500_000)),
        *(("two thousand and twenty-four", 2024), ("3 hundred", 300), ("2.3 trillion", 2.3e12)),
        *(("30k", 30_000), ("3mln", 3_000_000), ("4 1/2 years", 4.5), ("4½", 4.5), ("1.25", 1.25)),
        *(("−5 degrees", -5), ("at -5 degrees", -5), ("0.5", 0.5), ("200-strong", 200)),
        *(("12 killed and 12 injured", 12), ("23 of them", 23), ("15 are in hospital", 15)),
        *(("12 people in several towns", 12), ("$3 million (£2.4 million)", 3_000_000)),
        *(
            ("fourteen (14)", 14),
            ("1,200.50", 1200.5),
            ("1.200,50", 1200.5),
            ("1.200.000", 1_200_000),
        ),
        *(("TWELVE", 12), ("a COVID-19 toll of 12", 12), ("one", 1)),
    ],
)
def test_numbers(quote: str, value: float) -> None:
    assert exact(quote)[0] == value


@pytest.mark.parametrize(
    ("quote", "value", "unit"),
    [
        ("14 people", 14, "people"),
        ("one person", 1, "person"),
        ("one man", 1, "man"),
        ("twenty soldiers", 20, "soldiers"),
        ("1,200 residents", 1200, "residents"),
        ("12 rebel fighters", 12, None),
        ("seven Chadian soldiers", 7, None),
        ("19 dead", 19, None),
        ("120 jobs", 120, None),
        ("14 police officers", 14, "police officers"),
        ("two million people", 2_000_000, "people"),
        ("$3bn", 3_000_000_000, "USD"),
        ("$ 3 billion loan", 3_000_000_000, "USD"),
        ("US$3 million", 3_000_000, "USD"),
        ("A$20 million", 20_000_000, "AUD"),
        ("C$5", 5, "CAD"),
        ("HK$1,000", 1000, "HKD"),
        ("NZ$2m", 2_000_000, "NZD"),
        ("€3m", 3_000_000, "EUR"),
        ("€1,200.50", 1200.5, "EUR"),
        ("£410 million", 410_000_000, "GBP"),
        ("¥500 billion", 500_000_000_000, "JPY"),
        ("₹10", 10, "INR"),
        ("USD 3 million", 3_000_000, "USD"),
        ("3 million USD", 3_000_000, "USD"),
        ("5 million dollars", 5_000_000, "USD"),
        ("5 million Canadian dollars", 5_000_000, "CAD"),
        ("5 New Zealand dollars", 5, "NZD"),
        ("20 euros", 20, "EUR"),
        ("20 pounds sterling", 20, "GBP"),
        ("20 pounds", 20, None),
        ("300 yen", 300, "JPY"),
        ("4 billion yuan", 4_000_000_000, "CNY"),
        ("4 billion renminbi", 4_000_000_000, "CNY"),
        ("90 rubles", 90, "RUB"),
        ("90 roubles", 90, "RUB"),
        ("90 rupees", 90, None),
        ("90 kwacha", 90, None),
        ("90 Zambian kwacha", 90, "ZMW"),
        ("90 Indian rupees", 90, "INR"),
        ("90 Pakistani rupees", 90, "PKR"),
        ("40%", 40, "%"),
        ("40 %", 40, "%"),
        ("40 percent", 40, "%"),
        ("2.5 per cent", 2.5, "%"),
        ("2 percentage points", 2, "percentage points"),
        ("12 km", 12, "km"),
        ("12 kilometers", 12, "km"),
        ("a 20-kilometre queue", 20, "km"),
        ("3 metres", 3, "metres"),
        ("500 tonnes", 500, "tonnes"),
        ("500 metric tons", 500, "tonnes"),
        ("3 hectares", 3, "hectares"),
        ("72 hours", 72, "hours"),
        ("nine years", 9, "years"),
        ("one day", 1, "days"),
        ("3 square kilometres", 3, "square km"),
        ("2 million barrels of oil", 2_000_000, "barrels"),
        ("three dozen civilians", 36, "civilians"),
        ("a million of them", 1_000_000, None),
    ],
)
def test_units(quote: str, value: float, unit: str | None) -> None:
    assert exact(quote) == (value, unit)


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        *(("at least 14 people", 14), ("more than 14", 14), ("over 14", 14), ("14 or more", 14)),
        *(("14 people or more", 14), ("14+", 14), ("no fewer than 14", 14), ("above 14", 14)),
        *(("no less than 14", 14), ("upwards of 14", 14), ("at least seven Chadian soldiers", 7)),
        *(('"at least 40" arrests', 40), ("more than a hundred", 100), ("14 at least", 14)),
        *(("more than a dozen", 12), ("over $3 million", 3_000_000), ("More than 3,200", 3200)),
        *(("at least another 14", 14), ("“at least” 14", 14)),
    ],
)
def test_at_least(quote: str, value: float) -> None:
    assert bounds(quote) == (value, value, None, False)


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        *(("up to 9", 9), ("fewer than 9", 9), ("as many as 9", 9), ("no more than 9", 9)),
        *(("less than 9%", 9), ("at most 9", 9), ("under 9", 9), ("9 or fewer", 9)),
        *(("as much as $9", 9), ("not more than nine", 9), ("9 people at most", 9)),
        *(("up to 120 jobs", 120), ("a maximum of 9 years", 9), ("below 9", 9)),
    ],
)
def test_at_most(quote: str, value: float) -> None:
    assert bounds(quote) == (value, None, value, False)


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        *(("about 20", 20), ("around 20", 20), ("some 20", 20), ("nearly 20", 20)),
        *(("almost 20", 20), ("roughly 20", 20), ("an estimated 20", 20), ("20 or so", 20)),
        *(("approximately twenty", 20), ("close to 20", 20), ("ca. 20", 20), ("20-odd", 20)),
        *(("about 6,000 people", 6000), ("nearly two dozen", 24), ("some $20m", 20_000_000)),
        *(("a couple", 2), ("a couple of soldiers", 2), ("a couple of hundred", 200)),
        *(("about half a million", 500_000), ("the estimated 20", 20)),
    ],
)
def test_about(quote: str, value: float) -> None:
    assert bounds(quote) == (value, None, None, True)


@pytest.mark.parametrize(
    ("quote", "minimum", "unit"),
    [
        ("dozens", 24, None),
        ("Dozens of people", 24, "people"),
        ("scores of civilians", 40, "civilians"),
        ("hundreds", 200, None),
        ("thousands of residents", 2000, "residents"),
        ("tens of thousands", 20_000, None),
        ("tens of thousands of people", 20_000, "people"),
        ("hundreds of thousands of dollars", 200_000, "USD"),
        ("millions", 2_000_000, None),
        ("several hundred people", 200, "people"),
        ("a few dozen", 24, None),
        ("several thousand", 2000, None),
        ("hundreds, if not thousands, of people", 200, None),
        ("several", None, None),
        ("a few people", None, "people"),
        ("many", None, None),
    ],
)
def test_rough_counts(quote: str, minimum: int | None, unit: str | None) -> None:
    assert resolve_quantity(quote) == ResolvedQuantity(None, minimum, None, unit, True)


@pytest.mark.parametrize(
    ("quote", "low", "high", "unit"),
    [
        ("10 to 15", 10, 15, None),
        ("10-15 people", 10, 15, "people"),
        ("10–15", 10, 15, None),
        ("between 10 and 15", 10, 15, None),
        ("from 10 to 15 km", 10, 15, "km"),
        ("two or three", 2, 3, None),
        ("five to six years", 5, 6, "years"),
        ("10 to 15 million", 10_000_000, 15_000_000, None),
        ("$3-5 billion", 3_000_000_000, 5_000_000_000, "USD"),
        ("$1.5 million to $2 million", 1_500_000, 2_000_000, "USD"),
        ("between 20% and 30%", 20, 30, "%"),
        ("500 to 1,000", 500, 1000, None),
        ("between 800 and 1 million", 800, 1_000_000, None),
        ("two to three dozen", 24, 36, None),
    ],
)
def test_ranges(quote: str, low: float, high: float, unit: str | None) -> None:
    assert resolve_quantity(quote) == ResolvedQuantity(None, low, high, unit, False)


def test_a_range_may_be_rough_too() -> None:
    assert bounds("about 10 to 15 people") == (None, 10, 15, True)


# ---------------------------------------------------------------- other languages


@pytest.mark.parametrize(
    ("language", "quote", "value", "unit"),
    [
        ("de", "14 Menschen", 14, "Menschen"),
        ("de", "1.200,50 €", 1200.5, "EUR"),
        ("de", "1.200 Personen", 1200, "Personen"),
        ("de-CH", "1.5 Millionen Franken", 1_500_000, "CHF"),
        ("de", "1,5 Millionen Euro", 1_500_000, "EUR"),
        ("de", "3 Mrd. Dollar", 3_000_000_000, "USD"),
        ("de", "zwei Milliarden", 2_000_000_000, None),
        ("de", "eine Billion", 10**12, None),
        ("de", "einundzwanzig", 21, None),
        ("de", "zweihundertfünfzig", 250, None),
        ("de", "dreitausend Soldaten", 3000, "Soldaten"),
        ("de", "zwölf", 12, None),
        ("de", "hundert", 100, None),
        ("de", "eine halbe Million", 500_000, None),
        ("de", "anderthalb Millionen", 1_500_000, None),
        ("de", "40 Prozent", 40, "%"),
        ("de", "ein Dutzend", 12, None),
        ("de", "ein Mann", 1, "Mann"),
        ("es", "14 personas", 14, "personas"),
        ("es", "1.200 soldados", 1200, "soldados"),
        ("es-MX", "1,200 pesos mexicanos", 1200, "MXN"),
        ("es", "1,5 millones de euros", 1_500_000, "EUR"),
        ("es", "3 mil millones de dólares", 3_000_000_000, "USD"),
        ("es", "mil millones", 1_000_000_000, None),
        ("es", "cien mil", 100_000, None),
        ("es", "doscientos treinta y uno", 231, None),
        ("es", "veintidós", 22, None),
        ("es", "once muertos", 11, None),
        ("es", "medio millón", 500_000, None),
        ("es", "dos millones y medio", 2_500_000, None),
        ("es", "una persona", 1, "persona"),
        ("es", "40 por ciento", 40, "%"),
        ("fr", "14 personnes", 14, "personnes"),
        ("fr", "1 200 soldats", 1200, "soldats"),
        ("fr", "1,5 million d’euros", 1_500_000, "EUR"),
        ("fr", "2 milliards de dollars", 2_000_000_000, "USD"),
        ("fr", "soixante-douze", 72, None),
        ("fr", "quatre-vingt-dix-sept", 97, None),
        ("fr", "vingt et un", 21, None),
        ("fr", "deux cents", 200, None),
        ("fr", "trois mille", 3000, None),
        ("fr", "cent quatre-vingts", 180, None),
        ("fr", "un demi-million", 500_000, None),
        ("fr", "un million et demi", 1_500_000, None),
        ("fr", "une douzaine", 12, None),
        ("fr", "un mort", 1, None),
        ("fr", "40 pour cent", 40, "%"),
        ("it", "1.200", 1200, None),
        ("ja", "1.200", 1.2, None),
        ("en", "1.200", 1.2, None),
        ("en-GB", "1,200", 1200, None),
    ],
)
def test_other_languages(language: str, quote: str, value: float, unit: str | None) -> None:
    assert exact(quote, language) == (value, unit)


@pytest.mark.parametrize(
    ("language", "quote", "expected"),
    [
        ("de", "mindestens 14 Menschen", (14, 14, None, False)),
        ("de", "mehr als 1.200", (1200, 1200, None, False)),
        ("de", "bis zu 9", (9, None, 9, False)),
        ("de", "rund 20", (20, None, None, True)),
        ("de", "Dutzende", (None, 24, None, True)),
        ("de", "Zehntausende Menschen", (None, 20_000, None, True)),
        ("de", "mehrere hundert", (None, 200, None, True)),
        ("de", "zwischen 10 und 15", (None, 10, 15, False)),
        ("de", "10 bis 15", (None, 10, 15, False)),
        ("es", "al menos 14 personas", (14, 14, None, False)),
        ("es", "más de 1.200", (1200, 1200, None, False)),
        ("es", "no más de 9", (9, None, 9, False)),
        ("es", "hasta 9", (9, None, 9, False)),
        ("es", "unas 20 personas", (20, None, None, True)),
        ("es", "una veintena", (20, None, None, True)),
        ("es", "decenas de miles", (None, 20_000, None, True)),
        ("es", "cientos de personas", (None, 200, None, True)),
        ("es", "entre 10 y 15", (None, 10, 15, False)),
        ("es", "de 10 a 15", (None, 10, 15, False)),
        ("fr", "au moins 14 personnes", (14, 14, None, False)),
        ("fr", "plus d’une centaine", (100, 100, None, True)),
        ("fr", "pas plus de 9", (9, None, 9, False)),
        ("fr", "jusqu’à 9", (9, None, 9, False)),
        ("fr", "environ 20", (20, None, None, True)),
        ("fr", "une vingtaine", (20, None, None, True)),
        ("fr", "des dizaines de milliers", (None, 20_000, None, True)),
        ("fr", "entre 10 et 15", (None, 10, 15, False)),
        ("fr", "plusieurs", (None, None, None, True)),
    ],
)
def test_limits_in_other_languages(
    language: str, quote: str, expected: tuple[Number, Number, Number, bool]
) -> None:
    assert bounds(quote, language) == expected


# ---------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        *((form, "several numbers") for form in ("3 of 12", "10 and 15", "30-20", "five two")),
        *((form, "several numbers") for form in ("nineteen eighty-four", "rose from 12 to 15")),
        *((form, "several numbers") for form in ("several of the 12", "dozens of the 300")),
        *((form, "several numbers") for form in ("14, including 3 children", "10 to 15 of 20")),
        *((form, "not an exact number") for form in ("two-thirds", "half of them", "a quarter")),
        *((form, "millions or a measure") for form in ("3m", "5t")),
        *((form, "no number was recognised") for form in ("COVID-19", "11th", "G7", "", "Ida")),
        *((form, "no number was recognised") for form in ("10:30", "12.5.2023", "no one", "once")),
        ("1.200", "1.2 or 1200"),
        ("1,20", "cannot be read"),
        ("9" * 30, "cannot be read"),
        ("a billion thousand million trillion", "too large"),
        ("900000000000000 million", "too large"),
        ("1 " * 400, "too long"),
    ],
)
def test_what_is_no_single_number_says_why(quote: str, reason: str) -> None:
    quantity = resolve_quantity(quote, "en" if quote == "1,20" else None)
    assert reason in str(quantity.reason)
    assert quantity == ResolvedQuantity(reason=quantity.reason)


# ---------------------------------------------------------------- the resolvers


def test_the_parts_of_a_number() -> None:
    article = Article(text="x", language="de")
    quote = Words("mindestens 1.200 Menschen", (), article)
    values = {
        name: RESOLVERS[f"number.{name}"](quote).value
        for name in ("value", "minimum", "maximum", "unit", "approximate")
    }
    assert values == {
        "value": 1200,
        "minimum": 1200,
        "maximum": None,
        "unit": "Menschen",
        "approximate": False,
    }


def test_the_article_tells_whose_money_it_is() -> None:
    def unit(text: str) -> Resolution:
        return RESOLVERS["number.unit"](Words("640 million kroner", (), Article(text=text)))

    assert unit("It rained in Norway.") == Resolution("NOK", ((13, 19),))
    assert unit("Danish and Norwegian firms paid.") == Resolution(None)
    assert unit("It rained in Peru.") == Resolution(None)


def test_what_is_not_said_is_no_problem_and_what_is_not_read_is_one() -> None:
    names = [name for name in RESOLVERS if name.startswith("number.")]
    article = Article(text="x")
    assert not any(RESOLVERS[name](Words("dozens", (), article)).reason for name in names)
    reasons = {RESOLVERS[name](Words("1.200", (), article)).reason for name in names}
    assert reasons == {"'1.200' can be 1.2 or 1200"}


# ---------------------------------------------------------------- any words

LANGUAGES = st.sampled_from([None, "en", "de", "es", "fr", "ja", "xx", ""])
VOCABULARY = (
    "at least|up to|about|dozens|of|thousands|1.200|1,5|12|million|and|half|a|-|$|€|%|(|)|mil|"
    "millones|et|vingt|zwei|hundert|people|km|or more|between|to|several"
)
VOCABULARY = ""
PIECES = st.lists(
    st.sampled_from(VOCABULARY.split("|")),
    max_size=8,
).map(" ".join)


@given(st.integers(0, 10**12), st.sampled_from([("en", ","), ("de", "."), ("fr", " ")]))
def test_grouped_digits(number: int, style: tuple[str, str]) -> None:
    language, mark = style
    assert exact(f"{number:,}".replace(",", mark) + " people", language) == (number, "people")


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_decimals(whole: int, hundredths: int) -> None:
    english = f"{whole:,}.{hundredths:02}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert exact(f"€{english}", "en") == exact(f"{german} €", "de")


@given(st.text(max_size=40) | PIECES, LANGUAGES)
def test_any_words_have_a_meaning_or_a_reason(quote: str, language: str | None) -> None:
    quantity = resolve_quantity(quote, language)
    assert (quantity.approximate is None) == (quantity.reason is not None)
    known = [n for n in (quantity.minimum, quantity.value, quantity.maximum) if n is not None]
    assert known == sorted(known)


@pytest.mark.parametrize("piece", ["1", "1,", "1 ", "one ", "a few ", "(", "- ", "$", "über "])
@pytest.mark.parametrize("length", [499, 20_000])
def test_hostile_words(piece: str, length: int) -> None:
    quantity = resolve_quantity((piece * length)[:length])
    assert quantity.reason is not None or quantity.approximate is not None
