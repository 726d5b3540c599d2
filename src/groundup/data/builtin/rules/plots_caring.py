"""Plots about caring: the cake, the hurt animal."""

RULES = """
plot hurt-animal X=treat|treasure|flower P=nature G=grown F=known:
    {open} ¶ {outing} {finds-hurt} {poor-thing} ¶ {takes-home} {cares-animal} {heals} ¶ {sets-free} {animal-thanks}
        {last-line}
    {open} ¶ {outing} {finds-hurt} {takes-home} {cares-animal} ¶ {heals} {sets-free} {animal-thanks}
        {moral (kindness)}

scene finds-hurt:
    {suddenly (hears-cry)} it was {a wild}. {just (is-hurt)}
    {soon (sees-animal)} {so (is-hurt) (not-walk)}
    {while (plays-there) (hears-cry)} {H} looked {spot-outside} and found {a wild}.

clause hears-cry:
    {H} *hear a (small|soft|sad|tiny) cry
    {H} *hear a {sound.one} {spot-outside}

clause sees-animal:
    {H} *find a little {wild.one} {spot-outside}
    {H} *see {a wild} {spot-outside}

clause is-hurt:
    its (leg|wing|paw|foot|back) was hurt
    it had hurt its (leg|wing|paw|foot)
    it was cold and hungry
    it had fallen out of its nest
    it was caught in some string

clause not-walk:
    it could not (move|walk|run)
    it shook all over

scene poor-thing:
    {say H (poor-words)}
    {so (is-sorry-for H) (wants-help H)}
    {think H (poor-words)} {H} sat down next to it.

clause is-sorry-for S:
    {S} *feel sorry for it
    {S} had {a good} heart

clause wants-help S:
    {S} *want to help
    {S} could not leave it alone

speech poor-words:
    You poor little thing!
    Do not be afraid. I will help you.
    I will not hurt you.
    Who will take care of you?

scene takes-home:
    {then (picks-up) (carries-home)} {tell H G (help-it)} {say G (animal-advice)}
    {so (is-hurt) (carries-home)} {say G (animal-advice)}
    {when (carries-home) (looks-at-it G)} {tell G H (animal-advice)}

clause picks-up:
    {H} *pick it up gently
    {H} wrapped it in {H.his} {clothing.one}
    {H} *put it in {a container}

clause carries-home:
    {H} *carry it home
    {H} *take it to {G.him}

speech help-it:
    Can we help it?
    Please help me save it!
    May I keep it until it is well?

speech animal-advice:
    It needs rest, food and water.
    We must keep it warm.
    You can take care of it, but one day you must let it go.
    Let us make it a bed in {a container}.

scene cares-animal:
    {every-day}, {feeds-it}.
    {then (feeds-it) (feeds-it)} {every-day}, {feeds-it}.
    {H} made a soft bed out of {a clothing}. {just (feeds-it)}

clause feeds-it:
    {H} *give it (water|milk|bread|seeds|grass|worms|{fruit.many})
    {H} *keep it warm
    {H} *sing {a song} to it
    {H} *sit next to it {for-long}

scene heals:
    {at-last (is-well)}
    {soon (is-well)} {so (is-well) (is-glad H)}
    {later (is-well)}
    {day-by-day} {at-last (is-well)}

scene day-by-day:
    day by day, it grew stronger.
    {number} days went by.

clause is-well:
    it could (run|walk|hop|jump) again
    it was well again
    it was strong again

scene sets-free:
    {but (loves-it) (knows-free)} {just (lets-free)}
    {so (knows-free) (lets-free)} {say H (bye-words)}
    {when (lets-free) (looks-back)} {say H (bye-words)}

clause loves-it:
    {H} *love it very much
    {H} *want to keep it

clause knows-free:
    it wanted to go home
    {H} *know that it had to be free

clause lets-free:
    {H} *let it go {P.at}
    {H} *take it back {P.to} and let it go

clause looks-back:
    it looked back one last time
    it stopped and looked at {H.him}

speech bye-words:
    Goodbye, little friend!
    Be happy and free!
    Come back and visit me!

scene animal-thanks:
    {later (it-returns)} {so (it-returns) (is-glad H)}
    {but (thinks-gone) (it-returns)}
    {ever-after (it-visits)}

clause thinks-gone:
    {H} *think that it would never come back
    {H} *miss it

clause it-returns:
    it came back with {a treasure} for {H.him}
    {H} *find {a X} on the windowsill
    {H} *hear a happy {sound.one} at the window

clause it-visits:
    it came to visit {H.him}
    {H} *put some food by the window
    {H} had a friend in the {wilds}
"""
