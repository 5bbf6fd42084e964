"""The signs by which instructions to programs are told from a report (see `instructions`)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

At = Literal["anywhere", "beginning", "order"]
"""Where a sign may stand: at the beginning of a sentence or clause, or where an order can."""


@dataclass(frozen=True)
class Other:
    """A sign that begins with no word; one of the `stems` is in every text that has it."""

    stems: tuple[str, ...]
    kind: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Sign:
    """What stands `behind` a word makes it a sign of some kind."""

    kind: str
    place: At
    behind: re.Pattern[str]


STRONG = frozenset(["token", "ignore", "address", "command"])
"""Kinds of which one sign is enough."""

_BEGINNING = r"(?:^|[\n.!?。！？:\[(>“\"„«]|\*)\s*"
PLACES: Mapping[At, re.Pattern[str] | None] = {
    "anywhere": None,
    "beginning": re.compile(_BEGINNING + r"\Z", re.MULTILINE),
    "order": re.compile(
        rf"(?:{_BEGINNING}|[;,—–]\s*|\b(?:please|and|must|now|you|may|should|to)\s+(?:only\s+)?)\Z",
        re.MULTILINE | re.IGNORECASE,
    ),
}

_PROGRAM = (
    r"(?:AIs?|LLMs?|chat-?bots?|bots?"
    r"|(?:language|extraction|AI)\ (?:models?|programs?|systems?|tools?)"
    r"|software|programs?|programmes?|models?|machines?|parsers?|crawlers?|scrapers?|assistants?"
    r"|algorithms?|tools?|systems?|computers?)\b"
)
_SOON = r"(?=[^.!?\n]{0,40}?:)"
"""An address that a colon follows: what is said to the program stands behind it."""
_NOUN = (
    r"(?:actors?|recipients?|sources?|places?|triggers?|perpetrators?|victims?|quantit(?:y|ies)"
    r"|values?|numbers?\ of\ (?:the\ )?(?:dead|injured|killed|wounded|victims))"
)
_OF_IT = r"\s+of\s+(?:the|this)\s+(?:event|accident|attack|visit|incident|report|record)\b"
_DONE = (
    r"(?:entered|recorded|registered|extracted|written\s+down|noted\s+down|filled\s+in|dropped"
    r"|passed\s+over|left\s+out|copied|output|used|mentioned|(?:written|given)\s+as)\b"
)
_READER = (
    r"(?:summari[sz]er|extractor|annotator|coder|encoder|indexer|transcriber|parser|processor)s?\b"
)

_WORDS: Sequence[tuple[str, At, str, str]] = (
    # orders to ignore the text
    (
        "ignore",
        "anywhere",
        "ignore disregard forget overlook override",
        r"""\s+(?:\w+\s+){0,3}?(?:above|previous|preceding|prior|earlier|instructions?|prompts?
        |(?:article|text|report|rules)\b(?!\s+(?:of|on|by|in|that)\b))""",
    ),
    (
        "ignore",
        "anywhere",
        "ignoriere ignorieren ignoriert vergiss vergesst vergessen",
        r"[^.!?\n]{0,40}?\b(?:Text|Artikel|[Oo]bige|[Bb]isher|[Vv]orher|[Aa]nweisung)",
    ),
    (
        "ignore",
        "anywhere",
        "bisher oben",
        r"\s+(?:Gesagte|Geschriebene)[^.!?\n]{0,30}\b(?:gilt|gelten)",
    ),
    (
        "ignore",
        "anywhere",
        "ignore ignorez oublie oubliez",
        r"[^.!?\n]{0,30}?(?:précèd|ci-dessus|\btexte\b|\bl['’]article\b|\binstructions\b)",
    ),
    (
        "ignore",
        "anywhere",
        "ignora ignore ignoren ignorad olvida olvide olviden ignorate dimentica dimenticate esqueça"
        " esqueçam ignorem",
        r"""[^.!?\n]{0,30}?\b(?:te[xs]to|artículo|artigo|articolo|anterior|precedent|acima|sopra
        |instruc|istruzion|instruç)""",
    ),
    (
        "ignore",
        "anywhere",
        "negeer vergeet",
        r"[^.!?\n]{0,30}?\b(?:tekst|artikel|bovenstaand|instructie)",
    ),
    (
        "ignore",
        "anywhere",
        "zapomnij zignoruj ignoruj zapomeň",
        r"[^.!?\n]{0,30}?\b(?:tek[sś]|artyku|poprzedn|powyż|instrukc|text|člán|předchoz)",
    ),
    (
        "ignore",
        "anywhere",
        "игнорируй игнорируйте проигнорируй проигнорируйте забудь забудьте ігноруй ігноруйте",
        r"[^.!?\n]{0,30}?(?:текст|выше|предыдущ|инструкц|стать|вище|попередн)",
    ),
    # words to a program
    (
        "address",
        "anywhere",
        "note notes message messages notice hint hints instruction instructions word words command"
        " request",
        rf"""\s+(?:to|for)\s+(?:(?:the|any|all|your|an?|our|every)\s+)?(?:[\w'’-]+\s+)?{_PROGRAM}{_SOON}""",
    ),
    ("address", "order", "dear hey hello attention", rf",?\s+(?:the\s+)?{_PROGRAM}"),
    ("address", "beginning", "tell", rf"\s+(?:your|the|its|their)\s+{_PROGRAM}{_SOON}"),
    (
        "address",
        "beginning",
        "ai llm metadata prompt parser data extraction editors editor editors' assistant system"
        " developer",
        r"""(?:['’])?(?:\s+(?:note|notes|notice|message|messages|prompt|entry|tool|instructions?|task|rules?))?
        (?:,[^:\n]{0,30})?\s*:""",
    ),
    (
        "address",
        "anywhere",
        "ai ais llm llms bot bots chatbots software program programs programme programmes model"
        " models machine machines parser parsers system systems computers tool tools",
        r"""\s+(?:(?:that|which|who)\s+)?(?:reads?|reading|pars(?:es?|ing)|process(?:es|ing)?|extracts?
        |summari[sz]es?)\s+(?:this|these|it)\b""",
    ),
    (
        "address",
        "anywhere",
        "whoever",
        r"\s+(?:pars|process|extract|scrap|index)\w*\s+(?:this|these|it)\b",
    ),
    (
        "address",
        "anywhere",
        "hinweis hinweise nachricht anweisung",
        rf"\s+(?:für|an)\s+(?:das|die|den|alle)\s+(?:Programm|KI|Maschine|System|Software|Modell){_SOON}",
    ),
    (
        "address",
        "anywhere",
        "note message consigne",
        rf"\s+(?:pour|à)\s+(?:l['’]IA|la\s+machine|le\s+(?:programme|logiciel|modèle|système)){_SOON}",
    ),
    (
        "address",
        "anywhere",
        "nota mensaje instrucción aviso mensagem messaggio avviso",
        rf"""\s+(?:para|al?|per)\s*(?:(?:l[ao]s?|el|il|[oa])\s+|l['’])?
        (?:máquina|IA\b|programa|programma|sistema|modelo|modello|software|macchina){_SOON}""",
    ),
    (
        "address",
        "anywhere",
        "bericht opmerking",
        rf"\s+(?:voor|aan)\s+(?:de|het)\s+(?:AI|machine|programma|software|model|systeem){_SOON}",
    ),
    (
        "address",
        "anywhere",
        "polecenie uwaga wiadomość notatka",
        rf"\s+(?:dla|do)\s+(?:systemu|programu|modelu|AI|maszyny){_SOON}",
    ),
    (
        "address",
        "anywhere",
        "сообщение команда инструкция заметка",
        rf"\s+(?:для|к)\s+(?:программ|систем|модел|ИИ|машин){_SOON}",
    ),
    ("address", "beginning", "to", rf"\s+(?:the\s+)?{_READER}\s*[):,]"),
    ("address", "beginning", "extractor summariser summarizer annotator", r"\s*:"),
    (
        "address",
        "anywhere",
        "whoever",
        r"\s+(?:fills?|is\s+filling)\s+(?:in|out)\s+(?:the|this)\s+(?:form|record|sheet|table|file)\b",
    ),
    ("address", "anywhere", "erfassung auswertung", r"\s+dieses\s+(?:Textes|Artikels|Berichts)\b"),
    (
        "address",
        "anywhere",
        "quien",
        r"\s+(?:haga|rellene|procese|registre)\s+(?:la|esta|este|el)\s+(?:ficha|registro|texto|noticia)",
    ),
    ("address", "anywhere", "kayıt", r"\s+çıkaran\s+(?:kişi|program|yapay|model)"),
    # orders to record something
    ("command", "anywhere", "to", r"\s+be\s+(?:recorded|entered|extracted|output|registered)\s*:"),
    ("command", "anywhere", "expected required", r"\s+(?:answer|output|value|record)\s*:"),
    (
        "command",
        "anywhere",
        "under",
        r"\s+(?:place|source|actor|recipient|date|time|type)\s+you\s+(?:write|enter|put|answer)\b",
    ),
    (
        "command",
        "anywhere",
        "noteer schrijf vermeld",
        r"\s+(?:dus\s+)?als\s+(?:bron|plaats|dader|datum)\b",
    ),
    ("order", "order", "put", r"\s+down\s+[A-ZÀ-ÖØ-ÞА-Я\d]"),
    (
        "order",
        "anywhere",
        "you",
        r"\s+(?:write|enter|answer|record|put\s+down)\s+[A-ZÀ-ÖØ-ÞА-Я\d“\"]",
    ),
    ("order", "anywhere", "zu", r"\s+(?:führen|übernehmen|erfassen|verzeichnen|notieren)\b"),
    ("order", "anywhere", "mets écris inscris mettez écrivez inscrivez", r"\s+\S"),
    (
        "order",
        "anywhere",
        "apunta anota pon registra escribe apunte anote ponga registre",
        r"\s+\S",
    ),
    ("order", "anywhere", "va vanno", r"\s+(?:riportat|registrat|indicat|inserit)\w+"),
    ("order", "anywhere", "copiar copie registre escreva", r"\s+(?:est[ae]|como)\b"),
    ("order", "anywhere", "вписать впиши записать запиши внести указывать", r""),
    ("order", "anywhere", "yazılacak yazılsın kaydedilecek kaydet", r""),
    ("role", "anywhere", "as", r"\s+the\s+(?:one|person)\s+who\b"),
    (
        "role",
        "anywhere",
        "als",
        r"\s+(?:Quelle|Ort|Täter|Akteur|Betroffener?|Empfänger|Zahl|Datum)\b",
    ),
    ("role", "anywhere", "comme", r"\s+(?:date|lieu|source|auteur|acteur|destinataire)\b"),
    (
        "role",
        "anywhere",
        "como",
        r"\s+(?:responsable|fuente|lugar|actor|autor|destinatario|fecha)\b",
    ),
    ("role", "anywhere", "источником местом датой автором", r"\s[^.!?\n]{0,30}считать"),
    ("role", "anywhere", "olayı", r"\s+yapan\s+olarak"),
    ("record", "anywhere", "dans", r"\s+(?:la\s+fiche|le\s+champ|l['’]enregistrement)\b"),
    ("record", "anywhere", "nel", r"\s+campo\s+de"),
    ("record", "anywhere", "поле", r"\s+[«\"]"),
    ("command", "beginning", "record output", r"\s+(?:that|only|this)\b"),
    (
        "order",
        "order",
        "record write enter output return extract copy register set add use fill",
        r"""(?:\s+(?:down|in))?\s+(?:that|this|only|the|both|as|him|her|them|[A-ZÀ-ÖØ-ÞА-Я\d"“])""",
    ),
    ("task", "beginning", "new next your", r"\s+task\s*:"),
    (
        "passive",
        "anywhere",
        "to must should may",
        rf"\s+(?:not\s+)?(?:only\s+)?be\s+(?:only\s+)?{_DONE}",
    ),
    ("passive", "anywhere", "must", r"\s+not\s+appear\b"),
    ("role", "anywhere", "as", rf"\s+(?:(?:the|an?)\s+)?(?:(?:only|sole|one)\s+)?{_NOUN}\b"),
    (
        "role",
        "anywhere",
        "actor recipient certainty polarity trigger",
        r"\s+(?:is|are|must\s+be|has\s+to\s+be|to)\s",
    ),
    (
        "role",
        "anywhere",
        "type mode certainty polarity tense date day time place cause",
        _OF_IT,
    ),
    ("record", "anywhere", "in of", r"\s+(?:the|this|your)\s+(?:record|JSON|output)\b(?!\s+\w)"),
    ("reader", "anywhere", "reader user processor", r"\s+of\s+this\b"),
    ("alone", "anywhere", "nothing nobody", r"\s+else\b"),
    ("alone", "anywhere", "no", r"\s+(?:one\s+else|other(?:\s+\w+)?\s+(?:is|are|must|may))\b"),
    ("alone", "anywhere", "leave", r"\s+out\b"),
    ("alone", "anywhere", "every other", r"\s+(?:other\s+)?\w+\s+(?:is\s+to|must\s+not)\b"),
)


def _by_word() -> Mapping[str, Sequence[Sign]]:
    found: defaultdict[str, list[Sign]] = defaultdict(list)
    for kind, place, words, behind in _WORDS:
        sign = Sign(kind, place, re.compile(behind, re.VERBOSE))
        for word in words.split():
            found[word.casefold()].append(sign)
    return dict(found)


BY_WORD: Mapping[str, Sequence[Sign]] = _by_word()
"""The signs by the word that they begin with, in small letters."""


def _words(row: str) -> frozenset[str]:
    return frozenset(row.split())


_COMMON = _words(
    "as als como comme dans nel you under quien zu va vanno pon to must should may in of day time"
    " place date cause type mode no nothing nobody every"
    " other word words user leave new next your data tool tools system systems"
)
RARE = frozenset(BY_WORD) - _COMMON | _words(
    "entered recorded registered extracted written noted filled dropped passed left copied"
    " reads reading parses processes extracts output summariser summarizer extractor annotator"
    " recorded fill fills"
)
"""A line with an instruction in words has one of these."""

_MIXED = r"(?:[A-Za-z][\u0400-\u04FF]|[\u0400-\u04FF][A-Za-z])"
OTHERS: Sequence[Other] = (
    Other(
        ("<", "[", "END OF"),
        "token",
        re.compile(
            r"""<!--
            |END\ OF\ (?:THE\ )?(?:ARTICLE|TEXT|INPUT|DOCUMENT)
            |<\|(?:im_|eot|end|start|begin|fim|system|user|assistant)\w*\|>|<</?SYS>>|\[/?INST\]
            |\[/?(?i:system|assistant|developer)\b""",
            re.VERBOSE,
        ),
    ),
    Other(
        ("<",),
        "token",
        re.compile(
            r"</?(?:article|system|instructions?|prompt|user|assistant|input)\b[^<>\n]{0,40}>"
        ),
    ),
    Other(
        (
            "certainty",
            "polarity",
            "override",
            "factuality",
            "attributions",
            "quantities",
            "main_event",
        ),
        "token",
        re.compile(
            r"^\s*(?:certainty|polarity|override|factuality|attributions|quantities|main_event[\w.]{0,40})"
            r"\s*[:=]"
        ),
    ),
    # letters of two scripts in one word, again and again
    Other(
        ("\u0430", "\u0435", "\u043e", "\u0440", "\u0441"),
        "token",
        re.compile(rf"(?:{_MIXED}[^\n]{{0,40}}?){{2}}{_MIXED}"),
    ),
    Other(("{",), "json", re.compile(r"\{\s*[\"“”]\w+[\"“”]\s*:")),
    Other(("=",), "assignment", re.compile(r"\b[a-z_]{3,}(?:\.[a-z_]+)*\s?=\s?[\"“]?\w")),
    Other(
        ("忽略", "无视", "無視", "忽視"),
        "ignore",
        re.compile(
            r"(?:忽略|无视|無視|忽視)[^。！？\n]{0,20}(?:以上|上述|全部|本文|指示|すべて)"
            r"|(?:以上|上記|前述|これまで)[^。！？\n]{0,12}(?:無視|忽略)"
        ),
    ),
    Other(
        ("程序", "模型", "系统", "软件", "プログラム", "モデル"),
        "address",
        re.compile(
            r"(?:读取|阅读|处理|解析)[^。！？\n]{0,8}(?:程序|模型|系统|软件)|(?:程序|模型|プログラム|モデル)(?:注意|へ)[：:]?"
        ),
    ),
    Other(
        ("記入", "入力", "記録", "出力", "構造化"),
        "address",
        re.compile(
            r"(?:記入|入力|記録|出力)(?:して(?:ください|下さい)|すること|せよ)|構造化する(?:方|もの)"
        ),
    ),
    Other(
        ("लिखा", "दर्ज", "उत्तर"),
        "address",
        re.compile(r"(?:लिखा|दर्ज(?:\s+किया)?)\s+जाए|उत्तर\s+देने\s+वाले\s+के\s+लिए"),
    ),
    Other(
        ("记录", "填写", "输出"),
        "address",
        re.compile(r"(?:请|只|必须)[^。！？\n]{0,12}(?:记录|填写|输出)"),
    ),
    Other(
        ("البرنامج", "النموذج", "النظام", "للبرنامج", "للنموذج"),
        "address",
        re.compile(
            r"(?:إلى\s+(?:البرنامج|النموذج|النظام)|ملاحظة\s+(?:للبرنامج|للنموذج|للنظام))(?=[^.!؟\n]{0,40}?:)"
        ),
    ),
)
"""Signs that begin with no word."""
FOREIGN = re.compile("[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u30ff\u4e00-\u9fff]")
"""A letter of the scripts that some of `OTHERS` are written in, and no Latin text has."""
LATIN: Sequence[Other] = tuple(
    other for other in OTHERS if not all(FOREIGN.match(stem) for stem in other.stems)
)
"""Those of `OTHERS` that a text without such letters may have."""
