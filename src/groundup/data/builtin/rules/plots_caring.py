"""Plots about caring: the cake, the hurt animal."""

RULES = """
plot baking X=treat F=known G=relation:
    {open} ¶ {bake-wish} {missing-stuff} {borrows} ¶ {mixes} {mess} {waits-oven} ¶ {tastes} {shares-bake} {last-line}
    {open} ¶ {bake-wish} {mixes} {mess} ¶ {tries-second} {waits-oven} {tastes} ¶ {shares-bake} {moral (helping)}

scene bake-wish:
    {one-day (wants-bake)} {say H (bake-words)}
    {so (bake-reason) (wants-bake)}
    {tell H G (bake-words)} {say G (yes)}

clause bake-reason:
    it was {G's} birthday
    {H} was hungry
    it was raining outside
    {F} came to visit

clause wants-bake:
    {H} wanted to bake {a X}
    {H} decided to make {a X} for {G.him}

speech bake-words:
    I will bake {a X}!
    Can we bake {a X}?
    Let us make {a X} for everyone.

scene missing-stuff:
    {but (opens-cupboard) (none-left)}
    {when (opens-cupboard) (none-left)} {say H (no-stuff)}

clause opens-cupboard:
    {H} opened the cupboard
    {H} looked {spot-inside}

clause none-left:
    there was no {stuff}
    the {stuff} was gone
    there was only a little {stuff}

speech no-stuff:
    Oh no, we have no {stuff}!
    Where can I get some {stuff}?

scene borrows:
    {then (asks-neighbor) (gets-stuff)} {tell H F (thanks F)}
    {H} ran to {F.him}. {tell H F (stuff-please)} {say F (stuff-yes)}
    {tell H F (stuff-please)} {so (has-plenty) (gets-stuff)}

clause asks-neighbor:
    {H} asked {F.him} for some {stuff}
    {H} knocked at {F's} door

clause has-plenty:
    {F} had plenty
    {F} liked to help

clause gets-stuff:
    {F} gave {H.him} some {stuff}
    {H} came home with {stuff} and {stuff}

speech stuff-please:
    Do you have some {stuff}?
    May I borrow some {stuff}, please?

speech stuff-yes:
    Of course! Take all you need.
    Here is some {stuff}.
    Yes, if I may have a piece of the {X}!

scene mixes:
    {then (mixes-it) (mixes-it)}
    {H} mixed the {stuff} and the {stuff}. {just (mixes-it)}
    first {H} took some {stuff}, and then {H} added {stuff}.

clause mixes-it:
    {H} stirred the {stuff} into the {stuff}
    {H} added a little {stuff}
    {H} poured {stuff} into {a container}
    {H} broke {number} eggs

scene mess:
    {suddenly (makes-mess)} {say H (oh-no)}
    {but (careful-cook) (makes-mess)} {so (makes-mess) (laughs T)}
    {while (mixes-it) (makes-mess)}

clause careful-cook:
    {H} tried to be careful
    {G} had told {H.him} to go slowly

clause makes-mess:
    the {stuff} fell on the floor
    {H} had {stuff} on {H.his} {body}
    there was {stuff} everywhere
    the {container.one} tipped over

scene tries-second:
    {so (burned) (is-sad H)} {tell G H (cheer-on H)}
    {but (burned) (tries-anew)}

clause burned:
    the first {X} was black
    the {X} was as hard as a stone

clause tries-anew:
    {H} tried again
    {H} did not give up

scene waits-oven:
    {then (in-oven) (smells-good)}
    {H} waited and waited. {soon (smells-good)}
    {so (in-oven) (smells-good)}

clause in-oven:
    {H} put the {X} in the oven
    {G} put it in the hot oven

clause smells-good:
    the {indoors.one} smelled (sweet|wonderful|of {stuff})
    a sweet smell filled the {home}

scene tastes:
    {at-last (ready-X)} {so (bites) (is-glad H)}
    {when (bites) (is-glad T)} {say F (yummy)}
    {just (ready-X)} {say G (yummy)}

clause ready-X:
    the {X} was ready
    {H} took the {X} out of the oven

clause bites:
    {H} took a bite
    everyone had a piece
    {F} tasted it

speech yummy:
    This is the best {X.one} in the world!
    It is {tasty}!
    Yum! May I have more?
    How {tasty}!

scene shares-bake:
    {H} gave a piece to {F.him} and a piece to {G.him}.
    {just (feast)}
    {so (enough-all) (feast)}

clause enough-all:
    there was enough for everyone

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
    {H} heard a (small|soft|sad|tiny) cry
    {H} heard a {sound.one} {spot-outside}

clause sees-animal:
    {H} found a little {wild.one} {spot-outside}
    {H} saw {a wild} {spot-outside}

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
    {S} felt sorry for it
    {S} had {a good} heart

clause wants-help S:
    {S} wanted to help
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
    {H} picked it up gently
    {H} wrapped it in {H.his} {clothing.one}
    {H} put it in {a container}

clause carries-home:
    {H} carried it home
    {H} took it to {G.him}

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
    {H} gave it (water|milk|bread|seeds|grass|worms|{fruit.many})
    {H} kept it warm
    {H} sang {a song} to it
    {H} sat next to it {for-long}

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
    {H} loved it very much
    {H} wanted to keep it

clause knows-free:
    it wanted to go home
    {H} knew that it had to be free

clause lets-free:
    {H} let it go {P.at}
    {H} took it back {P.to} and let it go

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
    {H} thought that it would never come back
    {H} missed it

clause it-returns:
    it came back with {a treasure} for {H.him}
    {H} found {a X} on the windowsill
    {H} heard a happy {sound.one} at the window

clause it-visits:
    it came to visit {H.him}
    {H} put some food by the window
    {H} had a friend in the {wilds}
"""
