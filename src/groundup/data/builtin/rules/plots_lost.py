"""Plots about things lost and out of reach."""

RULES = """
plot lost-and-found X=toy|clothing|treasure|instrument|book P=nature F=known:
    {open} {love-thing} ¶ {outing} {play-there} {loses-thing} {notices-loss} ¶ {ask-trouble} {tells-loss} {offer}
        {search}
        {thing-found} ¶ {thank-you} {keeps-safe} {ending}
    {open} {love-thing} ¶ {outing} {loses-thing} {notices-loss} {search-alone} ¶ {ask-trouble} {tells-loss} {offer}
        {search}
        {thing-found} {thank-you} ¶ {ending}

scene play-there:
    {just (plays-there)} {detail}
    {then (plays-there) (plays-there)}
    {so (liked-place) (plays-there)}

clause liked-place:
    {H} *love it there
    {weather}
    there was so much to see

clause plays-there:
    {H: fun}
    {H: deed}
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
    {H} *drop {H.his} {X}
    {H.his} {X} fell out of {H.his} (pocket|bag|basket|hands)
    {H} *put {H.his} {X} down {spot-outside} and forgot it
    the {X} slipped out of {H.his} hands
    the wind blew {H.his} {X} away
    {H} *leave {H.his} {X} {spot-outside}
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
    {H} *reach for {H.his} {X}
    {H} *look for {H.his} {X}
    it was time to go home
    {H} *stop to rest

clause sees-loss:
    {H} *see that {H.his} {X} was gone
    {H} *notice that the {X} was missing
    {H} could not find {H.his} {X}
    {H} *look for {H.his} {X}, but it was not there

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
    {S} *look {spot-outside}
    {S} *look (high and low|in every corner|{for-long})
    {S} *ask {a wild} (about|for help with) the {X}
    {S} *walk all the way back

clause finds-nothing S:
    {S} *find nothing
    {S} could not find it
    it was not there
    there was only {a bug}
    {S} only found {a treasure}
    {S} *find {a thing} instead

scene tells-loss:
    {say H (lost-it)}
    {tell H F (lost-it)}
    {then (sniffs H) (tells H F)} {say H (lost-it)}

clause sniffs S:
    {S} *wipe {S.his} eyes
    {S} *take a deep breath
    {S} *point {spot-outside}

clause tells S O:
    {S} *tell {O.him} (everything|all about it|what had happened|the whole story)

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
    {F} *look {spot-outside}
    {H} *look {spot-outside}
    {T} *search {for-long}

clause no-stop:
    they did not give up
    {F} had (good|sharp|keen) eyes
    {F} *know the {P} well

scene thing-found:
    {at-last (spots-it)} {so (found-it) (is-glad H)}
    {suddenly (spots-it)} {say F (found-speech)}
    {then (looks-both) (spots-it)} {so (found-it) (is-glad H)}
    {when (spots-it) (is-glad H)} {say F (found-speech)}

clause spots-it:
    {F} *see something {X.adjective} {spot-outside}
    {F} *find the {X} {spot-outside}
    {F} *pull the {X} out from {near} {a outside}
    there it was, {spot-outside}
    {F} *see the {X} {spot-outside}

clause found-it:
    it was {H's} {X}
    {F} *give {H.him} the {X}
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
    {H} *take good care of {H.his} {X}
    {H} always kept {H.his} {X} close
    {H} never left {H.his} {X} behind
    {H} *put {H.his} {X} in a safe place every night

speech promise-care:
    I will take better care of my {X}.
    I will never lose it again.
    From now on, I will be more careful.

plot stuck-up-high X=toy|clothing Z=tall P=nature F=known G=grown:
    {open} {love-thing} ¶ {outing} {blown-up} {stuck-sad} {tries-alone} ¶ {comes-by} {tries-together} {got-down} ¶
        {thank-you}
        {ending}
    {open} {love-thing} ¶ {outing} {play-there} {blown-up} {stuck-sad} {tries-alone} {tries-alone} ¶ {comes-by}
        {got-down} ¶
        {thank-you} {moral (helping)} {ending}

scene blown-up:
    {suddenly (blows-up)}
    {while (plays-there) (blows-up)}
    {then (strong-wind) (blows-up)}
    {so (strong-wind) (blows-up)}

clause strong-wind:
    a strong wind came up
    the wind began to blow
    {H} *throw {H.his} {X} high into the air
    {H} *let go of {H.his} {X}

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
    {H} *reach up
    {H} *stand on {H.his} toes
    {H} *jump as high as {H.he} could

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
    {S} *try to {get-down.base@S}

clause fails-down:
    the {X} did not move
    the {X} stayed where it was
    it did not (help|work)
    {H} *fall down (on the grass|with a bump)
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
    {H} *climb on {F's} shoulders
    {F} *stand on {H's} shoulders
    {F} *hold the ladder for {H.him}
    {F} *find a long (stick|pole|branch|ladder)
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
    {S} *climb up the ladder
    {S} *bring a ladder

clause comes-down:
    the {X} fell (down|to the ground|into {H's} arms|on the grass)
    the {X} came loose and fell down
    the {X} came down
    {H} *catch the {X}
"""
