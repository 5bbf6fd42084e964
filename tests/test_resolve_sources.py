"""Nested sources (`source.parent`) and revised ones (`source.supersedes`)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.records import Article
from extractor.resolve import RESOLVERS, Resolution, Words

PARENT = RESOLVERS["source.parent"]
SUPERSEDES = RESOLVERS["source.supersedes"]


def words(text: str, source: str, content: str = "", outlet: str | None = None) -> Words:
    """A source at all its places in a text, with what it says."""
    spans, at = [], text.find(source)
    while at >= 0:
        spans.append((at, at + len(source)))
        at = text.find(source, at + 1)
    return Words(
        source, tuple(spans), Article(text=text, outlet=outlet), (content,) * bool(content)
    )


def value(resolution: Resolution, text: str) -> str | None:
    """The value, once it is sure that it stands where it is said to stand."""
    assert resolution.reason is None
    assert [text[start:end] for start, end in resolution.spans] == (
        [] if resolution.value is None else [resolution.value]
    )
    assert resolution.value is None or isinstance(resolution.value, str)
    return resolution.value


HEARD_THROUGH = [
    ("YTN, citing a harbour pilot, said the ferry would sail.", "a harbour pilot", "YTN"),
    ("The broadcaster YTN, quoting a pilot, said it sails.", "a pilot", "YTN"),
    (
        "Adria Press, a news agency in Zadar, citing Ivo Kralj, said it sails.",
        "Ivo Kralj",
        "Adria Press",
    ),
    (
        "The ferry sails on Friday, the daily Lume Diary reported on Monday, quoting a stoker.",
        "a stoker",
        "Lume Diary",
    ),
    ("Radio Fen said on Friday, citing the coast guard, that it sank.", "coast guard", "Radio Fen"),
    (
        "It sank, according to Radio Fen, which cited a diver who saw the wreck.",
        "a diver",
        "Radio Fen",
    ),
    (
        "Fen News reported that the long and costly search for the ferry in the bay was over, "
        "citing a diver.",
        "a diver",
        "Fen News",
    ),
    (
        "Fen News, a portal in Hull, wanted more. It said, citing a cook, it sank.",
        "a cook",
        "Fen News",
    ),
    ("Radio Fen, a private station, had said it sank. It cited a cook.", "a cook", "Radio Fen"),
    (
        "The daily Lume Diary had a scoop. The newspaper, citing a cook, said it sank.",
        "a cook",
        "Lume Diary",
    ),
    ("YTN quoted the mayor as saying the pier was safe.", "mayor", "YTN"),
    ("On Tuesday YTN, citing police, said the pier was safe.", "police", "YTN"),
    ("South Korea's YTN, referring to a leaked memo, said it sank.", "a leaked memo", "YTN"),
    ("The prosecutor Ann Lee, citing the autopsy, said he drowned.", "autopsy", "Ann Lee"),
    ("But local media, quoting a nurse, said he lived.", "a nurse", "local media"),
    ("HULL (Fen News) - YTN, citing a cook, said it sank.", "a cook", "YTN"),
    ("“It sank,” Mayor Ada Quill told the Interfax news agency.", "Ada Quill", "Interfax"),
    (
        "Ada Quill, who runs the port, told state news agency TASS that it sank.",
        "Ada Quill",
        "TASS",
    ),
    ("Ada Quill told Reuters on Monday it sank.", "Ada Quill", "Reuters"),
    ("Ada Quill told The Evening Herald it sank.", "Ada Quill", "Evening Herald"),
    ("Ada Quill said in an interview with Radio Fen that it sank.", "Ada Quill", "Radio Fen"),
    (
        "Ada Quill told Russian state television that it sank.",
        "Ada Quill",
        "Russian state television",
    ),
    ("It sank, Ada Quill was quoted by Interfax as saying.", "Ada Quill", "Interfax"),
    ("It sank, said Ada Quill, quoted by the daily Lume Diary.", "Ada Quill", "Lume Diary"),
    ("“It sank,” Ada Quill said, according to Radio Fen.", "Ada Quill", "Radio Fen"),
    ("It sank, the mayor said on Monday, Interfax reported.", "mayor", "Interfax"),
    ("It sank, according to the mayor, Interfax reported.", "mayor", "Interfax"),
    ("Ada Quill told French newspaper Le Fanal that it sank.", "Ada Quill", "Le Fanal"),
    ("Citing a leaked memo, the Lume Post said it sank.", "a leaked memo", "Lume Post"),
    ("Radio Fen, citando a un marinero, dijo que se hundió.", "un marinero", "Radio Fen"),
    ("El barco se hundió, según El País, que cita a un marinero.", "un marinero", "El País"),
    ("«Se hundió», dijo Ana Ruiz al diario El Faro.", "Ana Ruiz", "El Faro"),
    ("Radio Fen, citant un marin, affirme que le bac a coulé.", "un marin", "Radio Fen"),
    ("« Il a coulé », a déclaré Ana Roux à Radio Fen.", "Ana Roux", "Radio Fen"),
    (
        "Das berichtete die Zeitung Fener Bote unter Berufung auf einen Matrosen.",
        "einen Matrosen",
        "Fener Bote",
    ),
    ("„Sie sank“, sagte Ana Roth der Zeitung Fener Bote.", "Ana Roth", "Fener Bote"),
]


@pytest.mark.parametrize(("text", "source", "expected"), HEARD_THROUGH)
def test_a_source_is_heard_through_another(text: str, source: str, expected: str) -> None:
    assert value(PARENT(words(text, source)), text) == expected


HEARD_ITSELF = [
    ("“It sank,” Ada Quill told reporters in Hull.", "Ada Quill"),
    ("Ada Quill told a crowd at the harbour that it sank.", "Ada Quill"),
    ("Ada Quill told a news briefing in Hull that it sank.", "Ada Quill"),
    ("“It sank,” Ada Quill told parliament.", "Ada Quill"),
    ("Ada Quill told the High Court that it sank.", "Ada Quill"),
    ("Ada Quill told Ivo Kralj that it sank.", "Ada Quill"),
    ("Ada Quill told the International Atomic Energy Agency it sank.", "Ada Quill"),
    ("Ada Quill told the UN refugee agency that it sank.", "Ada Quill"),
    ("Both reports cited a diver.", "a diver"),
    ("Sergeant Ivo Kralj was cited for bravery by the mayor.", "mayor"),
    ("Judge Moss cited Ivo Kralj for contempt.", "Ivo Kralj"),
    ("The ferry left Hull, citing fears that Ada Quill had voiced.", "Ada Quill"),
    ("YTN, citing reports that Ada Quill had gone, closed its office.", "Ada Quill"),
    ("The club sold its stadium, citing the bank.", "bank"),
    ("It cited a cook.", "a cook"),
    ("Ivo Kralj spoke. Ada Quill answered. It cited a cook.", "a cook"),
    ("Radio Fen said it sank. Lume Times said not. The newspapers cited a cook.", "a cook"),
    ("According to Ada Quill, Radio Fen has no licence.", "Ada Quill"),
    ("Ada Quill said it sank. Radio Fen reported rain.", "Ada Quill"),
    ("YTN said the ferry sank.", "YTN"),
    ("The ferry sank with Ada Quill, Interfax reported.", "Ada Quill"),
    ("Speaking to Radio Fen, Ada Quill said it sank.", "Ada Quill"),
    ("Ada Quill told Reuters and Interfax that it sank.", "Ada Quill"),
    ("The yard cited weak demand.", "weak demand"),
    ("YTN, citing YTN, said it sank.", "nobody"),
]


@pytest.mark.parametrize(("text", "source"), HEARD_ITSELF)
def test_a_source_that_is_heard_itself_has_no_parent(text: str, source: str) -> None:
    assert value(PARENT(words(text, source)), text) is None


def test_the_outlet_of_the_article_is_nobodys_parent() -> None:
    text = "“It sank,” Ada Quill told Radio Fen."
    assert PARENT(words(text, "Ada Quill", outlet="Radio Fen")) == Resolution(None)
    dated = f"HULL, May 2 (Radio Fen) - The ferry is gone. {text}"
    assert PARENT(words(dated, "Ada Quill")) == Resolution(None)


def test_the_place_that_counts_is_the_one_near_the_content() -> None:
    text = "A cook sang. It rained.\n\nYTN, citing a diver, said it sank. Later a diver fell ill."
    assert value(PARENT(words(text, "a diver", "it sank")), text) == "YTN"
    assert value(PARENT(words(text, "a diver", "fell ill")), text) is None
    assert value(PARENT(words(text, "a diver")), text) is None


SAID_BEFORE = [
    (
        "YTN said the ferry sails on Tuesday. The broadcaster earlier said it sails on Friday.",
        "YTN",
        "the ferry sails on Tuesday",
        "it sails on Friday",
    ),
    (
        "YTN said it sails on Tuesday, though it initially reported a sailing on Friday.",
        "YTN",
        "it sails on Tuesday",
        "a sailing on Friday",
    ),
    (
        "Radio Fen said three drowned. It had first written of five dead.",
        "Radio Fen",
        "three drowned",
        "five dead",
    ),
    (
        "Adria Press said she leaves on Monday. In a dispatch sent three hours before, the agency "
        "had put her flight on Sunday.",
        "Adria Press",
        "she leaves on Monday",
        "her flight on Sunday",
    ),
    (
        "Police said 11 had died. They had earlier put the toll at 17.",
        "Police",
        "11 had died",
        "the toll at 17",
    ),
    (
        "Police said 11 had died. The police had previously spoken of 17 dead, but miscounted.",
        "Police",
        "11 had died",
        "17 dead",
    ),
    (
        "YTN, which had earlier reported a delay, said the ferry sank.",
        "YTN",
        "the ferry sank",
        "a delay",
    ),
    (
        "The health ministry counted nine. Earlier on Monday, the ministry said four had died.",
        "health ministry",
        "nine",
        "four had died",
    ),
    (
        "Mayor Ada Quill said the bridge was shut. Quill had earlier told YTN that it was safe.",
        "Ada Quill",
        "the bridge was shut",
        "it was safe",
    ),
    (
        "Mayor Ada Quill said the bridge was shut. She had originally said it was safe.",
        "Ada Quill",
        "the bridge was shut",
        "it was safe",
    ),
    (
        "The daily Lume Diary reported a merger. It rained in Hull. The newspaper had written on "
        "Sunday that the talks were dead.",
        "Lume Diary",
        "a merger",
        "the talks were dead",
    ),
    (
        "Clear Wells, an aid group, said six were free. Initially, the group had reported seven.",
        "Clear Wells",
        "six were free",
        "seven",
    ),
    (
        "Police said 11 had died, revising an earlier toll of 17.",
        "Police",
        "11 had died",
        "toll of 17",
    ),
    (
        "The army said it lost two men. The army said earlier that nobody was hurt.",
        "army",
        "it lost two men",
        "nobody was hurt",
    ),
    (
        "YTN said he resigned. The channel had at first reported “a long holiday”.",
        "YTN",
        "he resigned",
        "a long holiday",
    ),
    (
        "Die Polizei sprach von elf Toten. Zunächst hatte sie von neun Toten gesprochen.",
        "Polizei",
        "elf Toten",
        "neun Toten",
    ),
    (
        "Das Amt meldete elf Tote. Das Amt hatte zuvor gesagt, dass niemand gestorben sei.",
        "Amt",
        "elf Tote",
        "niemand gestorben sei",
    ),
    (
        "La policía habló de once muertos. La policía había informado inicialmente de nueve.",
        "policía",
        "once muertos",
        "nueve",
    ),
    (
        "La police parle de onze morts. Elle avait d’abord annoncé neuf morts.",
        "police",
        "onze morts",
        "neuf morts",
    ),
]


@pytest.mark.parametrize(("text", "source", "content", "expected"), SAID_BEFORE)
def test_what_a_source_had_said_before(text: str, source: str, content: str, expected: str) -> None:
    assert value(SUPERSEDES(words(text, source, content)), text) == expected


SAID_ONCE = [
    ("YTN said it sails.", "YTN", "it sails"),
    ("YTN said earlier this year that it sails.", "YTN", "it sinks"),
    ("Ada Quill said it sank. Ivo Kralj earlier said he was happy.", "Ada Quill", "it sank"),
    ("Ada Quill said it sank. It had earlier said no ship was out.", "Mayor Ada Quill", "it sank"),
    (
        "Ada Quill said it sank. Ivo Kralj said no. He had earlier said it floats.",
        "Ada Quill",
        "it sank",
    ),
    ("YTN said it sank. The ministry had earlier said it floats.", "YTN", "it sank"),
    (
        "The daily Lume Diary said it sank. The broadcaster earlier said no.",
        "Lume Diary",
        "it sank",
    ),
    ("YTN said it sank. Lume Times said not. It had earlier said it floats.", "YTN", "it sank"),
    ("YTN said the ferry arrived earlier than the crew had said.", "YTN", "the ferry arrived"),
    ("YTN first reported the wreck.", "YTN", "the wreck"),
    ("YTN first reported the wreck. It showed a film.", "YTN", "a film"),
    ("Police said it sank. It rained. They danced. They had earlier said no.", "Police", "it sank"),
    ("Police said it sank. They had earlier said so.", "Police", "it sank"),
    ("Police said it sank. They had earlier said it sank.", "Police", "it sank"),
    ("YTN had earlier said it sails.", "YTN", "it sails"),
    (
        "The ferry sank an hour earlier, YTN said on Monday.",
        "YTN",
        "The ferry sank an hour earlier",
    ),
    ("YTN said it sank. Earlier, the crew sang.", "YTN", "it sank"),
    (
        "The Lume newspaper said it sinks. YTN said it sails, though it initially reported rain.",
        "Lume",
        "it sinks",
    ),
    ("Interfax previously said it sails. It added that rain fell.", "Interfax", "rain fell"),
    (
        "Ada Quill said it sank. She had earlier spoken of her love of chess.",
        "Ada Quill",
        "it sank",
    ),
    ("Police said it sank. They had previously given a warning.", "Police", "it sank"),
    ("Ada Quill said it sank. She had said the same on Monday.", "Ada Quill", "it sank"),
    ("YTN had earlier said it sails.", "YTN", ""),
    (
        "Police said it sank. A spokesman for the union had earlier put it at 17.",
        "Police",
        "it sank",
    ),
]


@pytest.mark.parametrize(("text", "source", "content"), SAID_ONCE)
def test_a_source_that_corrects_nothing(text: str, source: str, content: str) -> None:
    assert value(SUPERSEDES(words(text, source, content)), text) is None


def test_a_correction_at_the_top_is_the_outlets_own() -> None:
    text = "Fen News corrects itself. This story corrects the number of dead to 11, not 17."
    ours = words(text, "Fen News", "the number of dead to 11", "Fen News")
    assert value(SUPERSEDES(ours), text) == "17"
    assert SUPERSEDES(words(text, "Fen News", "the number of dead to 11")) == Resolution(None)


def test_an_earlier_version_is_the_outlets_own() -> None:
    text = "An earlier version of this article wrongly said that 17 had died. Fen News regrets it."
    assert value(SUPERSEDES(words(text, "Fen News", outlet="Fen News")), text) == "17 had died"


# ------------------------------------------------------------------------------ any text at all

STRANGE = st.sampled_from(
    [
        "",
        "👩‍👩‍👧 ",
        "e\u0301\u0323 ",
        "مرحبا بالعالم. ",
        "שלום, ",
        "\u200f",
        "🇫🇷🇫🇷. ",
        "한국어 ",
        "\n\n",
    ]
)


@given(before=st.lists(STRANGE, max_size=8).map("".join), case=st.sampled_from(SAID_BEFORE))
def test_offsets_hold_after_any_script(before: str, case: tuple[str, str, str, str]) -> None:
    text, source, content, _ = case
    value(SUPERSEDES(words(before + text, source, content)), before + text)
    apart = f"{before}.\n\n{text}"
    found = SUPERSEDES(words(apart, source, content))
    assert value(found, apart) == case[3]


@given(before=st.lists(STRANGE, max_size=8).map("".join), case=st.sampled_from(HEARD_THROUGH))
def test_offsets_of_parents_hold_after_any_script(before: str, case: tuple[str, str, str]) -> None:
    text, source, expected = case
    apart = f"{before}.\n\n{text}"
    assert value(PARENT(words(apart, source)), apart) == expected


# fmt: off
PIECES = st.sampled_from(
    [
        "YTN", "Ada Quill", ", citing", "quoting", "which cited", "earlier said", "the broadcaster",
        "had", "It", "They", "told", "according to", "Reuters", "reported", "that", ".", ";",
        "“", "”", "(", "—", "\n", "\n\n", "é́", "🙏", "سلام", "hatte zunächst von",
        "In a post before,", "had put", "This story corrects it to", ", not",
    ]
)
# fmt: on


@given(
    pieces=st.lists(PIECES | st.text(max_size=4), min_size=1, max_size=40),
    source=st.tuples(st.integers(0, 39), st.integers(1, 3)),
    content=st.tuples(st.integers(0, 39), st.integers(1, 4)),
)
def test_nothing_is_said_that_does_not_stand_there(
    pieces: list[str], source: tuple[int, int], content: tuple[int, int]
) -> None:
    text = " ".join(pieces)
    if not text.strip() or "\0" in text:
        return
    quote = " ".join(pieces[source[0] % len(pieces) :][: source[1]])
    said = " ".join(pieces[content[0] % len(pieces) :][: content[1]])
    if not quote:
        return
    for resolver in (PARENT, SUPERSEDES):
        found = value(resolver(words(text, quote, said)), text)
        assert found is None or found.strip() == found != ""


@pytest.mark.parametrize(
    "unit",
    [
        "YTN, ",
        "citing ",
        "A ",
        "which cited ",
        "said ",
        "earlier said ",
        "told the ",
        "-",
        "’s ",
        "é́",
    ],
)
def test_a_hostile_text_is_read_no_further_than_its_neighbourhood(unit: str) -> None:
    """Half a million characters would never end if the cost grew with their square."""
    text = f"{unit * (250_000 // len(unit))} Quill {unit * (250_000 // len(unit))}"
    for resolver in (PARENT, SUPERSEDES):
        value(resolver(words(text, "Quill", unit.strip())), text)
        value(resolver(words(text, unit.strip(), "Quill")), text)
