"""Help, thanks, comfort, and how stories end."""

RULES = """
scene ask-trouble:
    {meets-in-trouble} {tell F H (what-is-wrong H)}
    {meets-in-trouble} {tell F H (what-is-wrong H)} {so (cries H) (sits-by F H)}
    {when (sees-sad F H) (goes-to F H)} {tell F H (what-is-wrong H)}

scene meets-in-trouble:
    {just (passes F)}
    {soon (passes F)}
    {suddenly (hears-crying F H)}
    {then (passes F) (sees-sad F H)}
    {when (hears-crying F H) (goes-to F H)}

clause passes S:
    {a S.kind} named {S.name} came (by|along|past)
    {S.name}, {a S.kind}, came (by|along|past)
    {a S.kind} named {S.name} was (walking|playing|resting) nearby
    {a S.kind} named {S.name} looked out from behind {a outside}

clause hears-crying S O:
    {S.name}, {a S.kind}, heard {O.him}
    {a S.kind} named {S.name} heard {O.him} crying
    {S} *hear somebody crying

clause sees-sad S O:
    {S} *see that {O} was {sad}
    {S} *see the tears in {O's} eyes
    {S} *see how {sad} {O} was
    {S} *notice that {O} was not smiling

clause goes-to S O:
    {S: run-up O}
    {S: hug O}
    {S: want (cheer-up O)}
    {S} *stop to help

clause cries S:
    {S: be-sad}
    {S} could not speak
    {S} *begin to cry even more

clause sits-by S O:
    {S: run-up O}
    {S: hug O}
    {S} *listen to every word

scene offer:
    {tell F H (offer-help)}
    {tell F H (offer-help)} {H: be-calm}.
    {say F (offer-help)} {so (wants-to-help F) (cheered H)}
    {but (small-doubt F) (helps-anyway F)} {say F (offer-help)}

clause wants-to-help S:
    {S} *want to help
    {S} *be {very} {good}
    {S} *know how it felt to be {sad}

clause cheered S:
    {S: be-calm}
    {S} *stop crying
    {S} *smile a little
    {S} *nod

clause small-doubt S:
    {S} *be (busy|in a hurry|tired|on the way home)
    {S} had never done that before
    {S} *be {very} {tired}

clause helps-anyway S:
    {S} *stop to help
    {S} *want to help
    {S} did not walk away

scene thank-you:
    {tell H F (thanks F)}
    {tell H F (thanks F)} {say F (welcome)}
    {H: thank F}. {say F (welcome)}
    {so (is-glad H) (thanks-friend H F)}
    {when (ready H) (thanks-friend H F)} {say F (welcome)}
    {H: hug F}. {tell H F (thanks F)}

clause is-glad S:
    {S: be-glad}
    {S} *be so {glad} that {S.he} (danced|laughed|jumped up and down|sang {a song}|clapped {S.his} hands)

clause ready S:
    {S: be-glad}
    it was all over
    {S} had {S.his} smile back

clause thanks-friend S O:
    {S: thank O}
    {S: hug O}
    {S} *want to give {O.him} {a treat}

scene celebrate:
    {then (plays-together) (go-home-together)}
    {just (plays-together)}
    {then (is-glad T) (plays-together)}
    {later (feast)}
    {then (plays-together) (feast)}
    {just (feast)}

clause plays-together:
    {T: fun}
    {T: go-on (fun)}
    {T: fun} {for-long}
    {both T (fun) (fun)}
    they {fun@T} {together}
    {H} and {F.full} {fun@T} {for-long}

clause feast:
    {T} *eat {food-many} {together}
    {T} *share {food-many}
    they had a (little|big|happy|fine) party with {food-many}
    they sat {spot-outside} and ate {food-many}
    everyone (ate|shared|enjoyed) {food-many}

clause go-home-together:
    {T} *walk home {together}
    {T: go-home}
    it was time to go home

scene home-again:
    {later (goes-home)}
    {when (dark-comes) (goes-home)}
    {then (goes-home) (tells-family)}
    {just (goes-home)} {at-home}

clause goes-home:
    {H: go-home}
    {H} *say goodbye and *go home
    {H} *go home with a {glad-word} heart

phrase glad-word:
    (happy|light|warm|full|thankful|merry)

clause dark-comes:
    the sun (went down|began to set|was low)
    it (got|grew) dark
    the (moon came up|first star came out|bells rang|sky turned (pink|orange|red|dark blue))

clause tells-family:
    {H} *tell {H.his} {family} (all about it|the whole story|what had happened)
    {H.his} {family} hugged {H.him}
    {H} had {meal} for dinner

scene at-home:
    {H} told {H.his} {family} (all about it|the whole story|what had happened).
    {H.his} {family} listened and smiled.
    {that-night}

scene that-night:
    that night, {H: sleep}.
    that night, {H} {sleep@H}, and {H} dreamed of {fun.ing@H}.
    {when (in-bed) (thinks-back)}
    at bedtime, {H} thought about {H.his} {daytime} and smiled.

clause in-bed:
    {H} *lie in bed
    {H.his} {family} (kissed|tucked in|hugged) {H.him}
    the (moon|stars) shone through the window

clause thinks-back:
    {H: be-glad}
    {H} *think about {F.him}
    {H: sleep}

scene ending:
    {home-again} {that-night}
    {that-night}
    {last-line}
    {last-line}
    {celebrate} {last-line}
    {celebrate} {that-night}
    {celebrate} {home-again}

scene last-line:
    {ever-after (friends-now)}
    {ever-after (habit-now)}
    it was the best {daytime} {of-all}.
    it was a {fine-adjective} {daytime}, and {H} never forgot it.
    and {T} lived happily ever after.
    and so {T} became the best of friends.
    {H} could not wait to {fun.base@H} again.
    {H} would always remember that {daytime}.
    the end.
    and that was the end of a very {long-word} {daytime}.
    {H} had never been so {glad}.
    everyone was {glad}, and {H} most of all.

phrase fine-adjective:
    (wonderful|lovely|perfect|special|happy|strange|long|funny|magical|busy)

phrase long-word:
    (long|happy|strange|exciting|special|good|busy)

phrase of-all:
    (of all|ever|of {H.his} life|of the whole (summer|winter|year|week)|in a long time)

clause friends-now:
    {T} were best friends
    {T} {fun@T} {together}
    {T} did everything {together}
    {H} and {F.full} played {together} every day
    {T} always helped each other

clause habit-now:
    {H: fun}
    {H: like (fun)} even more
    {H} was always {good}
    {H} was never {bad} again
    {H} *try to be more {good}

scene moral L:
    {H} had learned that {L}.
    {finally}, {H} (knew|understood) that {L}.
    {H} (learned|knew|understood) now that {L}.
    {H} (said|thought), "now I know that {L}."
    {so (learned L) (changed)}
    {learned L}.

clause learned L:
    {H} (knew|understood|learned|remembered) that {L}
    {H} (would never forget|had found out|told everyone) that {L}

clause changed:
    {H} was always {good} after that
    {H} *try to be {good}
    {H} *feel {proud}

lesson honesty:
    it is (good|best|right|brave) to tell the truth
    (everybody|everyone) makes mistakes
    it is never too late to say sorry
    the truth (feels|is) better than a (secret|lie)
    a (lie|secret) makes (the heart|everything) heavy

lesson sharing:
    sharing makes everything (better|more fun|sweeter|taste better)
    half of {a treat} with a friend is better than a whole one alone
    it is (good|fun|better) to share
    being {bad} only makes you lonely
    friends are (better|more important) than {toy.many}

lesson helping:
    (friends|good friends|real friends) help each other
    two are (better|stronger|braver) than one
    it is good to (ask for help|help others|work together)
    even (little|small|quiet|shy) (ones|friends|helpers) can do (great|big|wonderful) things
    together, everything is easier

lesson friendship:
    a (smile|kind word|little hello) can make a friend
    it is never too late to make a friend
    a (good|true|real|new) friend can change everything
    friends come in all colors and sizes
    nobody has to be alone

lesson contentment:
    one should be happy with what one has
    it is better to be happy for a friend than to be jealous
    the best things cannot be bought
    more is not always better
    old things can be the best things
    home is the best place of all

lesson courage:
    it is all right to be {afraid}
    being brave means to try anyway
    most things are not as bad as they look
    a (friend|hand to hold|deep breath) makes you brave
    in the dark, things look bigger than they are

lesson patience:
    the best things take time
    (practice|hard work|patience) pays off
    one should never give up
    falling down is part of learning
    small steps lead far

lesson kindness:
    kindness always comes back
    a (small|little) gift can make a big difference
    being {good} is (better|more important) than being (first|fast|big|strong|rich)
    a kind heart is never forgotten
    (love|kindness) heals many things

lesson listening:
    it is wise to listen
    one should not go too far alone
    home is the best place of all
    there is always somebody who can help
"""
