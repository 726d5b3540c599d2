"""Plots about wanting: the magic wish, the trade."""

RULES = """
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
    {F} *show {H.him} {a Y}

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
    {H} *think about it
    {H} *love {H.his} {X}

clause looked-new:
    the {Y} looked {nice-look}
    {H} *want the {Y}

clause says-yes-trade:
    {H} *give {F.him} the {X} and *take the {Y}
    {H} *say yes
    {H} *trade the {X} for the {Y}

scene joy-short:
    {but (uses-Y) (no-fun-now)}
    at first, {H: be-glad}. {soon (no-fun-now)}

clause uses-Y:
    {H: use Y}
    {H} *try the {Y}

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
    {H} *miss {H.his} {X}
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
    {H} *run to {F's} house
    {H} *go to find {F.him}
    {H} *look for {F.him} everywhere

clause asks-back:
    {H} *ask for {H.his} {X}
    {H} *hold out the {Y}

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
    {F} *give it back
    {F: give X H}

clause gets-X:
    {H} had {H.his} {X} again
    {F} *give {H.him} the {X}

speech back-yes:
    Of course. It was always yours.
    I missed my {Y} too.
    A thing is best with the one who loves it.
    Yes, let us trade back.
"""
