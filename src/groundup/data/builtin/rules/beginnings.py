"""How stories begin: who it is about, where they live, what they love, where they go."""

RULES = """
phrase once:
    once upon a time
    long ago
    once
    one day
    a long time ago
    not so long ago
    many years ago

scene open:
    {once}, there was {a H.kind} named {H.name}. {home-life}
    {once}, {a H.kind} named {H.name} lived {home-place}. [{trait-line}]
    {once}, there lived {a H.kind} {home-place}. {H.his} name was {H.name}. [{trait-line}]
    {home-place}, there lived {a H.kind} named {H.name}. [{trait-line}]
    {H.name} was {a H.kind}. {home-life}
    {H.name} was {a H.kind} who lived {home-place}. [{trait-line}]
    there was once {a H.kind} named {H.name}. {home-life}
    {once}, there was {a H.kind} who loved {fun.ing@H}. {H.his} name was {H.name}.
    {H.name} the {H.noun} lived {home-place}. [{trait-line}]
    this is the story of {a H.kind} named {H.name}. {home-life}
    {a H.kind} named {H.name} loved {fun.ing@H}. [{trait-line}]
    {H.name} lived {home-place} with {H.his} {family}. [{trait-line}]
    in {season}, {a H.kind} named {H.name} (came|moved) to live {home-place}. [{trait-line}]
    {H.name} and {H.his} {family} lived {home-place}. {trait-line}

phrase family:
    (family|mom and dad|mother and father|grandma|grandpa|mom|dad|aunt|uncle|parents|{number} brothers|{number} sisters)
    (brothers and sisters|little brother|little sister|big brother|big sister|grandparents|twin brother|twin sister)

scene home-life:
    {just (lives H)} {trait-line}
    {just (lives H)}
    {trait-line}
    {habit-line}

scene trait-line:
    {H} was [always|very|so] {good}, and everybody liked {H.him}.
    {H} was {good}, but {H} was also a little {bad}.
    there was no {H.noun} as {good} as {H.name} in the {wilds}.
    everyone said that {H} was {good} and {good}.
    {H} had {a clothing} and (big|bright|kind|brown|blue|green|shining) eyes.
    {H} had many friends in the {wilds}.
    {H} was never {bad} or {bad}.
    {habit-line}

scene habit-line:
    {H: like (fun)}.
    {H: like (fun)} {every-day}.
    {every-day}, {H: fun}.
    {H: like (fun)}, and {H: like (fun)} too.
    more than anything, {H: like (fun)}.
    {H.his} favorite thing was {fun.ing@H}.
    {H: like (fun)}, but most of all {H: like (fun)}.
    {H: like (fun)} with {H.his} {family}.
    {but (hobby H) (no-hobby H)}
    nobody could {fun.base@H} as well as {H.name}.

clause hobby S:
    {S: like (fun)}
    {S} *love {S.his} {family}

clause no-hobby S:
    {S} did not like to {fun.base@S}
    {S: want (fun)} even more
    {S} had never tried to {fun.base@S}

clause lives S:
    {S} *live {home-place}
    {S} *live with {S.his} {family} {home-place}
    {S} *live in a (little|small|cozy|tiny|warm) {home} with {S.his} {family}
    {S} *live all alone {home-place}
    {S.his} {home} was (small|tiny|big|cozy|old) but (cozy|warm|pretty|clean|full of love)
    {S} and {S.his} {family} lived {home-place}

clause owns S N:
    {S} had {a N}
    {S} had {a N} that {S} loved [very much|more than anything]
    {S.his} {dearest} thing was {a N}
    {S.his} {family} had given {S.him} {a N}
    {S} *get {a N} for {S.his} birthday

scene love-thing:
    {just (owns H X)} {treasured}
    {one-day (gets-thing)} {treasured}
    {just (owns H X)}

clause gets-thing:
    {H: find X}
    {H.his} {family} gave {H.him} {a X}
    {H} *get {a X} from {H.his} {family}
    {H} *make {a X:toy} out of (wood|paper|cloth|clay)
    {H} *buy {a X} at the {town}

scene treasured:
    {H} loved to {use.base@H X}.
    {H} took it everywhere.
    it was {H.his} {dearest} {X.one}.
    {every-day}, {H: use X}.
    {H} never went anywhere without it.
    {H} kept it (in a {container}|under {H.his} (pillow|bed)|{near} {H.his} bed|on a shelf).
    it was {nice-look} and {X.adjective}, and {H} was {very} proud of it.
    "{wow. X}," {H} often said.
    {H} showed it to (everyone|everybody|all {H.his} friends).
    it was the most {nice-look} {X.one} in the {wilds}.

scene outing:
    {one-day (sets-out)} {detail}
    {one-day (sets-out)} {weather}.
    {one-day (sets-out)} {detail} {detail}
    {so (feels-like-going) (sets-out)}
    {while-weather (sets-out)}
    {tell H F (invite)} {then (agrees) (sets-out-together)}

clause sets-out:
    {H: move-to}
    {H: want (move-to)}
    {H} and {H.his} {family} went {P.to}
    {H: go-play}
    {H} *wake up early and *go {P.to}
    {H} *pack {a food} and *go {P.to}

act go-play:
    *go {P.to} to {fun.base}
    *go out to {fun.base}
    *go to {fun.base} {P.at}

clause feels-like-going:
    {H: want (fun)}
    {H} *feel like {fun.ing@H}
    {H} was tired of {fun.ing@H}
    {H} had nothing to do
    {weather}
    {H} had never seen the {P} before
    {H} *love the {P}

clause agrees:
    {F} *say yes
    {F} *nod
    {F} *like the idea
    {F: be-glad}

clause sets-out-together:
    {T: move-to}
    they went {P.to} {together}
    {T} *set off {together}
    {T} *pack {food-many} and set off
    they walked {P.to} hand in hand


scene detail:
    {a bug} sat on {a flower}.
    {near} {a outside}, there (was|stood|lay) {a outside}.
    {number} {bug.many} flew over the {flower.many}.
    {a wild} looked out from behind {a outside}.
    somewhere, {a wild} was (singing|calling|sleeping|eating {a fruit}|looking for food).
    {H} saw {a building} and {number} {vehicle.many}.
    {H} stopped to look at {a bug}.
    there were {flower.many} and {flower.many} everywhere.
    {a vehicle} (rolled|drove|went) by.
    (somebody|an old man|a woman|a child) was selling {food.many}.
    {H} waved to {a wild}, and then to {a wild}.
    {H: deed}.
    the {thing} was {nice-look}.
    the {toy} fell {here}.
    {H} had {a thing} in {H.his} (bag|pocket|basket).
    the {outside.one} was full of {bug.many}.
    {H} wore {a clothing} and {a clothing}.
    it smelled of {flower.many} and {treat.many}.
    {H} could hear the {sound.one} of {a wild}.
"""
