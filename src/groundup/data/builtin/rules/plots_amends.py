"""Plots about wrongs put right: the thing that broke, the thing that was taken."""

RULES = """
plot broken X=toy|instrument|treasure F=known G=grown:
    {open} {friend-owns} ¶ {visits} {warned} {breaks-it} {guilt} ¶ {confess} {friend-cross} {asks-fix} {mended} ¶
        {forgiven}
        {moral (honesty)} {last-line}
    {open} {friend-owns} ¶ {visits} {breaks-it} {guilt} {hides-it} ¶ {found-out} {confess} {forgiven} {asks-fix}
        {mended} ¶
        {moral (honesty)} {last-line}

scene friend-owns:
    {H} had a good friend named {F.name}. {just (owns F X)}
    {H.his} best friend was {a F.kind} named {F.name}. {just (owns F X)}
    {F.name}, {a F.kind}, lived next door. {just (owns F X)}
    {every-day}, {H} played with {F.name}, {a F.kind}. {just (owns F X)}

scene visits:
    {one-day (visit)} {say H (may-i)}
    {one-day (visit)} {F} showed {H.him} the {X}.
    {one-day (visit)} {so (likes-it) (asks-it)}

clause visit:
    {H} *go to {F's} house
    {H} *come to play with {F.him}
    {F} *ask {H.him} to come over
    {H} *go to see {F}

clause likes-it:
    {H} *think the {X} was {nice-look}
    {H} *want to hold the {X}
    {H} had never seen such {a nice-look} {X.one}

clause asks-it:
    {F} *let {H.him} hold it
    {H} *ask for a turn
    {F} *give it to {H.him} for a little while

speech may-i:
    May I hold your {X}?
    Can I see your {X}, please?
    What {a X}! May I use it?
    I wish I had such {a nice-look} {X.one}.

scene warned:
    {tell F H (be-careful H)}
    {tell F H (handle-it)}
    {but (warns) (no-listen H)}

clause warns:
    {F} *tell {H.him} to be careful
    {F} *ask {H.him} to be gentle

clause no-listen S:
    {S} did not listen
    {S} *be too {glad} to listen
    {S} soon forgot about it

speech handle-it:
    Please be careful with it.
    Hold it with both hands.
    It can break. Be gentle!
    Do not drop it.

scene breaks-it:
    {suddenly (breaks)}
    {while (plays-rough) (breaks)}
    {so (plays-rough) (breaks)}
    {but (careful-try) (breaks)}

clause plays-rough:
    {H} *run too fast
    {H} was not careful
    {H} *dance around with the {X}
    {H} *throw the {X} into the air
    {H} *pull too hard
    {H} *trip over {a thing}

clause careful-try:
    {H} *try to be careful
    {H} *hold the {X} tightly
    {F} had told {H.him} to be careful

clause breaks:
    the {X} fell on the floor and broke
    the {X} broke in two
    the {X} slipped and cracked
    {H} *hear a loud (crack|crash|snap)
    {H} *drop the {X}, and it broke
    a (piece|corner|part) came off the {X}

scene guilt:
    {so (broken-now) (feels-guilty)}
    {H: be-sorry}. {think H (guilty-thought)}
    {so (broken-now) (feels-guilty)} {think H (guilty-thought)}
    {think H (guilty-thought)}

clause broken-now:
    the {X.one} was broken
    it was too late
    there were pieces everywhere
    {F} had loved the {X} so much
    it was {H.his} fault

clause feels-guilty:
    {H: be-sorry}
    {H: be-afraid}
    {H} did not know what to do

speech guilty-thought:
    Oh no! What have I done?
    {F} will be so {sad}.
    What will {F} say?
    I should have been more careful.
    It is all my fault.
    How can I tell {F}?

scene hides-it:
    {then (hides) (says-nothing)}
    {but (hides) (feels-guilty)}
    {so (scared-of-it) (hides)}

clause hides:
    {H} *hide the {X} {spot-inside}
    {H} *put the pieces {spot-inside}
    {H} *cover the {X} with {a clothing}

clause says-nothing:
    {H} *say nothing
    {H} *go home without a word
    {H} did not tell anyone

clause scared-of-it:
    {H: be-afraid}
    {H} did not want {F} to be {cross}
    {H} did not dare to tell the truth

scene found-out:
    {later (finds-out)} {say F (who-broke)}
    {when (finds-out) (is-sad F)} {say F (who-broke)}
    {but (finds-out) (says-nothing)} {tell F H (who-broke)}

clause is-sad S:
    {S: be-sad}

clause finds-out:
    {F} *find the broken {X}
    {F} *look for {F.his} {X}
    {F} *come back and saw the {X}

speech who-broke:
    Who broke my {X}?
    What happened to my {X}?
    My {X} is broken!
    Do you know who did this?

scene confess:
    {tell H F (apology F)}
    {then (brave-now H) (tells-truth H F)} {say H (apology F)}
    {then (brave-now H) (tells-truth H F)} {tell H F (apology F)}
    {but (brave-now H) (tells-truth H F)}

clause brave-now S:
    {S} *be {very} {afraid}
    {S} *take a deep breath
    {S} could not keep the secret any longer
    {S} *want to be honest

clause tells-truth S O:
    {S} *tell {O.him} the truth
    {S} *tell {O.him} (everything|what had happened)
    {S} *go to {O.him} and told the truth

scene friend-cross:
    {so (broken-now) (is-sad F)}
    {just (is-sad F)}
    {but (was-cross F) (soft-heart F)}

clause was-cross S:
    {S: be-cross}
    {S: be-sad}

clause soft-heart S:
    {S} *see how sorry {H} was
    {S} *know that it was not on purpose
    {S} *be not {cross} for long

scene asks-fix:
    {tell H G (fix-please)} {say G (offer-help)}
    {then (takes-to-grown T) (looks-at-it G)} {say G (fixable)}
    {soon (takes-to-grown T)} {say G (fixable)}

clause takes-to-grown S:
    {S} *take the {X} to {G.him}
    {S} *ask {G.him} for help
    {S} *show {G.him} the broken {X}

clause looks-at-it S:
    {S} *look at it (closely|carefully|for a while)
    {S} *turn it over and over
    {S} *put on {S.his} glasses

speech fix-please:
    Can you fix this {X}?
    Please help us fix the {X}!
    We broke the {X}. Can you help us?

speech fixable:
    I think we can fix it.
    It only needs a little {paint}.
    We need {a tool} and some {paint}.
    Broken things can be mended.
    Let us see what we can do!

scene mended:
    {then (works-on-it) (like-new)}
    {so (works-on-it) (like-new)} {so (like-new) (is-glad T)}
    {G} showed them how to mend it. {at-last (like-new)}
    {when (like-new) (is-glad T)}

clause works-on-it:
    they worked {for-long}
    {G} *get {a tool} and some {paint}
    they put the pieces back {together} with {paint}
    {T} *hold the pieces while {G} used the {paint}
    they used {paint} and {paint}

clause like-new:
    the {X} (looked|was) as good as new
    the {X} was whole again
    it looked even better than before
    the {X} was mended

scene forgiven:
    {tell F H (forgive H)}
    {tell F H (forgive H)} {so (relief) (hugs H F)}
    {so (soft-heart F) (hugs F H)} {say F (forgive H)}

clause relief:
    {H: be-calm}
    {H} was so {glad} to hear it

clause hugs S O:
    {S: hug O}

scene friend-intro:
    {H} had a good friend named {F.name}. {T} {often} {fun@T} {together}.
    {H.his} best friend was {a F.kind} named {F.name}. {T} {often} {fun@T}.
    {F.name}, {a F.kind}, lived next door. {every-day}, {T} {fun@T} {together}.
    {H} and {a F.kind} named {F.name} did everything {together}.

phrase often:
    (often|always|sometimes|usually)

clause misses S:
    {S} *look for {S.his} {X}
    {S} *see that the {X} was gone
    {S} could not find {S.his} {X}

"""
