"""Plots with somebody who is not kind at first: the trickster, the boaster."""

RULES = """
plot race V=furry|bird|child F=known P=nature X=treat|treasure|toy:
    {open} ¶ {boasts} {accepts} {practices} ¶ {race-starts} {race-turn} {helps-rival} ¶ {race-end} {moral (kindness)}
        {last-line}
    {open} ¶ {boasts} {accepts} ¶ {race-starts} {rival-slow} {race-turn} {wins-race} ¶ {celebrate} {last-line}

scene boasts:
    {one-day (boaster-comes)} {say V (boast)}
    {boaster-life} {one-day (boasts-again)} {say V (boast)}
    {a V.kind} named {V.name} lived in the same {landmark}. {tell V H (boast)}

clause boaster-comes:
    {a V.kind} named {V.name} came {P.to}
    {H} *meet {V.name}, {a V.kind}

scene boaster-life:
    {V.name}, {a V.kind}, was always {bad}.
    {V.name} was the fastest {V.noun} in the {wilds}. {so (always-won) (was-boastful)}

clause always-won:
    {V} had won every race
    nobody could beat {V.him}

clause was-boastful:
    {V: be-proud}
    {V} *laugh at everyone

clause boasts-again:
    {V} *laugh at {H.him}
    {V} *stand in front of everyone

speech boast:
    I am the fastest of all!
    Nobody can beat me.
    You are too (slow|small|little) to win.
    I can run faster than the wind.
    Do you want to race me?
    I bet you cannot even {fun.base@U}!

scene accepts:
    {say H (race-words)} {but (laughs-at V) (is-calm H)}
    {tell H V (race-words)}
    {so (wants-to-try) (agrees-race)}

clause laughs-at S:
    {S} *laugh
    everybody laughed

clause is-calm S:
    {S: be-calm}
    {S} did not mind
    {S} only smiled

clause wants-to-try:
    {H: want (practice-run)}
    {H} was not afraid

clause agrees-race:
    {H} *say yes
    they agreed to race {another-time}

act practice-run:
    *run a race
    *win
    *try

speech race-words:
    I will race you!
    Let us see who is faster.
    We will race to the {outside.one} and back.
    I will do my best.
    The winner gets {a X}!

scene practices:
    {every-day}, {H} ran {practice-place}. {so (works-hard H) (gets-faster)}
    {H} practiced {for-long}. {F} helped {H.him}.
    {tell F H (cheer-on H)} {so (works-hard H) (gets-faster)}

phrase practice-place:
    up and down the {landmark}
    around the {outside.one}
    from the {outside.one} to the {outside.one}

clause works-hard S:
    {S} *work hard
    {S} never gave up
    {S} *run {for-long}

clause gets-faster:
    {H} *get a little faster every day
    {H.his} legs grew strong

scene race-starts:
    {later (race-day)} {say F (race-go)}
    {when (race-day) (they-run)}
    {so (race-day) (all-came)} {say F (race-go)}

clause race-day:
    the race began
    it was time for the race
    {H} and {V.full} stood at the {outside.one}

clause all-came:
    everyone came to watch
    {H} was a little {afraid}

clause they-run:
    they ran as fast as they could
    {V} *run ahead

speech race-go:
    Ready, set, go!
    One, two, three, go!
    Run, {H}, run!

scene rival-slow:
    {so (sure-win) (takes-nap)}
    {but (was-ahead) (takes-nap)}
    {think V (nap-thought)} {just (takes-nap)}

clause sure-win:
    {V} was sure to win
    {V} was far ahead

clause was-ahead:
    {V} was far ahead
    {V} was the first at the {outside.one}

clause takes-nap:
    {V} *stop to (rest|eat {a food}|look at {a bug}|drink some water)
    {V: rest}
    {V} *stop to talk to {a wild}

speech nap-thought:
    I have plenty of time.
    {H} is so slow. I can take a little nap.
    I do not even have to run.

scene race-turn:
    {but (was-ahead) (rival-trips)}
    {suddenly (rival-trips)}
    {H} ran on and on. {suddenly (rival-trips)}
    {while (they-run) (rival-trips)}

clause rival-trips:
    {V} *trip over {a outside}
    {V} *fall into a hole
    {V} *hurt {V.his} {body}
    {V} *slip in the mud

scene helps-rival:
    {but (could-win) (stops-to-help)} {tell H V (comfort V)}
    {H} could have won. {but (could-win) (stops-to-help)}
    {when (sees-fall) (stops-to-help)} {say V (thanks H)}

clause sees-fall:
    {H} *see it
    {H} *hear {V.him} cry

clause could-win:
    {H} could see the end of the race
    everyone called {H's} name
    {H} was now in front

clause stops-to-help:
    {H} *stop to help
    {H} *run back to {V.him}
    {H: hug V}

scene race-end:
    they walked to the end {together}. {tell V H (apology H)}
    {at-last (end-together)} {say V (well-done H)}
    {so (end-together) (everyone-cheers)} {tell V H (thanks H)}

clause end-together:
    they came to the end {together}
    {H} and {V.full} won {together}
    both of them got the {X}

clause everyone-cheers:
    everyone (cheered|clapped|was {glad})
    {F} *clap and *cheer

scene wins-race:
    {at-last (hero-wins)} {say F (well-done H)}
    {so (hero-wins) (everyone-cheers)}
    {but (wakes-up) (too-late)} {say F (well-done H)} {tell V H (well-done H)}

clause hero-wins:
    {H} *win the race
    {H} was first
    {H} *come to the end before {V.him}

clause wakes-up:
    {V} *run as fast as {V.he} could
    {V} *jump up

clause too-late:
    it was too late
    {H} had won
"""
