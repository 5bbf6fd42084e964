"""The polarity of an event against the words that negate it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import regex

from extractor.checks.claim import Claim
from extractor.checks.clauses import BARRIER, Clause, clause_of
from extractor.checks.cues import POLARITIES, cues_of

_NAMES = {"POSITIVE": "+", "NEGATIVE": "-", "UNKNOWN": "u", "U": "u"}


def check_polarity(claim: Claim) -> str | None:
    """Whether a polarity (FactBank: +, -, u) follows from the words.

    Proves that a negation, or a denial, reaches the event in its clause when the value is
    "-", none when it is "+", and that it is left open when it is "u" ("whether", "neither
    confirmed nor denied", "if"). Two negations make "+". Leaves open what readers differ on,
    and knows no negation of another sentence.
    """
    given = str(claim.value).upper() if str(claim.value) not in POLARITIES else str(claim.value)
    value = _NAMES.get(given, given)
    if value not in POLARITIES:
        return f"{claim.value!r} is no polarity; it is one of {', '.join(POLARITIES)}"
    clause = clause_of(claim)
    allowed, shown = polarities_of(clause)
    if value in allowed:
        return None
    expected = " or ".join(each for each in POLARITIES if each in allowed)
    return f"{claim.quote!r} is {expected} by {shown}, not {value}"


_NOT_NEGATIONS = regex.compile(
    r"(?i)\b(?:not (?:only|just|least|merely|far|long|until|to mention)|no (?:later|fewer|less|"
    r"more|sooner|earlier|doubt|matter|longer than)"
    r"|no\.(?= ?\d)|(?:not|n't|never) (?:be )?(?:\p{L}+ ){1,6}?until|nothing (?:but|less)|not "
    r"(?:a few|without)|whether or not|if not|or not"
    r"|nicht (?:nur|zuletzt|weniger|mehr als|zum ersten)|kein geringerer|nichts als"
    r"|non seulement|pas (?:moins|seulement|plus de \d)|ne [\p{L}']{1,20} (?:que|qu')"
    r"|n'(?:a|ont|aura|auront|avait|avaient|est|sont) "
    r"(?!pas|plus|jamais|rien|guère|point|aucun|ni)\p{L}+ (?:que|qu')"
    r"|(?:avant|à moins|de peur|de crainte) qu(?:e |')[^.;,]{0,40}?\bne"
    r"(?! [\p{L}']+ (?:pas|plus|rien))"
    r"|no (?:solo|sólo|menos|más de|obstante)|no (?:\p{L}+ ){1,6}?hasta|nicht vor|erst)\b"
)
_NEGATIONS: Mapping[str, regex.Pattern[str]] = MappingProxyType(
    {
        "en": regex.compile(
            r"(?i)\b(?:not|never|no|none|nobody|no one|nothing|neither|nor|without|cannot|"
            r"(?:fail|refus|declin|neglect|omit|forg[eo]t)\w* to|(?:was|were|been|proved) too "
            r"\p{L}+ to"
            r"|unable to|(?:fail|failed|failure) in|prevent\w*|avert\w*|avoid\w*|thwart\w*|"
            r"foil\w*|cancel\w*|call(?:s|ed|ing)? off|scrap(?:s|ped)|abandon\w*|stopped short "
            r"of|lack of|absence of|free of|instead of|rather than|refrain(?:s|ed|ing)? from|"
            r"abstain\w* from|decided? against|opt(?:s|ed)? (?:not|against)|(?:stop|kept|keep|"
            r"bar|ban|block|dissuad|discourag|disqualifi|exempt|spar)\w* "
            r"(?:[\p{L}\p{N},.]+ ){0,6}?from|reject(?:s|ed|ing)? (?:\p{L}+ ){0,3}to|"
            r"stay(?:s|ed)? away from|skip(?:s|ped)|shelv(?:es|ed)|ceas(?:e|es|ed)|hardly|"
            r"scarcely|too \p{L}+ to)\b|n't\b"
        ),
        "de": regex.compile(
            r"(?i)\b(?:nicht|kein(?:e|en|em|er|es)?|nie|niemals|niemand(?:en|em)?|nichts|weder|"
            r"noch nie|ohne|statt|verhinder\w*|vereitel\w*|abgesagt\w*|sagte[n]? "
            r"[^.;]{0,60}\bab\b|verweiger\w*|weiger\w*|scheiter\w*|verga(?:ß|ßen)|vergessen|"
            r"versäum\w*|unterlie(?:ß|ßen)|verzichte\w*|lehnte[n]? [^.;]{0,60}\bab\b|"
            r"außerstande|bleibt aus|blieb aus|blieben aus|unterblieb)\b"
        ),
        "fr": regex.compile(
            r"(?i)\b(?:ne|sans|jamais|aucune?|personne n|rien n|ni|nul(?:le)?|empêch\w*|"
            r"annul\w*|refus\w* de|éviter|évité|oubli(?:é|e|ent) (?:de|d')|omis de|s'abst\w+|"
            r"abstenu\w*|faute de|échoué à|incapables? de|interdit\w* de|renonc\w*|déjou\w*|"
            r"pas (?:de|d'))\b|\bn'(?=\p{L})"
        ),
        "es": regex.compile(
            r"(?i)\b(?:no|nunca|jamás|ning[uú]n[oa]?|nadie|nada|tampoco|ni|sin|evit\w*|"
            r"impidi\w*|cancel\w*|suspend\w+|se negó a|se negaron a|rehus\w*|olvid\w+|se "
            r"abst\w+|dej(?:ó|aron) de|renunci\w+|incapa(?:z|ces) de|frustr\w*|en lugar de)\b"
        ),
    }
)
# Behind an event these say that it did not happen.
_NOT_HAPPENED: Mapping[str, regex.Pattern[str]] = MappingProxyType(
    {
        "en": regex.compile(
            r"(?i)\A(?:(?! and | but | who | which |[;]).){0,60}?\b(?:(?:did|does|do|will|"
            r"would|has|have|had|was|were|is|are|can|could)(?: not|n't| never)(?: yet| even| "
            r"been| be)* (?:take|taken|taking|go ahead|gone ahead|going ahead|happen\w*|"
            r"occur\w*|materiali[sz]\w*|held|carried|signed|reported|recorded|found|hurt|made|"
            r"resumed?|begin|begun|proceed\w*|concluded?|reached|triggered|issued|sent|planned|"
            r"involved|made|damaged)"
            r"|never (?:took place|happened|occurred|materiali[sz]ed|began|came)|(?:was|were|"
            r"is|are|been|be) (?:called off|cancell?ed|scrapped|averted|prevented|foiled|"
            r"thwarted|avoided|ruled out|denied|abandoned|postponed indefinitely)|fell through|"
            r"failed to (?:take place|materiali[sz]e|happen))"
        ),
        "de": regex.compile(
            r"(?i)\A(?:(?! und | aber |[;]).){0,90}?\b(?:nicht|keine?n?|nie|niemals|"
            r"aus(?:geblieben|bleibt)|abgesagt\w*|verhindert|vereitelt)\b"
        ),
        "fr": regex.compile(
            r"(?i)\A(?:(?! et | mais |[;]).){0,60}?(?:\bn'(?:a|ont|aura|auront|est|sont|"
            r"avait)\b|\bne\b|\b(?:a|ont) été (?:annulée?s?|évitée?s?|déjouée?s?))"
        ),
        "es": regex.compile(
            r"(?i)\A(?:(?! y | pero |[;]).){0,60}?\b(?:no se|no (?:tuvo|tuvieron|tendrá|"
            r"ocurri\w+|hubo|habrá|fue|fueron|será|llegó|causó|dejó)|nunca|fue(?:ron)? "
            r"(?:cancel\w+|evitad\w+|suspendid\w+|frustrad\w+))\b"
        ),
    }
)
# Directly before an event: "almost hit" is not hit.
_NEARLY = regex.compile(r"(?i)\b(?:almost|nearly|beinahe|fast|presque|casi)\s\Z")
_PREVENTED = regex.compile(r"(?i)(?:empêch|évit|évité|interdi|impidi|impid|evit)")
_NEGATED_VERB = regex.compile(
    r"(?i)\A(?: \p{L}+)?\s?(?:pas|point|plus|jamais|rien|personne|aucune?|guère|ni)\b"
)


def polarities_of(clause: Clause) -> tuple[frozenset[str], str]:
    """The polarities that the clause allows, and the words that decide."""
    cues = [cue for cue in cues_of(clause) if cue.sense.polarities]
    spans = [(cue.start, cue.end) for cue in cues]
    masked = _masked(clause, spans)
    negations = _negations(masked)
    if not cues:
        if not negations:
            return frozenset({"+"}), "its words: nothing negates it"
        sign = "-" if len(negations) % 2 else "+"
        return frozenset({sign}), " and ".join(map(repr, negations))
    allowed = frozenset.intersection(*(cue.sense.polarities for cue in cues))
    allowed = allowed or frozenset[str]().union(*(cue.sense.polarities for cue in cues))
    if negations:  # denied that they had not paid
        turned = {"-": "+", "+": "-", "u": "u"}
        allowed = frozenset(turned[each] for each in allowed)
    shown = [clause.text[start:end].strip() for start, end in spans] + negations
    return allowed, " and ".join(map(repr, dict.fromkeys(shown)))


def _masked(clause: Clause, spans: list[tuple[int, int]]) -> Clause:
    """The clause with cues, and what only looks like a negation, blanked out."""
    text = list(_NOT_NEGATIONS.sub(lambda match: "_" * len(match.group()), clause.text))
    for start, end in spans:
        text[start:end] = "_" * (end - start)
    return Clause(
        "".join(text), clause.at, clause.end, clause.opening, clause.language, clause.sentence
    )


def _negations(clause: Clause) -> list[str]:
    """The negations that reach the event."""
    code = clause.language
    found = [
        match.group().strip()
        for match in _NEGATIONS[code].finditer(clause.text)
        if match.start() < clause.end
        and (
            match.end() > clause.at or not BARRIER[code].search(clause.text, match.end(), clause.at)
        )
    ]
    if found == [] and (near := _NEARLY.search(clause.before)):
        return [near.group().strip()]
    if not found and (behind := _NOT_HAPPENED[code].search(clause.after)):
        words = behind.group().split()
        return [" ".join(words[-3:])]
    if code in {"fr", "es"} and len(found) > 1:
        # ne ... personne, no ... nadie: one negation in two words; not so what was prevented
        prevented = [word for word in found[1:] if _PREVENTED.match(word)]
        return found[:1] + prevented[:1]
    if code == "en" and any(word.lower() in {"neither", "nor"} for word in found):
        return found[:1]
    return found
