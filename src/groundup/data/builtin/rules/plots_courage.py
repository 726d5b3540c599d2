"""Plots about daring and trying: the fear, the hard skill."""

RULES = """
plot fear-overcome F=known G=grown P=nature|indoors X=toy|book:
    {open} {has-fear} ¶ {fear-event} {ashamed} ¶ {friend-cares} {brave-plan} {first-step} {not-so-bad} ¶ {proud-end}
        {moral (courage)}
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
    {H} *sleep with a light on
    {H} *hold {H.his} {X} tightly

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
    {H} *want to say yes
    {H} *want to go

clause is-afraid S:
    {S: be-afraid}

clause fear-comes:
    the lights went out
    there was a loud {sound}
    {H} *hear a {sound} {spot}
    a shadow moved {spot}

scene ashamed:
    {H} (turned|walked|looked) away. {think H (fear-thought)}
    {so (laughed-at) (is-sad H)}
    {but (wants-brave) (cannot-move)}

clause laughed-at:
    some of the others laughed
    {H} could not do it
    {H} *run away

clause wants-brave:
    {H} *want to be brave
    {H} *try to be brave

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
    {S} *see that {H} was {afraid}
    {S} *understand

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
    {H} (trusted {F.him}|was not alone)

clause says-ok:
    {H} *nod
    {H} *say yes
    {H} *take {F's} hand
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
    {H} *take a deep breath
    {H} *count to three
    {H} *close {H.his} eyes

clause one-step:
    {H} *take one (small|little|brave) step
    {H} did it
    {H} *open {H.his} eyes and *look
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
    {H} *think it was {a creature}
    {H} had thought it would be terrible

clause only-small:
    it was only {a bug}
    it was only {a wild}
    it was only the wind
    there was only {a thing}

clause laughs S:
    {S} *laugh
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
    {open} {wants-skill} ¶ {first-lesson} {fails-skill} {gives-up} ¶ {encouraged} {tries-again} {gets-better} ¶
        {can-do} {proud-end-skill}
        {last-line}
    {open} {wants-skill} ¶ {first-lesson} {fails-skill} {gives-up} {encouraged} ¶ {tries-again} {fails-skill}
        {gets-better} ¶
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
    {H} *want to {skill.base@H}
    {H} *dream of {skill.ing@H}
    {H} *want to be able to {skill.base@H}

clause never-could:
    {H} did not know how
    {H} had never tried
    {H} could not {skill.base@H}

clause sees-others:
    {F} could {skill.base@F}
    {H} *see {F.him} {skill.ing@F}
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
    {H} *ask {G.him} for help
    {H} *go to {G.him}

clause starts-try:
    {H} *try to {skill.base@H}
    {H} *begin to practice

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
    {H} *try very hard
    {H} did {H.his} best
    {H} *try again

clause fails:
    {H} *fall (down|over|on {H.his} nose|into the mud)
    it did not work
    everything went wrong
    {H} *hurt {H.his} {body}
    {H} *make a big mistake
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
    {H} *want to give up
    {H} *throw {H.his} {X} away
    {H} *go home

scene encouraged:
    {tell F H (cheer-on H)} {H: be-calm}.
    {but (wants-stop) (friend-believes)} {tell F H (cheer-on H)}
    {tell G H (cheer-on H)} {say G (told-story)}
    {so (friend-believes) (new-hope)}

clause wants-stop:
    {H} *want to stop
    {H} *shake {H.his} head

clause friend-believes:
    {F} *believe in {H.him}
    {F} would not let {H.him} give up

clause new-hope:
    {H} *feel new hope
    {H} *try again

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
    (watched and clapped|came along every time|helped a little)

clause stood-up:
    {H} *stand up
    {H} *wipe {H.his} {body}
    {H} *take a deep breath

clause practices-now:
    {H} *practice {for-long}
    {H} *try again and again
    {H} *practice {every-day}
    {H} *work hard

scene gets-better:
    {at-last (better-bit)}
    {soon (better-bit)}
    {so (practices-now) (better-bit)}
    each day, {better-bit}.

clause better-bit:
    {H} *get a little better
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
"""
