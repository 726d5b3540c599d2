"""Plots about strangers who help: the way home lost, the kindness that comes back."""

RULES = """
plot lost-way P=nature X=treasure|toy F=furry|bird|scaly|worker:
    {open} {warned-off} ¶ {follows} {goes-too-far} {lost-now} ¶ {gets-dark} {helper-comes} {leads-home} ¶ {family-joy}
        {promise}
        {that-night}
    {open} ¶ {outing} {follows} {goes-too-far} {lost-now} ¶ {gets-dark} {helper-comes} {leads-home} ¶ {family-joy}
        {moral (listening)}

scene warned-off:
    {H.his} {family} always told {H.him} not to go too far.
    "{be-careful. H}," {H.his} (mom|dad|grandma|grandpa) always said.
    {but (told-often) (forgets H)}

clause told-often:
    {H.his} {family} told {H.him} to stay near the house
    everyone knew that the {P} was big

clause forgets S:
    {S} did not always listen
    {S} often forgot

scene follows:
    {one-day (sees-bug)} {so (pretty-bug) (follows-it)}
    {then (sees-bug) (follows-it)}
    {when (sees-bug) (follows-it)}
    {suddenly (sees-bug)} {say H (wow X)} {just (follows-it)}

clause sees-bug:
    {H} *see {a bug}
    {H} *see {a wild} {spot-outside}
    {a bug} flew by
    {H} *see something {X.adjective} {spot-outside}

clause pretty-bug:
    it was {nice-look}
    {H} had never seen one before
    {H} *want to see more

clause follows-it:
    {H} *follow it (into the trees|over the hill|along the path|deeper and deeper|further and further)
    {H} *run after it

scene goes-too-far:
    {H} walked {for-long}. {but (stops-look) (not-know)}
    {when (stops-look) (not-know)}
    {soon (not-know)}

clause stops-look:
    {H} *stop
    {H} *look around
    {H} *turn around
    {H} *look for the path

clause not-know:
    {H} did not know the way home
    everything looked strange
    {H} could not see the {home} anymore
    there was no path

scene lost-now:
    {think H (lost-thought)} {H: be-afraid}.
    {so (not-know) (is-afraid H)}
    {H} called for help. {but (calls-out) (no-answer)}
    {but (walks-on) (still-lost)}

clause calls-out:
    {H} *call {number} times
    {H} *call as loudly as {H} could

clause no-answer:
    nobody answered
    there was only the {sound} of {a bug}
    no one came

clause walks-on:
    {H} *walk this way and that way
    {H} *try to go back

clause still-lost:
    {H} was still lost
    every tree looked the same

speech lost-thought:
    Where am I?
    I am lost!
    Which way is home?
    I should have listened.
    I should not have gone so far.

scene gets-dark:
    {so (dark-comes) (is-afraid H)}
    {H} sat down {spot-outside}. {just (dark-comes)}
    {suddenly (hears-sound)} {say H (who-there)}
    {while (sat-waiting) (hears-sound)}

clause sat-waiting:
    {H} *sit {spot-outside}
    {H} was all alone

clause hears-sound:
    {H} *hear a {sound.one} {spot-outside}
    there was a {sound.one} in the bushes

scene helper-comes:
    {suddenly (passes F)} {tell F H (what-is-wrong H)} {say H (lost-speech)}
    {but (is-afraid H) (was-kind F)} {tell F H (what-is-wrong H)} {say H (lost-speech)} {say F (way-speech)}
    {suddenly (passes F)} {tell F H (lost-question)} {say H (lost-speech)}

clause was-kind S:
    {a S.kind} named {S.name} came out and smiled
    it was only {a S.kind} named {S.name}

speech lost-question:
    Are you lost?
    What are you doing out here all alone?
    Where do you live?

speech lost-speech:
    I am lost. Can you help me?
    I cannot find my way home.
    I live {home-place}.
    I want to go home!

speech way-speech:
    I know the way. Follow me.
    I know every path in the {wilds}.
    Do not worry. I will take you home.
    Climb on my back!

scene leads-home:
    {say F (way-speech)} {then (walk-back) (see-home)}
    {then (walk-back) (walk-back)} {detail} {at-last (see-home)}
    {F} {look-at H F}. {so (knew-way) (see-home)}
    {when (walk-back) (is-calm H)} {soon (see-home)}

clause knew-way:
    {F} *know the way
    {F} *live in the {wilds}
    {F} could see in the dark

clause walk-back:
    they walked past the {outside.one} and over the {landmark}
    {F} *lead {H.him} through the {landmark}
    {H} *follow {F.him}
    they crossed a little stream
    they walked hand in hand under the (stars|moon)

clause see-home:
    {H} *see the light of {H.his} {home}
    they came to {H's} {home}
    {H} *know the way again
    there was the {home}

scene family-joy:
    {H.his} {family} ran out. {tell H F (thanks F)}
    {so (worried-family) (hugs-all)} {tell H F (thanks F)} {say F (welcome)}
    {when (sees-family) (is-glad H)} {tell H F (thanks F)}

clause worried-family:
    {H.his} {family} had looked for {H.him} everywhere
    everyone had been worried

clause hugs-all:
    there were many hugs
    everybody laughed and cried
    {H} *get a big hug

clause sees-family:
    {H} *see {H.his} {family}
    the door opened

scene promise:
    {say H (promise-words)}
    {ever-after (stays-near)}
    {H} had learned that {listening}.

speech promise-words:
    I will never go so far again.
    Next time I will listen.
    I promise to be more careful.

clause stays-near:
    {H} *stay close to home
    {H} *listen to {H.his} {family}
    {H} and {F.full} were friends

"""
