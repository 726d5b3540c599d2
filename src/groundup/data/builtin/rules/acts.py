"""What people do: verb phrases that many scenes share."""

RULES = """
act fun:
    *play with {S.his} {toy}
    *play {game}
    *play (in the (sand|snow|leaves|garden|mud|sunshine|backyard)|outside)
    *climb (trees|rocks|hills|the {outside.one}|ladders)
    *look at the (stars|clouds|moon|flowers|ships|sunset|rainbow)
    *sing {a song}
    *hum {a song}
    *draw (pictures|{wild.many}|{flower.many}|{vehicle.many}|{creature.many})
    *paint (pictures|{flower.many}|stones|{building.many}|{wild.many})
    *collect {treasure.many}
    *pick ({flower.many}|{fruit.many})
    *chase ({bug.many}|leaves|bubbles|shadows)
    *watch (the {bug.many}|the {wild.many}|the rain|the boats|the clouds|the trains)
    *bake {treat.many}
    *eat ({fruit.many}|{treat.many}|{meal})
    *drink {drink}
    *listen to (music|the rain|stories|the birds|the wind|old songs|the waves)
    *dance (in the rain|in the {indoors}|around the {outside}|to the music|under the stars)
    *read ({a book}|about {creature.many}|about {wild.many}|by the fire)
    *ride (a bicycle|a pony|{S.his} scooter|in the {vehicle}|on the swing)
    *splash in the (water|puddles|waves|pond|bathtub)
    *jump (over|into) (puddles|piles of leaves|little streams|the water)
    *roll down the (hill|grassy hill|snowy hill)
    *run (through the grass|in circles|in the wind|along the {landmark})
    *fly (kites|paper planes)
    *tell (jokes|stories|riddles|funny stories|secrets)
    *dig (holes|for worms|for treasure|tunnels) [in the (sand|garden|mud|snow)]
    *water the ({flower.many}|{vegetable.many}|garden)
    *feed the ({wild.many}|birds|chickens|fish)
    *make {craft}
    *build {craft}
    *count (the stars|{bug.many}|sheep|{treasure.many}|the clouds)
    *dress up as {a creature}
    *walk (in the rain|along the {landmark}|barefoot in the grass|in the {indoors})
    *nap (in the sun|in the shade|under {a outside}|by the fire)
    *explore the {place}
    *visit {S.his} (grandma|uncle|cousins|neighbors|friends)
    *swing on the (gate|swing|rope|branches)
    *slide (on the ice|down the stairs|down the {outside.one})
    *solve (puzzles|riddles)
    *plant ({flower.many}|{vegetable.many}|seeds|trees)
    *cook {meal}
    *help (in the {indoors}|in the garden|{S.his} neighbors)
    *race (snails|toy cars|paper boats|the wind)
    *blow (bubbles|dandelions|on {S.his} whistle)
    *practice the {instrument}
    *play the {instrument}

act like D:
    *love to {D.base}
    *like to {D.base}
    *enjoy {D.ing}
    *love {D.ing}

act want D:
    *want to {D.base}
    ~decide to {D.base}
    *wish to {D.base}
    *hope to {D.base}
    *plan to {D.base}

act try D:
    ~try to {D.base}
    *do {S.his} best to {D.base}
    *try and *try to {D.base}

act begin D:
    ~begin to {D.base}
    ~start to {D.base}
    ~start {D.ing}

act go-on D:
    *keep (on|) {D.ing}
    *keep {D.ing} {for-long}
    ~go on {D.ing}

act be-glad:
    *be [{very}] {glad}
    *feel [{very}] {glad}
    *smile [{with-look S}]
    *laugh [(happily|out loud|with joy)]
    *clap {S.his} hands
    *jump (for joy|up and down)
    *dance with joy
    *have a (big|wide|bright) smile on {S.his} face
    could not stop smiling
    *grin from ear to ear
    {S.if:animal} *wag {S.his} tail
    {S.if:bird} *flap {S.his} wings
    {S.if:furry} *wiggle {S.his} (ears|whiskers|nose)

act be-proud:
    *be [{very}] proud [of {S.himself}]
    *feel (proud|strong|brave|ten feet tall|like a hero|very grown up)
    *hold {S.his} head high
    *smile proudly
    *stand tall

act be-calm:
    *feel {calm} (again|now|at last)
    *be {calm} (again|now|at last)
    *take a deep breath
    *let out a (long|happy|deep) sigh
    *wipe {S.his} (eyes|face|tears)

act be-sad:
    *be [{very}] {sad}
    *feel [{very}] {sad}
    *begin to cry
    *hang {S.his} head
    *cry [(softly|loudly|for a long time|quietly|all alone)]
    *sigh [(sadly|deeply|softly)]
    *have tears in {S.his} eyes
    *sit down and *cry
    *look (down at the ground|away|at the floor|very sad)

act be-lonely:
    *be [{very}] {lonely}
    *feel [{very}] {lonely}
    *have (nobody|no one) to (play|talk|laugh) with
    *sit alone (all day|every day|by the window|under {a outside})
    *wish for a friend

act be-afraid:
    *be [{very}] {afraid}
    *feel [{very}] {afraid}
    *shake (with fear|like a leaf|all over)
    *tremble [(with fear|all over)]
    *freeze
    *close {S.his} eyes
    *want to run away
    could hear {S.his} heart beating
    *take a step back

act be-cross:
    *be [{very}] {cross}
    *feel [{very}] {cross}
    *stamp {S.his} (foot|feet)
    *fold {S.his} arms
    *frown
    *turn red
    *turn away

act be-sorry:
    *be [{very}] {sorry}
    *feel [{very}] {sorry}
    could not sleep [that night]
    *wish {S.he} had been more (careful|honest|patient|kind|polite)
    *hang {S.his} head in shame
    *know {S.he} had done something wrong
    *have a bad feeling in {S.his} tummy

act be-tired:
    *be [{very}] {tired}
    *feel [{very}] {tired}
    *yawn
    *need (a rest|a nap|something to eat|a drink)
    *rub {S.his} (eyes|feet|tummy)

act be-surprised:
    *be [{very}] {surprised}
    could not believe {S.his} eyes
    *gasp
    *open {S.his} (eyes|mouth) wide
    *jump in surprise
    *blink (twice|in surprise)
    *stare [(in surprise|with wide eyes)]

act move-to:
    ~walk {P.to}
    ~run {P.to}
    ~hurry {P.to}
    *go {P.to}
    *set off {P.to}
    *skip {P.to}
    *march {P.to}
    *ride {S.his} bicycle {P.to}
    ~wander {P.to}
    ~hop {P.to}
    *take a walk {P.to}
    {S.if:bird} *fly {P.to}
    {S.if:animal} *trot {P.to}

act go-home:
    ~walk home
    ~run home
    *go home
    *hurry home
    *skip (all the way|) home
    *head home

act run-up O:
    ~run (over|up) to {O.him}
    ~hurry (over|) to {O.him}
    ~walk (over|up) to {O.him}
    *come (closer|over) to {O.him}
    *sit down (next to|beside) {O.him}

act hug O:
    *hug {O.him} [tightly|for a long time|warmly]
    *give {O.him} a (big|warm|tight|long|gentle) hug
    *put {S.his} arms around {O.him}
    *take {O.him} by the hand
    *pat {O.him} on the (head|back|shoulder)
    *hold {O's} hand

act thank O:
    *thank {O.him} [(again and again|with a hug|from the bottom of {S.his} heart|kindly|politely)]
    *say thank you to {O.him}
    *give {O.him} ({a treat}|{a flower}|a kiss|a hug) to say thank you

act share N O:
    ~share {S.his} {N} with {O.him}
    *give {O.him} half of {S.his} {N:food}
    *let {O.him} (use|hold|have a turn with|play with) {S.his} {N:toy}
    *let {O.him} (wear|try on|borrow) {S.his} {N:clothing}

act use N:
    *play with {S.his} {N:toy}
    *play with the {N:toy}
    *read {S.his} {N:book}
    *look at {S.his} {N:treasure}
    *polish {S.his} {N:treasure}
    *wear {S.his} {N:clothing}
    *dance around in {S.his} {N:clothing}
    *play {S.his} {N:instrument}
    *practice a (song|tune) on {S.his} {N:instrument}
    *work with {S.his} {N:tool}
    *carry {S.his} {N:container} around
    *eat {S.his} {N:food}

act find N:
    *find {a N}
    *see {a N}
    *discover {a N}
    ~spot {a N}
    *notice {a N}
    *come across {a N}

act give N O:
    *give the {N} to {O.him}
    *give {O.him} the {N}
    ~hand {O.him} the {N}
    ~hand the {N} to {O.him}
    *bring {O.him} the {N}
    *hold out the {N} to {O.him}

act look-around:
    *look (around|everywhere|up and down|left and right|all around)
    *look {here}
    *peek {here}
    *search {here}
    ~look (carefully|closely)

act cheer-up O:
    *make {O.him} (laugh|smile|feel better|a card|a cup of tea|some {meal})
    *tell {O.him} (a joke|a story|a funny story|a riddle)
    *sing {a song} for {O.him}
    *bring {O.him} ({a flower}|{a treat}|{a toy}|some {drink}|{a book})
    *sit with {O.him}

act rest:
    *sit down (on {a outside}|under {a outside}|on the grass|by the water)
    *take a (nap|rest|break|deep breath)
    *lie down {spot-outside}
    *drink some {drink}
    *eat ({a fruit}|{a treat}|some {meal})

act sleep:
    *go to (bed|sleep)
    *fall asleep [(at once|in {S.his} bed|by the fire|with a smile)]
    *climb into bed
    *close {S.his} eyes and *fall asleep
    *sleep (well|soundly|all night|like a log)
    *dream of ({creature.many}|{wild.many}|{treat.many}|{toy.many}|the {place})

act deed:
    *find {a thing} {here}
    *see {a wild} {here}
    *look at the {thing}
    *have {a food}
    *pick up {a thing}
    *put {S.his} {thing} {here}
    *carry {a thing}
    *follow {a bug}
    *play with {a toy}
    *hold {a thing}
    *show {S.his} {thing} to everyone
    *get {a thing}
    *like the {thing}
    *wait {here}
    *want {a thing}
    *work hard
    *come in
    *throw {a toy} into the air
    *bring {a thing} home
    *take {a thing}
    *fall {here}
    *hide {here}
    *stop
    *practice
    *hurry
    *jump over {a outside}
    *go (inside|outside|back)
"""
