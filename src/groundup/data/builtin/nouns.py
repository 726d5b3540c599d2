"""Nouns by what can be done with them, and the adjectives that suit them.

A line is `class (classes of adjectives): words`; `_` stands for a space, and a plural that the rules of spelling do not
give follows a slash. A verb takes its objects by class, so nobody eats a stone.
"""

NOUNS = """
toy (colour size nice worn): ball kite doll puppet robot yo-yo teddy_bear spinning_top balloon puzzle block marble
    frisbee jump_rope hoop rattle dollhouse rocking_horse slingshot pinwheel toy_train toy_boat toy_car toy_truck
    toy_plane toy_drum toy_rocket model_ship wagon scooter skateboard snow_globe paper_plane sand_bucket beach_ball
    tea_set music_box mask wooden_horse wooden_duck wooden_sword rag_doll stuffed_rabbit stuffed_lion bouncy_ball
    magnet card_game board_game domino racket
clothing (colour nice worn cosy): hat cap scarf coat jacket sweater dress shirt skirt cape apron raincoat mitten/mittens
    sock vest belt bow_tie necktie shawl cloak bonnet sun_hat costume blouse ribbon backpack umbrella crown
    nightgown bathrobe hood headband
treasure (colour size nice shining): shell feather pebble coin button ring gem crystal medal key pearl bead locket
    bracelet necklace whistle bell jewel acorn starfish badge brooch sea_stone lucky_penny little_mirror glass_star
    silver_spoon golden_leaf/golden_leaves pocket_watch trinket ruby/rubies diamond emerald compass magnifying_glass
book (colour size nice worn): book storybook notebook picture_book diary/diaries songbook cookbook sketchbook
    comic_book map letter postcard photo newspaper riddle_book
instrument (colour nice worn): drum flute guitar violin trumpet harp banjo tambourine harmonica horn ukulele piano
    xylophone fiddle recorder accordion
tool (size worn sturdy): shovel bucket broom ladder rope net hammer rake basket lantern flashlight stick pole brush
    saw wheelbarrow watering_can fishing_rod paintbrush spade hook mop ruler wrench screwdriver spoon pan_lid
fruit (tasty ripe size): apple pear peach plum banana orange cherry/cherries strawberry/strawberries mango
    melon lemon apricot fig grape coconut pineapple berry/berries blueberry/blueberries raspberry/raspberries
    watermelon kiwi nectarine tangerine
treat (tasty baked): cookie cake pie muffin cupcake pancake waffle doughnut biscuit candy/candies lollipop pretzel
    tart bun roll sandwich/sandwiches pastry/pastries brownie honey_cake apple_pie cheesecake gingerbread_man/gingerbread_men
    dumpling pizza taco bagel croissant nut_bar cracker
vegetable (ripe size fresh): carrot pumpkin potato/potatoes tomato/tomatoes cucumber onion turnip radish/radishes
    cabbage corn_cob pepper beet bean pea squash/squashes leek mushroom
flower (colour size fresh): rose tulip daisy/daisies sunflower lily/lilies violet poppy/poppies daffodil dandelion
    buttercup bluebell marigold snowdrop pansy/pansies iris/irises orchid clover lavender_sprig peony/peonies
container (colour size worn sturdy): box/boxes jar bag chest crate sack bowl pot suitcase bottle barrel drawer tin
    trunk vase pouch/pouches cup lunchbox/lunchboxes
furniture (size worn sturdy): bed table chair sofa shelf/shelves cupboard desk bench/benches wardrobe rug couch/couches
    bookcase stool cradle dresser armchair pillow blanket lamp curtain mirror clock
outside (size leafy): tree bush/bushes log rock fence gate stump hedge haystack well wall oak pine_tree willow
    apple_tree boulder shed mailbox/mailboxes doghouse birdhouse fountain swing slide sandbox/sandboxes see-saw
    flower_bed pile_of_leaves wooden_bridge garden_gate scarecrow barrel windmill statue tent treehouse
tall (leafy): oak pine_tree willow apple_tree birch/birches chestnut_tree cherry_tree maple_tree roof chimney tower lamppost
    windmill flagpole water_tower clock_tower church_tower statue cliff
vehicle (colour size fast): car truck bus/buses train tractor bicycle boat ship plane van taxi tram sled sailboat
    canoe wagon fire_engine rowboat hot-air_balloon motorcycle
building (colour size worn sturdy): house cottage tower castle barn hut cabin lighthouse mill church/churches
    hotel palace stable greenhouse
bug (colour size): ladybug butterfly/butterflies bee ant beetle snail caterpillar dragonfly/dragonflies cricket
    grasshopper firefly/fireflies worm moth spider
wild (size furry): deer/deer fox/foxes owl rabbit squirrel hedgehog frog duck swan goose/geese sparrow robin mouse/mice
    turtle lizard otter beaver badger mole crow woodpecker blackbird swallow lamb pony/ponies goat calf/calves
    kitten puppy/puppies chick duckling piglet bat seagull crab fish/fish dolphin whale
creature (scary size): dragon giant wolf/wolves bear monster ghost troll witch/witches shark tiger crocodile snake
    lion wild_boar goblin eagle
meal: soup porridge rice pasta bread cheese stew salad honey jam popcorn toast cereal noodles butter pudding
    ice_cream yogurt oatmeal mashed_potatoes fried_eggs apple_sauce
drink: milk juice water tea lemonade cocoa hot_chocolate apple_juice orange_juice cider ginger_ale grape_juice
stuff: flour sugar butter milk salt cinnamon cream honey vanilla chocolate yeast
paint: paint chalk crayons markers glitter glue string tape paper cardboard
weather: rain wind snow fog storm thunder hail drizzle
game: tag hide-and-seek catch hopscotch cards checkers chess soccer baseball football basketball tennis
    leapfrog marbles pirates dress-up
song: song lullaby tune poem melody ballad rhyme
body: head nose ear tail paw arm hand knee foot cheek chin shoulder leg elbow
part: wheel handle string lid arm leg wing corner button wheel edge strap knob
sound: noise sound squeak bang thump rustle whisper giggle crash splash howl meow bark knock creak hum cough
    scratch rattle sob whistle chirp
"""

# adjectives by the nouns that they suit; an adjective may stand in several lines
ADJECTIVES = """
colour: red blue green yellow orange purple pink white black brown silver golden gray striped spotted rainbow-colored
    violet turquoise crimson
size: big small little tiny huge tall long round heavy enormous large short wide flat giant narrow thick thin
nice: pretty shiny new lovely special beautiful favorite wonderful fancy fine cute magical bright splendid
    strange unusual rare clean amazing charming precious
worn: old dusty rusty broken dirty simple plain worn faded scratched tattered crooked wobbly
cosy: warm soft woolly cozy fluffy thick silky knitted velvet cotton comfy
shining: shiny sparkling smooth glittering gleaming glowing polished round delicate
sturdy: strong sturdy wooden iron solid useful metal
tasty: sweet delicious tasty yummy juicy fresh
ripe: ripe juicy crisp plump crunchy
baked: warm crunchy sticky golden chewy crispy creamy buttery fluffy
fresh: fresh lovely crisp healthy
leafy: old mossy tall shady crooked hollow leafy sunny
fast: fast shiny noisy old new speedy slow
furry: gentle shy friendly clever quiet playful curious young noisy hungry sleepy
scary: scary fierce angry terrible mean wicked grumpy hungry mighty
"""

# where things happen: `class preposition (classes of adjectives): words`
PLACES = """
nature in (green): forest meadow garden park field valley orchard jungle woods backyard vegetable_garden
nature by (water): river lake pond sea stream waterfall harbor ocean
nature at (sandy): beach seaside campground playground zoo farm fairground
nature on (high): hill mountain island cliff riverbank
indoors in (room): kitchen attic bedroom cellar living_room library barn classroom bathroom hallway nursery workshop
    garage playroom
town at (busy): market bakery shop store school museum train_station bus_stop post_office toy_store bookshop
    fair circus town_square castle
"""

PLACE_ADJECTIVES = """
green: green quiet sunny big dark beautiful peaceful misty old wild shady
water: blue quiet deep clear sparkling calm cold wide
sandy: sunny big busy beautiful noisy windy
high: green tall windy steep rocky snowy grassy
room: small cozy dark dusty warm tidy bright big quiet
busy: busy big little new noisy crowded old
"""
