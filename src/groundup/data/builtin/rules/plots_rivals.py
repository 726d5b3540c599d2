"""Plots with somebody who is not kind at first: the trickster, the boaster."""

RULES = """
plot trickster X=treat|fruit|toy V=animal P=nature F=known:
    {open} {has-treat} ¶ {robber-comes} {robs} {robbed-sad} ¶ {plans} {trick} {robber-fooled} ¶ {robber-sorry}
        {moral (sharing)} {last-line}
    {open} {has-treat} ¶ {robber-comes} {robs} {robbed-sad} ¶ {comes-to-help} {plans} {trick} {robber-fooled} ¶
        {celebrate}
        {last-line}

scene robber-comes:
    {suddenly (robber-appears)} {V} was {very} {bad}.
    {but (near-lived V) (nobody-liked)} {one-day (robber-appears)}
    {soon (robber-appears)} {tell V H (robber-words)}
    {one-day (robber-appears)} {tell V H (robber-words)}

clause robber-appears:
    {a V.noun} named {V.name} jumped out of the bushes
    {a bad} {V.noun} named {V.name} came along
    {V.name} the {V.noun} stood in the way

clause near-lived S:
    {a S.noun} named {S.name} lived nearby
    there was {a S.noun} named {S.name} in the {wilds}

clause nobody-liked:
    nobody liked {V.him}
    {V} was {very} {bad}
    {V} never shared anything

speech robber-words:
    Give me that {X}!
    That {X} is mine now!
    I want your {X}, and I want it now!
    What {a X}! I will take it.

scene robs:
    {then (takes-from) (runs-off)}
    {just (takes-from)}
    {before-reply} {just (takes-from)}
    {but (holds-on) (too-strong)} {just (takes-from)}

phrase before-word:
    (before {H} could speak|without asking|with a nasty laugh|in a flash)

scene before-reply:
    {H} said no. {V: be-cross}.
    {H: be-afraid}.

clause holds-on:
    {H} held on to the {X}
    {H} tried to run

clause too-strong:
    {V} was (too strong|too fast|bigger)

clause takes-from:
    {V} took the {X} {before-word}
    {V} took the {X} and ran away
    {V} grabbed the {X} and laughed

clause runs-off:
    {V} ran away (laughing|with it|into the {wilds})
    {V} sat down {spot-outside}

scene robbed-sad:
    {so (gone) (cries H)}
    {say H (robbed-speech)} {H: be-sad}.
    {H: be-cross}. {think H (robbed-speech)}

speech robbed-speech:
    Give it back!
    That is not fair!
    That was my {X}!
    How can I get my {X} back?

scene comes-to-help:
    {ask-trouble} {say H (robbed-speech)}
    {suddenly (passes F)} {tell H F (ask-help F)} {say F (offer-help)}

scene plans:
    {say H (idea)}
    {then (thinks-long) (has-idea)}
    {think H (plan-thought)}
    {say H (plan-thought)}

speech plan-thought:
    {V} is strong, but I am clever.
    {V} is afraid of {creature.many}. I know what to do!
    I will play a little trick on {V}.
    {V} loves {treat.many}. That gives me an idea.

scene trick:
    {then (scary-noise) (robber-scared)}
    {H} hid {spot-outside}. {then (scary-noise) (robber-scared)}
    {when (scary-noise) (robber-scared)} {say V (oh-no)}
    {tell H V (trick-words)} {so (believes V) (lets-go)}

clause scary-noise:
    {H} made a noise like {a creature}
    {H} dressed up as {a creature}
    {H} howled like {a creature}
    {H} put on {a clothing} and looked like {a creature}
    {H} shook the bushes and growled

clause robber-scared:
    {V: be-afraid}
    {V} thought it was {a creature}
    {V} dropped the {X}

speech trick-words:
    Look out! There is {a creature} behind you!
    Do you hear that? {a creature} is coming!
    Can you catch this {fruit} with both hands?
    I bet you cannot close your eyes and count to ten.

clause believes S:
    {S} believed it
    {S} turned around
    {S: be-afraid}

clause lets-go:
    {V} dropped the {X}
    {V} let go of the {X}
    {V} forgot all about the {X}

scene robber-fooled:
    {then (gets-back) (runs-away V)}
    {when (runs-away V) (gets-back)}
    {soon (gets-back)} {so (gets-back) (is-glad H)}

clause gets-back:
    {H} took the {X} back
    {H} picked up the {X}
    {H} had {H.his} {X} again

clause runs-away S:
    {S} ran away (as fast as {S.he} could|into the {wilds}|and did not look back)
    {S} ran home

scene robber-sorry:
    {later (comes-sorry)} {tell V H (apology H)} {say H (forgive V)}
    {but (was-robber) (gives-half)} {say V (thanks H)}
    {tell V H (hungry-words)} {so (kind-heart H) (gives-half)}

clause comes-sorry:
    {V} came back
    {V} came to say sorry

clause was-robber:
    {V} had been mean
    {H} was still a little {cross}

clause kind-heart S:
    {S} *be kind
    {S} felt sorry for {V.him}

clause gives-half:
    {H: share X V}
    {H} gave {V.him} {a food}
    {H} asked {V.him} to stay for dinner

speech hungry-words:
    I was only hungry. I am sorry.
    Nobody ever shares with me.
    I have no friends. That is why I was mean.

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
    {H} met {V.name}, {a V.kind}

scene boaster-life:
    {V.name}, {a V.kind}, was always {bad}.
    {V.name} was the fastest {V.noun} in the {wilds}. {so (always-won) (was-boastful)}

clause always-won:
    {V} had won every race
    nobody could beat {V.him}

clause was-boastful:
    {V: be-proud}
    {V} laughed at everyone

clause boasts-again:
    {V} laughed at {H.him}
    {V} stood in front of everyone

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
    {S} laughed
    everybody laughed

clause is-calm S:
    {S: be-calm}
    {S} did not mind
    {S} only smiled

clause wants-to-try:
    {H: want (practice-run)}
    {H} was not afraid

clause agrees-race:
    {H} said yes
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
    {S} worked hard
    {S} never gave up
    {S} ran {for-long}

clause gets-faster:
    {H} got a little faster every day
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
    {V} ran ahead

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
    {V} stopped to (rest|eat {a food}|look at {a bug}|drink some water)
    {V: rest}
    {V} stopped to talk to {a wild}

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
    {V} tripped over {a outside}
    {V} fell into a hole
    {V} hurt {V.his} {body}
    {V} slipped in the mud

scene helps-rival:
    {but (could-win) (stops-to-help)} {tell H V (comfort V)}
    {H} could have won. {but (could-win) (stops-to-help)}
    {when (sees-fall) (stops-to-help)} {say V (thanks H)}

clause sees-fall:
    {H} saw it
    {H} heard {V.him} cry

clause could-win:
    {H} could see the end of the race
    everyone called {H's} name
    {H} was now in front

clause stops-to-help:
    {H} stopped to help
    {H} ran back to {V.him}
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
    {F} clapped and cheered

scene wins-race:
    {at-last (hero-wins)} {say F (well-done H)}
    {so (hero-wins) (everyone-cheers)}
    {but (wakes-up) (too-late)} {say F (well-done H)} {tell V H (well-done H)}

clause hero-wins:
    {H} won the race
    {H} was first
    {H} came to the end before {V.him}

clause wakes-up:
    {V} ran as fast as {V.he} could
    {V} jumped up

clause too-late:
    it was too late
    {H} had won
"""
