"""Words that stand between a country and a name when the one tells where the other belongs.

"South Korean news agency Yonhap", "Russia's former deputy defence minister Ivanov": what a
person or organisation is, and what goes with it. A verb or any other word breaks the bond.
"""

from __future__ import annotations


def _words(table: str) -> frozenset[str]:
    return frozenset(table.split())


ROLES = _words("""
leader president vice-president premier chancellor minister secretary spokesman spokeswoman
spokesperson chairman chairwoman chairperson chair chief head king queen prince princess sultan emir
sheikh dictator strongman ruler general colonel major commander captain admiral marshal lieutenant
sergeant ambassador envoy diplomat official governor mayor senator lawmaker legislator congressman
congresswoman representative mp adviser advisor director negotiator commissioner politician
oligarch billionaire businessman businesswoman tycoon magnate banker executive entrepreneur founder
actor actress singer rapper writer author poet novelist playwright film-maker filmmaker journalist
reporter editor correspondent activist campaigner dissident lawyer judge prosecutor economist
analyst expert scientist professor historian researcher doctor bishop archbishop cardinal patriarch
cleric imam ayatollah rabbi pope warlord militant rebel mercenary soldier hacker spy citizen
national man woman teenager student counterpart ceo company firm group conglomerate manufacturer
maker carmaker automaker chipmaker planemaker producer retailer supplier giant operator
airline carrier bank lender insurer brokerage consultancy startup start-up platform agency newspaper
daily tabloid magazine weekly broadcaster channel station network outlet website media radio tv
television newswire think-tank thinktank institute university party militia army navy union
federation association organisation organization regulator watchdog court police ministry parliament
coalition alliance movement
""")
# Whoever plays for a town's club need not come from its country.
SPORTS = _words("""
player footballer striker midfielder defender goalkeeper forward coach manager trainer golfer
swimmer sprinter runner cyclist driver racer boxer wrestler skier skater gymnast athlete champion
winger batsman bowler pitcher
""")
MODIFIERS = _words("""
former ex late new newly elected re-elected acting interim outgoing incoming deputy assistant vice
under first second prime foreign defence defense interior finance economy economic trade commerce
health justice education energy oil gas nuclear environment climate transport agriculture labour
labor culture sports internal external affairs national security state state-run state-owned
state-controlled public private senior top chief special supreme high leading veteran longtime
long-time right-wing far-right left-wing far-left hardline ruling opposition independent local
regional central federal military armed naval air ground political news press presidential royal
parliamentary government general commercial business financial investment steel tech technology
software semiconductor chip electronics telecoms telecommunications pharmaceutical pharma drug car
auto shipping construction property media social tv television radio online english-language
conservative liberal socialist communist nationalist centrist crown permanent un human rights
intelligence cyber counter-terrorism anti-corruption army navy police space aid refugee largest
biggest main world-famous famous popular rival fellow jailed imprisoned exiled detained convicted
disgraced embattled young veteran tennis football rugby cricket golf pop rock film movie opera
mercenary paramilitary rebel islamist separatist pro-government anti-government news-agency
""")
LINKS = _words("of to for the and")
ABBREVIATIONS = _words(
    "Gen. Lt. Lt.-Gen. Maj. Col. Sgt. Capt. Adm. Gov. Sen. Rep. Dr. Mr. Mrs. Ms."
)


def is_role(word: str, *, of_a_people: bool = True) -> bool:
    """Whether the word says what someone is; sportsmen count with the name of a people only."""
    small = word.lower()
    return small in ROLES or word in ABBREVIATIONS or (of_a_people and small in SPORTS)


def belongs(word: str) -> bool:
    """Whether the word may stand in such a phrase."""
    small = word.lower()
    return is_role(word) or small in MODIFIERS or small in LINKS
