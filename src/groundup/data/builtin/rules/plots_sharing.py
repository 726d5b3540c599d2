"""Plots about sharing and making friends."""

RULES = """
plot share-and-care X=toy|treat|fruit P=nature F=known:
    {open} {has-treat} ¶ {wants-some} {says-no} {alone-now} ¶ {thinks-again} {shares-at-last} {celebrate} ¶
        {moral (sharing)} {last-line}
    {open} {has-treat} ¶ {wants-some} {says-no} {friend-leaves} {alone-now} ¶ {trouble-comes} {shares-at-last} ¶
        {moral (sharing)} {ending}

scene has-treat:
    {one-day (gets-treat)}
    {one-day (gets-treat)} {say H (wow X)}
    {so (gets-treat) (is-glad H)}

clause gets-treat:
    {H} *get {a X} from {H.his} {family}
    {H} *find {a X} {spot-outside}
    {H} had {a X} (for lunch|in {H.his} bag|all for {H.himself})
    {H} *buy {a X} at the {town}
    {H} *win {a X} at the fair

scene wants-some:
    {soon (passes F)} {say F (wants-speech)}
    {when (sees-it F) (goes-to F H)} {tell F H (wants-speech)}
    {H} met {F.name}, {a F.kind}. {tell F H (wants-speech)}
    {so (sees-it F) (goes-to F H)} {say F (wants-speech)}

clause sees-it S:
    {S.name}, {a S.kind}, saw the {X}
    {a S.kind} named {S.name} saw the {X}
    {S.name}, {a S.kind}, was {very} hungry

speech wants-speech:
    May I have some of your {X:food}?
    That {X:food} smells so good! Can I have a bite?
    Can I play with your {X:toy}?
    What {a X}! Will you share it with me?
    May I have a turn with your {X:toy}?
    I am so hungry. Could you give me a bite of your {X:food}?

scene says-no:
    {say H (no-speech)} {so (refuses) (is-sad F)}
    {but (asks-nicely) (refuses)} {say H (no-speech)}
    {tell H F (no-speech)} {just (is-sad F)}

clause asks-nicely:
    {F} *ask nicely
    {F} *say please

clause refuses:
    {H} *shake {H.his} head
    {H} did not want to share
    {H} *hold the {X} tightly
    {H} *hide the {X} behind {H.his} back
    {H} *turn away

speech no-speech:
    No, it is mine!
    No! This is my {X}.
    I do not want to share.
    Go away! I want it all for myself.
    Find your own {X}!

scene friend-leaves:
    {so (is-sad F) (leaves F)}
    {F} {left-word F}.
    {then (is-sad F) (leaves F)}

phrase left-word S:
    (walked away|went home|left) (sadly|without a word|with tears in {S.his} eyes|slowly)

clause leaves S:
    {S} *walk away
    {S} *go away (slowly|sadly|without a word)
    {S} *go to play with someone else

scene alone-now:
    {H} sat (alone|down) {spot-outside} with {H.his} {X}. {but (has-all) (no-fun)}
    {but (has-all) (no-fun)}
    {so (no-one-there) (no-fun)}
    {soon (no-fun)}

clause has-all:
    {H} had the {X} all to {H.himself}
    the {X} was {nice-look}
    {H: use X}

clause no-fun:
    it was no fun alone
    {H: be-lonely}
    {H} did not feel happy
    {H} was bored
    it did not taste good at all
    {H} could not enjoy it

clause no-one-there:
    nobody was there
    there was no one to play with

scene thinks-again:
    {think H (selfish-thought)}
    {so (saw-friend H) (is-sorry H)} {think H (selfish-thought)}
    {when (saw-friend H) (is-sorry H)}

clause saw-friend S:
    {S} *see {F.him} {spot-outside}
    {S} *see {F.him} all alone
    {S} *think about {F.him}

clause is-sorry S:
    {S: be-sorry}

speech selfish-thought:
    I was {bad}.
    I would be {sad} too.
    Sharing is more fun than being alone.
    Why did I say no?
    {F} is my friend, and I was not nice.
    I must say sorry.

scene trouble-comes:
    {suddenly (trouble)} {then (sees-trouble F) (helps-now F)} {say H (apology F)}
    {while (has-all) (trouble)} {but (could-leave F) (helps-now F)} {tell H F (apology F)}

clause trouble:
    {H} *slip and fell into (the mud|a hole|the bushes)
    {H} *hurt {H.his} {body}
    {a creature} jumped out of the bushes
    the {X} fell into the (mud|water|bushes)
    it started to rain hard

clause sees-trouble S:
    {S} *hear the noise
    {S} *come running
    {S} *see it all

clause could-leave S:
    {S} could have gone home
    {S} *be still {sad}
    {S} had a good reason to be {cross}

clause helps-now S:
    {S} *help {H.him} [at once]
    {S} *pull {H.him} out
    {S} *take {H's} hand
    {S} *run to help

scene shares-at-last:
    {so (is-sorry H) (shares)} {say H (share-speech)}
    {tell H F (share-speech)} {so (shares) (is-glad F)}
    {then (apologises) (shares)} {say F (thanks H)}

clause apologises:
    {H} *say sorry
    {H} *go to {F.him} and said sorry

clause shares:
    {H: share X F}
    {H} *give {F.him} (the biggest|the best|a big) piece of the {X:food}
    they took turns with the {X:toy}
    they ate the {X:food} {together}

speech share-speech:
    Here, this is for you.
    Let us share it!
    Do you want (some|a bite|half) of my {X:food}?
    You can play with my {X:toy}.
    We can take turns with the {X:toy}.
    I am sorry I was {bad}. Let us share the {X}.

plot new-friend F=known P=nature|town X=toy|book|treat:
    {open} {lonely-life} ¶ {outing-alone} {sees-stranger} {shy-moment} ¶ {first-words} {shares-first} {celebrate} ¶
        {ending}
    {open} {lonely-life} ¶ {outing-alone} {sees-stranger} {first-words} ¶ {shares-first} {celebrate}
        {moral (friendship)} {last-line}

scene lonely-life:
    {H: be-lonely}. {but (wishes-friend) (no-one-came)}
    {so (no-neighbors) (is-lonely H)} {think H (friend-wish)}
    {but (others-play) (is-lonely H)}
    {just (no-neighbors)} {H: be-lonely}.

clause wishes-friend:
    {H} (wished|hoped|longed) for a friend
    {H} *want to play with somebody
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
    {H} *see the others {fun.ing@T}

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
    {H} *get there
    {H} *come to the {P}
    {H} *look around

clause sees-new:
    {H} *see {a F.kind} {spot-outside}
    {H} *meet {a F.kind} named {F.name}
    there was {a F.kind} {spot-outside}
    {H} *hear {a F.kind} {hum-song}

phrase hum-song:
    (singing|humming|laughing|crying|sighing|talking to {a bug}|playing {a instrument})

scene shy-moment:
    {but (wants-hello) (too-shy H)}
    {so (shy-feelings H) (hides-first)}
    {think H (shy-thought)} {but (shy-feelings H) (brave-step)}

clause wants-hello:
    {H} *want to say hello
    {H} *want to {fun.base@H} with {F.him}
    {H} *want to be friends

clause too-shy S:
    {S} *be too shy
    {S} did not know what to say
    {S: be-afraid}

clause shy-feelings S:
    {S: be-afraid}
    {S} *be shy

clause hides-first:
    {H} *hide {spot-outside}
    {H} *look away
    {H} only waved

clause brave-step:
    {H} *take a deep breath
    {H} *take one step, and then another
    {H} *walk up to {F.him}

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
    {F} *look up in surprise
    {F} did not say anything at first
    {F: be-surprised}

clause smiles-then:
    then {F} smiled
    {F} *wave
    {F: be-glad}

scene shares-first:
    {H} showed {F.him} {H.his} {X}. {so (liked-it F) (plays-together)}
    {F} had {a X}. {then (shares-new) (plays-together)}
    {so (shares-new) (is-glad T)}
    {H: share X F}. {say F (thanks H)}

clause liked-it S:
    {S} *love the {X}
    {S} *like it {very} much
    {S} had never seen such a thing

clause shares-new:
    {F: share X H}
    {T} *take turns with the {X:toy}
    {T} *read the {X:book} {together}
    {T} *eat the {X:treat} {together}
"""
