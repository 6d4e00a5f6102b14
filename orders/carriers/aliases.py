"""The many names of one carrier: what sources call it, and the code by which we know it."""

# Our code, its name, and what sources and shops write instead. The first is made when none of them exists yet.
_CARRIERS = """
    sf          | SF Express        | sf-express shunfeng shunfengexpress sfexpress sf_express
    zto         | ZTO Express       | zto-express zhongtong ztoexpress
    yto         | YTO Express       | yto-express yuantong ytoexpress
    sto         | STO Express       | sto-express shentong stoexpress
    yunda       | Yunda Express     | yunda-express yundaexpress yd
    jtexpress   | J&T Express       | jt jt-express jtsd
    best        | Best Express      | best-express huitongkuaidi htky
    jd          | JD Logistics      | jd-logistics jd-express jingdong
    ems         | China Post EMS    | china-ems
    china-post  | China Post        | chinapost youzhengguonei youzhengbk yzpy china_post
    deppon      | Deppon            | debangkuaidi debangwuliu dbl deppon-express
    dhl         | DHL Express       | dhl-express dhlexpress dhl_express mydhl
    dhl-germany | DHL Paket         | dhl-paket deutsche-post-dhl
    ups         | UPS               | ups-express
    usps        | USPS              | us-postal-service
    fedex       | FedEx             | fedex-express fedexus lianbangkuaidi
    tnt         | TNT               | tnt-express
    royal-mail  | Royal Mail        | royalmail royal_mail
    tcat        | T-CAT Takkyubin   | t-cat taiwan-tcat
"""
# Where one source's word means something else than everybody's, or nothing at all.
_OF_SOURCE = {
    "17track": {"3011": "china-post", "21051": "usps", "100001": "dhl", "100002": "ups", "100003": "fedex"},
    "kdniao": {"sf": "sf", "yd": "yunda", "htky": "best", "youzhengguonei": "china-post", "dbl": "deppon"},
}


def _read() -> tuple[dict[str, str], dict[str, tuple[str, ...]], dict[str, str]]:
    codes: dict[str, str] = {}
    groups: dict[str, tuple[str, ...]] = {}
    names: dict[str, str] = {}
    for line in _CARRIERS.strip().splitlines():
        code, name, others = (part.strip() for part in line.split("|"))
        groups[code], names[code] = (code, *others.split()), name
        codes |= dict.fromkeys(groups[code], code)
    return codes, groups, names


_CODES, _GROUPS, _NAMES = _read()


def known_as(source: str, name: str) -> tuple[str, ...]:
    """What the carrier may be called here, the name itself first and our own code next: lower case, never empty for
    a name that is not."""
    word = name.strip().casefold()
    own = _OF_SOURCE.get(source, {}).get(word)
    code = own or _CODES.get(word) or _CODES.get(word.replace(" ", "-"))
    if code:
        return tuple(dict.fromkeys((*(() if own else (word,)), *_GROUPS[code])))
    # A bare number means something to its source only.
    return (f"{source}-{word}",) if word.isdigit() else (word,)


def code_and_name(source: str, name: str) -> tuple[str, str]:
    """The code (still to be made a slug) and the name under which a carrier is made that nobody knows yet."""
    first, *others = known_as(source, name)
    code = next((_CODES[word] for word in (first, *others) if word in _CODES), None)
    if code:
        return code, _NAMES[code]
    return first, f"{source} {name.strip()}" if name.strip().isdigit() else name.strip()
