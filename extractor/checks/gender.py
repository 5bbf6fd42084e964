"""Whether words call somebody he or she: titles, and given names that are plain about it."""

from __future__ import annotations

from typing import Literal

import regex

Gender = Literal["he", "she"]

_HE_WORDS = regex.compile(
    r"(?i)\b(?:mr|sir|lord|king|prince|duke|father|son|brother|husband|uncle|grandfather|"
    r"spokesman|chairman|businessman|"
    r"policeman|fireman|fisherman|salesman|statesman|actor|widower|monk|priest|man|boy|herr|"
    r"sprecher|minister(?=\s\p{Lu}\p{L}+\b.*\ber\b)|könig|"
    r"bürgermeister|direktor|präsident|trainer|señor|alcalde|presidente|director|portavoz "
    r"masculino|ministro|rey|vecino|testigo masculino|"
    r"m\.|monsieur|maire adjoint|directeur|roi|procureur|entraîneur)\b"
)
_SHE_WORDS = regex.compile(
    r"(?i)\b(?:mrs|ms|miss|lady|dame|queen|princess|duchess|mother|daughter|sister|wife|aunt|"
    r"grandmother|spokeswoman|chairwoman|"
    r"businesswoman|policewoman|actress|widow|nun|midwife|woman|girl|frau|\p{L}+(?:erin|istin|"
    r"entin|ärtin|ältin|eurin|orin|ärztin)|königin|"
    r"señora|señorita|alcaldesa|presidenta|directora|ministra|reina|vecina|doctora|mme|madame|"
    r"mlle|directrice|reine|procureure|présidente|\p{L}+trice|porte-parole féminine)\b"
)
_HE_NAMES_ROWS = """
adam adrian ahmed alan albert alejandro alexander alfred ali andrew andré anton antoine antonio
arthur ben benjamin bernard bert björn boris bruno carl carlos charles christian christopher
claude daniel david denis dennis didier diego dieter dominic donald edgar eduardo edward emil
enrique eric erik ernst felix fernando fernand francis francisco franck frank franz fred
friedrich gabriel george georges gerald gerhard giovanni gonzalo günter gustav guy hans harald
harry hassan heinrich heinz helmut henri henry herbert hugo ian ibrahim igor isaac ivan ivo jack
jacob jacques jaime jakob james jan javier jean jeremy jesús jim joachim joe johan johannes john
jon jonas jordi jorge josef joseph josé juan jules julian julio jürgen karl kevin klaus konrad
kurt lars laurent leo leon louis lucas ludwig luis lukas manuel marc marcel marco marcos mark
markus martin mario matthew max michael michel miguel mohamed mohammed moritz nicholas nicolas
niklas nils olaf olav ole oliver omar oscar otto pablo pascal patrick paul pavel pedro peter
philip philippe pierre pieter rafael rainer ralf ralph ramón raúl raymond rené ricardo richard
rob robert roberto roger roland rolf roman rudolf salvador sam samuel sebastian sergei sergio
simon stefan stephen steven sven theo thomas tim timothy tobias tom tomás tomas tony ulrich
vicente victor viktor vincent vladimir walter werner wilhelm will william wolfgang xavier yusuf
yves
"""
_HE_NAMES = frozenset(_HE_NAMES_ROWS.split())
_SHE_NAMES_ROWS = """
agnes agnès aisha alice alison amélie andrée angela anja anke ann anna anne annette astrid
audrey barbara beatrice beatriz berit birgit brigitte camille carmen carol caroline catherine
cécile céline chantal charlotte chloé christine claire clara claudia colette corinne cristina
dagmar deborah denise diana dolores doris dorothy edith elaine elena eleanor elisabeth elizabeth
ellen elke elsa emily emma erika esther eva evelyn fatima fiona florence frances françoise frida
gabriela geneviève gerda gertrud gisela gloria grace greta gudrun hanna hannah hannelore heidi
heike helen helena hélène helga hilda ida inés inga ingrid inès irene iris isabel isabelle jane
janet jeanne jennifer jessica jill joan johanna josephine joyce juana judith julia julie jutta
karen karin katharina kate katherine kathleen kirsten kristin laura léa lena leila liesl lina
linda lisa liv lola lotte louise lucía lucie lucy luisa lydia madeleine magda manon marcela
margaret margarita margarethe maria marianne marie marina marion marta martha martine mary
mathilde maud mercedes mia michelle miriam monica monika monique nadège nadia nadine nancy
natalia nathalie nina nora odile olga olivia pamela patricia paula pauline penelope petra pilar
rachel rebecca regina renate rita rosa rosalie rosario rose ruth sabine sally sandra sara sarah
silke silvia simone sofia solange sonia sophie sonja stella stéphanie susan susana susanne
sylvie teresa thérèse tilda trudy ulla ulrike ursula valentina valérie vera véronique victoria
virginia virginie wanda yolanda yvonne zoe
"""
_SHE_NAMES = frozenset(_SHE_NAMES_ROWS.split())


def gender_of(name: str, around: str = "") -> Gender | None:
    """Whether a name, with the words around it, is that of a man or a woman; None when open."""
    he, she = _HE_WORDS.search(around), _SHE_WORDS.search(around)
    if bool(he) != bool(she):
        return "he" if he else "she"
    for word in name.split():
        if word.lower() in _HE_NAMES:
            return "he"
        if word.lower() in _SHE_NAMES:
            return "she"
    return None


def pronoun_gender(pronoun: str) -> Gender | None:
    """What a pronoun of the third person says; None for those that do not tell."""
    word = pronoun.lower()
    if word in {"he", "er", "il", "él"}:
        return "he"
    return "she" if word in {"she", "elle", "ella"} else None
