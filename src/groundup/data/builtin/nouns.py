"""Nouns by what can be done with them, with the classes of adjectives that suit them.

A line is `class (classes of adjectives): words`; `_` stands for a space, and a plural that the rules of spelling do not
give follows a slash. A verb takes its objects by class, so nobody eats a stone.
"""

NOUNS = """
toy (colour size nice worn): ball kite doll puppet robot teddy_bear spinning_top balloon puzzle block marble frisbee
    jump_rope hoop rattle dollhouse rocking_horse pinwheel toy_train toy_boat toy_car toy_truck toy_plane toy_drum
    toy_rocket model_ship wagon scooter skateboard snow_globe paper_plane sand_bucket beach_ball tea_set music_box
    mask wooden_horse wooden_duck wooden_sword rag_doll stuffed_rabbit stuffed_lion bouncy_ball magnet card_game
    board_game racket tricycle toy_castle toy_tractor toy_dinosaur stuffed_elephant stuffed_penguin paper_boat
    tin_soldier finger_puppet
clothing (colour nice worn cosy): hat cap scarf/scarves coat jacket sweater dress/dresses shirt skirt cape apron
    raincoat mitten sock vest belt bow_tie necktie shawl cloak bonnet sun_hat costume blouse ribbon backpack umbrella
    crown hood glove slipper top_hat straw_hat party_hat handkerchief
treasure (colour size nice shining): shell feather pebble coin button ring gem crystal medal key pearl bead locket
    bracelet necklace whistle bell jewel acorn starfish/starfish badge sea_stone lucky_penny little_mirror glass_star
    silver_spoon golden_leaf/golden_leaves pocket_watch ruby diamond emerald compass magnifying_glass sapphire fossil
    pendant earring
book (colour size nice worn): book storybook notebook picture_book diary songbook cookbook sketchbook comic_book map
    letter postcard photo newspaper riddle_book scrapbook magazine
instrument (colour nice worn): drum flute guitar violin trumpet harp banjo tambourine harmonica horn ukulele piano
    xylophone fiddle recorder triangle
digger (size worn sturdy): shovel spade bucket stick hoe trowel rake
builder (size worn sturdy): hammer saw rope ladder wheelbarrow wrench screwdriver board plank
household (size worn sturdy): broom basket lantern flashlight pole brush watering_can fishing_rod paintbrush hook net
    needle candle teapot
fruit (tasty ripe size): apple pear peach/peaches plum banana orange cherry strawberry mango melon lemon apricot fig
    grape coconut pineapple berry blueberry raspberry watermelon blackberry grapefruit
treat (tasty baked): cookie cake pie muffin cupcake pancake waffle doughnut biscuit candy lollipop pretzel tart bun
    roll sandwich pastry brownie honey_cake apple_pie cheesecake gingerbread_man/gingerbread_men pizza bagel cracker
    jelly_bean marshmallow cinnamon_roll cherry_pie carrot_cake
vegetable (ripe size fresh): carrot pumpkin potato/potatoes tomato/tomatoes cucumber onion turnip radish/radishes
    cabbage corn_cob pepper beet bean pea squash/squashes mushroom
flower (colour size fresh): rose tulip daisy sunflower lily violet poppy daffodil dandelion buttercup bluebell
    snowdrop clover lilac primrose
container (colour size worn sturdy): box jar bag chest crate sack bowl pot suitcase bottle barrel drawer tin trunk
    vase pouch cup lunchbox jug tray birdcage toolbox
furniture (size worn sturdy): bed table chair sofa shelf/shelves cupboard desk bench wardrobe rug couch bookcase stool
    pillow blanket lamp curtain mirror clock fireplace carpet
outside (size leafy): tree bush log rock fence gate stump hedge haystack well wall oak pine_tree willow apple_tree
    boulder shed mailbox doghouse birdhouse fountain swing slide sandbox flower_bed wooden_bridge garden_gate
    scarecrow barrel windmill statue tent treehouse beehive fern blackberry_bush park_bench flagpole signpost
tall (leafy): oak pine_tree willow apple_tree birch chestnut_tree cherry_tree maple_tree roof chimney tower lamppost
    windmill flagpole water_tower clock_tower church_tower statue cliff palm_tree poplar
vehicle (colour size fast): car truck bus train tractor bicycle boat ship plane taxi sled sailboat canoe wagon
    fire_engine rowboat motorcycle helicopter carriage spaceship
building (colour size worn sturdy): house cottage tower castle barn hut cabin lighthouse mill church hotel palace
    stable greenhouse farmhouse
bug (colour size): ladybug butterfly bee ant beetle snail caterpillar dragonfly cricket firefly worm moth spider
    bumblebee
wild (size furry): deer/deer fox owl rabbit squirrel hedgehog frog duck swan goose/geese sparrow robin mouse/mice
    turtle lizard otter beaver badger mole crow woodpecker blackbird swallow lamb pony goat calf/calves kitten puppy
    chick duckling piglet bat seagull crab fish/fish dolphin whale chipmunk magpie toad
creature (scary size): dragon giant wolf/wolves bear monster ghost troll witch tiger crocodile snake lion goblin eagle
    dinosaur gorilla
meal: soup porridge rice pasta bread cheese stew salad honey jam popcorn toast cereal noodles butter pudding ice_cream
    yogurt oatmeal mashed_potatoes fried_eggs apple_sauce spaghetti roast_chicken
drink: milk juice water tea lemonade cocoa hot_chocolate apple_juice orange_juice cider ginger_ale grape_juice
    peppermint_tea cherry_juice
stuff: flour sugar butter milk salt cinnamon cream honey vanilla chocolate yeast baking_powder nutmeg oil syrup
paint: paint chalk glitter glue string tape paper cardboard thread wax yarn varnish
game: tag catch cards checkers chess soccer baseball football basketball tennis leapfrog marbles pirates volleyball
song: song lullaby tune poem melody ballad rhyme march carol
body: head nose ear tail paw arm hand knee foot cheek chin shoulder leg elbow forehead toe
part: wheel handle string lid arm leg wing corner button edge strap knob
sound: noise squeak bang thump whisper giggle crash splash howl meow bark knock creak hum cough scratch rattle sob
    whistle chirp snore hiss tapping buzzing
"""

# where things happen: `class preposition (classes of adjectives): words`
PLACES = """
nature in (green): forest meadow garden park field valley orchard jungle woods backyard vegetable_garden desert swamp
    vineyard
nature by (water): river lake pond sea stream waterfall harbor ocean lagoon canal
nature at (sandy): beach seaside campground playground zoo farm fairground
nature on (high): hill mountain island cliff riverbank hilltop
indoors in (room): kitchen attic bedroom cellar living_room library barn classroom bathroom hallway nursery workshop
    garage playroom pantry study tent basement
town at (busy): market bakery shop store school museum train_station bus_stop post_office toy_store bookshop fair
    circus town_square castle theater flower_shop harbor airport town_hall candy_shop
"""
