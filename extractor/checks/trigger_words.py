"""Words that name an event, and the types of event that each can name.

The types are PLOVER 2.0's (Halterman et al., 2023) with six more: what nature does, accidents,
crimes, business, health, and the rest. Which words name which is taken from the verb patterns of
CAMEO (Schrodt, 2012), from which PLOVER comes, from the triggers of ACE 2005 (guidelines 5.4.3:
attack, die, transport, meet, arrest-jail, convict, end-position, start-org and the like), and
from how news use these words elsewhere. A word has all the types that a careful coder could
give it: a "strike" is of workers, of aircraft or of lightning, a deal may be struck, and what is
"fired" is a worker or a gun. OTHER is never said of a word, since any word can be used of
something that has no type (a landslide victory).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

PLOVER = (
    "AGREE CONSULT SUPPORT CONCEDE COOPERATE AID RETREAT REQUEST ACCUSE REJECT THREATEN PROTEST "
    "SANCTION MOBILIZE COERCE ASSAULT"
)
TYPES = (*PLOVER.split(), "DISASTER", "ACCIDENT", "CRIME", "BUSINESS", "HEALTH", "OTHER")
LANGUAGES = ("en", "de", "fr", "es")


@dataclass(frozen=True)
class Trigger:
    """Words by language, and the types that they can name.

    Words stand apart by `|`; one may be of several (`set fire`), the beginning of many
    (`kidnap*`), or their end (`*streik`).
    """

    types: str
    en: str = ""
    de: str = ""
    fr: str = ""
    es: str = ""


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


TRIGGERS: Sequence[Trigger] = (
    # ----------------------------------------------------------- meeting, agreeing, helping
    Trigger(
        "CONSULT COOPERATE SUPPORT AID",
        en="visit|visits|visited|visiting|state visit",
        de="besuch|besuche|besuchte|besuchten|besucht|besuchen|*besuch|*besuche",
        fr="visite|visites|visité|visitée|visiter|visitera",
        es="visita|visitas|visitó|visitar|visitará",
    ),
    Trigger(
        "CONSULT COOPERATE AGREE CONCEDE BUSINESS REQUEST",
        en="met|meet|meets|meeting|meetings|summit|summits|dialogue|mediat*|negotiat*|talks|"
        "consultation|consultations|peace talks|phone call|phoned|telephoned|conferred",
        de="gipfeltreffen|gipfel|gespräch|gespräche|gesprächen|telefonat|telefonierte|"
        "telefonierten|beratung|beratungen|beriet|berieten|vermittl*|*gespräche|*gipfel",
        fr="rencontre|rencontré|rencontrer|sommet|pourparlers|négoci*|dialogue|entretien|"
        "entretiens|entretenu|médiation",
        es="reunión|reuniones|reunió|reunieron|reunirse|reunirán|reunirá|cumbre|diálogo|negoci*|"
        "entrevistó|mediación|conversaciones",
    ),
    Trigger(
        "AGREE COOPERATE CONSULT BUSINESS CONCEDE SUPPORT AID RETREAT",
        en="agreed|agree|agrees|agreeing|agreement|agreements|accord|accords|pact|pacts|"
        "treaty|treaties|ratif*|deal|deals",
        de="einigung|einigte|einigten|geeinigt|abkommen|vereinbar*|vertrag|verträge|pakt|"
        "ratifizier*|*abkommen|*vertrag",
        fr="accord|accords|pacte|ratifi*",
        es="acuerdo|acuerdos|acordó|acordaron|acordado|pacto|pactaron|pactó|ratific*",
    ),
    Trigger(
        "AGREE COOPERATE BUSINESS SUPPORT AID CONCEDE RETREAT SANCTION COERCE REQUEST CONSULT",
        en="signed|sign|signs|signing",
        de="unterzeichn*|unterschr*",
        fr="signé|signée|signés|signer|signature|signent|signe",
        es="firmó|firmaron|firmar|firmado|firmada|firmarán|firmará",
    ),
    Trigger(
        "RETREAT AGREE COOPERATE CONCEDE CONSULT SUPPORT",
        en="truce|truces|ceasefire|ceasefires|cease-fire|armistice",
        de="waffenruhe|waffenstillstand|feuerpause",
        fr="trêve|cessez-le-feu|armistice",
        es="tregua|alto el fuego|armisticio|cese del fuego",
    ),
    Trigger(
        "COOPERATE AGREE SUPPORT BUSINESS AID CONSULT",
        en="cooperat*|co-operat*|collaborat*",
        de="zusammenarbeit|kooperation|kooperier*",
        fr="coopération|coopérer|collaboration",
        es="cooperación|cooperar|colaboración",
    ),
    Trigger(
        "SUPPORT COOPERATE AGREE AID CONSULT CONCEDE RETREAT",
        en="praise|praised|praises|praising|applaud*|endorse|endorsed|endorses|endorsing|endorsement|"
        "congratulat*|commended|commends|hailed|hails|welcomed|welcomes|thanked|apologis*|"
        "apologiz*|apology|apologies",
        de="lob|lobte|lobten|gelobt|gratuliert*|begrüßte|begrüßten|entschuldigt*|entschuldigung",
        fr="félicit*|salué|saluée|excuses|excusé",
        es="felicit*|elogi*|disculpas|disculpó",
    ),
    Trigger(
        "AID COOPERATE SUPPORT BUSINESS HEALTH AGREE REQUEST DISASTER",
        en="donat*|humanitarian aid|aid|airlift|airlifted",
        de="hilfslieferung|hilfslieferungen|spende|spenden|spendete|spendeten|gespendet|hilfsgüter",
        fr="aide humanitaire|dons",
        es="donó|donaron|donación|donaciones|ayuda humanitaria",
    ),
    Trigger(
        "AID ACCIDENT DISASTER RETREAT HEALTH BUSINESS COERCE ASSAULT CRIME",
        en="rescu*|evacuat*",
        de="gerettet|rettete|retteten|rettung|evakuier*",
        fr="secour*|sauvetage|évacu*",
        es="rescat*|evacu*",
    ),
    # ------------------------------------------------------------------ giving in, going away
    Trigger(
        "CONCEDE RETREAT AGREE SUPPORT",
        en="concede|conceded|concedes|conceding|concession|concessions|gave in|backed down|"
        "caved in|capitulat*|pardon*|amnesty",
        de="zugeständnis|zugeständnisse|begnadig*|amnestie|kapitul*|lenkte ein|eingelenkt",
        fr="concession|concessions|amnistie|gracié|capitul*",
        es="concesión|concesiones|amnistía|indult*|capitul*",
    ),
    Trigger(
        "RETREAT CONCEDE BUSINESS REJECT",
        en="resign|resigned|resigns|resigning|resignation|resignations|stepped down|step down|"
        "steps down|stepping down|quit|quits|abdicat*",
        de="rücktritt|rücktritte|zurückgetreten|zurücktreten|trat zurück|tritt zurück|abdank*",
        fr="démission|démissions|démissionn*|abdiqu*",
        es="dimisión|dimiti*|renunció|renuncia|renunciar|abdic*",
    ),
    Trigger(
        "RETREAT CONCEDE REJECT SANCTION BUSINESS PROTEST AGREE",
        en="withdraw|withdraws|withdrew|withdrawn|withdrawal|withdrawing|pulled out|pull out|"
        "pulls out|pull-out|pullout",
        de="abzug|abgezogen|rückzug|zurückgezogen|zog zurück|truppenabzug",
        fr="retrait|retiré|retirée|retirés|retirer",
        es="retiró|retiraron|retirada|retirarse|retirar",
    ),
    Trigger(
        "RETREAT CONCEDE COOPERATE AGREE SUPPORT AID",
        en="prisoner swap|prisoner exchange|disarm*|demobilis*|demobiliz*",
        de="gefangenenaustausch|entwaffn*",
        fr="désarm*|échange de prisonniers",
        es="desarme|canje de prisioneros|intercambio de prisioneros",
    ),
    Trigger(
        "RETREAT CONCEDE COOPERATE AGREE SUPPORT AID BUSINESS ACCIDENT DISASTER HEALTH SANCTION",
        en="release|released|releases|releasing|freed|frees|liberat*",
        de="freigelassen|freilass*|freigekommen|befrei*|entlassen",
        fr="libér*|relâch*",
        es="liber*|excarcel*|puesto en libertad",
    ),
    # ------------------------------------------------------- demanding, accusing, refusing
    Trigger(
        "REQUEST THREATEN PROTEST BUSINESS CRIME COERCE ACCUSE SUPPORT AID",
        en="demand|demanded|demands|demanding|urge|urged|urges|urging|called for|calls for|"
        "call for|calling for|petition|petitions|petitioned",
        de="forderte|forderten|fordert|fordern|forderung|forderungen|gefordert|petition",
        fr="exig*|réclam*|pétition",
        es="exig*|reclam*|petición",
    ),
    Trigger(
        "ACCUSE REJECT SANCTION COERCE THREATEN PROTEST CRIME REQUEST",
        en="accuse|accused|accuses|accusing|accusation|accusations|condemn*|criticis*|criticiz*|denounc*|"
        "blame|blamed|blames|blaming|indict*|rebuke|rebuked",
        de="beschuldig*|vorwurf|vorwürfe|warf vor|verurteilt scharf|kritisier*|kritik|anklage|"
        "angeklagt|prangert*",
        fr="accus*|dénonc*|critiqu*|inculp*|fustig*",
        es="acus*|denunci*|critic*|imput*",
    ),
    Trigger(
        "REJECT ACCUSE PROTEST SANCTION BUSINESS COERCE",
        en="reject|rejected|rejects|rejecting|rejection|refuse to|refused|refuses|refusing|refusal|"
        "turned down|turn down|turns down|veto|vetoed|vetoes|rebuff*|spurn*|snubbed",
        de="ablehn*|abgelehnt|lehnte ab|lehnten ab|lehnt ab|lehnen ab|weigert*|geweigert|"
        "weigerung|veto|zurückgewiesen|wies zurück",
        fr="rejet*|refus*|veto",
        es="rechaz*|veto|vetó",
    ),
    Trigger(
        "THREATEN REQUEST COERCE ACCUSE REJECT MOBILIZE ASSAULT CRIME PROTEST SANCTION",
        en="ultimatum|ultimatums|vowed revenge|vowed retaliation|bomb threat|bomb threats|"
        "death threat|death threats",
        de="ultimatum|bombendrohung|morddrohung|morddrohungen",
        fr="ultimatum|alerte à la bombe|menaces de mort",
        es="ultimátum|amenaza de bomba|amenazas de muerte",
    ),
    # ------------------------------------------------------------------ protest and unrest
    Trigger(
        "PROTEST ACCUSE REJECT REQUEST SUPPORT THREATEN",
        en="protest|protests|protested|protesting|protester|protesters|protestors|sit-in|sit-ins|"
        "picket*|hunger strike|hunger strikes|demonstrators|street demonstration",
        de="protest|proteste|protesten|protestier*|demo|demos|demonstrant*|demonstrier*|"
        "sitzblockade|hungerstreik|kundgebung|kundgebungen|mahnwache|*protest|*proteste",
        fr="manifestation|manifestations|manifestants|manifestent|manifesté|sit-in|"
        "grève de la faim|protestation|protestations",
        es="protesta|protestas|protestó|protestaron|manifestantes|manifestación|"
        "manifestaciones|huelga de hambre|concentración|sentada",
    ),
    Trigger(
        "PROTEST SUPPORT THREATEN MOBILIZE BUSINESS CONSULT",
        en="demonstration|demonstrations|rally|rallies|rallied|marched|marches|marching",
    ),
    Trigger(
        "PROTEST BUSINESS REJECT RETREAT COERCE ACCUSE",
        en="walkout|walkouts|walk-out|walked out|stoppage|stoppages|stopped work|downed tools|"
        "down tools|went on strike|go on strike|general strike|industrial action|strike action|"
        "boycott|boycotts|boycotted|boycotting",
        de="streik|streiks|streikt|streikte|streikten|streiken|warnstreik|warnstreiks|"
        "arbeitsniederlegung|arbeitskampf|boykott*|*streik|*streiks",
        fr="grève|grèves|grévistes|débray*|boycott*",
        es="huelga|huelgas|huelguistas|paro|paros|boicot|boicote*",
    ),
    Trigger(
        "PROTEST ASSAULT BUSINESS DISASTER ACCIDENT",
        en="strike|strikes|striking",
    ),
    Trigger(
        "PROTEST ASSAULT BUSINESS DISASTER ACCIDENT AGREE COOPERATE CONSULT HEALTH CRIME",
        en="struck",
    ),
    Trigger(
        "PROTEST ASSAULT CRIME COERCE REJECT MOBILIZE ACCUSE",
        en="riot|riots|rioted|rioting|rioters|uprising|uprisings|mutiny|mutinied|clash|clashes|"
        "clashed|vandalis*|vandaliz*|unrest|stormed|rampage|rampaged",
        de="krawall|krawalle|ausschreitungen|aufstand|aufstände|meuterei|randalier*|unruhen|"
        "zusammenstöße|zusammenstößen",
        fr="émeute|émeutes|soulèvement|mutinerie|affrontement|affrontements|heurts|vandalis*",
        es="disturbios|motín|sublevación|enfrentamiento|enfrentamientos|vandalismo|choques",
    ),
    Trigger(
        "PROTEST COERCE ASSAULT SANCTION MOBILIZE",
        en="blockade|blockades|blockaded|blockading",
        de="blockade|blockaden|blockier*",
        fr="blocus|barrage routier",
        es="bloqueo|bloqueos",
    ),
    # ------------------------------------------------------------- punishment and coercion
    Trigger(
        "SANCTION COERCE THREATEN BUSINESS ACCUSE SUPPORT REJECT",
        en="sanctions|imposed sanctions|sanctioned|sanctioning|embargo|embargoes|blacklist*",
        de="sanktion|sanktionen|sanktionier*|embargo",
        fr="sanction|sanctions|sanctionn*|embargo",
        es="sanción|sanciones|sancion*|embargo",
    ),
    Trigger(
        "SANCTION COERCE CRIME ACCUSE",
        en="convicted|conviction|convictions|sentenced|sentencing|jailed|jails|jailing|imprison*|"
        "found guilty|death sentence|life sentence|manslaughter conviction",
        de="verurteil*|schuldig gesprochen|schuldspruch|haftstrafe|freiheitsstrafe|inhaftier*",
        fr="condamn*|emprisonn*|incarcér*|reconnu coupable",
        es="conden*|encarcel*|sentenciado|sentenciada|hallado culpable",
    ),
    Trigger(
        "SANCTION RETREAT CONCEDE REJECT SUPPORT CRIME ACCUSE COERCE",
        en="acquit*|verdict|verdicts",
        de="freispruch|freigesprochen",
        fr="acquitt*|verdict",
        es="absuelt*|absolvi*|veredicto",
    ),
    Trigger(
        "SANCTION BUSINESS COERCE CRIME HEALTH",
        en="fined",
        de="geldstrafe|bußgeld|geldbuße",
        fr="amende|amendes",
        es="multa|multas|multado|multada|multó",
    ),
    Trigger(
        "SANCTION COERCE REJECT RETREAT ACCUSE",
        en="expel|expels|expelled|expelling|expulsion|expulsions|deport*|persona non grata|"
        "extradit*|banished",
        de="ausweisung|abgeschoben|abschiebung|auslieferung|ausgeliefert",
        fr="expuls*|extrad*",
        es="expuls*|deport*|extradi*",
    ),
    Trigger(
        "SANCTION RETREAT BUSINESS COERCE REJECT ACCUSE ASSAULT PROTEST",
        en="sacked|sacks|ousted|ouster|dismissed|dismissal|dismissals",
        de="gefeuert|abgesetzt|entmacht*",
        fr="limog*|destitu*",
        es="destitu*|cesado|cesada",
    ),
    Trigger(
        "COERCE CRIME SANCTION ACCUSE THREATEN",
        en="arrest|arrests|arrested|arresting|detained|detain|detains|detaining|detention|"
        "detentions|rounded up|taken into custody|took into custody",
        de="festnahme|festnahmen|festgenommen|nahm fest|verhaft*|razzia",
        fr="arrest*|interpell*|garde à vue|arrêté|arrêtée|arrêtés|arrêtées",
        es="detención|detenciones|detenido|detenidos|detenida|detuvo|detuvieron|arrest*",
    ),
    Trigger(
        "COERCE CRIME SANCTION ASSAULT PROTEST HEALTH MOBILIZE ACCUSE",
        en="seize|seized|seizes|seizing|seizure|seizures|confiscat*|impound*|raid|raids|raided|"
        "raiding",
        de="beschlagnahm*|konfiszier*",
        fr="saisi|saisie|saisies|saisis|confisqu*|perquisition*",
        es="incaut*|decomis*|confisc*|redada|redadas",
    ),
    Trigger(
        "COERCE CRIME ASSAULT ACCUSE THREATEN",
        en="cyberattack|cyberattacks|cyber attack|cyber attacks|cyber-attack|cyber-attacks|"
        "hacked|hacking|ransomware",
        de="cyberangriff|cyberangriffe|hackerangriff|gehackt",
        fr="cyberattaque|cyberattaques|piratage|piraté",
        es="ciberataque|ciberataques|pirateo|hackeo",
    ),
    Trigger(
        "COERCE HEALTH SANCTION PROTEST DISASTER",
        en="curfew|curfews|lockdown|lockdowns|martial law|censor*|crackdown",
        de="ausgangssperre|ausgangssperren|kriegsrecht|zensur|zensier*",
        fr="couvre-feu|confinement|loi martiale|censur*",
        es="toque de queda|confinamiento|ley marcial|censur*",
    ),
    # ------------------------------------------------------------------ force, and its tools
    Trigger(
        "MOBILIZE THREATEN COERCE AID COOPERATE PROTEST ASSAULT DISASTER HEALTH SUPPORT",
        en="mobilis*|mobiliz*|deploy|deployed|deploys|deploying|deployment|deployments|conscript*|"
        "troop movement|troop movements|call-up",
        de="mobilmachung|mobilisier*|stationier*|truppenverlegung",
        fr="mobilis*|déploie*|déploy*",
        es="moviliz*|desplieg*|desplegó|despleg*",
    ),
    Trigger(
        "ASSAULT ACCUSE COERCE CRIME HEALTH THREATEN PROTEST ACCIDENT",
        en="attack|attacks|attacked|attacking|assault|assaults|assaulted|assaulting",
        de="angriff|angriffe|angegriffen|griff an|griffen an|attack*|anschlag|anschläge|*angriff|"
        "*angriffe|*anschlag",
        fr="attaque|attaques|attaqué|attaquée|attaquent|attentat|attentats",
        es="ataque|ataques|atacó|atacaron|atacado|atentado|atentados",
    ),
    Trigger(
        "ASSAULT CRIME COERCE THREATEN ACCIDENT",
        en="bomb|bombs|bombed|bombing|bombings|bombard*",
        de="bombe|bomben|bombard*",
        fr="bombe|bombes|bombard*",
        es="bomba|bombas|bombard*",
    ),
    Trigger(
        "ACCIDENT ASSAULT DISASTER CRIME ACCUSE",
        en="explode|explodes|exploded|exploding|explosion|explosions|blast|blasts|blew up|detonat*",
        de="explosion|explosionen|explodier*|detonation|detonier*|*explosion",
        fr="explos*",
        es="explotó|explotaron|explosión|explosiones|detonó",
    ),
    Trigger("HEALTH", en="heart attack|heart attacks|cardiac arrest", de="herzinfarkt"),
    Trigger(
        "ASSAULT MOBILIZE THREATEN COERCE CRIME",
        en="airstrike|airstrikes|air strike|air strikes|air raid|air raids|drone strike|"
        "drone strikes|missile strike|missile strikes|shelled|shelling|invaded|invades|invading|"
        "invasion|suicide bombing|car bomb|car bombing|ambush|ambushed|ambushes|massacre|"
        "massacred|massacres|torture|tortured|assassinat*|opened fire|opens fire|gunfight|"
        "shoot-out|shootout",
        de="luftangriff|luftangriffe|beschuss|einmarsch|einmarschier*|hinterhalt|massaker|folter|"
        "gefoltert|attentat|eröffnete das feuer|feuergefecht|drohnenangriff",
        fr="frappe aérienne|frappes aériennes|invasion|embuscade|massacre|tortur*|assassin*|"
        "fusillade|ouvert le feu",
        es="bombardeo|bombardeos|invasión|emboscada|masacre|tortur*|asesin*|tiroteo|abrió fuego",
    ),
    Trigger(
        "ASSAULT CRIME ACCUSE SANCTION COERCE",
        en="murder|murders|murdered|murdering|stabbed|stabbing|stabbings|raped|rape|rapes|"
        "kidnap*|abduct*|homicide|homicides|femicide|beheaded|lynched|lynching",
        de="mord|morde|ermordet|ermordete|messerangriff|messerattacke|erstochen|entführ*|"
        "vergewaltig*|geiselnahme|totschlag",
        fr="meurtre|meurtres|poignard*|enlèvement|enlevé|enlevée|kidnapp*|viol|viols|"
        "prise d'otages|homicide",
        es="homicidio|homicidios|apuñal*|secuestr*|violación|feminicidio",
    ),
    Trigger(
        "ASSAULT CRIME COERCE RETREAT AGREE AID",
        en="hostage|hostages|took hostage|taken hostage",
        de="geisel|geiseln",
        fr="otage|otages",
        es="rehén|rehenes",
    ),
    Trigger(
        "ASSAULT CRIME ACCIDENT HEALTH SANCTION BUSINESS PROTEST COERCE",
        en="shots|shot|shoot|shoots|shooting|shootings|gunfire|shot dead",
        de="erschossen|angeschossen|schuss|schüsse|schoss|schossen|schießerei",
        fr="abattu|abattue|coups de feu",
        es="disparó|dispararon|disparo|disparos|balacera",
    ),
    Trigger(
        "ASSAULT BUSINESS SANCTION RETREAT COERCE THREATEN MOBILIZE CRIME PROTEST ACCUSE ACCIDENT",
        en="fired|fires|firing",
    ),
    Trigger(
        "ASSAULT ACCIDENT DISASTER CRIME HEALTH PROTEST COERCE SANCTION",
        en="killed|kill|kills|killing|killings|died|die|dies|dead|death|deaths|injure|injured|"
        "injures|injuring|injuries|wounded|wounding|drowned|drowning|drownings",
        de="getötet|tötete|töteten|starb|starben|gestorben|tote|toten|tod|verletzt|verletzte|"
        "ertrunken|ums leben",
        fr="tué|tués|tuée|tuées|mort|morts|morte|mortes|décès|blessé|blessés|blessée|noyé|noyés",
        es="mató|mataron|muerto|muertos|muerte|muertes|murió|murieron|herido|heridos|herida|"
        "fallecido|fallecidos|falleció|ahogado|ahogados",
    ),
    # -------------------------------------------------------------------- nature, accidents
    Trigger(
        "DISASTER ACCIDENT AID HEALTH",
        en="earthquake|earthquakes|quake|quakes|aftershock|aftershocks|tremor|tremors|tsunami|"
        "tsunamis|hurricane|hurricanes|typhoon|typhoons|cyclone|cyclones|tornado|tornadoes|"
        "avalanche|avalanches|landslide|landslides|mudslide|mudslides|rockslide|drought|droughts|"
        "famine|heatwave|heatwaves|heat wave|hailstorm|hailstorms|sandstorm|snowstorm|blizzard|"
        "volcanic eruption|thunderstorm|thunderstorms",
        de="erdbeben|seebeben|nachbeben|tsunami|hurrikan|taifun|zyklon|tornado|lawine|lawinen|"
        "erdrutsch|erdrutsche|dürre|hungersnot|hitzewelle|orkan|unwetter|vulkanausbruch|*beben|"
        "*hochwasser|hagelsturm",
        fr="séisme|séismes|tremblement de terre|réplique sismique|tsunami|ouragan|typhon|cyclone|"
        "tornade|avalanche|glissement de terrain|sécheresse|famine|canicule|éboulement",
        es="terremoto|terremotos|seísmo|sismo|sismos|tsunami|huracán|tifón|ciclón|tornado|"
        "avalancha|alud|deslizamiento de tierra|sequía|hambruna|ola de calor",
    ),
    Trigger(
        "DISASTER ACCIDENT BUSINESS AID",
        en="flood|floods|flooded|flooding|inundat*|burst its banks|burst their banks",
        de="flut|fluten|überflut*|überschwemm*|hochwasser|sturmflut",
        fr="inond*|crue|crues",
        es="inund*|riada|riadas",
    ),
    Trigger(
        "DISASTER ACCIDENT CRIME AID",
        en="wildfire|wildfires|forest fire|forest fires|bushfire|bushfires",
        de="waldbrand|waldbrände",
        fr="feu de forêt|feux de forêt",
        es="incendio forestal|incendios forestales",
    ),
    Trigger(
        "ACCIDENT DISASTER CRIME ASSAULT PROTEST",
        en="blaze|blazes|burned down|burnt down|caught fire|house fire",
        de="brand|brände|großbrand|feuer|*brand|*brände|abgebrannt",
        fr="incendie|incendies|incendié",
        es="incendio|incendios|incendió",
    ),
    Trigger(
        "ACCIDENT DISASTER CRIME ASSAULT PROTEST BUSINESS SANCTION THREATEN",
        en="fire",
    ),
    Trigger(
        "ACCIDENT DISASTER CRIME ASSAULT BUSINESS HEALTH",
        en="crash|crashes|crashed|crashing|collide|collided|collides|collision|collisions|"
        "derail|derailed|derails|derailment|derailments|capsiz*|sank|sink|sinks|sinking|sunk|"
        "shipwreck|shipwrecks|ran aground|run aground|pile-up|accident|accidents|plunged",
        de="unfall|unfälle|verunglück*|absturz|abgestürzt|zusammenstoß|zusammengestoßen|"
        "entgleis*|gekentert|kenterte|gesunken|sank|auf grund gelaufen|*unfall|*absturz",
        fr="accident|accidents|collision|collisions|déraill*|naufrage|naufrages|chavir*|crash|"
        "écrasé|écrasée",
        es="accidente|accidentes|colisión|choque|descarril*|naufragio|naufragios|naufrag*|"
        "volcó|encalló",
    ),
    Trigger(
        "ACCIDENT DISASTER BUSINESS HEALTH CRIME ASSAULT RETREAT REJECT CONSULT",
        en="collapse|collapsed|collapses|collapsing",
        de="einsturz|eingestürzt|stürzte ein|zusammenbruch",
        fr="effondr*",
        es="derrumb*|colaps*",
    ),
    # ------------------------------------------------------------------------------- crimes
    Trigger(
        "CRIME COERCE",
        en="steal|steals|stealing|stole|stolen|theft|thefts|thief|thieves|burgl*|break-in|break-ins|"
        "heist|heists|shoplift*|pickpocket*",
        de="diebstahl|diebstähle|gestohlen|stahlen|stehlen|dieb|diebe|einbruch|einbrüche|"
        "eingebrochen|einbrecher|*diebstahl",
        fr="volé|volée|volés|volées|voleurs|cambriol*|dérobé|dérobée|dérobés|dérobées",
        es="robo|robos|robó|robaron|robado|robada|robados|hurto|hurtos|ladrón|ladrones",
    ),
    Trigger(
        "CRIME COERCE ASSAULT",
        en="robbed|robbing|robbery|robberies|robber|robbers|mugged|mugging|muggings|carjack*|hold-up",
        de="raub|raubüberfall|überfall|überfiel*|geraubt|ausgeraubt|*überfall",
        fr="braquage|braquages|braqu*",
        es="atraco|atracos|atrac*|asalto|asaltos|asalt*",
    ),
    Trigger(
        "CRIME COERCE PROTEST",
        en="broke in|broke into|break in|break into|breaks in|breaks into|breaking into",
    ),
    Trigger(
        "CRIME COERCE ASSAULT PROTEST DISASTER",
        en="looted|looting|looter|looters|arson|arsonist|arsonists|torched|set fire|set on fire|"
        "set alight",
        de="plünder*|brandstiftung|brandanschlag",
        fr="pillage|pillages|pillé|pillée|incendie criminel|incendie volontaire",
        es="saque*|incendio provocado",
    ),
    Trigger(
        "CRIME COERCE SANCTION ACCUSE BUSINESS",
        en="smuggl*|trafficking|traffickers|fraud|frauds|embezzl*|bribe|bribes|bribed|bribery|"
        "money laundering|laundered|forgery|forgeries|forged|counterfeit*|corruption|perjury|"
        "poaching|poachers|swindl*|extort*|blackmail*",
        de="schmuggel*|geschmuggelt|betrug|veruntreu*|bestechung|bestochen|geldwäsche|korruption|"
        "erpress*|fälschung|urkundenfälschung|untreue",
        fr="contrebande|fraude|fraudes|escroquerie|corruption|blanchiment|détournement de fonds|"
        "chantage|extorsion|pots-de-vin",
        es="contrabando|fraude|estafa|estaf*|soborn*|blanqueo|malversación|corrupción|extorsi*|"
        "chantaje|cohecho",
    ),
    # -------------------------------------------------------------------- business, health
    Trigger(
        "BUSINESS AGREE COOPERATE CRIME SUPPORT",
        en="takeover|takeovers|buyout|buyouts|merger|mergers|merged|acquisition|acquisitions|"
        "acquire|acquired|acquires|acquiring|bought|buys|buy|buying|sold|sell|sells|selling",
        de="übernahme|fusion|fusionier*|gekauft|kaufte|kauft|verkauf*",
        fr="rachat|rachet*|fusion|acquisition|vend|vendu|vendue|achet*",
        es="adquisi*|adquir*|fusión|compró|compra|vendió|vendido",
    ),
    Trigger(
        "BUSINESS RETREAT SANCTION",
        en="layoff|layoffs|lay-offs|laid off|lay off|lays off|job cuts|redundancies|bankrupt|"
        "bankruptcy|insolven*|went bust",
        de="stellenabbau|insolvenz|insolvent|pleite|konkurs|entlassungen",
        fr="licenci*|faillite|dépôt de bilan|suppressions d'emplois",
        es="despidos|bancarrota|quiebra|insolvencia|concurso de acreedores",
    ),
    Trigger(
        "BUSINESS COOPERATE AGREE AID SUPPORT",
        en="inflation|recession|dividend|dividends|share price|profits|quarterly profit|"
        "interest rate|interest rates|rate cut|rate rise|stock market|ipo",
        de="inflation|rezession|dividende|aktienkurs|leitzins|börsengang|zinssenkung|zinserhöhung",
        fr="inflation|récession|dividende|cours de l'action|taux d'intérêt|bénéfices",
        es="inflación|recesión|dividendo|tipos de interés|beneficios|cotización",
    ),
    Trigger(
        "HEALTH DISASTER AID ACCIDENT COERCE CRIME",
        en="epidemic|epidemics|pandemic|infection|infections|infected|vaccinat*|quarantin*|"
        "cholera|measles|ebola|influenza|salmonella|malaria|dengue|food poisoning|norovirus|"
        "legionnaires",
        de="epidemie|pandemie|infektion|infektionen|infiziert*|impfung|impfungen|impfkampagne|"
        "geimpft|quarantäne|cholera|masern|salmonellen|grippewelle|lebensmittelvergiftung",
        fr="épidémie|pandémie|infection|infections|vaccin*|quarantaine|choléra|rougeole|"
        "intoxication alimentaire",
        es="epidemia|pandemia|infección|infecciones|vacun*|cuarentena|cólera|sarampión|"
        "intoxicación alimentaria",
    ),
    Trigger(
        "HEALTH DISASTER ASSAULT PROTEST CRIME ACCIDENT",
        en="outbreak|outbreaks|hospitalis*|hospitaliz*|poisoned|poisoning",
        de="vergiftet|vergiftung|krankheitsausbruch",
        fr="hospitalis*|empoisonn*",
        es="hospitaliz*|envenen*|brote|brotes",
    ),
    Trigger(
        "OTHER SUPPORT AGREE CONCEDE REJECT COOPERATE",
        en="election|elections|by-election|by-elections|runoff|run-off|referendum|referendums|"
        "elected|re-elected|inaugurat*|sworn in",
        de="wahlen|stichwahl|referendum|volksabstimmung|gewählt|wiedergewählt|vereidig*|*wahlen",
        fr="élection|élections|référendum|élu|élue|réélu|investiture",
        es="elección|elecciones|referéndum|elegido|elegida|reelegido|investidura",
    ),
)

# ------------------------------------------------------------------- what words do to others

TURNS = word_set(
    # That a thing ends or does not come, what is made for it or about it, and who suffers it.
    "end ends avert averts prevent prevents foil foils cancel cancels lift lifts ease "
    "eases halt halts suspend suspends thwart thwarts stop stops without no counter plot plots "
    "mourn mourns victim victims survivor survivors anniversary memorial film films novel book "
    "books drill drills exercise exercises fear fears risk risks insurance ballot ballots vote "
    "votes defence defences defense defenses barrier barriers test tests song law laws bill "
    "rules rights fund record goal goals penalty game games match matches team season league "
    "slam slams say says tell tells report reports brigade department alarm"
)
"""English words that turn what a trigger beside them names into something else."""

PREPOSITIONS = word_set(
    "of in on at by for from to with after before near outside inside under into amid between "
    "and or as than through across around over off along behind about against during upon "
    "while when that who which"
)
"""Where what an English verb has for its object ends."""

LIGHT = word_set(
    "took take takes taken taking held hold holds holding made make makes making gave give "
    "gives given giving launched launch launches launching staged stage stages staging "
    "carried carry carries mounted mount mounts imposed impose imposes imposing reached reach "
    "reaches declared declare declares committed commit commits conducted conduct conducts "
    "suffered suffer suffers grabbed began started"
)
"""English verbs that name no event without their object."""

HARMLESS = PREPOSITIONS | word_set(
    # These look like verbs that could have another event as their object, and are none.
    "been being had was were did got took taken taking held made making gave given began "
    "begun launched staged carried mounted imposed reached declared committed conducted "
    "suffered armed planned alleged suspected failed attempted renewed united hundred "
    "including evening morning building masked unarmed limited repeated unprecedented "
    "organised organized unidentified so-called left out "
    # These may stand before an article.
    "has have having is are be do does will would can could may might must shall should all "
    "both half"
)
"""English words that leave what a trigger beside them names as it is."""

SMALL: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        language: word_set(words)
        for language, words in {
            "de": "der die das des dem den ein eine einen einem einer eines und in im am an auf "
            "bei nach vor von vom mit zu zum zur über gegen für aus durch wurde wurden worden wird "
            "werden ist sind war waren hat haben hatte hatten sich sei seien zwei drei vier fünf "
            "mehrere viele neue neuer neues neuen schwere schwerer schweres schweren große großer "
            "großes großen erste ersten zweite zweiten",
            "fr": "le la les l un une des de du d et en dans à au aux par sur avec pour contre a "
            "ont été est sont était étaient sera seront avait avaient s se deux trois quatre cinq "
            "plusieurs nouveau nouvelle nouvelles premier première grand grande vaste",
            "es": "el la los las un una unos unas de del y en a al por para con contra sobre ha "
            "han sido fue fueron es son está están había habían será serán se dos tres cuatro "
            "cinco varios varias nuevo nueva nuevas nuevos primer primera gran",
        }.items()
    }
)
"""The words of the other languages that may stand beside a trigger; all others leave it open."""
