"""Adjectives: by the nouns that they suit, by the places, by the feelings and characters that they tell.

A line is `class: words`; `_` stands for a space. An adjective may stand in several lines.
"""

# classes that nouns name as suiting them
ADJECTIVES = """
colour: red blue green yellow orange purple pink white black brown silver golden gray striped spotted violet turquoise
size: big small little tiny huge tall long round heavy enormous large short wide flat giant narrow thick thin
nice: pretty shiny new lovely special beautiful favorite wonderful fancy fine cute magical bright splendid neat
    strange unusual rare clean amazing charming precious curious funny handmade colorful
worn: old dusty rusty broken dirty simple plain worn faded scratched tattered crooked wobbly ancient dented muddy
cosy: warm soft woolly cozy fluffy thick silky knitted velvet cotton comfy checkered flowery
shining: shiny sparkling smooth glittering gleaming glowing polished round delicate twinkling
sturdy: strong sturdy wooden iron solid useful metal
tasty: sweet delicious tasty yummy juicy fresh
ripe: ripe juicy crisp plump crunchy
baked: warm crunchy sticky golden chewy crispy creamy buttery fluffy
fresh: fresh lovely crisp healthy fragrant
leafy: old mossy tall shady crooked hollow leafy sunny
fast: fast shiny noisy old new speedy slow
furry: gentle shy friendly clever quiet playful curious young noisy hungry sleepy
scary: scary fierce angry terrible mean wicked grumpy hungry mighty
"""

PLACE_ADJECTIVES = """
green: green quiet sunny big dark beautiful peaceful misty old wild shady
water: blue quiet deep clear sparkling calm cold wide
sandy: sunny big busy beautiful noisy windy
high: green tall windy steep rocky snowy grassy
room: small cozy dark dusty warm tidy bright big quiet
busy: busy big little new noisy crowded old
"""

# how somebody feels, what somebody is like
FEELINGS = """
glad: happy glad cheerful excited pleased delighted joyful merry thrilled overjoyed grateful thankful hopeful content
    jolly beaming
proud: proud strong brave clever important confident
calm: calm safe cozy warm peaceful better relieved much_better at_ease comfortable
sad: sad unhappy upset lonely gloomy miserable heartbroken disappointed blue worried down hopeless troubled sorrowful
lonely: lonely alone bored left_out sad gloomy shy forgotten
afraid: afraid scared frightened nervous terrified worried anxious shaky uneasy fearful
cross: angry cross mad furious annoyed grumpy upset jealous
sorry: sorry ashamed guilty bad awful terrible embarrassed foolish
tired: tired sleepy weary exhausted worn_out thirsty hungry
surprised: surprised amazed astonished curious puzzled speechless confused
ill: sick ill weak pale dizzy hot feverish
good: kind clever brave gentle friendly honest helpful polite funny smart patient strong cheerful generous wise
    careful loyal thoughtful fair bright
kindly: kind sweet nice good generous helpful friendly thoughtful
bad: mean selfish greedy rude lazy bossy grumpy sneaky boastful careless nosy jealous stubborn impatient noisy messy
"""

# what else rules ask for by name
LOOKS = """
dearest: favorite best dearest special most_precious
nice-look: pretty beautiful lovely shiny wonderful special strange perfect amazing splendid magical unusual charming
    marvelous curious gorgeous remarkable fantastic
fine: sunny bright warm fine clear quiet breezy lovely beautiful cool crisp cloudy windy chilly golden misty mild
    frosty
number-word: two three four five six seven eight nine ten
when: on_Monday on_Tuesday on_Wednesday on_Thursday on_Friday on_Saturday on_Sunday on_Monday_morning
    on_Tuesday_morning on_Friday_morning on_Sunday_morning on_Saturday_afternoon on_Wednesday_afternoon
    on_Thursday_evening in_the_morning in_the_afternoon in_the_evening after_breakfast after_lunch after_school
    before_dinner early_in_the_morning at_noon in_spring in_summer in_autumn in_winter on_a_rainy_day on_a_sunny_day
    on_a_windy_day
"""
