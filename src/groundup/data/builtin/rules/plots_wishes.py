"""Plots about wanting: the magic wish, the trade."""

RULES = """
plot magic-wish X=treasure F=known Y=treat|toy|clothing P=nature:
    {open} ¶ {outing} {finds-magic} {magic-speaks} ¶ {wishes-much} {too-much} {sorry-wish} ¶ {undo-wish} {content}
        {last-line}
    {open} ¶ {outing} {finds-magic} {magic-speaks} {wishes-much} ¶ {too-much} {sorry-wish} {undo-wish} ¶ {celebrate}
        {moral (contentment)}

scene finds-magic:
    {suddenly (finds-X)} {it-shines}
    {soon (finds-X)} {it-shines}
    {when (finds-X) (glows)}
    {then (finds-X) (rubs)} {it-shines}

scene it-shines:
    it {glowing}.
    it was {nice-look}, and it {glowing}.

phrase glowing:
    (glowed in the dark|shone like a star|began to hum|felt warm|sparkled in the sun|began to speak)

clause finds-X:
    {H: find X}
    {H} found {a X} {spot-outside}

clause glows:
    it began to (glow|shine|hum|speak)

clause rubs:
    {H} rubbed it
    {H} picked it up
    {H} cleaned it with {H.his} {clothing.one}

scene magic-speaks:
    "{magic-words.}," said a (small|soft|strange|deep) voice.
    "{magic-words!}!" said a (small|soft|strange|deep) voice.
    a (small|soft|strange|deep) voice said, "{magic-words.}."
    {H: be-surprised}. a voice said, "{magic-words.}."

speech magic-words:
    I am a magic {X.one}.
    I can give you (one|two|three) (wish|wishes).
    Make a wish, {H.name}!
    Wish for anything you like!
    Be careful what you wish for.

scene wishes-much:
    {say H (wish-words)} {just (wish-true)}
    {then (thinks-moment) (wished)} {just (wish-true)}
    {so (was-greedy) (wished)} {suddenly (wish-true)}

clause was-greedy:
    {H} was a little {bad}
    {H} wanted everything

clause wished:
    {H} wished for {Y.many}
    {H} wished for a mountain of {Y.many}

clause wish-true:
    there were {Y.many} everywhere
    {Y.many} fell from the sky
    the whole {home} was full of {Y.many}

speech wish-words:
    I wish for a hundred {Y.many}!
    I want all the {Y.many} in the world!
    I wish for more {Y.many} than anybody has.

scene too-much:
    {but (at-first-glad) (wish-bad)}
    {soon (wish-bad)} {so (wish-bad) (is-sad H)}
    {H: be-glad}. {but (at-first-glad) (wish-bad)} {say H (no-more)}

clause at-first-glad:
    at first, it was fun
    {H} liked it at first

clause wish-bad:
    there was no room to (play|sleep|sit|move)
    {H} could not find {H.his} {family}
    {H.his} friends went away
    {H} had a tummy ache
    the {Y.many} would not stop coming

scene sorry-wish:
    {think H (regret-wish)} {H: be-sorry}.
    {so (wish-bad) (is-sorry H)}
    {suddenly (passes F)} {tell F H (what-is-wrong H)} {say H (regret-wish)}

speech regret-wish:
    I wished for too much.
    I want everything to be as it was.
    I only want my friends back.
    What is the good of {Y.many} without friends?

scene undo-wish:
    {then (takes-stone) (wish-again)} {just (all-gone)}
    {say H (undo-words)} {suddenly (all-gone)}
    {so (takes-stone) (all-gone)}

clause takes-stone:
    {H} took the {X} in {H.his} hand
    {H} held the {X} and closed {H.his} eyes

clause wish-again:
    {H} made one last wish
    {H} wished that everything would be as before

clause all-gone:
    all the {Y.many} were gone
    everything was as before

speech undo-words:
    Please take it all back!
    I wish that everything were as before.
    My last wish is for you to be free.

scene content:
    {so (all-gone) (is-glad H)}
    {later (put-back)}
    {H} had {H.his} {family} and {H.his} friends, and that was enough.

clause put-back:
    {H} put the {X} back where it came from
    {H} gave the {X} away

plot trade X=toy|treasure|book Y=toy|treat|instrument F=known|worker P=town|nature:
    {open} {love-thing} ¶ {outing} {sees-other} {trades} ¶ {regrets} {tries-back} {trade-back} ¶ {keeps-safe} {ending}
    {open} {love-thing} ¶ {outing} {sees-other} {trades} {joy-short} ¶ {regrets} {tries-back} {trade-back}
        {moral (contentment)} ¶ {ending}

scene sees-other:
    there {H} met {a F.kind} named {F.name}. {just (has-other)} {say F (trade-offer)}
    {soon (passes F)} {just (has-other)} {tell F H (trade-offer)}
    {H} saw {F.him} with {a Y}. {tell F H (trade-offer)}

clause has-other:
    {F} had {a Y}
    {F} was holding {a Y}
    {F} showed {H.him} {a Y}

speech trade-offer:
    I will give you this {Y} for your {X}.
    Do you want to trade?
    Your {X} for my {Y}. What do you say?
    Let us trade! You get {a Y}, and I get the {X}.

scene trades:
    {but (thinks-moment) (says-yes-trade)}
    {so (looked-new) (says-yes-trade)}
    {say H (yes)} {just (says-yes-trade)}

clause thinks-moment:
    {H} thought about it
    {H} loved {H.his} {X}

clause looked-new:
    the {Y} looked {nice-look}
    {H} wanted the {Y}

clause says-yes-trade:
    {H} gave {F.him} the {X} and took the {Y}
    {H} said yes
    {H} traded the {X} for the {Y}

scene joy-short:
    {but (uses-Y) (no-fun-now)}
    at first, {H: be-glad}. {soon (no-fun-now)}

clause uses-Y:
    {H: use Y}
    {H} tried the {Y}

clause no-fun-now:
    it was not the same
    {H: be-lonely}
    the {Y:toy} broke
    the {Y:treat} was gone

scene regrets:
    {later (misses H)} {think H (regret-thought)}
    {that-evening-line} {so (misses-X) (cries H)}
    {think H (regret-thought)} {H: be-sorry}.

scene that-evening-line:
    that evening, {H: be-sorry}.
    {H} could not {fun.base@H} without {H.his} {X}.

clause misses-X:
    {H} missed {H.his} {X}
    the {X} had been {H.his} {dearest} thing

speech regret-thought:
    I want my {X} back.
    What have I done?
    The {Y} is {nice-look}, but my {X} was my friend.
    Why did I trade it?

scene tries-back:
    {then (goes-back-to) (asks-back)} {tell H F (back-words)}
    {so (misses-X) (goes-back-to)} {tell H F (back-words)}
    {later (goes-back-to)} {tell H F (back-words)}

clause goes-back-to:
    {H} ran to {F's} house
    {H} went to find {F.him}
    {H} looked for {F.him} everywhere

clause asks-back:
    {H} asked for {H.his} {X}
    {H} held out the {Y}

speech back-words:
    May I have my {X} back?
    I am sorry, but I miss my {X}.
    Please, can we trade back?
    Here is your {Y}. Can I have the {X} again?

scene trade-back:
    {say F (back-yes)} {so (gets-X) (is-glad H)}
    {but (liked-it F) (gives-X)} {say F (back-yes)} {tell H F (thanks F)}
    {when (gets-X) (is-glad H)} {tell H F (thanks F)}

clause gives-X:
    {F} gave it back
    {F: give X H}

clause gets-X:
    {H} had {H.his} {X} again
    {F} gave {H.him} the {X}

speech back-yes:
    Of course. It was always yours.
    I missed my {Y} too.
    A thing is best with the one who loves it.
    Yes, let us trade back.
"""
