"""What a number counts: money, percent, people, and units of measure.

Money and measures have one name each, whatever they are called in English, German, Spanish and
French; people are called as the text does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

import regex

from extractor.resolve.numerals import bare

# ISO 4217. Pounds may be a weight, and rupees, pesos, francs or dinars are of several states:
# alone they are no unit.
_MONEY = """
USD dollars, dollar, US dollars, American dollars, dolares, dolar, dolares estadounidenses, dollars
americains, US-Dollar; CAD Canadian dollars, dolares canadienses, dollars canadiens; AUD Australian
dollars; NZD New Zealand dollars; HKD Hong Kong dollars; SGD Singapore dollars, Singaporean dollars;
TWD Taiwan dollars, New Taiwan dollars; EUR euros, euro; GBP pounds sterling, sterling, British
pounds, livres sterling, libras esterlinas, Pfund Sterling; EGP Egyptian pounds; LBP Lebanese
pounds; SYP Syrian pounds; SDG Sudanese pounds; SSP South Sudanese pounds; JPY yen, yens, yenes,
Japanese yen; CNY yuan, renminbi, yuanes, yuans, Chinese yuan; RUB rubles, roubles, ruble, rouble,
rublos, Rubel, Russian rubles, Russian roubles; BYN Belarusian rubles, Belarusian roubles; INR
Indian rupees; PKR Pakistani rupees; LKR Sri Lankan rupees; NPR Nepali rupees, Nepalese rupees; IDR
rupiah, Indonesian rupiah; KRW South Korean won, Korean won; KPW North Korean won; MXN Mexican
pesos, pesos mexicanos; ARS Argentine pesos, pesos argentinos; CLP Chilean pesos, pesos chilenos;
COP Colombian pesos, pesos colombianos; PHP Philippine pesos; CUP Cuban pesos; UYU Uruguayan pesos;
CHF Swiss francs, francs suisses, Schweizer Franken, Franken, francos suizos; SEK Swedish kronor,
Swedish crowns; NOK Norwegian kroner, Norwegian crowns; DKK Danish kroner, Danish crowns; ISK
Icelandic kronur; CZK Czech crowns, Czech koruna; PLN zlotys, zloty, Zloty; HUF forints, forint; RON
Romanian lei; BGN Bulgarian leva; TRY Turkish lira, Turkish liras, liras turcas, livres turques; ILS
shekels, shekel, Israeli shekels; UAH hryvnias, hryvnia, hryvnyas; KZT tenge; GEL lari; AZN manats;
BRL reais; ZAR rand, South African rand; NGN naira, Nigerian naira; GHS cedis, cedi, Ghanaian cedis;
KES Kenyan shillings; UGX Ugandan shillings; TZS Tanzanian shillings; ETB Ethiopian birr, birr; MAD
Moroccan dirhams; AED Emirati dirhams, UAE dirhams; SAR Saudi riyals; QAR Qatari riyals; IRR Iranian
rials; OMR Omani rials; YER Yemeni rials; IQD Iraqi dinars; KWD Kuwaiti dinars; JOD Jordanian
dinars; DZD Algerian dinars; TND Tunisian dinars; LYD Libyan dinars; RSD Serbian dinars; THB baht,
Thai baht; VND Vietnamese dong; MYR ringgit, Malaysian ringgit; BDT taka; MMK kyat; KHR riel; PEN
soles; VES bolivars; AOA kwanzas; MWK Malawian kwacha; ZMW Zambian kwacha; % percent, per cent, pct,
Prozent, por ciento, pour cent
"""
_SIGNS = {
    **{"US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "HK$": "HKD"},
    **{"NZ$": "NZD", "S$": "SGD", "R$": "BRL", "NT$": "TWD", "MX$": "MXN", "$": "USD"},
    **{"€": "EUR", "£": "GBP", "CN¥": "CNY", "¥": "JPY", "₽": "RUB", "₹": "INR", "₩": "KRW"},
    **{
        "₴": "UAH",
        "₺": "TRY",
        "₪": "ILS",
        "₦": "NGN",
        "₱": "PHP",
        "₫": "VND",
        "₵": "GHS",
        "฿": "THB",
    },
    **{"E£": "EGP", "%": "%"},
}
_CODES = """
USD EUR GBP JPY CNY RUB INR CHF CAD AUD NZD HKD SGD KRW BRL MXN ZAR SEK NOK DKK PLN CZK HUF UAH ILS
SAR AED QAR EGP NGN GHS KES PKR IDR THB VND PHP ARS CLP COP TWD XOF XAF RMB
"""

_PEOPLE = """
people, person, persons, personas, persona, personnes, personne, Personen, Person, Menschen, gente;
men, man, hombres, hombre, hommes, homme, Manner, Mann; women, woman, mujeres, mujer, femmes, femme,
Frauen, Frau; children, child, kids, ninos, ninas, nino, nina, enfants, enfant, Kinder, Kind; boys,
boy; girls, girl; babies, baby; infants, infant; teenagers, teenager; students, student,
estudiantes, estudiante, etudiants, Studenten; pupils, pupil; schoolchildren; adults, adult;
civilians, civilian, civiles, civil, civils, Zivilisten, Zivilist; soldiers, soldier, soldados,
soldado, soldats, soldat, Soldaten; troops, tropas; servicemen, serviceman; officers, officer;
policemen, policeman; police officers, police officer, policias, policiers, Polizisten;
firefighters, firefighter; rescuers; residents, resident, Einwohner, habitants, habitantes,
Bewohner; inhabitants; citizens, citizen, ciudadanos, citoyens, Burger; villagers, villager;
workers, worker, trabajadores, travailleurs, Arbeiter; employees, employee, empleados, Mitarbeiter,
Beschaftigte; staff; miners, miner; teachers, teacher; doctors, doctor; nurses, nurse; journalists,
journalist; passengers, passenger, pasajeros, passagers, Passagiere; migrants, migrant, migrantes,
Migranten; refugees, refugee, refugiados, refugies, Fluchtlinge; prisoners, prisoner; detainees,
detainee; hostages, hostage, rehenes, otages, Geiseln; militants, militant; rebels, rebel; fighters,
fighter; gunmen; suspects, suspect; victims, victim, victimas, victimes, Opfer; patients, patient;
protesters, protester, protestors, manifestantes, manifestants, Demonstranten; demonstrators,
demonstrator; marchers, marcher; supporters, supporter; fans; members, member; lawmakers, lawmaker;
voters, voter; delegates; officials; tourists, tourist, turistas, touristes, Touristen; pilgrims,
pilgrim; families, family, familias, familles, Familien; households, household; survivors, survivor;
nationals; Palestinians; Israelis; peacekeepers; sailors; crew members, crew member; crew; drivers;
farmers; fishermen
"""
# The first name is the unit.
_MEASURES = """
km, kilometres, kilometre, kilometers, kilometer, kms, kilometros, kilometro, Kilometer, Kilometern;
metres, metre, meters, meter, m, metros, metro, metre, Meter, Metern; centimetres, centimetre,
centimeters, cm, centimetros; millimetres, millimetre, millimeters, mm; miles, mile, Meilen, millas,
milles; nautical miles; feet, foot, ft, Fuss; inches, inch; yards, yard; acres, acre; hectares,
hectare, ha, hectareas, Hektar; square km, sq km, square kilometres, square kilometers, km2,
kilometros cuadrados, kilometres carres, Quadratkilometer; square miles, square mile, sq miles;
square metres, square meters, sq m, m2, metros cuadrados, metres carres, Quadratmeter; square feet,
sq ft; cubic metres, cubic meters, metros cubicos, metres cubes, Kubikmeter; litres, litre, liters,
liter, litros, Liter; gallons, gallon; barrels, barrel, barriles, barils; tonnes, tonne, metric
tons, metric tonnes, toneladas, tonelada, Tonnen, t; tons, ton; kg, kilograms, kilogrammes, kilos,
kilo, kilogram, kilogramos, Kilogramm; grams, gram, grammes, gramos, Gramm; ounces, ounce; hours,
hour, horas, hora, heures, heure, Stunden, Stunde; minutes, minute, minutos, minuto, Minuten;
seconds, second, segundos, secondes, Sekunden; days, day, dias, dia, jours, jour, Tage, Tagen, Tag;
weeks, week, semanas, semana, semaines, semaine, Wochen, Woche; months, month, meses, mes, mois,
Monate, Monaten, Monat; years, year, anos, ano, ans, annees, Jahre, Jahren, Jahr; decades, decade;
degrees, degree, grados, degres, Grad; percentage points, percentage point, puntos porcentuales,
points de pourcentage, Prozentpunkte; basis points, basis point; megawatts, megawatt, MW; gigawatts,
gigawatt, GW; kilowatt-hours, kilowatt hours, kWh; km/h, kmh, kph; mph
"""
_KNOWN_CODES = frozenset(_CODES.split())
# What several states call their money: by country, ISO 3166-1 alpha-3.
_SHARED_MONEY: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "kroner": {"NOR": "NOK", "DNK": "DKK"},
        "kwacha": {"ZMB": "ZMW", "MWI": "MWK"},
        "rupees": {"IND": "INR", "PAK": "PKR", "LKA": "LKR", "NPL": "NPR", "MUS": "MUR"},
        "pesos": {
            **{"ARG": "ARS", "CHL": "CLP", "COL": "COP", "CUB": "CUP", "DOM": "DOP"},
            **{"MEX": "MXN", "PHL": "PHP", "URY": "UYU"},
        },
        "dinars": {
            **{"DZA": "DZD", "BHR": "BHD", "IRQ": "IQD", "JOR": "JOD", "KWT": "KWD"},
            **{"LBY": "LYD", "SRB": "RSD", "TUN": "TND"},
        },
        "shillings": {"KEN": "KES", "UGA": "UGX", "TZA": "TZS", "SOM": "SOS"},
        "dirhams": {"ARE": "AED", "MAR": "MAD"},
        "riyals": {"SAU": "SAR", "QAT": "QAR"},
        "rials": {"IRN": "IRR", "OMN": "OMR", "YEM": "YER"},
    }
)
_LONGEST = 3  # words: New Zealand dollars

_WORD = regex.compile(r"(?:[^\W\d_][\w/]*+)(?:[ -][^\W\d_][\w/]*+){0,2}")
_SIGN_AFTER = regex.compile(r"\s?(\p{Sc}|%)")
_SIGN_BEFORE = regex.compile(r"((?:\b[A-Z]{1,2})?\p{Sc}|\b[A-Z]{3})\s?-?\Z")


def _entries(table: str) -> Iterator[tuple[str, str]]:
    for entry in table.split(";"):
        called = [" ".join(name.split()) for name in entry.split(",")]
        yield from ((bare(name), called[0]) for name in called)


def _money() -> Iterator[tuple[str, str]]:
    for entry in _MONEY.split(";"):
        unit, names = entry.split(None, 1)
        yield from ((bare(" ".join(name.split())), unit) for name in names.split(","))


_PEOPLES: Mapping[str, str] = MappingProxyType(dict(_entries(_PEOPLE)))
_UNITS: Mapping[str, str] = MappingProxyType({**dict(_money()), **dict(_entries(_MEASURES))})
# Before another noun they say of what kind it is: 12 rebel fighters.
_SINGULARS = frozenset(
    {"person", "man", "woman", "child", "baby", "family", "policeman", "gunman", "serviceman"}
    | {name for name, plural in _PEOPLES.items() if f"{name}s" == plural}
)


def unit_before(text: str) -> str | None:
    """The currency whose sign or code a text ends with."""
    sign = _SIGN_BEFORE.search(text[-8:])
    if sign is None:
        return None
    shown = sign[1]
    return _code(shown) if shown.isalpha() else _SIGNS.get(shown, _SIGNS.get(shown[-1]))


def unit_after(text: str, at: int, count: Fraction | None) -> str | None:
    """The unit whose name begins at a place of a text, right after a number."""
    if sign := _SIGN_AFTER.match(text, at):
        return _SIGNS.get(sign[1])
    begin = at + (text[at : at + 1] in {" ", "-"})
    words = _WORD.match(text, begin)
    if words is None:
        return None
    parts = words.group().replace("-", " ").split(" ")
    if code := _code(parts[0]):
        return code
    for length in range(min(_LONGEST, len(parts)), 0, -1):
        name = " ".join(parts[:length])
        key = bare(name)
        if key in _UNITS:
            return _UNITS[key]
        if key in _PEOPLES and (count == 1 or key not in _SINGULARS):
            return name
    return None


def shared_money(text: str) -> Mapping[str, str]:
    """The currencies, by country, that a name of money in a text may be: pesos, rupees."""
    words = bare(text).split()
    return next((_SHARED_MONEY[word] for word in words if word in _SHARED_MONEY), {})


_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "JMD", "NAD", "BSD", "LRD"})
_PESOS = frozenset(_SHARED_MONEY["pesos"].values())
_SEVERAL_STATES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(("dollar", "dollars", "dolar", "dolares"), _DOLLARS),
        **dict.fromkeys(
            ("pound", "pounds", "pfund", "livres", "livre", "libras", "libra"),
            frozenset({"GBP", "EGP", "LBP", "SYP", "SDG", "SSP", "FKP", "GIP", "SHP"}),
        ),
        **dict.fromkeys(
            ("franc", "francs", "francos"),
            frozenset(
                {"CHF", "XOF", "XAF", "XPF", "CDF", "GNF", "RWF", "BIF", "DJF", "KMF", "MGA"}
            ),
        ),
        **dict.fromkeys(
            (
                "kroner",
                "krone",
                "kronen",
                "kronor",
                "krona",
                "crowns",
                "crown",
                "couronnes",
                "coronas",
            ),
            frozenset({"NOK", "DKK", "SEK", "ISK", "CZK"}),
        ),
        **dict.fromkeys(
            ("cfa", "francs cfa", "franc cfa", "cfa francs", "cfa franc", "francos cfa"),
            frozenset({"XOF", "XAF"}),
        ),
        **dict.fromkeys(("lira", "liras", "livres turques"), frozenset({"TRY", "LBP", "SYP"})),
        **dict.fromkeys(("won",), frozenset({"KRW", "KPW"})),
        **dict.fromkeys(
            ("rupee", "rupees", "rupien", "roupies", "rupias"),
            frozenset(_SHARED_MONEY["rupees"].values()),
        ),
        **dict.fromkeys(("peso", "pesos"), _PESOS),
        **dict.fromkeys(
            ("dinar", "dinars", "dinares"), frozenset(_SHARED_MONEY["dinars"].values())
        ),
        **dict.fromkeys(("shilling", "shillings"), frozenset(_SHARED_MONEY["shillings"].values())),
        **dict.fromkeys(("dirham", "dirhams"), frozenset(_SHARED_MONEY["dirhams"].values())),
        **dict.fromkeys(("riyal", "riyals"), frozenset(_SHARED_MONEY["riyals"].values())),
        **dict.fromkeys(("rial", "rials"), frozenset({"IRR", "OMR", "YER"})),
        **dict.fromkeys(("kwacha",), frozenset({"ZMW", "MWK"})),
        **dict.fromkeys(
            ("ruble", "rubles", "rouble", "roubles", "rubel", "rublos"), frozenset({"RUB", "BYN"})
        ),
        **dict.fromkeys(("real", "reals", "reais"), frozenset({"BRL"})),
        **dict.fromkeys(("leu", "lei"), frozenset({"RON", "MDL"})),
    }
)
_SIGNS_OF_SEVERAL: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "$": _DOLLARS | _PESOS,
        "£": frozenset({"GBP", "EGP", "LBP", "SYP", "SDG", "SSP"}),
        "¥": frozenset({"JPY", "CNY"}),
        "₩": frozenset({"KRW", "KPW"}),
        "₹": frozenset({"INR"}),
    }
)
_SIGN = regex.compile(r"(?P<state>(?<![\p{L}])[A-Z]{1,3})?(?P<sign>\p{Sc})")
_ISO_CODE = regex.compile(r"(?<![\p{L}])(?P<code>[A-Z]{3})(?![\p{L}])")


def currencies_in(text: str) -> frozenset[str]:
    """The currencies (ISO 4217) that the signs, codes and names of money in a text may mean.

    "$" is any dollar (or peso), "pounds" any pound; "US dollars" one.
    """
    found: set[str] = set()
    for match in _SIGN.finditer(text):
        own = _SIGNS.get(match.group())
        several = _SIGNS_OF_SEVERAL.get(match["sign"])
        if match["state"] and own:
            found.add(own)
        else:
            found |= several or ({_SIGNS[match["sign"]]} if match["sign"] in _SIGNS else set())
    found |= {code for m in _ISO_CODE.finditer(text) if (code := _code(m["code"]))}
    words = [bare(word) for word in regex.findall(r"[\p{L}\p{M}]+", text)]
    at = 0
    while at < len(words):
        length, codes = _longest_money(words[at : at + _LONGEST])
        found |= codes
        at += length
    return frozenset(found)


def _longest_money(words: Sequence[str]) -> tuple[int, frozenset[str]]:
    """How many of the words name money, and which currencies that may be."""
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        if name in _SEVERAL_STATES:
            return length, _SEVERAL_STATES[name]
        unit = _UNITS.get(name)
        if unit is not None and len(unit) == 3 and unit.isupper() and unit not in {"GW", "MW"}:
            return length, frozenset({unit})
    return 1, frozenset()


def _code(word: str) -> str | None:
    return {"RMB": "CNY"}.get(word, word) if word in _KNOWN_CODES else None
