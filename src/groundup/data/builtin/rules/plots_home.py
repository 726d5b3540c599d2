"""Plots at home: the noise at night, the forbidden treat."""

RULES = """
plot night-noise X=toy|book F=furry|child|bird G=relation Z=furniture:
    {open} ¶ {to-bed} {noise} {scared-bed} ¶ {noise-again} {gets-up} {goes-look} ¶ {finds-source} {laughs-now}
        {sleep-now}
    {open} ¶ {to-bed} {noise} {scared-bed} {calls-grown} ¶ {goes-look} {finds-source} {laughs-now} ¶ {sleep-now}
        {moral (courage)}

scene to-bed:
    one night, {in-bed}. {but (tired-bed) (no-sleep)}
    {later (in-bed)} {but (tired-bed) (no-sleep)}
    {H.his} {family} was asleep. {just (no-sleep)}

clause tired-bed:
    {H} was {tired}
    {H} closed {H.his} eyes
    {H} had {H.his} {X} close

clause no-sleep:
    {H} could not sleep
    {H} was wide awake

scene noise:
    {suddenly (hears-it)} {say H (who-there)}
    {then (hears-it) (hears-it)}
    {while (tired-bed) (hears-it)}

clause hears-it:
    there was a (strange|loud|soft|low) {sound.one}
    {H} heard a (strange|loud|soft|low) {sound.one} {spot-inside}
    something went bump {spot-inside}

scene scared-bed:
    {H: be-afraid}. {think H (noise-thought)}
    {so (hears-it) (under-blanket)} {think H (noise-thought)}
    {think H (noise-thought)} {just (under-blanket)}

clause under-blanket:
    {H} pulled the blanket over {H.his} head
    {H} hugged {H.his} {X}
    {H: be-afraid}

speech noise-thought:
    Is it {a creature}?
    What if it is {a creature}?
    Something is {spot-inside}.
    Maybe it is only the wind.

scene noise-again:
    {but (waits-quiet) (hears-it)}
    {suddenly (hears-it)}
    there it was again. {just (hears-it)}

clause waits-quiet:
    {H} waited
    {H} tried not to listen

scene gets-up:
    {at-last (up-brave)} {H} took {H.his} {X} and a (lamp|flashlight|candle).
    {so (wants-know) (up-brave)}
    {tell H F (wake-up)} {then (wakes-friend) (up-brave)}
    {think H (brave-words)} {just (up-brave)}

clause wants-know:
    {H} wanted to know what it was
    {H} wanted to be brave

clause up-brave:
    {H} got out of bed
    {H} put one foot on the floor

clause wakes-friend:
    {F} woke up
    {F} came along

speech wake-up:
    Wake up! I heard something.
    Did you hear that?
    Come with me, please.

speech brave-words:
    I will be brave.
    I will go and see.

scene calls-grown:
    {H} called {G.him}. {say G (comfort H)}
    {so (is-afraid H) (ran-grown)} {tell G H (comfort H)}
    {tell H G (wake-up)} {say G (grown-look)}

clause ran-grown:
    {H} ran to {G.him}
    {H} called for {G.him}

speech grown-look:
    Let us look together.
    Show me where it is.
    There is nothing to be afraid of.

scene goes-look:
    {then (tiptoe) (opens-slow)}
    slowly, very slowly, {tiptoe}. {just (opens-slow)}
    {just (tiptoe)} {when (opens-slow) (heard-near)}

clause tiptoe:
    {H} went on tiptoe {dark-where}
    {H} walked {dark-where}

phrase dark-where:
    (down the stairs|to the {indoors.one}|along the hallway|to the door|across the room)

clause opens-slow:
    {H} opened the door
    {H} looked {spot-inside}
    {H} turned on the light

clause heard-near:
    the {sound.one} was very near

scene finds-source:
    {but (expects) (was-only)}
    it was not {a creature}. {just (was-only)}
    {suddenly (was-only)}
    {when (opens-slow) (was-only)}

clause was-only:
    it was only {a wild} that had come in through the window
    there was {a wild} {spot-inside}
    it was only the wind in the curtains
    {a bug} was trapped in {a container}
    it was only {F}, who was looking for {a treat}
    {F} had dropped {a container}

scene laughs-now:
    {so (was-only) (laughs H)} {say H (not-creature)}
    {H: be-glad}. {say H (not-creature)}
    {when (was-only) (laughs H)}

speech not-creature:
    You are not {a creature} at all!
    I was afraid of nothing.
    So it was you!
    Next time I will look first.

scene sleep-now:
    {then (back-to-bed) (slept-well)}
    {soon (slept-well)}
    {H} went back to bed. {just (slept-well)}

clause back-to-bed:
    {H} went back to bed
    {H} climbed into bed with {H.his} {X}

clause slept-well:
    {H: sleep}

plot forbidden-treat X=treat G=relation F=known:
    {open} ¶ {bakes-for} {told-wait} {tempted} {eats-it} ¶ {asked-who} {lies} {bad-tummy} ¶ {confess-grown}
        {forgives-grown} {bakes-anew}
        {moral (honesty)}
    {open} ¶ {bakes-for} {told-wait} {tempted} {eats-it} ¶ {bad-tummy} {asked-who} {confess-grown} ¶ {forgives-grown}
        {moral (honesty)} {last-line}

scene bakes-for:
    {one-day (bakes-X)} {so (bakes-X) (smells-nice)}
    {one-day (bakes-X)} it looked {tasty}.
    {when (came-home) (bakes-X)}

clause came-home:
    {H} came home
    {H} woke up

clause bakes-X:
    {G} baked {a X} for {F's} birthday
    {G} made {a X} for the {town.one}
    {G} put {a X} on the table

clause smells-nice:
    the {indoors.one} smelled {tasty}
    {H} came running

scene told-wait:
    {tell G H (wait-words)}
    {tell H G (may-eat)} {say G (wait-words)}
    {but (wanted-bite) (must-wait)} {say G (wait-words)}

clause wanted-bite:
    {H} wanted a bite
    {H} was {very} hungry

clause must-wait:
    {H} had to wait
    {G} said no

speech may-eat:
    May I have some of the {X}?
    Can I try a little piece?

speech wait-words:
    The {X} is for later.
    Do not touch the {X}, {H.name}.
    You may have some after dinner.
    Wait until everyone is here.

scene tempted:
    {but (tries-wait) (cannot-wait)}
    {think H (tempt-thought)} {just (cannot-wait)}
    {when (alone-with) (cannot-wait)} {think H (tempt-thought)}

clause tries-wait:
    {H} tried to wait
    {H} tried to think of {a toy}

clause cannot-wait:
    the {X} looked {tasty}
    {H} could not stop looking at the {X}
    {H} could not wait any longer

clause alone-with:
    {G} went out
    nobody was there

speech tempt-thought:
    Just one little bite.
    Nobody will know.
    It smells so {tasty}!

scene eats-it:
    {then (first-bite-X) (eats-all)}
    {so (cannot-wait) (eats-all)}
    {H} took one bite, and then another. {soon (all-eaten)}

clause first-bite-X:
    {H} took a little bite
    {H} tasted it

clause eats-all:
    {H} ate the whole {X}
    {H} ate it all up

clause all-eaten:
    the {X} was gone
    there was nothing left

scene asked-who:
    {later (sees-plate)} {say G (who-ate)}
    {when (sees-plate) (is-surprised G)} {tell G H (who-ate)}
    {tell G H (who-ate)}

clause is-surprised S:
    {S: be-surprised}

clause sees-plate:
    {G} saw the empty plate
    {G} came back

speech who-ate:
    Who ate the {X}?
    Where is the {X}?
    Did you eat the {X}?

scene lies:
    {say H (lie-words)} {but (lied) (crumbs)}
    {so (is-afraid H) (lied)} {say H (lie-words)}
    {say H (lie-words)} {H: be-sorry}.

clause lied:
    {H} said no
    {H} told a lie
    {H} looked away

clause crumbs:
    there were crumbs all over {H.his} {body}
    {H.his} face turned red

speech lie-words:
    It was not me.
    I do not know.
    Maybe {F} ate it.
    {a wild} came in and took it.

scene bad-tummy:
    {soon (tummy)} {H: be-sorry}.
    {so (eats-all) (tummy)}
    {then (tummy) (feels-guilty)}

clause tummy:
    {H} had a tummy ache
    {H} felt {ill}
    {H} could not {fun.base@H}

scene confess-grown:
    {tell H G (apology G)} {say H (ate-words)}
    {so (feels-guilty) (tells-truth H G)} {say H (ate-words)}
    {at-last (tells-truth H G)} {tell H G (apology G)}

speech ate-words:
    I ate the {X}.
    It was me. I ate it all.
    I told a lie. I am sorry.

scene forgives-grown:
    {say G (forgive H)} {G: hug H}.
    {but (was-cross-grown) (hugged-grown)} {say G (forgive H)}
    {tell G H (forgive H)} {so (relief) (hugged-grown)}

clause was-cross-grown:
    {G} was a little {cross}
    {G} was not happy

clause hugged-grown:
    {G: hug H}

scene bakes-anew:
    {then (bake-together) (bake-together)}
    {just (bake-together)} this time, {H} waited.
    {so (wanted-good) (bake-together)}

clause wanted-good:
    {H} wanted to make it good again

clause bake-together:
    {H} and {G.full} baked {a treat}
    {H} helped to clean the {indoors.one}
    {H} gave the first piece to {F.him}
"""
