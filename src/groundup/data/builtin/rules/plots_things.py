"""Plots about things: lost, broken, stuck, wanted, traded, found."""

RULES = """
plot lost-and-found X=toy|clothing|treasure|instrument|book P=nature F=known:
    {open} {love-thing} ¶ {outing} {play-there} {loses-thing} {notices-loss} ¶ {ask-trouble} {tells-loss} {offer} {search}
        {thing-found} ¶ {thank-you} {keeps-safe} {ending}
    {open} {love-thing} ¶ {outing} {loses-thing} {notices-loss} {search-alone} ¶ {ask-trouble} {tells-loss} {offer} {search}
        {thing-found} {thank-you} ¶ {ending}

scene play-there:
    {just (plays-there)} {detail}
    {then (plays-there) (plays-there)}
    {so (liked-place) (plays-there)}

clause liked-place:
    {H} loved it there
    {weather}
    there was so much to see

clause plays-there:
    {H: fun}
    {H: begin (fun)}
    {H: fun} {for-long}
    {H: go-on (fun)}

scene loses-thing:
    {suddenly (loses)}
    {but (no-watch H) (loses)}
    {while (plays-there) (loses)}
    {so (no-watch H) (loses)}
    {just (loses)}

clause no-watch S:
    {S} *be not (careful|looking)
    {S} did not (look|watch out|notice)
    {S} *be having too much fun
    {S} *be in a hurry

clause loses:
    {H} dropped {H.his} {X}
    {H.his} {X} fell out of {H.his} (pocket|bag|basket|hands)
    {H} put {H.his} {X} down {spot-outside} and forgot it
    the {X} slipped out of {H.his} hands
    the wind blew {H.his} {X} away
    {H} left {H.his} {X} {spot-outside}
    {H.his} {X} rolled {spot-outside}
    a (bird|crow|monkey|squirrel|puppy|goat) took {H.his} {X} and ran away

scene notices-loss:
    {when (wants-thing) (sees-loss)} {so (gone) (cries H)}
    {later (sees-loss)} {so (gone) (cries H)}
    {but (wants-thing) (gone)} {think H (where-is)}
    {then (wants-thing) (gone)} {H: be-sad}.
    {soon (sees-loss)} {say H (where-is)}

clause wants-thing:
    {H: want (use X)}
    {H} reached for {H.his} {X}
    {H} looked for {H.his} {X}
    it was time to go home
    {H} stopped to rest

clause sees-loss:
    {H} saw that {H.his} {X} was gone
    {H} noticed that the {X} was missing
    {H} could not find {H.his} {X}
    {H} looked for {H.his} {X}, but it was not there

clause gone:
    the {X} was gone
    {H.his} {X} was nowhere to be seen
    it was lost
    {H} had lost {H.his} {dearest} {X.one}

speech where-is:
    Oh no! Where is my {X}?
    My {X} is gone!
    Where can it be?
    I have lost my {X}.
    I had it a minute ago!
    What will I do without my {X}?
    I must find my {X}.

scene search-alone:
    {but (looks-for H) (finds-nothing H)}
    {H: look-around}. {but (looks-for H) (finds-nothing H)}
    {then (looks-for H) (looks-for H)} {but (looks-for H) (finds-nothing H)}

clause looks-for S:
    {S: look-around}
    {S} looked {spot-outside}
    {S} looked (high and low|in every corner|{for-long})
    {S} asked {a wild} (about|for help with) the {X}
    {S} walked all the way back

clause finds-nothing S:
    {S} found nothing
    {S} could not find it
    it was not there
    there was only {a bug}
    {S} only found {a treasure}
    {S} found {a thing} instead

scene tells-loss:
    {say H (lost-it)}
    {tell H F (lost-it)}
    {then (sniffs H) (tells H F)} {say H (lost-it)}

clause sniffs S:
    {S} wiped {S.his} eyes
    {S} took a deep breath
    {S} pointed {spot-outside}

clause tells S O:
    {S} told {O.him} (everything|all about it|what had happened|the whole story)

speech lost-it:
    I lost my {X}.
    I cannot find my {X}. It is {X.adjective}.
    My {X} is gone, and it is my {dearest} {X.one}!
    I have looked everywhere for my {X}.
    I had {a X}, but now it is gone.
    Have you seen {a X}?

scene search:
    {then (looks-both) (looks-both)}
    {just (looks-both)} {but (looks-both) (finds-nothing T)}
    {H} looked {spot-outside}, and {F} looked {spot-outside}. {but (looks-both) (finds-nothing T)}
    {so (no-stop) (looks-both)}

clause looks-both:
    {T: look-around}
    they looked {spot-outside} and {spot-outside}
    {F} looked {spot-outside}
    {H} looked {spot-outside}
    {T} searched {for-long}

clause no-stop:
    they did not give up
    {F} had (good|sharp|keen) eyes
    {F} knew the {P} well

scene thing-found:
    {at-last (spots-it)} {so (found-it) (is-glad H)}
    {suddenly (spots-it)} {say F (found-speech)}
    {then (looks-both) (spots-it)} {so (found-it) (is-glad H)}
    {when (spots-it) (is-glad H)} {say F (found-speech)}

clause spots-it:
    {F} saw something {X.adjective} {spot-outside}
    {F} found the {X} {spot-outside}
    {F} pulled the {X} out from {near} {a outside}
    there it was, {spot-outside}
    {F} saw the {X} {spot-outside}

clause found-it:
    it was {H's} {X}
    {F} gave {H.him} the {X}
    {H} had {H.his} {X} back

speech found-speech:
    Look! Is this your {X}?
    I found your {X}!
    Here it is!
    Here is your {X}.
    I think this belongs to you.

scene keeps-safe:
    {ever-after (keeps-it)}
    {H} held the {X} tightly.
    {say H (promise-care)}

clause keeps-it:
    {H} took good care of {H.his} {X}
    {H} always kept {H.his} {X} close
    {H} never left {H.his} {X} behind
    {H} put {H.his} {X} in a safe place every night

speech promise-care:
    I will take better care of my {X}.
    I will never lose it again.
    From now on, I will be more careful.

plot broken X=toy|instrument|treasure F=known G=grown:
    {open} {friend-owns} ¶ {visits} {warned} {breaks-it} {guilt} ¶ {confess} {friend-cross} {asks-fix} {mended} ¶ {forgiven}
        {moral (honesty)} {last-line}
    {open} {friend-owns} ¶ {visits} {breaks-it} {guilt} {hides-it} ¶ {found-out} {confess} {forgiven} {asks-fix} {mended} ¶
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
    {H} went to {F's} house
    {H} came to play with {F.him}
    {F} asked {H.him} to come over
    {H} went to see {F}

clause likes-it:
    {H} thought the {X} was {nice-look}
    {H} wanted to hold the {X}
    {H} had never seen such {a nice-look} {X.one}

clause asks-it:
    {F} let {H.him} hold it
    {H} asked for a turn
    {F} gave it to {H.him} for a little while

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
    {F} told {H.him} to be careful
    {F} asked {H.him} to be gentle

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
    {H} ran too fast
    {H} was not careful
    {H} danced around with the {X}
    {H} threw the {X} into the air
    {H} pulled too hard
    {H} tripped over {a thing}

clause careful-try:
    {H} tried to be careful
    {H} held the {X} tightly
    {F} had told {H.him} to be careful

clause breaks:
    the {X} fell on the floor and broke
    the {X} broke in two
    the {X} slipped and cracked
    {H} heard a loud (crack|crash|snap)
    {H} dropped the {X}, and it broke
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
    {H} hid the {X} {spot-inside}
    {H} put the pieces {spot-inside}
    {H} covered the {X} with {a clothing}

clause says-nothing:
    {H} said nothing
    {H} went home without a word
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
    {F} found the broken {X}
    {F} looked for {F.his} {X}
    {F} came back and saw the {X}

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
    {S} took a deep breath
    {S} could not keep the secret any longer
    {S} wanted to be honest

clause tells-truth S O:
    {S} told {O.him} the truth
    {S} told {O.him} (everything|what had happened)
    {S} went to {O.him} and told the truth

scene friend-cross:
    {so (broken-now) (is-sad F)}
    {just (is-sad F)}
    {but (was-cross F) (soft-heart F)}

clause was-cross S:
    {S: be-cross}
    {S: be-sad}

clause soft-heart S:
    {S} saw how sorry {H} was
    {S} knew that it was not on purpose
    {S} *be not {cross} for long

scene asks-fix:
    {tell H G (fix-please)} {say G (offer-help)}
    {then (takes-to-grown T) (looks-at-it G)} {say G (fixable)}
    {soon (takes-to-grown T)} {say G (fixable)}

clause takes-to-grown S:
    {S} took the {X} to {G.him}
    {S} asked {G.him} for help
    {S} showed {G.him} the broken {X}

clause looks-at-it S:
    {S} looked at it (closely|carefully|for a while)
    {S} turned it over and over
    {S} put on {S.his} glasses

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
    {G} got {a tool} and some {paint}
    they put the pieces back {together} with {paint}
    {T} held the pieces while {G} used the {paint}
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

plot stuck-up-high X=toy|clothing Z=tall P=nature F=known G=grown:
    {open} {love-thing} ¶ {outing} {blown-up} {stuck-sad} {tries-alone} ¶ {comes-by} {tries-together} {got-down} ¶ {thank-you}
        {ending}
    {open} {love-thing} ¶ {outing} {play-there} {blown-up} {stuck-sad} {tries-alone} {tries-alone} ¶ {comes-by} {got-down} ¶
        {thank-you} {moral (helping)} {ending}

scene blown-up:
    {suddenly (blows-up)}
    {while (plays-there) (blows-up)}
    {then (strong-wind) (blows-up)}
    {so (strong-wind) (blows-up)}

clause strong-wind:
    a strong wind came up
    the wind began to blow
    {H} threw {H.his} {X} high into the air
    {H} let go of {H.his} {X}

clause blows-up:
    the wind carried the {X} into {a Z:tall}
    {H.his} {X} flew up and got stuck in {a Z:tall}
    a gust of wind blew {H.his} {X} on top of {a Z:tall}
    the {X} landed high up on {a Z:tall}

scene stuck-sad:
    {say H (stuck-speech)}
    {so (too-high) (cries H)}
    {but (reaches) (too-high)}
    {but (reaches) (too-high)} {say H (no-more)}

clause reaches:
    {H} reached up
    {H} stood on {H.his} toes
    {H} jumped as high as {H.he} could

clause too-high:
    the {Z} was too (tall|high)
    the {X} was too high up
    {H} was too (small|short)
    {H} could not reach it

speech stuck-speech:
    My {X} is stuck!
    Oh no, my {X}! How will I get it down?
    It is too high for me.
    Come down, {X}!

scene tries-alone:
    {but (tries-down H) (fails-down)}
    {but (tries-down H) (fails-down)} {say H (no-more)}
    {first-tries H} {but (tries-down H) (fails-down)}

scene first-tries S:
    {S: try (get-down)}.
    first {S} {get-down@S}.

act get-down:
    *shake the {Z}
    *climb (the {Z}|onto {a furniture}|on a rock|up a ladder)
    *throw (a stick|a stone|{a fruit}) at the {X}
    *poke the {X} with (a stick|a pole|{a tool})
    *jump (up and down|again and again)
    *pull (at|) the {Z}

clause tries-down S:
    {S: try (get-down)}
    {S: get-down}
    {S} tried to {get-down.base@S}

clause fails-down:
    the {X} did not move
    the {X} stayed where it was
    it did not (help|work)
    {H} fell down (on the grass|with a bump)
    nothing happened

scene comes-by:
    {suddenly (passes F)} {tell F H (what-is-wrong H)} {say H (stuck-speech)}
    {then (passes F) (sees-sad F H)} {say F (offer-help)}
    {so (hears-crying F H) (goes-to F H)} {tell H F (ask-help F)}
    {soon (passes F)} {tell F H (offer-help)}

scene tries-together:
    {say F (idea)} {so (stands-on) (reaches-it)}
    {first-tries F} {but (tries-down F) (fails-down)} {say F (idea)}
    {just (stands-on)} {but (tries-down H) (fails-down)}

clause stands-on:
    {H} climbed on {F's} shoulders
    {F} stood on {H's} shoulders
    {F} held the ladder for {H.him}
    {F} found a long (stick|pole|branch|ladder)
    they built a tower of {container.many}

clause reaches-it:
    {H} could almost touch it
    they were tall enough
    they could reach the {Z}

scene got-down:
    {at-last (comes-down)} {so (comes-down) (is-glad T)}
    {then (stands-on) (comes-down)}
    {G} came out with a long ladder. {then (climbs-ladder G) (comes-down)}
    {so (asks-grown) (climbs-ladder G)} {at-last (comes-down)}
    {F} {flew-or-climbed F}, and {comes-down}.

phrase flew-or-climbed S:
    climbed up (carefully|slowly|step by step)
    shook the {Z} hard
    {S.if:bird} flew up
    pulled with a long stick

clause asks-grown:
    they asked {G.him} for help
    they ran to {G.him}

clause climbs-ladder S:
    {S} climbed up the ladder
    {S} brought a ladder

clause comes-down:
    the {X} fell (down|to the ground|into {H's} arms|on the grass)
    the {X} came loose and fell down
    the {X} came down
    {H} caught the {X}

plot share-and-care X=toy|treat|fruit P=nature F=known:
    {open} {has-treat} ¶ {wants-some} {says-no} {alone-now} ¶ {thinks-again} {shares-at-last} {celebrate} ¶ {moral (sharing)} {last-line}
    {open} {has-treat} ¶ {wants-some} {says-no} {friend-leaves} {alone-now} ¶ {trouble-comes} {shares-at-last} ¶ {moral (sharing)} {ending}

scene has-treat:
    {one-day (gets-treat)}
    {one-day (gets-treat)} {say H (wow X)}
    {so (gets-treat) (is-glad H)}

clause gets-treat:
    {H} got {a X} from {H.his} {family}
    {H} found {a X} {spot-outside}
    {H} had {a X} (for lunch|in {H.his} bag|all for {H.himself})
    {H} bought {a X} at the {town}
    {H} won {a X} at the fair

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
    {F} asked nicely
    {F} said please

clause refuses:
    {H} shook {H.his} head
    {H} did not want to share
    {H} held the {X} tightly
    {H} hid the {X} behind {H.his} back
    {H} turned away

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
    {S} walked away
    {S} went away (slowly|sadly|without a word)
    {S} went to play with someone else

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
    {S} saw {F.him} {spot-outside}
    {S} saw {F.him} all alone
    {S} thought about {F.him}

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
    {H} slipped and fell into (the mud|a hole|the bushes)
    {H} hurt {H.his} {body}
    {a creature} jumped out of the bushes
    the {X} fell into the (mud|water|bushes)
    it started to rain hard

clause sees-trouble S:
    {S} heard the noise
    {S} came running
    {S} saw it all

clause could-leave S:
    {S} could have gone home
    {S} *be still {sad}
    {S} had a good reason to be {cross}

clause helps-now S:
    {S} helped {H.him} [at once]
    {S} pulled {H.him} out
    {S} took {H's} hand
    {S} ran to help

scene shares-at-last:
    {so (is-sorry H) (shares)} {say H (share-speech)}
    {tell H F (share-speech)} {so (shares) (is-glad F)}
    {then (apologises) (shares)} {say F (thanks H)}

clause apologises:
    {H} said sorry
    {H} went to {F.him} and said sorry

clause shares:
    {H: share X F}
    {H} gave {F.him} (the biggest|the best|a big) piece of the {X:food}
    they took turns with the {X:toy}
    they ate the {X:food} {together}

speech share-speech:
    Here, this is for you.
    Let us share it!
    Do you want (some|a bite|half) of my {X:food}?
    You can play with my {X:toy}.
    We can take turns with the {X:toy}.
    I am sorry I was {bad}. Let us share the {X}.
"""
