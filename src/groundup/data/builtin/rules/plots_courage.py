"""Plots about fear and trying: the dark, the hard skill, the lost way, the noise at night, the stage."""

RULES = """
plot fear-overcome F=known G=grown P=nature|indoors X=toy|book:
    {open} {has-fear} ¶ {fear-event} {ashamed} ¶ {friend-cares} {brave-plan} {first-step} {not-so-bad} ¶ {proud-end} {moral (courage)}
        {last-line}
    {open} {has-fear} ¶ {fear-event} {friend-cares} {brave-plan} ¶ {first-step} {not-so-bad} {celebrate} ¶ {ending}

phrase fear:
    (the dark|thunder|deep water|high places|spiders|loud noises|big dogs|the wind|the cellar|strangers|bees|storms)
    ({creature.many}|the old {building.one}|falling|being alone|new things|the doctor|swimming|the woods at night)

scene has-fear:
    {but (brave-mostly) (fears)}
    {just (fears)} {fear-habit}
    {so (fears) (avoids)}
    {H} had a secret. {just (fears)}

clause brave-mostly:
    {H} was {good}
    {H: like (fun)}
    {H} was not afraid of {creature.many}

clause fears:
    {H} was afraid of {fear}
    there was one thing that {H} feared, and that was {fear}
    {H} was very scared of {fear}

clause avoids:
    {H} always stayed at home
    {H} never went (out|there) alone
    {H} slept with a light on
    {H} held {H.his} {X} tightly

scene fear-habit:
    {every-day}, {H: be-afraid}.
    {H} held {H.his} {X} and closed {H.his} eyes.
    {H} never told anybody.

scene fear-event:
    {one-day (must-face)} {H: be-afraid}.
    {tell F H (invite)} {but (wants-yes) (is-afraid H)}
    {so (must-face) (is-afraid H)}
    {suddenly (fear-comes)} {so (fear-comes) (is-afraid H)} {say H (who-there)}

clause must-face:
    {H} had to go {P.to}
    {H.his} {family} (asked|sent) {H.him} {P.to}
    {H.his} {toy} fell into the (dark|cellar|water)
    all {H.his} friends went {P.to}
    {H} was all alone {P.at}

clause wants-yes:
    {H} wanted to say yes
    {H} wanted to go

clause is-afraid S:
    {S: be-afraid}

clause fear-comes:
    the lights went out
    there was a loud {sound}
    {H} heard a {sound} {spot}
    a shadow moved {spot}

scene ashamed:
    {H} (turned|walked|looked) away. {think H (fear-thought)}
    {so (laughed-at) (is-sad H)}
    {but (wants-brave) (cannot-move)}

clause laughed-at:
    some of the others laughed
    {H} could not do it
    {H} ran away

clause wants-brave:
    {H} wanted to be brave
    {H} tried to be brave

clause cannot-move:
    {H.his} legs would not move
    {H} could not take one step
    {H.his} heart beat fast

speech fear-thought:
    I am not brave.
    Why am I so {afraid}?
    I wish I were brave.
    Everybody else can do it.

scene friend-cares:
    {F} {look-at H F} and smiled. {tell F H (comfort H)}
    {so (sees-fear F) (goes-to F H)} {tell F H (comfort H)} {say H (afraid-speech)}
    {tell F H (what-is-wrong H)} {say H (afraid-speech)} {say F (comfort H)}
    {when (sees-fear F) (goes-to F H)} {tell F H (me-too)}

clause sees-fear S:
    {S} saw that {H} was {afraid}
    {S} understood

speech afraid-speech:
    I am afraid.
    I am scared of {fear}.
    I cannot do it. I am too {afraid}.

speech me-too:
    I was afraid too, once.
    Being brave means that you are afraid and do it anyway.
    Everybody is afraid of something. I am afraid of {fear}.

scene brave-plan:
    {say F (go-together)} {so (trusts) (says-ok)}
    {tell F H (cheer-on H)} {H: be-calm}.
    {say F (go-together)} {F} took {H's} hand.
    {tell F H (go-together)} {but (still-afraid H) (says-ok)}

clause trusts:
    {H} trusted {F.him}
    {H} was not alone

clause says-ok:
    {H} nodded
    {H} said yes
    {H} took {F's} hand
    {H: be-calm}

clause still-afraid S:
    {S} *be still {afraid}

speech go-together:
    We can go together.
    I will hold your hand.
    Let us count to three and go.
    Take one small step.
    Bring your {X} with you.

scene first-step:
    {at-last (one-step)}
    {but (still-afraid H) (one-step)}
    {then (breath) (one-step)} {tell F H (cheer-on H)}
    {step-count} {just (one-step)}

scene step-count:
    one step, two steps, three steps.
    slowly, very slowly.

clause breath:
    {H} took a deep breath
    {H} counted to three
    {H} closed {H.his} eyes

clause one-step:
    {H} took one (small|little|brave) step
    {H} did it
    {H} opened {H.his} eyes and looked
    {H} {went-in H}

phrase went-in S:
    walked {P.to}
    went on
    held {S.his} {X} and went on

scene not-so-bad:
    {so (nothing-bad) (is-calm H)}
    {but (expects) (only-small)} {so (only-small) (laughs H)}
    it was not so bad after all. {just (only-small)}
    {when (only-small) (laughs H)} {say H (not-scary)}

clause nothing-bad:
    nothing bad happened
    it was not so bad after all
    {F} was right there

clause expects:
    {H} thought it was {a creature}
    {H} had thought it would be terrible

clause only-small:
    it was only {a bug}
    it was only {a wild}
    it was only the wind
    there was only {a thing}

clause laughs S:
    {S} laughed
    {S: be-glad}
    {S: be-calm}

speech not-scary:
    It is only {a bug}!
    That was not so bad.
    I am not afraid anymore!
    I did it!

scene proud-end:
    {tell F H (well-done H)} {H: be-proud}.
    {so (did-it) (is-proud H)} {tell H F (thanks F)}
    {say H (not-scary)} {tell F H (well-done H)} {just (is-proud H)}

clause did-it:
    {H} had done it
    {H} had been brave

plot new-skill F=known G=relation|worker X=instrument|toy P=nature:
    {open} {wants-skill} ¶ {first-lesson} {fails-skill} {gives-up} ¶ {encouraged} {tries-again} {gets-better} ¶ {can-do} {proud-end-skill}
        {last-line}
    {open} {wants-skill} ¶ {first-lesson} {fails-skill} {gives-up} {encouraged} ¶ {tries-again} {fails-skill} {gets-better} ¶
        {can-do} {celebrate}

act skill:
    *swim across the {landmark}
    *ride a bicycle
    *whistle a tune
    *tie {S.his} shoes
    *skate on the ice
    *juggle {number} {fruit.many}
    *stand on {S.his} hands
    *climb the {outside.one}
    *write {S.his} name
    *play {a song} on the {instrument}
    *dance like a swan
    *bake {a treat}
    *catch a ball
    *paint {a wild}
    *jump over the {outside.one}
    *read {a book}
    *row a boat
    *build {a toy}
    *spin a {toy.one}
    *count to one hundred
    *knit {a clothing}
    *sing {a song}
    {S.if:bird} *fly over the {landmark}
    {S.if:bird} *land on {a outside}
    {S.if:scaly} *dive into the {wilds}

scene wants-skill:
    more than anything, {H} wanted to learn to {skill.base@H}.
    {but (wants-learn) (never-could)}
    {so (sees-others) (wants-learn)} {think H (skill-thought)}
    {every-day}, {H} dreamed of learning to {skill.base@H}.

clause wants-learn:
    {H} wanted to {skill.base@H}
    {H} dreamed of {skill.ing@H}
    {H} wanted to be able to {skill.base@H}

clause never-could:
    {H} did not know how
    {H} had never tried
    {H} could not {skill.base@H}

clause sees-others:
    {F} could {skill.base@F}
    {H} saw {F.him} {skill.ing@F}
    everyone else could {skill.base@H}

speech skill-thought:
    I want to {skill.base@I} too!
    One day I will {skill.base@I}.
    If only I could {skill.base@I}!

scene first-lesson:
    {one-day (asks-teach)} {tell G H (teach-words)}
    {tell H G (teach-me)} {say G (teach-words)}
    {one-day (starts-try)} {tell G H (teach-words)}
    {G} showed {H.him} how to {skill.base@H}. {say G (teach-words)}

clause asks-teach:
    {H} asked {G.him} for help
    {H} went to {G.him}

clause starts-try:
    {H} tried to {skill.base@H}
    {H} began to practice

speech teach-me:
    Can you teach me to {skill.base@I}?
    How do you {skill.base@U}?
    Please teach me!

speech teach-words:
    Watch me first.
    Go slowly.
    It is easy when you know how.
    First you must learn to wait.
    It takes time, but you can learn it.

scene fails-skill:
    {but (starts-try) (fails)}
    {but (tries-hard) (fails)} {so (fails) (cries H)}
    {H} tried once, twice, three times. {but (tries-hard) (fails)}
    {then (starts-try) (fails)} {say H (no-more)}

clause tries-hard:
    {H} tried very hard
    {H} did {H.his} best
    {H} tried again

clause fails:
    {H} fell (down|over|on {H.his} nose|into the mud)
    it did not work
    everything went wrong
    {H} hurt {H.his} {body}
    {H} made a big mistake
    {H} could not do it

scene gives-up:
    {say H (no-more)} {just (stops)}
    {so (tired-of-it) (stops)}
    {H} sat down {spot-outside}. {say H (no-more)}

clause tired-of-it:
    {H} was {tired}
    {H: be-sad}
    nothing went right

clause stops:
    {H} wanted to give up
    {H} threw {H.his} {X} away
    {H} went home

scene encouraged:
    {tell F H (cheer-on H)} {H: be-calm}.
    {but (wants-stop) (friend-believes)} {tell F H (cheer-on H)}
    {tell G H (cheer-on H)} {say G (told-story)}
    {so (friend-believes) (new-hope)}

clause wants-stop:
    {H} wanted to stop
    {H} shook {H.his} head

clause friend-believes:
    {F} believed in {H.him}
    {F} would not let {H.him} give up

clause new-hope:
    {H} felt new hope
    {H} tried again

speech told-story:
    When I was little, I could not {skill.base@I} at all.
    I fell down a hundred times before I could {skill.base@I}.
    I was not good at it at first, and look at me now.

scene tries-again:
    {so (new-hope) (practices-now)}
    {then (stood-up) (practices-now)}
    {every-day}, {practices-now}.
    {just (practices-now)} {F} {watched}.

phrase watched:
    watched and clapped
    came along every time
    helped a little

clause stood-up:
    {H} stood up
    {H} wiped {H.his} {body}
    {H} took a deep breath

clause practices-now:
    {H} practiced {for-long}
    {H} tried again and again
    {H} practiced {every-day}
    {H} worked hard

scene gets-better:
    {at-last (better-bit)}
    {soon (better-bit)}
    {so (practices-now) (better-bit)}
    each day, {better-bit}.

clause better-bit:
    {H} got a little better
    {H} did not fall so often
    it was a little easier

scene can-do:
    {later (does-it)} {say H (did-it-speech)}
    {at-last (does-it)} {say H (did-it-speech)}
    {suddenly (does-it)} {so (does-it) (is-glad H)}

clause does-it:
    {H} could {skill.base@H}
    {H} {skill@H}
    {H} {skill@H} all by {H.himself}

speech did-it-speech:
    Look! I can {skill.base@I}!
    I did it!
    Look at me!
    I can do it!

scene proud-end-skill:
    {tell G H (well-done H)} {H: be-proud}.
    {tell F H (well-done H)} {so (did-it) (is-proud H)}
    {so (did-it) (is-proud H)} {moral (patience)}

plot lost-way P=nature X=treasure|toy F=furry|bird|scaly|worker:
    {open} {warned-off} ¶ {follows} {goes-too-far} {lost-now} ¶ {gets-dark} {helper-comes} {leads-home} ¶ {family-joy} {promise}
        {that-night}
    {open} ¶ {outing} {follows} {goes-too-far} {lost-now} ¶ {gets-dark} {helper-comes} {leads-home} ¶ {family-joy} {moral (listening)}

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
    {H} saw {a bug}
    {H} saw {a wild} {spot-outside}
    {a bug} flew by
    {H} saw something {X.adjective} {spot-outside}

clause pretty-bug:
    it was {nice-look}
    {H} had never seen one before
    {H} wanted to see more

clause follows-it:
    {H} followed it (into the trees|over the hill|along the path|deeper and deeper|further and further)
    {H} ran after it

scene goes-too-far:
    {H} walked {for-long}. {but (stops-look) (not-know)}
    {when (stops-look) (not-know)}
    {soon (not-know)}

clause stops-look:
    {H} stopped
    {H} looked around
    {H} turned around
    {H} looked for the path

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
    {H} called {number} times
    {H} called as loudly as {H} could

clause no-answer:
    nobody answered
    there was only the {sound} of {a bug}
    no one came

clause walks-on:
    {H} walked this way and that way
    {H} tried to go back

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
    {H} sat {spot-outside}
    {H} was all alone

clause hears-sound:
    {H} heard a {sound.one} {spot-outside}
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
    {F} knew the way
    {F} lived in the {wilds}
    {F} could see in the dark

clause walk-back:
    they walked past the {outside.one} and over the {landmark}
    {F} led {H.him} through the {landmark}
    {H} followed {F.him}
    they crossed a little stream
    they walked hand in hand under the (stars|moon)

clause see-home:
    {H} saw the light of {H.his} {home}
    they came to {H's} {home}
    {H} knew the way again
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
    {H} got a big hug

clause sees-family:
    {H} saw {H.his} {family}
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
    {H} stayed close to home
    {H} listened to {H.his} {family}
    {H} and {F.full} were friends
"""
