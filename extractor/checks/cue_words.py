"""Words that hedge, confirm, deny or leave open, in English, German, French and Spanish.

The scales are FactBank's (Saurí and Pustejovsky, 2009). A cue names the certainties and the
polarities that go with it: several where careful readers may differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Sense:
    """What a cue says: certainties and polarities. No polarity: it leaves that as it is."""

    certainties: frozenset[str]
    polarities: frozenset[str] = frozenset()


def _sense(certainties: str, polarities: str = "") -> Sense:
    return Sense(frozenset(certainties.split()), frozenset(polarities.split()))


_ANY = "CT PR PS U"
_HEARD = _sense(_ANY)  # attributed is not possible
_OPEN = _sense("U PS", "u")
_UNCONFIRMED = _sense("U PS PR", "u +")
_IF = _sense("U PS PR", "u + -")
_POSSIBLE = _sense("PS")
_FEARED = _sense("PS PR U")
_PROBABLE = _sense("PR")
_SEEMS = _sense("PR PS")
_DOUBTED = _sense("PR PS U", "- u")
_UNLIKELY = _sense("PR PS", "-")
_PLANNED = _sense("CT PR U PS")
_WILL = _sense("CT PR")
_ORDERED = _sense("U PS PR")
_WANTED = _sense("U PS PR")
_NOT_EXCLUDED = _sense("PS", "+ u")
DENIED = _sense("CT U", "-")
_NOT_DENIED = _sense(_ANY, "+ u")
_CERTAIN = _sense("CT")

# The longer ones first: at one place the longest cue counts.
_ENGLISH: Sequence[tuple[Sense, str]] = (
    (
        _CERTAIN,
        r"(?:no longer|not|beyond|never) (?:in |any |a |all |reasonable )*doubt|no question",
    ),
    (_sense("PR CT"), r"must (?:\p{L}+ )?have"),
    (_OPEN, r"neither (?:confirm\w*|den\w+)[^.;]{0,40}?\bnor (?:confirm\w*|den\w+)"),
    (
        _OPEN,
        r"(?:would|could|did|will|can|has|have|had|was|were|is|are|does|do)(?: not|n't|not) "
        r"(?:be |been )?(?:immediately |yet |independently |say|know|known|confirm|clear|"
        r"certain|sure)*(?:say|know|known|confirm(?:ed)?|clear|certain|sure|decided?|"
        r"determined?) (?:whether|if)",
    ),
    (_OPEN, r"(?:declin|refus)\w+ to (?:say|confirm|comment)(?: on)?(?: whether| if)?"),
    (
        _OPEN,
        r"(?:un|not |n't |isn't |wasn't |not yet |not immediately )(?:clear|known|certain|sure|"
        r"decided)(?: yet)?(?: whether| if| when)?|remains? to be seen|an open question|no "
        r"decision",
    ),
    (_OPEN, r"(?<!or )whether(?: or not)?"),
    (
        _UNCONFIRMED,
        r"(?:could|can|did|has|have|was|were|is|are|had)(?: not|n't|not) (?:yet |immediately |"
        r"independently |be |been )*(?:confirm|verif|corroborat)\w*|unconfirmed|unverified|no "
        r"(?:independent |official |immediate )?confirmation|yet to (?:be )?(?:confirm|"
        r"verif)\w*|unable to (?:confirm|verify)|without confirm\w+|neither the .{0,40} "
        r"confirmed",
    ),
    (_UNCONFIRMED, r"rumou?r\w*"),
    (
        _NOT_EXCLUDED,
        r"(?:not|n't|cannot|never|nobody|refused to|declined to) (?:yet |be |been |currently |"
        r"immediately |completely )*(?:rul(?:e|ed|ing) out|exclud\w+|impossible)|nothing (?:is|"
        r"was|had been) ruled out",
    ),
    (_NOT_DENIED, r"(?:not|n't|never) (?:deny|denied|denying|dispute\w*|contest\w*)"),
    (_sense(_ANY, "+ u"), r"(?:not|n't) (?:say|saying|know|knew|mention\w*|confirm\w*|think so)"),
    (
        _sense("PR PS U", "- u"),
        r"(?:not|n't) (?:believe|think|expect|anticipate)\w*|not (?:yet )?(?:be )?(?:expected|"
        r"likely|thought|believed)|n't (?:expected|likely)|no longer (?:expected|likely)",
    ),
    (_UNLIKELY, r"unlikely|improbable|little chance|slim chance"),
    (
        _DOUBTED,
        r"doubt(?:s|ed|ful|ing)?(?! (?:no|little))(?<!no doubt)(?<!without doubt)(?<!without a "
        r"doubt)|sceptical|skeptical|no evidence|no sign(?:s)?|no indication|no proof",
    ),
    (
        DENIED,
        r"(?<=\b(?:is|are|was|were|as|be|been|being|entirely|completely|simply|totally|"
        r"utterly) )(?:false|untrue|wrong|baseless|unfounded|groundless|fabricated|made up|"
        r"invented|nonsense|fiction|lies|a lie|a hoax|a fabrication|pure fiction|fake)|"
        r"(?:flatly |strongly |categorically |again |repeatedly )?(?:den(?:y|ies|ied|ying)|"
        r"denials?)|(?:reject|dismiss|refut|rebut)\w+ (?:the |a |any |as |all |these |those |"
        r"such |media |press )*(?:reports?|claims?|rumou?rs?|allegations?|suggestions?|"
        r"accusations?|assertions?|speculation|idea|notion|false|untrue|fabricated)|ruled? out|"
        r"ruling out|rules out|called? (?:the )?(?:reports?|claims?) (?:false|untrue)|untrue|"
        r"debunk\w+",
    ),
    (
        _PROBABLE,
        r"(?:almost|nearly|virtually) certain(?:ly)?|(?:most |very |highly |more than )?likely|"
        r"probabl[ey]|in all (?:likelihood|probability)|presumabl[ey]|presumed|expect(?:s|ed|"
        r"ing)?(?: to)?|anticipat\w+|(?:is|are|was|were|widely|be|been|long|being) (?:widely |"
        r"also |generally |still |now |long )*(?:believed|thought|considered|understood|"
        r"assumed|presumed|reckoned|tipped|poised)(?: to)?|(?:we|they|he|she|it|officials?|"
        r"police|investigators?|experts?|analysts?|authorities|\p{Lu}\p{L}+) (?:now |still |"
        r"also )?(?:believes?|believed|thinks?|thought|assumes?|assumed|presumes?|reckons?)(?= "
        r"(?!in\b))|probability|odds-on",
    ),
    (
        _SEEMS,
        r"appear(?:s|ed)?(?= (?:to|that|as|likely))|seem(?:s|ed)?|apparent(?:ly)?|seemingly|"
        r"suspect(?:s|ed)?|suspicions?|signs (?:suggest|point|are)|suggest(?:s|ed|ing)? that|"
        r"indications? (?:that|are)|evidently|tentatively",
    ),
    (
        _HEARD,
        r"reported(?:ly)?(?= to| in\b)?|alleg(?:e|es|ed|edly|ations?)|accus\w+|"
        r"purported(?:ly)?|supposed(?:ly)?|claim(?:s|ed)?",
    ),
    (
        _FEARED,
        r"fear(?:s|ed|ing)?|warn(?:s|ed|ing|ings)?(?= (?:that|of|it|they|he|she))|threat(?:s|"
        r"en\w*)?|risks?|worr(?:y|ies|ied)",
    ),
    (
        _POSSIBLE,
        r"(?-i:may(?! \d)|might(?! of\b))(?: not)?|could(?! not be reached)(?: not)?|"
        r"possib(?:ly|le|ility|ilities)|"
        r"perhaps|maybe|conceivab\w+|potential(?:ly)?|consider(?:s|ed|ing)?(?= "
        r"(?:\p{L}+ing|whether|an?|the|sending|plans?))|mull(?:s|ed|ing)|weigh(?:s|ed|ing)(?= "
        r"(?:an?|the|\p{L}+ing|whether))|contemplat\w+|toy(?:s|ed|ing) with|a chance(?: that)?|"
        r"speculat\w+|cannot be excluded|not impossible|stands? a chance",
    ),
    (
        _WANTED,
        r"hop(?:e|es|ed|ing|efully)(?: to| that| for|$)?|want(?:s|ed)? (?:\p{L}+ )?to|"
        r"wish(?:es|ed)? to|would like to|urg(?:e|es|ed|ing)|call(?:s|ed|ing)? (?:on|for)|"
        r"demand(?:s|ed|ing)?|ask(?:s|ed) (?!for)|request(?:s|ed)?|appeal(?:s|ed)? (?:for|to)|"
        r"propos(?:e|es|ed|al)|suggest(?:s|ed)? \p{L}+ing|seek(?:s|ing)? to|sought to|tr(?:y|"
        r"ies|ied|ying) to|attempt(?:s|ed|ing)? to|offer(?:s|ed)? to|should|ought to|dream\w*",
    ),
    (
        _IF,
        r"(?<!as )\b(?:if|unless|provided that|in case|in the event|on condition|"
        r"assuming)\b(?! not)|would (?:have|be)|were to|hypothetic\w+|would",
    ),
    (
        _PLANNED,
        r"plan(?:s|ned|ning)?|intend(?:s|ed)?|scheduled|due(?= to)|set to|is to|are to|was to|"
        r"were to|vow(?:s|ed)?|pledg(?:e|es|ed)|promis(?:e|es|ed)|agree(?:s|d)? to|prepar(?:e|"
        r"es|ed|ing) to|decided? to|(?-i:going to|about to)",
    ),
    (_WILL, r"(?-i:will|shall|won't|'ll)"),
    (
        _ORDERED,
        r"order(?:s|ed|ing)?(?! in\b)|told (?:the |\p{L}+ ){1,4}?to|instruct(?:s|ed)?|"
        r"requir(?:es|ed) (?:\p{L}+ ){1,4}?to|advis(?:es|ed) (?:\p{L}+ ){1,4}?to|invit(?:es|"
        r"ed)|encourag\w+|persuad\w+ing",
    ),
    (
        _CERTAIN,
        r"confirm(?:s|ed|ing|ation)?|certain(?:ly)?|definite(?:ly)?|undoubtedly|no doubt|"
        r"without (?:a )?doubt|sure(?:ly)?|clearly|in fact|prove(?:s|d|n)?|establish(?:ed)?|"
        r"acknowledg\w+|admit(?:s|ted)?|verified",
    ),
)
_GERMAN: Sequence[tuple[Sense, str]] = (
    (
        _OPEN,
        r"weder (?:bestätig\w*|dementier\w*|be?str\w*)[^.;]{0,40}?\bnoch (?:\p{L}+ "
        r")?(?:bestätig\w*|dementier\w*|bestr\w*)|(?<!als )\bob\b|un(?:klar|gewiss|bekannt|"
        r"sicher)(?:, ob)?|nicht (?:klar|bekannt|sicher|entschieden)(?:, ob)?|(?:bleibt |noch |"
        r"ist )offen|wollte(?:n)? (?:sich )?nicht (?:sagen|bestätigen|äußern)",
    ),
    (
        _UNCONFIRMED,
        r"(?:nicht|noch nicht|bislang nicht|zunächst nicht) (?:unabhängig |offiziell "
        r")?(?:bestätig\w*|überprüf\w*|verifizier\w*)|unbestätigt\w*|keine (?:offizielle "
        r")?bestätigung|gerücht\w*|ließ(?:en)? sich (?:zunächst )?nicht (?:unabhängig "
        r")?(?:bestätigen|überprüfen)",
    ),
    (
        _NOT_EXCLUDED,
        r"nicht (?:ganz |völlig )?(?:aus(?:zu)?schlie\w+|ausgeschlossen)|schlie(?:ß|ss)(?:t|"
        r"en) [^.;]{0,60}nicht aus|schloss(?:en)? [^.;]{0,60}nicht aus",
    ),
    (_UNLIKELY, r"unwahrscheinlich|kaum zu erwarten|nicht zu erwarten|kaum"),
    (
        _DOUBTED,
        r"(?:be)?zweifel(?:t|te|n|ten|haft)?(?<!ohne zweifel)|keine (?:hinweise|anzeichen|"
        r"belege)|nicht erwartet|glaub(?:t|e|en) nicht",
    ),
    (
        DENIED,
        r"bestritt(?:en)?|bestreite[tn]?|dementier\w*|dementi\b|wies(?:en)? [^.;]{0,80}?zurück|"
        r"weis(?:t|en) [^.;]{0,80}?zurück|zurückgewiesen|schloss(?:en)? [^.;]{0,80}?aus|"
        r"schlie(?:ß|ss)(?:t|en) [^.;]{0,80}?aus|ausgeschlossen|leugne\w+|verneint\w*|als "
        r"falsch",
    ),
    (
        _PROBABLE,
        r"wahrscheinlich|voraussichtlich|vermutlich|wohl|erwarte[tn]?|erwartete[n]?|mutmaßlich|"
        r"höchstwahrscheinlich|aller voraussicht nach|geht davon aus|gehen davon aus|"
        r"ging(?:en)? davon aus|gehe davon aus|rechne(?:t|n|te|ten) (?:mit|damit)|dürfte[n]?|"
        r"vermute\w*|glaub(?:t|en|te|ten)|nimmt an|nehmen an",
    ),
    (
        _SEEMS,
        r"offenbar|anscheinend|scheint|scheinen|allem anschein nach|offensichtlich|verdacht|"
        r"verdächtig\w*|deutet (?:darauf|alles)",
    ),
    (
        _HEARD,
        r"angeblich|soll(?:en)? (?=[^.;]*(?:haben|sein)\b)|beschuldig\w+|vorgeworfen|wirft|werfen",
    ),
    (
        _FEARED,
        r"fürchte\w*|befürchte\w*|befürchtung\w*|warn(?:t|te|ten|en) (?:davor|vor)|droh(?:t|en|"
        r"te|ten)|gefahr|risiko",
    ),
    (
        _POSSIBLE,
        r"möglich(?:erweise|keit)?|vielleicht|könnte[n]?|eventuell|unter umständen|erwäg\w+|"
        r"erwog\w*|denkbar|womöglich|potenziell|prüft|mag(?=\s)",
    ),
    (
        _WANTED,
        r"hoff(?:t|e|en|te|ten|nung)|forder(?:t|te|ten|n)|verlang\w+|bitte[nt]?|bat(?:en)?|"
        r"ruf(?:t|en) [^.;]{0,40}auf|rief(?:en)? [^.;]{0,60}auf|sollte[n]?|möchte[n]?|"
        r"versuch\w+|wünsch\w+",
    ),
    (_IF, r"\bwenn\b|\bfalls\b|\bsofern\b|würde[n]?|wäre[n]?|hätte[n]?"),
    (
        _PLANNED,
        r"plan(?:t|en|te|ten)|geplant\w*|will|wollen|wollte[n]?|soll|sollen|wird|werden|werde|"
        r"beabsichtig\w+|kündig(?:t|te|ten|en)|angekündigt\w*|versprach\w*|verspricht",
    ),
    (
        _CERTAIN,
        r"bestätig\w+|sicher(?:lich)?|zweifellos|ohne zweifel|eindeutig|gewiss|räumte[n]?|"
        r"zugegeben",
    ),
)
_FRENCH: Sequence[tuple[Sense, str]] = (
    (
        _OPEN,
        r"n'(?:a|ont|avait|avaient) ni (?:confirmé|démenti)[^.;]{0,30}ni (?:confirmé|démenti)|"
        r"ni confirmé[^.;]{0,20}ni (?:démenti|infirmé)|ni démenti[^.;]{0,20}ni confirmé|(?:ne|"
        r"n') ?(?:sait|savait|savent|précise|a pas (?:dit|précisé)|est pas (?:clair|certain|"
        r"sûr)|sait-on)[^.;]{0,15} (?:si|s')|on ignore (?:si|s')|ignore si|(?:reste|demeure|"
        r"est) (?:incertain|inconnue?|à savoir|flou)\w*|pas (?:encore )?(?:clair|certain|sûr|"
        r"décidé)|la question de savoir|savoir si|refusé de (?:dire|confirmer|préciser|"
        r"commenter)",
    ),
    (
        _UNCONFIRMED,
        r"pas (?:encore |pu )?(?:été |être )?(?:officiellement |immédiatement "
        r")?(?:confirmée?s?|vérifiée?s?)|non confirmée?s?|non vérifiée?s?|aucune confirmation|"
        r"rumeurs?|n'a pu être (?:confirmée?|vérifiée?)",
    ),
    (
        _NOT_EXCLUDED,
        r"n'(?:exclut|excluait|excluent|est|a|ont)[^.;]{0,12}pas (?:exclue?s?)?|pas (?:été "
        r")?exclue?s?|n'écart\w+ pas",
    ),
    (_UNLIKELY, r"peu probable|improbable|peu de chances"),
    (
        _DOUBTED,
        r"dout(?:e|es|ent|ait)(?<!sans doute)(?<!sans aucun doute)|aucun (?:signe|indice|"
        r"élément)|aucune preuve|ne (?:croit|pense) pas|pas attendue?s?",
    ),
    (
        DENIED,
        r"dément(?:i|ie|ies|is|it|ent|ait)?|ni(?:é|e|ent|ait)\b|nié|rejet(?:é|te|tent|ait)|"
        r"contest(?:é|e|ent)|exclu(?:t|ent|ait)?\b|écart(?:é|e) (?:toute|l'|la|le)|réfut\w+",
    ),
    (
        _PROBABLE,
        r"probable(?:ment)?|vraisemblable(?:ment)?|sans doute|devrait|devraient|attendue?s?|"
        r"s'attend(?:ent|ait)?|(?:pense|pensent|estime|estiment|croit|croient|présume)(?:nt)? "
        r"(?:que|qu')|(?:considéré|supposé)",
    ),
    (
        _SEEMS,
        r"semble(?:nt|rait|raient|it)?|apparemment|paraît|soupçonn\w+|suspect\w+|laissent? penser",
    ),
    (
        _HEARD,
        r"aurai(?:t|ent)|serai(?:t|ent) (?=\p{L}+(?:é|i|u)e?s?\b)|accus\w+|prétend\w*|présumée?s?",
    ),
    (
        _FEARED,
        r"crai(?:nt|gnent|gnait|ntes?)|redout\w+|menac\w+|risqu(?:e|ent|ait)|avert\w+|mis en garde",
    ),
    (
        _POSSIBLE,
        r"peut-être|possible(?:ment)?|possibilité|pourrai(?:t|ent)|éventuel\w*|envisag\w+|"
        r"étudie|potentiel\w*|susceptible|il se peut|peu(?:t|vent)\b",
    ),
    (
        _WANTED,
        r"espèr(?:e|ent)|espérait|espérer|demand(?:e|é|ent)|exig\w+|appel(?:le|é|lent)|"
        r"réclam\w+|souhait\w+|voudrai\w+|veu(?:t|lent)|tent\w+ de|essay\w+",
    ),
    (_IF, r"\bsi\b|\bs'il|\bà condition|\bau cas où|serai(?:t|ent)"),
    (
        _PLANNED,
        r"prévoi(?:t|ent)|prévue?s?|compte(?:nt)?|doit|doivent|va\b|vont\b|annonc\w+|promis|"
        r"s'apprête\w*|\p{L}+r(?:a|ont)\b",
    ),
    (_CERTAIN, r"confirm\w+|certain(?:ement)?|sans aucun doute|reconnu|reconnaît|assurément"),
)
_SPANISH: Sequence[tuple[Sense, str]] = (
    (
        _OPEN,
        r"ni (?:confirmó|confirmaron|confirma|ha confirmado|desmintió|negó)[^.;]{0,25}ni "
        r"(?:desmintió|desmintieron|negó|negaron|desmiente|confirmó|ha desmentido)|no "
        r"(?:confirmó|ha confirmado|confirmaron|confirma) ni|no (?:se sabe|sabe|está claro|es "
        r"seguro|aclaró|precisó|dijo|se ha decidido|quiso decir)[^.;]{0,12}si|se (?:desconoce|"
        r"ignora) si|(?:es |sigue siendo )?(?:incierto|una incógnita|dudoso si)|está por ver|"
        r"por decidir|se negó a (?:decir|confirmar|comentar)",
    ),
    (
        _UNCONFIRMED,
        r"no (?:se )?(?:ha|han|pudo|pudieron|fue|fueron|había|está)[^.;]{0,20} ?(?:confirma\w*|"
        r"verifica\w*)|sin confirmar|no confirmad\w+|no verificad\w+|sin verificar|rumor\w*|"
        r"aún sin confirmación",
    ),
    (_NOT_EXCLUDED, r"no (?:se )?(?:descart\w+|excluy\w+)|sin descartar"),
    (_UNLIKELY, r"improbable|poco probable|difícilmente"),
    (
        _DOUBTED,
        r"dud(?:a|an|ó|aba|oso)(?<!sin duda)|no hay (?:pruebas|indicios|señales)|no (?:cree|"
        r"creen|espera|esperan|se espera)",
    ),
    (
        DENIED,
        r"neg(?:ó|aron|aba|ado)|nieg(?:a|an)|desm(?:intió|intieron|iente|ienten|entido)|"
        r"descart(?:ó|aron|a|an|ado|ada)|rechaz(?:ó|aron|a|an) (?:las?|los?|el|que|haber|tales|"
        r"toda) (?:acusaci\w+|informaci\w+|versi\w+|rumor\w*|afirmaci\w+)?",
    ),
    (
        _PROBABLE,
        r"probable(?:mente)?|previsible(?:mente)?|se espera|esper(?:a|an|aba) que|se prevé|"
        r"seguramente|cree(?:n)? que|se cree|presumible\w*|se da por hecho|con toda "
        r"probabilidad",
    ),
    (_SEEMS, r"parece(?:n)?|al parecer|aparentemente|sospech\w+|todo apunta|todo indica"),
    (_HEARD, r"supuest(?:o|a|os|as|amente)|presunt\w+|acus\w+|habría(?:n)?"),
    (_FEARED, r"tem(?:e|en|ió|or|ores|ían)|amenaz\w+|advirti\w+|advierte\w*|riesgo"),
    (
        _POSSIBLE,
        r"quizás?|tal vez|posible(?:mente)?|posibilidad|pod(?:ría|rían|ría)|puede(?:n)? (?:que|"
        r"ser)?|eventual\w*|baraja\w*|estudia(?:n)?|contempla(?:n)?|sopesa\w*|potencial\w*|a "
        r"lo mejor",
    ),
    (
        _WANTED,
        r"esper(?:a|an) \p{L}+r\b|pid(?:e|en|ió|ieron)|exig\w+|reclam\w+|quier(?:e|en)|dese\w+|"
        r"intent\w+|instó|instaron|llamó a|debería\w*",
    ),
    (_IF, r"(?-i:\bsi\b)|\bsiempre que|\ba condición|\ben caso de|sería\w*"),
    (
        _PLANNED,
        r"planea\w*|prev(?:é|én|ist[oa]s?)|tiene(?:n)? previsto|va a|van a|prometi\w+|"
        r"promete\w*|anunci\w+|\p{L}+r(?:á|án)\b|debe(?:n)?",
    ),
    (_CERTAIN, r"confirm\w+|sin duda|cierto|ciertamente|seguro|admiti\w+|reconoci\w+"),
)
CUES: Mapping[str, Sequence[tuple[Sense, str]]] = MappingProxyType(
    {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH}
)
