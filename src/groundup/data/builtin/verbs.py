"""Verbs and their forms: the irregular ones as data, the others by the rules of spelling."""

# base, past, past participle
IRREGULAR = """
be was been; become became become; begin began begun; bend bent bent; bite bit bitten; blow blew blown;
break broke broken; bring brought brought; build built built; burst burst burst; buy bought bought;
catch caught caught; choose chose chosen; come came come; cost cost cost; creep crept crept; cut cut cut;
dig dug dug; do did done; draw drew drawn; dream dreamed dreamed; drink drank drunk; drive drove driven;
eat ate eaten; fall fell fallen; feed fed fed; feel felt felt; fight fought fought; find found found; fly flew flown;
forget forgot forgotten; forgive forgave forgiven; freeze froze frozen; get got gotten; give gave given; go went gone;
grow grew grown; hang hung hung; have had had; hear heard heard; hide hid hidden; hit hit hit; hold held held;
hurt hurt hurt; keep kept kept; kneel knelt knelt; know knew known; lay laid laid; lead led led; leave left left;
lend lent lent; let let let; lie lay lain; light lit lit; lose lost lost; make made made; mean meant meant;
meet met met; pay paid paid; put put put; read read read; ride rode ridden; ring rang rung; rise rose risen;
run ran run; say said said; see saw seen; sell sold sold; send sent sent; set set set; sew sewed sewn; shake shook shaken;
shine shone shone; shut shut shut; sing sang sung; sink sank sunk; sit sat sat; sleep slept slept; slide slid slid;
speak spoke spoken; spend spent spent; spin spun spun; spread spread spread; stand stood stood; steal stole stolen;
stick stuck stuck; sting stung stung; sweep swept swept; swim swam swum; swing swung swung; take took taken;
teach taught taught; tear tore torn; tell told told; think thought thought; throw threw thrown;
understand understood understood; wake woke woken; wear wore worn; win won won; write wrote written;
weave wove woven; tie tied tied
"""

# verbs that double their last letter
DOUBLING = """
beg chop clap drag drip drop flap grab hop hug hum jog knit nap nod pat pet plan plop rub scrub shop sip skip slip slam
snap spot step stir stop swap tap tip trap trip trot tug wag whip wrap zip dab grin fit pin rob trim dip flip skid plug
rip mop
begin cut dig forget get hit let put run set shut sit spin swim win
"""

_VOWELS = "aeiou"


def _irregular_forms() -> dict[str, tuple[str, str]]:
    rows = (row.split() for row in IRREGULAR.replace("\n", " ").split(";"))
    return {base: (past, done) for base, past, done in rows}


_FORMS = _irregular_forms()
_DOUBLING = frozenset(DOUBLING.split())


def conjugate(verb: str, form: str, person: str = "he") -> str:
    """Return `verb` ("pick up": the first word changes) in a form: base, past, now (present), ing, done.

    `person` (he, she, they, I, you, we) matters to the present and to `be`.
    """
    head, space, tail = verb.partition(" ")
    return _conjugate_head(head, form, person) + space + tail


def _conjugate_head(verb: str, form: str, person: str) -> str:
    if form == "base":
        return verb
    if form == "ing":
        return _stem(verb, "ing") + "ing"
    if verb == "be" and form != "done":
        past, now = {"I": ("was", "am"), "he": ("was", "is"), "she": ("was", "is")}.get(person, ("were", "are"))
        return past if form == "past" else now
    if form == "now":
        return _third_person(verb) if person in ("he", "she") else verb
    if verb in _FORMS:
        return _FORMS[verb][form == "done"]
    return _stem(verb, "ed") + "ed"


def _stem(verb: str, ending: str) -> str:
    if verb in _DOUBLING:
        return verb + verb[-1]
    if ending == "ing":
        if verb.endswith("ie"):
            return verb[:-2] + "y"
        return verb[:-1] if verb.endswith("e") and not verb.endswith("ee") and verb != "be" else verb
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "i"
    return verb[:-1] if verb.endswith("e") else verb


def _third_person(verb: str) -> str:
    if verb == "have":
        return "has"
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + "s"
