"""Countries under their codes and English names.

Two-letter and three-letter codes are those of ISO 3166-1; names are its short ones in English and those in common use.
Names that several countries go by (Congo, Korea), and those that a country has given up, aren't there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache

from potable.checkers.names.words import speaks_of

MOST = 400
"""Different values of a field of countries, at most."""
SHARE = 95
"""In percent: so many of a field's first values must be countries."""
TIMES = 3
"""So often the usual name occurs there."""
DIFFERENT, MOSTLY = 3, 80
"""Codes are usual where there are so many different ones, and so many percent of the values are such."""
_BEST_KNOWN = frozenset({"US", "USA"})
"""Codes that stand among names, too."""
_FIELDS = frozenset({"country", "countries", "nation", "iso2", "iso3"})

_ALL = """
AD AND Andorra; AE ARE United Arab Emirates=UAE=U.A.E.; AF AFG Afghanistan; AG ATG Antigua and Barbuda=Antigua &
Barbuda; AI AIA Anguilla; AL ALB Albania; AM ARM Armenia; AO AGO Angola; AQ ATA Antarctica; AR ARG Argentina; AS ASM
American Samoa; AT AUT Austria; AU AUS Australia; AW ABW Aruba; AX ALA Åland Islands; AZ AZE Azerbaijan; BA BIH Bosnia
and Herzegovina=Bosnia-Herzegovina=Bosnia & Herzegovina; BB BRB Barbados; BD BGD Bangladesh; BE BEL Belgium; BF BFA
Burkina Faso; BG BGR Bulgaria; BH BHR Bahrain; BI BDI Burundi; BJ BEN Benin; BL BLM Saint Barthélemy; BM BMU Bermuda;
BN BRN Brunei Darussalam=Brunei; BO BOL Bolivia, Plurinational State of=Bolivia; BQ BES Bonaire, Sint Eustatius and
Saba; BR BRA Brazil; BS BHS Bahamas=The Bahamas; BT BTN Bhutan; BV BVT Bouvet Island; BW BWA Botswana; BY BLR Belarus;
BZ BLZ Belize; CA CAN Canada; CC CCK Cocos (Keeling) Islands=Cocos Islands; CD COD Congo, The Democratic Republic of
the=Democratic Republic of the Congo=DR Congo; CF CAF Central African Republic; CG COG Republic of the Congo; CH CHE
Switzerland; CI CIV Côte d'Ivoire=Ivory Coast=Cote d'Ivoire; CK COK Cook Islands; CL CHL Chile; CM CMR Cameroon; CN
CHN China; CO COL Colombia; CR CRI Costa Rica; CU CUB Cuba; CV CPV Cabo Verde=Cape Verde; CW CUW Curaçao; CX CXR
Christmas Island; CY CYP Cyprus; CZ CZE Czechia=Czech Republic; DE DEU Germany; DJ DJI Djibouti; DK DNK Denmark; DM
DMA Dominica; DO DOM Dominican Republic; DZ DZA Algeria; EC ECU Ecuador; EE EST Estonia; EG EGY Egypt; EH ESH Western
Sahara; ER ERI Eritrea; ES ESP Spain; ET ETH Ethiopia; FI FIN Finland; FJ FJI Fiji; FK FLK Falkland Islands
(Malvinas)=Falkland Islands; FM FSM Micronesia, Federated States of=Micronesia; FO FRO Faroe Islands; FR FRA France;
GA GAB Gabon; GB GBR United Kingdom=UK=U.K.; GD GRD Grenada; GE GEO Georgia; GF GUF French Guiana; GG GGY Guernsey; GH
GHA Ghana; GI GIB Gibraltar; GL GRL Greenland; GM GMB Gambia=The Gambia; GN GIN Guinea; GP GLP Guadeloupe; GQ GNQ
Equatorial Guinea; GR GRC Greece; GS SGS South Georgia and the South Sandwich Islands; GT GTM Guatemala; GU GUM Guam;
GW GNB Guinea-Bissau; GY GUY Guyana; HK HKG Hong Kong; HM HMD Heard Island and McDonald Islands; HN HND Honduras; HR
HRV Croatia; HT HTI Haiti; HU HUN Hungary; ID IDN Indonesia; IE IRL Ireland; IL ISR Israel; IM IMN Isle of Man; IN IND
India; IO IOT British Indian Ocean Territory; IQ IRQ Iraq; IR IRN Iran, Islamic Republic of=Iran=Islamic Republic of
Iran; IS ISL Iceland; IT ITA Italy; JE JEY Jersey; JM JAM Jamaica; JO JOR Jordan; JP JPN Japan; KE KEN Kenya; KG KGZ
Kyrgyzstan; KH KHM Cambodia; KI KIR Kiribati; KM COM Comoros; KN KNA Saint Kitts and Nevis=St. Kitts and Nevis=St
Kitts and Nevis; KP PRK Korea, Democratic People's Republic of=North Korea; KR KOR Korea, Republic of=South
Korea=Republic of Korea; KW KWT Kuwait; KY CYM Cayman Islands; KZ KAZ Kazakhstan; LA LAO Lao People's Democratic
Republic=Laos=Lao PDR; LB LBN Lebanon; LC LCA Saint Lucia=St. Lucia=St Lucia; LI LIE Liechtenstein; LK LKA Sri Lanka;
LR LBR Liberia; LS LSO Lesotho; LT LTU Lithuania; LU LUX Luxembourg; LV LVA Latvia; LY LBY Libya; MA MAR Morocco; MC
MCO Monaco; MD MDA Moldova, Republic of=Moldova=Republic of Moldova; ME MNE Montenegro; MF MAF Saint Martin (French
part); MG MDG Madagascar; MH MHL Marshall Islands; MK MKD North Macedonia; ML MLI Mali; MM MMR Myanmar; MN MNG
Mongolia; MO MAC Macao=Macau; MP MNP Northern Mariana Islands; MQ MTQ Martinique; MR MRT Mauritania; MS MSR
Montserrat; MT MLT Malta; MU MUS Mauritius; MV MDV Maldives; MW MWI Malawi; MX MEX Mexico; MY MYS Malaysia; MZ MOZ
Mozambique; NA NAM Namibia; NC NCL New Caledonia; NE NER Niger; NF NFK Norfolk Island; NG NGA Nigeria; NI NIC
Nicaragua; NL NLD Netherlands=The Netherlands; NO NOR Norway; NP NPL Nepal; NR NRU Nauru; NU NIU Niue; NZ NZL New
Zealand; OM OMN Oman; PA PAN Panama; PE PER Peru; PF PYF French Polynesia; PG PNG Papua New Guinea; PH PHL
Philippines; PK PAK Pakistan; PL POL Poland; PM SPM Saint Pierre and Miquelon; PN PCN Pitcairn; PR PRI Puerto Rico; PS
PSE Palestine, State of=Palestine=State of Palestine; PT PRT Portugal; PW PLW Palau; PY PRY Paraguay; QA QAT Qatar; RE
REU Réunion; RO ROU Romania; RS SRB Serbia; RU RUS Russian Federation=Russia; RW RWA Rwanda; SA SAU Saudi Arabia; SB
SLB Solomon Islands; SC SYC Seychelles; SD SDN Sudan; SE SWE Sweden; SG SGP Singapore; SH SHN Saint Helena, Ascension
and Tristan da Cunha; SI SVN Slovenia; SJ SJM Svalbard and Jan Mayen; SK SVK Slovakia; SL SLE Sierra Leone; SM SMR San
Marino; SN SEN Senegal; SO SOM Somalia; SR SUR Suriname; SS SSD South Sudan; ST STP Sao Tome and Principe=São Tomé and
Príncipe; SV SLV El Salvador; SX SXM Sint Maarten (Dutch part); SY SYR Syrian Arab Republic=Syria; SZ SWZ Eswatini; TC
TCA Turks and Caicos Islands; TD TCD Chad; TF ATF French Southern Territories; TG TGO Togo; TH THA Thailand; TJ TJK
Tajikistan; TK TKL Tokelau; TL TLS Timor-Leste=East Timor; TM TKM Turkmenistan; TN TUN Tunisia; TO TON Tonga; TR TUR
Türkiye=Turkey=Turkiye; TT TTO Trinidad and Tobago=Trinidad & Tobago; TV TUV Tuvalu; TW TWN Taiwan, Province of
China=Taiwan; TZ TZA Tanzania, United Republic of=Tanzania=United Republic of Tanzania; UA UKR Ukraine; UG UGA Uganda;
UM UMI United States Minor Outlying Islands; US USA United States=United States of America=U.S.=U.S.A.; UY URY
Uruguay; UZ UZB Uzbekistan; VA VAT Holy See (Vatican City State)=Holy See=Vatican City=Vatican; VC VCT Saint Vincent
and the Grenadines=St. Vincent and the Grenadines=St Vincent and the Grenadines; VE VEN Venezuela, Bolivarian Republic
of=Venezuela; VG VGB Virgin Islands, British=British Virgin Islands; VI VIR Virgin Islands, U.S.=U.S. Virgin
Islands=US Virgin Islands; VN VNM Viet Nam=Vietnam; VU VUT Vanuatu; WF WLF Wallis and Futuna; WS WSM Samoa; YE YEM
Yemen; YT MYT Mayotte; ZA ZAF South Africa; ZM ZMB Zambia; ZW ZWE Zimbabwe
"""


@cache
def _known() -> dict[str, tuple[int, str]]:
    """By each name its style, the letters of a code or 0, and the country's two-letter code."""
    found: dict[str, tuple[int, str]] = {}
    for country in " ".join(_ALL.split("\n")).split(";"):
        two, three, names = country.strip().split(" ", 2)
        found |= {two: (2, two), three: (3, two), **dict.fromkeys(names.split("="), (0, two))}
    return found


def speaks_of_countries(name: str) -> bool:
    """Whether a field is one of countries by its name."""
    return speaks_of(name, _FIELDS)


def are_countries(votes: Mapping[str, int]) -> bool:
    """Whether nearly all values are.

    :param votes: how often each occurs among the field's first ones.
    """
    return 100 * sum(n for text, n in votes.items() if text in _known()) >= SHARE * sum(votes.values()) > 0


def other_names(votes: Mapping[str, int]) -> dict[str, str]:
    """What other names the countries of a field may go by, and the usual one of each.

    Where codes are usual, all other codes and names are others; else only those of countries that are there under
    another one: some are best known by a code (USA, UK).

    :param votes: how often each value occurs among the field's first ones.
    """
    known = _known()
    if not are_countries(votes):
        return {}
    styles: Counter[int] = Counter()
    different: Counter[int] = Counter()
    often: dict[str, Counter[str]] = {}
    for text in votes.keys() & known.keys():
        style, country = known[text]
        often.setdefault(country, Counter())[text] += votes[text]
        if text not in _BEST_KNOWN:
            styles[style] += votes[text]
            different[style] += 1
    usual = min(styles, key=lambda style: (-styles[style], style), default=0)
    if usual and different[usual] >= DIFFERENT and 100 * styles[usual] >= MOSTLY * styles.total():
        names = {country: text for text, (style, country) in known.items() if style == usual}
        # UK is a code of the EU, and UAE one of sports.
        same = {c for c, name in names.items() if votes.get(name, 0) >= TIMES}
        others = {text: c for text, (style, c) in known.items() if style != usual and (len(text) != usual or c in same)}
        return {text: names[country] for text, country in others.items()}
    names = {country: min(sorted(of), key=lambda text: -votes[text]) for country, of in often.items()}
    names = {country: name for country, name in names.items() if often[country][name] >= TIMES}
    return {text: names[c] for text, (_, c) in known.items() if c in names and text != names[c]}
