"""Invented sentences, full of what a quotation can get wrong: figures, names, days, negations."""

from __future__ import annotations

from random import Random

FIRST = [
    "Eusébio",
    "Radoslav",
    "Josefa",
    "Tena",
    "Mirela",
    "Ásta",
    "Benoît",
    "Łucja",
    "Zoë",
    "Ömer",
    "Nadia",
    "Pavel",
    "Rúben",
    "Ingrid",
    "Şeyma",
    "Lázaro",
    "Maude",
    "Henrik",
    "Chiara",
    "Tomáš",
    "Amélie",
    "Gustavo",
    "Björn",
    "Sinéad",
    "Dimitra",
    "Yusuf",
    "Klára",
    "André",
]
LAST = [
    "Quitongo",
    "Vitkin",
    "Tchilombo",
    "Marović",
    "Hallström",
    "Brückner",
    "Fiset",
    "Okonjo",
    "Petrák",
    "Soares",
    "Lindqvist",
    "Yılmaz",
    "Moreau",
    "Ferreira",
    "Keane",
    "Novák",
    "Castellà",
    "Dubois",
    "Østergaard",
    "Pérez",
    "Griffith",
    "Haffner",
    "Ruffini",
    "Şahin",
    "Villanueva",
    "Zieliński",
    "Båtsman",
    "Oyelaran",
]
CITIES = [
    "Varaždin",
    "Limassol",
    "Göteborg",
    "Aveiro",
    "Split",
    "Cádiz",
    "Tromsø",
    "Gdańsk",
    "Bilbao",
    "Antwerp",
    "Oran",
    "Corinth",
    "Trieste",
    "Malmö",
    "Setúbal",
    "Klaipėda",
]
MONTHS = {
    "en": "January February March April June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto "
    "septiembre octubre noviembre diciembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
}
NUMBER_WORDS = {
    "en": "two three four five six seven eight nine ten eleven twelve twenty thirty forty",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze vingt trente quarante",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig",
}
ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
]
UNITS = [
    "metres",
    "kilometres",
    "miles",
    "tonnes",
    "litres",
    "hectares",
    "hours",
    "minutes",
    "barrels",
    "containers",
]
CURRENCIES = ["euros", "dollars", "pounds", "kronor", "francs", "zlotys", "dinars"]
SCALES = ["million", "billion", "thousand"]

TEMPLATES = {
    "en": (
        "{name} did not attend the hearing in {city} on {weekday}, and {name2} was not asked to.",
        "The board of {last} & Sons said it had never agreed to sell the yard at {city}.",
        "“We are not going to close the office,” {name} told reporters; “it’s {last2}’s own idea.”",
        "Some {int} people can’t return home before {day} {month}, the prefect of {city} said.",
        "The loss came to {dec} {scale} {currency}, up from {dec2} {scale} a year before.",
        "{name}, the {ordinal} witness, left {city} with {word} officers and {word2} suitcases.",
        "The fire burned {big} hectares; the relief fund – {int} {currency} so far – isn’t enough.",
        "In the night of {day} {month} it was −{small} degrees in {city}, with {int2} mm of snow.",
        "The plot covers {int} m² and the sample held 10² cells, {name} said in an e-mail.",
        "The talks lasted {small}½ hours, and officials from {city} found no fault with them.",
        "{last}’s staff filed {word} affidavits – all of them first-rate – before {weekday}.",
        "A spokesman said {name} would not travel to {city} before {weekday} … if at all.",
        "The minister couldn’t say whether {word} of the {int} flats were fit for use.",
        "“It wasn't us,” {name2} said, “and it won’t be ‘business as usual’ in {month}.”",
        "{name} met {name2} in {city} on {weekday} to talk about {int} {unit} of cable.",
        "The ship, {int} {unit} from {city}, was carrying {big} {unit2} of waffles and coffee.",
        "Profits < {int} {currency} and debts > {int2} {currency} were filed as “R&D” in {month}.",
        "He was ranked {ordinal} of {int}, and the office had no record of {name2}.",
        "{int} people were hurt in {city}, {word} of them seriously, and nobody was arrested.",
        "Ms {last2} [sic] signed the draft, the café owners’ naïve offer, without reading it.",
    ),
    "fr": (
        "{name} n’est pas venu à {city} {weekday}, et {name2} n’a jamais reçu d’invitation.",
        "L’incendie a détruit {int} hectares, soit {dec} % du parc, avant le {day} {month}.",
        "« Nous ne fermerons pas l’école », a déclaré {name} devant {word} élèves à {city}.",
        "La facture s’élève à {narrow} {currency}, a précisé le maire, sans citer {last2}.",
    ),
    "es": (
        "{name} no asistió a la reunión de {city} el {weekday}, y {name2} nunca fue invitada.",
        "El incendio quemó {int} hectáreas, el {dec} % del parque, antes del {day} de {month}.",
        "«No vamos a cerrar la escuela», dijo {name} ante {word} vecinos de {city}.",
        "La factura asciende a {narrow} {currency}, según el alcalde, que no citó a {last2}.",
    ),
    "de": (
        "{name} kam am {weekday} nicht nach {city}, und {name2} wurde nie eingeladen.",
        "Das Feuer zerstörte {int} Hektar, {dec} % des Parks, bis am {day}. {month} Regen fiel.",
        "„Wir schließen die Schule nicht“, sagte {name} vor {word} Eltern in {city}.",
        "Die Rechnung beträgt {narrow} {currency}, so der Bürgermeister, der {last2} nicht nannte.",
    ),
}
INVENTED = (
    "{name} resigned from the fishery council at noon",
    "the {city} observatory reported a solar eclipse over the bay",
    "{int} violins were stolen from the conservatory of {city}",
    "{name2} apologised to the orchestra for the broken piano",
    "a court in {city} annulled the marriage of {name}",
    "the volcano near {city} erupted {word} times in {month}",
)


def _pair(rng: Random, pool: tuple[str, ...] | list[str]) -> tuple[str, str]:
    first, second = rng.sample(pool, 2)
    return first, second


def _figures(rng: Random) -> dict[str, str]:
    return {
        "int": str(rng.randint(13, 989)),
        "int2": str(rng.randint(13, 989)),
        "small": str(rng.randint(3, 19)),
        "day": str(rng.randint(2, 28)),
        "dec": f"{rng.randint(2, 89)}.{rng.randint(1, 9)}",
        "dec2": f"{rng.randint(2, 89)}.{rng.randint(1, 9)}",
        "big": f"{rng.randint(2, 98)},{rng.randint(101, 989)}",
        "narrow": f"{rng.randint(2, 98)}\u202f{rng.randint(101, 989)}",
    }


def filled(rng: Random, template: str, language: str = "en") -> str:
    """The sentence with figures, names and days of its language put in."""
    firsts, lasts = _pair(rng, FIRST), _pair(rng, LAST)
    word, word2 = _pair(rng, NUMBER_WORDS[language].split())
    unit, unit2 = _pair(rng, UNITS)
    return template.format(
        **_figures(rng),
        name=f"{firsts[0]} {lasts[0]}",
        name2=f"{firsts[1]} {lasts[1]}",
        last=lasts[0],
        last2=lasts[1],
        city=rng.choice(CITIES),
        weekday=rng.choice(WEEKDAYS[language].split()),
        month=rng.choice(MONTHS[language].split()),
        word=word,
        word2=word2,
        unit=unit,
        unit2=unit2,
        ordinal=rng.choice(ORDINALS),
        scale=rng.choice(SCALES),
        currency=rng.choice(CURRENCIES),
    )


def briefs(rng: Random, language: str, sentences: int) -> str:
    """Paragraphs of invented sentences, each of two to four of them."""
    pool = [*TEMPLATES[language]]
    drawn: list[str] = []
    while len(drawn) < sentences:
        drawn += rng.sample(pool, min(len(pool), sentences - len(drawn)))
    paragraphs = []
    while drawn:
        size = rng.randint(2, 4)
        here, drawn = drawn[:size], drawn[size:]
        paragraphs.append(" ".join(filled(rng, each, language) for each in here))
    return "\n\n".join(paragraphs)
