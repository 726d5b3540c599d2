"""Plots about friends: made, envied, surprised, nursed, outwitted, raced."""

RULES = """
plot new-friend F=known P=nature|town X=toy|book|treat:
    {open} {lonely-life} ¶ {outing-alone} {sees-stranger} {shy-moment} ¶ {first-words} {shares-first} {celebrate} ¶ {ending}
    {open} {lonely-life} ¶ {outing-alone} {sees-stranger} {first-words} ¶ {shares-first} {celebrate} {moral (friendship)} {last-line}

scene lonely-life:
    {H: be-lonely}. {but (wishes-friend) (no-one-came)}
    {so (no-neighbors) (is-lonely H)} {think H (friend-wish)}
    {but (others-play) (is-lonely H)}
    {just (no-neighbors)} {H: be-lonely}.

clause wishes-friend:
    {H} (wished|hoped|longed) for a friend
    {H} wanted to play with somebody
    {H} had {a toy} and {a toy}

clause no-one-came:
    nobody came
    nobody ever knocked at the door
    there was no one to share them with

clause is-lonely S:
    {S: be-lonely}

clause no-neighbors:
    {H} was new in the {wilds}
    there were no (children|neighbors|friends) near the {home}
    {H.his} {family} had just moved to the {landmark}
    everyone else was too busy to play

clause others-play:
    the others liked to {fun.base@T}
    everyone else had a friend
    {H} saw the others {fun.ing@T}

speech friend-wish:
    I wish I had a friend.
    Who will play with me?
    If only I had someone to play with!
    Will I ever find a friend?

scene outing-alone:
    {one-day (sets-out)} {detail}
    {so (feels-like-going) (sets-out)}
    {one-day (sets-out)} {H: fun}.
    {while-weather (sets-out)}

scene sees-stranger:
    {soon (sees-new)}
    {suddenly (sees-new)} {F.he} was {new-look F}.
    {when (got-there) (sees-new)}
    {while (plays-there) (sees-new)} {F: be-lonely}.

phrase new-look S:
    {fun.ing@S}
    all alone
    looking at {a thing}
    eating {a food}
    (sitting|standing|hiding|resting) {spot-outside}

clause got-there:
    {H} got there
    {H} came to the {P}
    {H} looked around

clause sees-new:
    {H} saw {a F.kind} {spot-outside}
    {H} met {a F.kind} named {F.name}
    there was {a F.kind} {spot-outside}
    {H} heard {a F.kind} {hum-song}

phrase hum-song:
    (singing|humming|laughing|crying|sighing|talking to {a bug}|playing {a instrument})

scene shy-moment:
    {but (wants-hello) (too-shy H)}
    {so (shy-feelings H) (hides-first)}
    {think H (shy-thought)} {but (shy-feelings H) (brave-step)}

clause wants-hello:
    {H} wanted to say hello
    {H} wanted to {fun.base@H} with {F.him}
    {H} wanted to be friends

clause too-shy S:
    {S} *be too shy
    {S} did not know what to say
    {S: be-afraid}

clause shy-feelings S:
    {S: be-afraid}
    {S} *be shy

clause hides-first:
    {H} hid {spot-outside}
    {H} looked away
    {H} only waved

clause brave-step:
    {H} took a deep breath
    {H} took one step, and then another
    {H} walked up to {F.him}

speech shy-thought:
    What if {F.he} does not like me?
    I will just say hello.
    Maybe we can be friends.
    What should I say?

scene first-words:
    {tell H F (my-name H)} {say F (my-name F)}
    {tell F H (my-name F)} {say H (my-name H)} {tell F H (invite)}
    {but (looks-up) (smiles-then)} {tell F H (my-name F)} {say H (my-name H)}
    {tell H F (invite)} {say F (yes)}

clause looks-up:
    {F} looked up in surprise
    {F} did not say anything at first
    {F: be-surprised}

clause smiles-then:
    then {F} smiled
    {F} waved
    {F: be-glad}

scene shares-first:
    {H} showed {F.him} {H.his} {X}. {so (liked-it F) (plays-together)}
    {F} had {a X}. {then (shares-new) (plays-together)}
    {so (shares-new) (is-glad T)}
    {H: share X F}. {say F (thanks H)}

clause liked-it S:
    {S} loved the {X}
    {S} liked it {very} much
    {S} had never seen such a thing

clause shares-new:
    {F: share X H}
    {T} took turns with the {X:toy}
    {T} read the {X:book} {together}
    {T} ate the {X:treat} {together}

plot envy X=toy|clothing|instrument|book F=known:
    {open} {friend-intro} ¶ {friend-gets} {envies} {takes-secretly} ¶ {friend-misses} {guilt-night} {gives-back} ¶ {forgiven}
        {ending}
    {open} {friend-intro} ¶ {friend-gets} {envies} {envies} {takes-secretly} {no-joy} ¶ {gives-back} {forgiven} {celebrate}
        {moral (contentment)}

scene friend-intro:
    {H} had a good friend named {F.name}. {T} {often} {fun@T} {together}.
    {H.his} best friend was {a F.kind} named {F.name}. {T} {often} {fun@T}.
    {F.name}, {a F.kind}, lived next door. {every-day}, {T} {fun@T} {together}.
    {H} and {a F.kind} named {F.name} did everything {together}.

phrase often:
    (often|always|sometimes|usually)

scene friend-gets:
    {one-day (got-new)} {say F (wow X)}
    {one-day (got-new)} it was {nice-look}, and everyone wanted to see it.
    {later (got-new)} {F} was {very} proud of it.

clause got-new:
    {F} got {a X} for {F.his} birthday
    {F's} {family} gave {F.him} {a X}
    {F} came with {a X}
    {F} found {a X} {spot}

scene envies:
    {but (smiled-but) (is-cross H)} {think H (envy-thought)}
    {so (wanted-too) (is-cross H)}
    {think H (envy-thought)} {H: be-cross}.
    {when (uses-it F) (is-cross H)}

clause smiled-but:
    {H} smiled
    {H} said it was {nice-look}
    {H} tried to be happy for {F.him}

clause is-cross S:
    {S: be-cross}

clause wanted-too:
    {H} wanted {a X} too
    {H} had only {a thing}
    everybody looked at {F.him} and nobody looked at {H.him}
    {F} did not want to share

clause uses-it S:
    {S: use X}

speech envy-thought:
    I want one too!
    Why does {F} get everything?
    It is not fair!
    I wish it were mine.
    My {thing} is not half as {nice-look}.

scene takes-secretly:
    {when (nobody-looks) (takes-it H)} {then (takes-it H) (hides-away)}
    {so (nobody-looks) (takes-it H)}
    {then (nobody-looks) (takes-it H)} {H} hid it {spot}.

clause nobody-looks:
    nobody was looking
    {F} fell asleep
    {F} went (inside|home) for lunch
    {F} was not there

clause takes-it S:
    {S: take X}
    {S} took the {X} home

clause hides-away:
    {H} hid it {spot-inside}
    {H} ran home
    {H} told no one

scene friend-misses:
    {later (misses F)} {say F (where-is)}
    {when (misses F) (is-sad F)} {tell F H (seen-it)}
    {so (misses F) (is-sad F)} {F} looked {spot}, but it was not there.

clause misses S:
    {S} looked for {S.his} {X}
    {S} saw that the {X} was gone
    {S} could not find {S.his} {X}

speech seen-it:
    Have you seen my {X}?
    Do you know where my {X} is?
    Will you help me look for my {X}?

scene no-joy:
    {but (uses-alone) (feels-guilty)}
    {when (saw-sad) (feels-guilty)}
    {H: be-sorry}. {think H (selfish-thought)}

clause uses-alone:
    {H: use X}
    now {H} had the {X}

clause saw-sad:
    {H} saw how {sad} {F} was
    {H} saw {F.him} crying
    {F: be-sad}

scene guilt-night:
    {so (saw-sad) (feels-guilty)} {think H (selfish-thought)}
    that night, {H: be-sorry}. {think H (selfish-thought)}
    {but (uses-alone) (feels-guilty)}

scene gives-back:
    {later (brings-back)} {tell H F (apology F)}
    {then (brave-now H) (brings-back)} {tell H F (apology F)}
    {then (brings-back) (tells-truth H F)}
    {tell H F (took-it)} {then (tells-truth H F) (brings-back)}

clause brings-back:
    {H: give X F}
    {H} brought the {X} back
    {H} put the {X} in {F's} hands

speech took-it:
    I took your {X}. I am [so|very] sorry.
    Here is your {X}. I took it because I was jealous.
    I have to tell you the truth. I took your {X}.

plot gift X=toy|treasure|clothing|flower|treat F=known|relation G=worker|relation:
    {open} {birthday-soon} ¶ {no-money} {gift-idea} {makes-gift} ¶ {gift-day} {gift-joy} {celebrate} ¶ {ending}
    {open} {birthday-soon} {no-money} ¶ {asks-advice} {gift-idea} {makes-gift} ¶ {gift-day} {gift-joy} {moral (kindness)} {last-line}

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
    {H} wanted to give {F.him} something special
    {H} wanted to make {F.him} happy
    {H} looked for a (fine|good|perfect|special) gift

clause knows-not:
    {H} did not know what to give
    {H} had no idea what {F.he} would like

scene no-money:
    {but (opens-purse) (no-coins)}
    {H} went {town.to}. {but (sees-gift) (no-coins)}
    {so (no-coins) (is-sad H)}
    {think H (gift-thought)} {but (opens-purse) (no-coins)}

clause opens-purse:
    {H} counted {H.his} money
    {H} opened {H.his} (purse|piggy bank|money box)
    {H} looked in {H.his} pockets

clause sees-gift:
    {H} saw {a thing}
    everything in the shop was {nice-look}
    {H} wanted to buy {a thing}

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
    {H} went to {G.him}
    {H} sat down next to {G.him}

clause asks-gift:
    {H} asked {G.him} for advice
    {H} told {G.him} about the gift

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
    {H} knew what to do

clause thinks-long:
    {H} thought {for-long}
    {H} looked out of the window
    {H} sat down {spot}

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
    {H} made {a X:toy} out of (wood|cloth|paper|clay|string)
    {H} sewed {a X:clothing} out of (wool|cloth|silk)
    {H} looked {place.at} until {H} found {a X:treasure}
    {H} picked {a X:flower} {P.at}
    {H} baked {a X:treat} with {stuff} and {stuff}

clause wraps:
    {H} wrapped it in (paper|cloth|leaves|a ribbon)
    {H} put it in {a container}
    {H} wrote a card for {F.him}
    {H} hid it {spot-inside}

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
    {H} gave {F.him} the gift
    {H} put the gift in {F's} hands

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
    {F} opened it
    {F} saw the {X}

speech gift-thanks:
    This is the best gift of all!
    Thank you, {H.name}! What {a X}!
    I love it!
    You made this for me? Thank you!
    It is {nice-look}. Thank you, {H.name}.

plot sick-friend X=toy|flower|book|treat F=known G=grown:
    {open} {friend-intro} ¶ {hears-ill} {worried-for} {packs-things} ¶ {visits-sick} {cheers} {slow-better} ¶ {well-again} {ending}
    {open} {friend-intro} {hears-ill} ¶ {worried-for} {visits-sick} {cheers} ¶ {slow-better} {well-again} {moral (kindness)} {last-line}

scene hears-ill:
    {one-day (no-come)} {but (waits-for H) (no-come)}
    {one-day (is-ill)} {F} had to stay in bed.
    {but (waits-for H) (no-come)} {F} was {very} {ill}.
    {so (is-ill) (no-play)}

clause waits-for S:
    {S} waited {for-long}
    {S} wanted to {fun.base@S} with {F.him}

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
    {H} missed {F.him}
    it was no fun without {F.him}

clause wants-help-sick:
    {H: want (cheer-up F)}
    {H} wanted to help

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
    {H} made some {meal}
    {H} packed {a food} and {a X}
    {H} filled {a container} with {food-many}

clause hurries:
    {H} (ran|walked|hurried) to {F's} house
    {H} knocked at {F's} door

scene visits-sick:
    {F} was in bed under (two|three|four) warm blankets. {tell H F (get-well)}
    {when (enters) (is-glad F)} {tell H F (get-well)}
    {but (weak-friend) (is-glad F)} {tell H F (get-well)} {say F (thanks H)}

clause enters:
    {H} came in
    {H} opened the door
    {F} saw {H.him}

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
    {H} gave {F.him} the {X}
    {H} told {F.him} about the {place}
    {F} ate (all|some) of the {meal}

clause laughs-again:
    {F} laughed
    {F} felt a little better
    {F} smiled for the first time that day

scene slow-better:
    {every-day}, {H} came back. {at-last (healthy)}
    {later (healthy)}
    {soon (healthy)}
    {H} came every day. {so (good-care) (healthy)}

clause good-care:
    {F} had a lot of rest
    {F} drank all {F.his} {drink}
    {H} was such {a good} friend

clause healthy:
    {F} was well again
    {F} felt (strong|much better|fine) again
    {F} could get up

scene well-again:
    {tell F H (thanks H)} {say H (welcome)}
    {so (healthy) (plays-together)}
    {tell F H (invite)} {so (is-glad T) (plays-together)}
"""
