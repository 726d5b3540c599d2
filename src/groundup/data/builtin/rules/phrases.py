"""Adverbs, feelings, times and places: the small change of every story."""

RULES = """
phrase manner:
    (quickly|slowly|carefully|quietly|gently|happily|bravely|eagerly|softly|suddenly|proudly|gladly|calmly|patiently)
    (nervously|cheerfully|secretly|cleverly|boldly|hurriedly)
    (playfully|politely|sleepily|silently|steadily|finally|soon)

phrase softly:
    (softly|quietly|gently|kindly|loudly|happily|sadly)
    (cheerfully|proudly|shyly|politely|calmly|bravely|warmly|nervously)
    (sweetly|eagerly|firmly|excitedly|slowly|hopefully|thoughtfully|with a smile|with a grin|with a nod|with a sigh)
    (in a small voice|in a soft voice|in a loud voice|in a kind voice|in a shaky voice|after a while|at once|at last)

phrase very:
    (very|so|really|quite|a little|a bit|terribly|rather|truly)

phrase season:
    (spring|summer|autumn|winter)

phrase daytime:
    (morning|afternoon|evening|day)

phrase weekday:
    (Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)

time a-fine-day:
    one {fine} {daytime}
    one day
    on a {fine} {daytime}
    one {weekday} [{daytime}]
    one {season} {daytime}
    on a {fine} {weekday} [{daytime}]
    early one {daytime}
    late one {daytime}
    one day in {season}

time all-at-once:
    (suddenly|just then|all of a sudden|at that moment|without warning|right then|a moment later|in a flash)

time in-time:
    (soon|after a while|a little later|before long|after a few minutes)
    (a short time later|very soon|then|next|after that)

time finally:
    (at last|finally|in the end|after a long time|at long last|to everyone's surprise)

time another-time:
    (later that day|that afternoon|that evening|the next day|the next morning|a few days later|the following week)
    (that same day|later that week|by the end of the day|a little while later|when the sun went down|two days later)
    (on {weekday}|the following {weekday}|early the next morning|after lunch|after dinner|just before bedtime)

time since-then:
    (from that day on|from then on|after that day|ever since|since that day|every {weekday}|each {season}|now)

time every-day:
    (every day|every {daytime}|all day long|each {daytime})
    (every {weekday}|all the time|after school|before dinner|in the {season})
    (on sunny days|on rainy days|at night|after breakfast|in the {daytime}|whenever the sun was out)

time for-long:
    (all day|all {daytime}|for a long time|for hours)
    (for a while|the whole {daytime}|until sunset|until dark|until bedtime)
    (until the stars came out|for many days|until lunch|until the sun went down|again and again|over and over)

phrase together:
    (together|together|side by side|with each other)

phrase near:
    (near|behind|next to|under|beside|close to|in front of|by)

place spot-outside:
    {near} the {outside}
    (under|behind|inside|beside|in front of|next to) {a outside}
    on the grass
    in the (bushes|tall grass|mud|sand|leaves|shade|snow|hay|shadows)
    by the (road|path|water|river|pond)
    behind (some bushes|a rock|the trees|a big rock)
    between two (rocks|trees|bushes|logs)

place spot-inside:
    {near} the {furniture}
    (under|behind|on top of|next to) {a furniture}
    in the corner
    by the (window|door|fire|stairs)
    on the (floor|stairs|windowsill|doorstep)
    in the {indoors}
    under a pile of clothes
    in the (top|bottom) drawer
    behind the curtains

place here:
    {P.if:outdoors} {spot-outside}
    {P.if:indoors} {spot-inside}

place somewhere:
    in the {wilds}
    {place.at}
    {nature.at}

place spot:
    {spot-outside}
    {spot-inside}

phrase with-look S:
    with (a (big|wide|happy|warm|kind|shy|bright|friendly|little) (smile|grin)|tears|a tear|a twinkle)
        (on {S.his} face|in {S.his} eyes)
    with (shining|bright|wide|sparkling|sleepy|kind) eyes
    with all {S.his} (heart|might|strength)
    with a (happy|light|warm|full|thankful) heart
    as (fast|well|quietly|carefully|quickly|gently|softly|bravely) as {S.he} could
    (without a word|without a sound|in a hurry|on tiptoe|one step at a time|with great care)

phrase home:
    (house|cottage|home|hut|cabin|farm|nest|den|burrow|cave|village|town)

phrase home-place:
    in (a (small|little|cozy|tiny|big|quiet|pretty|tidy|white|yellow)|an old)
        (house|cottage|hut|cabin|village|town|farmhouse) {near} the {landmark}
    in a (small|little|quiet|pretty|busy|sleepy|faraway) (village|town|valley) (by|near) the
        (sea|river|lake|forest|mountains|hills)
    {near} (the {landmark}|an orchard|a (forest|river|lake|mountain|meadow|pond|mill|castle|jungle))
    (on a farm|in the city|at the edge of the {landmark}|far away in the {wilds}|on a (small|green|faraway) island)
    at the end of a (long|narrow|quiet|winding|dusty) (road|street|lane|path)
    on top of a (green|high|windy|grassy|little) hill

phrase landmark:
    (forest|woods|river|lake|sea|mountain|valley|meadow|hill|pond|beach|orchard|mill|castle|canyon|coast|jungle|creek)

phrase weather:
    the sun (was shining|was warm|shone brightly|peeked through the clouds)
    the sky was (blue|clear|gray|pink|full of clouds|bright|dark)
    the (birds|bees|crickets|frogs) were (singing|humming|chirping|awake|busy|happy)
    the wind was (soft|cold|strong|warm|playful|blowing)
    the air (smelled of (flowers|rain|fresh bread|grass|apples|pine trees)|was (cool|fresh|warm|still|sweet))
    it was (warm|cold|windy|foggy|quiet|very still|a little rainy)
    white clouds (floated|drifted|sailed) (across|over) the (sky|hills|trees|roofs)
    the (flowers|trees|leaves|fields) were (red|yellow|golden|green|bright|full of color|swaying in the wind)

phrase wilds:
    (forest|woods|valley|meadow|hills|mountains|jungle|village|town|countryside|neighborhood)

phrase number:
    (two|three|four|five|six|seven|eight|nine|ten|a dozen)

phrase food-many:
    {number} {fruit.many}
    some {treat.many}
    {treat.many} and {fruit.many}
    {meal} and {fruit.many}
    a big (bowl|plate) of {meal}
    a (basket|bowl|bag) of {fruit.many}
    a (plate|box|bag) of {treat.many}
    {a treat} with {meal}
    {a treat} and {a fruit}

phrase craft:
    {a toy} (of|out of) (wood|paper|cardboard|clay|straw|cloth|leaves|sticks)
    a (card|picture|crown|necklace|basket|flag|bracelet) (of|out of)
        (paper|flowers|shells|leaves|straw|string|feathers)
    a (castle|tower|house|road|bridge|boat) (of|out of) (blocks|sand|sticks|cardboard|stones|snow|pillows)
"""
