"""Plots about giving: the birthday, the sick friend."""

RULES = """
plot gift X=toy|treasure|clothing|flower|treat F=known|relation G=worker|relation:
    {open} {birthday-soon} ¶ {no-money} {gift-idea} {makes-gift} ¶ {gift-day} {gift-joy} {celebrate} ¶ {ending}
    {open} {birthday-soon} {no-money} ¶ {asks-advice} {gift-idea} {makes-gift} ¶ {gift-day} {gift-joy}
        {moral (kindness)} {last-line}

scene birthday-soon:
    it was almost {F's} birthday. {but (wants-gift) (knows-not)}
    {F.name} was {a F.kind}, and {H.his} best friend. {just (wants-gift)}
    {so (birthday-word) (wants-gift)}
    {but (wants-gift) (knows-not)}

clause birthday-word:
    it was {F's} birthday
    {F} had been {very} {good} to {H.him}
    {F's} birthday was on {weekday}
    {F} was {sad}

clause wants-gift:
    {H} *want to give {F.him} something special
    {H} *want to make {F.him} happy
    {H} *look for a (fine|good|perfect|special) gift

clause knows-not:
    {H} did not know what to give
    {H} had no idea what {F.he} would like

scene no-money:
    {but (opens-purse) (no-coins)}
    {H} went {town.to}. {but (sees-gift) (no-coins)}
    {so (no-coins) (is-sad H)}
    {think H (gift-thought)} {but (opens-purse) (no-coins)}

clause opens-purse:
    {H} *count {H.his} money
    {H} *open {H.his} (purse|piggy bank|money box)
    {H} *look in {H.his} pockets

clause sees-gift:
    {H} *see {a thing}
    everything in the shop was {nice-look}
    {H} *want to buy {a thing}

clause no-coins:
    {H} had only {number} coins
    {H} had no money
    it cost too much

speech gift-thought:
    What can I give {F}?
    I have so little.
    A gift does not have to be big.
    What does {F} like best?

scene asks-advice:
    {tell H G (advice-please)} {say G (advice)}
    {then (goes-to-grown) (asks-gift)} {say G (advice)}

clause goes-to-grown:
    {H} *go to {G.him}
    {H} *sit down next to {G.him}

clause asks-gift:
    {H} *ask {G.him} for advice
    {H} *tell {G.him} about the gift

speech advice-please:
    What should I give to {F.him}?
    Do you know what {F} would like?
    How can I make {F} happy?

speech advice:
    The best gifts come from the heart.
    Why do you not make something yourself?
    Give something that you like too.
    A gift made with love is better than gold.

scene gift-idea:
    {say H (idea)}
    {suddenly (has-idea)}
    {think H (make-thought)}
    {then (thinks-long) (has-idea)}

clause has-idea:
    {H} had an idea
    {H} *know what to do

clause thinks-long:
    {H} *think {for-long}
    {H} *look out of the window
    {H} *sit down {spot}

speech make-thought:
    I will make {a X} for {F.him}!
    {F} would love {a X}.
    I can find {a X}!

scene makes-gift:
    {then (makes-X) (wraps)}
    {so (makes-X) (is-proud H)}
    {H} worked {for-long}. {at-last (gift-ready)}
    {but (makes-X) (tired-now H)} {at-last (gift-ready)}

clause is-proud S:
    {S: be-proud}

clause tired-now S:
    {S: be-tired}

clause makes-X:
    {H} *make {a X:toy} out of (wood|cloth|paper|clay|string)
    {H} *sew {a X:clothing} out of (wool|cloth|silk)
    {H} *look {place.at} until {H} found {a X:treasure}
    {H} *pick {a X:flower} {P.at}
    {H} *bake {a X:treat} with {stuff} and {stuff}

clause wraps:
    {H} wrapped it in (paper|cloth|leaves|a ribbon)
    {H} *put it in {a container}
    {H} *write a card for {F.him}
    {H} *hide it {spot-inside}

clause gift-ready:
    the gift was ready
    the {X} was ready

scene gift-day:
    {later (hands-gift)} {tell H F (gift-words)}
    on {F's} birthday, {hands-gift}. {tell H F (gift-words)}
    {when (party-starts) (hands-gift)}

clause party-starts:
    everyone had come
    the party began
    it was time for the gifts

clause hands-gift:
    {H: give X F}
    {H} *give {F.him} the gift
    {H} *put the gift in {F's} hands

speech gift-words:
    Happy birthday, {F.name}!
    This is for you.
    I made it for you.
    I hope you like it.

scene gift-joy:
    {so (opens-gift) (is-glad F)} {say F (gift-thanks)}
    {when (opens-gift) (is-glad F)} {say F (gift-thanks)} {F: hug H}.
    {tell F H (gift-thanks)} {so (is-glad F) (is-proud H)}

clause opens-gift:
    {F} *open it
    {F} *see the {X}

speech gift-thanks:
    This is the best gift of all!
    Thank you, {H.name}! What {a X}!
    I love it!
    You made this for me? Thank you!
    It is {nice-look}. Thank you, {H.name}.

plot sick-friend X=toy|flower|book|treat F=known G=grown:
    {open} {friend-intro} ¶ {hears-ill} {worried-for} {packs-things} ¶ {visits-sick} {cheers} {slow-better} ¶
        {well-again} {ending}
    {open} {friend-intro} {hears-ill} ¶ {worried-for} {visits-sick} {cheers} ¶ {slow-better} {well-again}
        {moral (kindness)} {last-line}

scene hears-ill:
    {one-day (no-come)} {but (waits-for H) (no-come)}
    {one-day (is-ill)} {F} had to stay in bed.
    {but (waits-for H) (no-come)} {F} was {very} {ill}.
    {so (is-ill) (no-play)}

clause waits-for S:
    {S} *wait {for-long}
    {S} *want to {fun.base@S} with {F.him}

clause no-come:
    {F} did not come (out|to play|to school)
    {F} was not there

clause is-ill:
    {F} was {very} {ill}
    {F} had (a cold|a fever|a cough|a sore throat|a bad tummy ache|a broken leg)

clause no-play:
    {F} could not play
    {F} had to stay in bed
    {H} was worried

scene worried-for:
    {think H (sick-thought)}
    {so (worry-now) (wants-help-sick)}
    {tell H G (sick-ask)} {say G (sick-advice)}

clause worry-now:
    {H} was worried about {F.him}
    {H} *miss {F.him}
    it was no fun without {F.him}

clause wants-help-sick:
    {H: want (cheer-up F)}
    {H} *want to help

speech sick-thought:
    Poor {F}! What can I do?
    {F} must be so {sad}.
    I want to make {F} feel better.

speech sick-ask:
    May I visit {F}?
    {F} is sick. What can I do?

speech sick-advice:
    You could bring some {meal}.
    A visit is the best medicine.
    Yes, but be quiet and gentle.
    Take {F} {a food} and some {drink}.

scene packs-things:
    {then (packs) (hurries)}
    {just (packs)}
    {H} put {a X} and some {meal} in {a container}. {just (hurries)}

clause packs:
    {H} *make some {meal}
    {H} *pack {a food} and {a X}
    {H} *fill {a container} with {food-many}

clause hurries:
    {H} (ran|walked|hurried) to {F's} house
    {H} *knock at {F's} door

scene visits-sick:
    {F} was in bed under (two|three|four) warm blankets. {tell H F (get-well)}
    {when (enters) (is-glad F)} {tell H F (get-well)}
    {but (weak-friend) (is-glad F)} {tell H F (get-well)} {say F (thanks H)}

clause enters:
    {H} *come in
    {H} *open the door
    {F} *see {H.him}

clause weak-friend:
    {F} was still {ill}
    {F} could not get up
    {F's} nose was red

speech get-well:
    I brought you some {meal}.
    How are you, {F.name}?
    Look what I have for you!
    Get well soon, {F.name}!
    This {X} is for you.
    I hope you feel better soon.

scene cheers:
    {so (cheers-friend) (laughs-again)}
    {then (cheers-friend) (cheers-friend)} {F: be-glad}.
    {when (cheers-friend) (laughs-again)}
    {H} and {F.full} read {a book} {together}. {but (weak-friend) (laughs-again)}

clause cheers-friend:
    {H: cheer-up F}
    {H} *give {F.him} the {X}
    {H} *tell {F.him} about the {place}
    {F} *eat (all|some) of the {meal}

clause laughs-again:
    {F} *laugh
    {F} *feel a little better
    {F} *smile for the first time that day

scene slow-better:
    {every-day}, {H} came back. {at-last (healthy)}
    {later (healthy)}
    {soon (healthy)}
    {H} came every day. {so (good-care) (healthy)}

clause good-care:
    {F} had a lot of rest
    {F} *drink all {F.his} {drink}
    {H} was such {a good} friend

clause healthy:
    {F} was well again
    {F} *feel (strong|much better|fine) again
    {F} could get up

scene well-again:
    {tell F H (thanks H)} {say H (welcome)}
    {so (healthy) (plays-together)}
    {tell F H (invite)} {so (is-glad T) (plays-together)}
"""
