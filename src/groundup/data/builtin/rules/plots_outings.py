"""Plots about outings: the picnic in the rain, the treasure map."""

RULES = """
plot rainy-picnic X=treat|fruit|vegetable F=known P=nature G=grown:
    {open} ¶ {picnic-plan} {packs-basket} {walk-there} ¶ {rain-comes} {run-inside} {gloomy} ¶ {inside-idea}
        {inside-picnic} {rainbow}
        {last-line}
    {open} ¶ {picnic-plan} {packs-basket} {rain-comes} ¶ {run-inside} {gloomy} {inside-idea} ¶ {inside-picnic}
        {moral (friendship)}

scene picnic-plan:
    {one-day (wants-picnic)} {tell H F (picnic-words)} {say F (yes)}
    {while-weather (wants-picnic)} {tell H F (picnic-words)}
    {tell H F (picnic-words)} {so (liked-it-idea) (packs-food)}

clause wants-picnic:
    {T} *want to have a picnic {P.at}
    {H} had a plan for a picnic
    {H} *ask {F.him} to come on a picnic

speech picnic-words:
    Let us have a picnic {P.at}!
    It is a perfect day for a picnic.
    We could take {a X} and some {drink}.

scene packs-basket:
    {then (packs-food) (packs-food)}
    {just (packs-food)}
    {H} brought {a X}, and {F} brought some {drink}.

clause packs-food:
    they packed {food-many}
    {H} *put {a X} into the basket
    {G} *give them {food-many}
    {F} *carry the {drink}

scene walk-there:
    {then (walks-path) (puts-blanket)}
    {just (walks-path)} {detail}
    {when (got-to-place) (puts-blanket)}

clause walks-path:
    they walked {P.to} {together}
    they sang {a song} on the way
    they walked past the {outside.one}

clause got-to-place:
    they came {P.to}

clause puts-blanket:
    they put the blanket {spot-outside}
    they found a nice place {spot-outside}

scene rain-comes:
    {suddenly (rains)} {say F (oh-no)}
    {but (first-bite) (rains)}
    {then (clouds-come) (rains)} {say H (rain-words)}
    {when (first-bite) (rains)}

clause clouds-come:
    dark clouds came
    the sky turned gray
    the wind got cold

clause first-bite:
    they sat down to eat
    {H} *take the first bite
    {F} *open the basket

clause rains:
    it started to rain
    a big drop fell on {H's} nose
    thunder rumbled
    the rain came down hard

speech rain-words:
    It is raining!
    Quick, pack everything!
    We will get wet!

scene run-inside:
    {so (rains) (run-home)}
    {then (grab-things) (run-home)}
    {just (run-home)} they were wet from head to toe.

clause grab-things:
    they put everything back into the basket
    {H} *grab the basket

clause run-home:
    they ran to {H's} {home}
    they ran as fast as they could
    they ran home through the rain

scene gloomy:
    {so (no-picnic) (is-sad F)} {say F (gloomy-words)}
    {T: be-sad}. {say F (gloomy-words)}
    {say H (gloomy-words)} {H} looked out at the rain.

clause no-picnic:
    there was no picnic
    the day was ruined

speech gloomy-words:
    Now we cannot have our picnic.
    I hate the rain.
    What a sad day!

scene inside-idea:
    {say H (inside-words)} {say F (yes)}
    {suddenly (has-idea)} {say H (inside-words)}
    {tell G H (inside-words)} {so (liked-it-idea) (start-inside)}

clause start-inside:
    they got to work
    they got all the pillows

speech inside-words:
    We can have our picnic inside!
    Who says that a picnic must be outside?
    Let us put the blanket on the floor.
    Let us build a tent out of blankets!

scene inside-picnic:
    {then (blanket-inside) (eats-inside)}
    {so (start-inside) (blanket-inside)} {just (eats-inside)}
    {while (rain-outside) (eats-inside)}

clause rain-outside:
    the rain fell outside
    the thunder rumbled outside

clause blanket-inside:
    they put the blanket (on the floor|under the table|{spot-inside})
    they built a tent out of {furniture.many} and blankets

clause eats-inside:
    they ate the {X} and {food-many}
    they told stories and ate {food-many}
    {T} *eat and *laugh {for-long}

scene rainbow:
    {at-last (sun-back)} {say F (wow-rainbow)}
    {suddenly (sun-back)} {say H (wow-rainbow)}
    {when (sun-back) (saw-rainbow)}

clause sun-back:
    the rain stopped
    the sun came out again

clause saw-rainbow:
    they saw a big rainbow over the {landmark}
    {T} *run out to jump in the puddles

speech wow-rainbow:
    Look, a rainbow!
    That was the best picnic ever.
    Let us go and splash in the puddles!

plot treasure-map X=treasure Y=digger F=known P=nature G=known:
    {open} ¶ {finds-map} {decides-go} {follow-map} ¶ {obstacle} {get-past} {dig-up} ¶ {chest-open} {shares-treasure}
        {last-line}
    {open} ¶ {finds-map} {decides-go} {follow-map} {obstacle} ¶ {get-past} {dig-up} {chest-open} ¶ {celebrate}
        {moral (sharing)}

scene finds-map:
    {one-day (sees-map)} {say H (map-words)}
    {so (bored-day) (looks-inside)} {suddenly (sees-map)}
    {while (cleaning) (sees-map)} {say H (map-words)}

clause bored-day:
    {H} had nothing to do
    it was raining

clause looks-inside:
    {H} *look {spot-inside}

clause cleaning:
    {H} was cleaning the {indoors.one}
    {H} was playing {spot-inside}

clause sees-map:
    {H} *find an old map {spot-inside}
    an old map fell out of {a book}
    {H} *pull an old map out of {a container}

speech map-words:
    A treasure map!
    What does this red cross mean?
    There is a treasure in the {wilds}!

scene decides-go:
    {tell H F (go-treasure)} {say F (yes)}
    {then (shows-map) (liked-it-idea)} {H} took {a Y}.
    {so (needed-help) (shows-map)} {tell F H (go-treasure)}

clause shows-map:
    {H} *show the map to {F.him}
    {H} *run to {F.him} with the map

speech go-treasure:
    Let us find the treasure!
    Will you come with me?
    We will need {a Y} and {a container}.

scene follow-map:
    they followed the map {P.to}. {then (goes-past) (goes-past)}
    {then (goes-past) (goes-past)}
    {just (goes-past)} {detail} {just (goes-past)}

clause goes-past:
    they walked past the {outside.one}
    they crossed the {landmark}
    they climbed over {a outside}
    they counted {number} steps
    they turned left at the {outside.one}

scene obstacle:
    {but (goes-past) (in-the-way)}
    {suddenly (in-the-way)} {say F (oh-no)}
    {soon (in-the-way)} {so (in-the-way) (is-afraid F)}

clause in-the-way:
    there was a (deep|wide|cold) stream in front of them
    {a wild} stood in the way
    the path was blocked by {a outside}
    they came to a (dark|deep|cold) cave
    the wind blew the map away

scene get-past:
    {say H (idea)} {then (makes-way) (goes-past)}
    {F: be-afraid}. {tell H F (cheer-on F)} {just (makes-way)}
    {so (brave-two) (makes-way)}

clause brave-two:
    they were brave
    they did not want to give up

clause makes-way:
    they built a little bridge
    {F} *find another way
    they held hands and went on
    {H} *use the {Y}
    {G} *come by and *help them

scene dig-up:
    {at-last (found-cross)} {then (digs-here) (hits)}
    {then (digs-here) (digs-here)} {suddenly (hits)}
    {say F (here-cross)} {so (found-cross) (digs-here)} {suddenly (hits)}

clause found-cross:
    they found the place with the cross
    they came to the right {outside.one}

clause digs-here:
    {H} *dig with the {Y}
    {T} *dig {for-long}
    {F} *dig with both hands

clause hits:
    they found an old chest
    the {Y} hit something hard
    they saw {a container}

speech here-cross:
    This is the place!
    Here is the cross!
    Dig here!

scene chest-open:
    {then (opens-chest) (inside-was)} {say H (wow X)}
    {when (opens-chest) (is-glad T)} {just (inside-was)}
    {say F (wow X)} {so (inside-was) (is-glad T)}

clause opens-chest:
    {H} *open it
    they opened the lid {together}

clause inside-was:
    there was {a X} inside
    it was full of {treasure.many}
    there were {number} {treasure.many} in it

scene shares-treasure:
    {tell H F (half-words)} {say F (thanks H)}
    {so (friends-share) (each-took)}
    {F} got {a treasure}, and {H} kept the {X}.

clause friends-share:
    they had found it {together}
    they were good friends

clause each-took:
    each of them took half
    they gave some of it to the poor
    they hid it again for others to find

speech half-words:
    Half of it is yours.
    We found it together, so we share it.
    The best treasure is a friend like you.
"""
