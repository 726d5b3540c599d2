"""Who the stories are about: names, kinds, traits, relations and trades. A line is `class: words`."""

NAMES = """
boys: Tom Ben Max Sam Leo Jack Tim Finn Noah Liam Owen Luke Eli Adam Henry Oscar Hugo Felix Theo Peter Paul Simon Mark
    Daniel David Jacob Lucas Oliver Nathan Toby Freddy George Harry Kevin Marco Milo Nico Omar Pablo Ravi Samir Victor
    Arthur Carlos Diego Emil Hamid Ivan Kenji Lars Mateo Nils Otis Pedro Roman Stefan Yusuf Zack Bobby Albert
girls: Mia Lily Anna Sue Emma Zoe Ella Lucy Mary Sara Nora Ruby Ivy Clara Alice Sophie Chloe Grace Hannah Julia Molly
    Amy Katie Maya Nina Olivia Penny Rosie Tessa Wendy Carla Dora Eva Fiona Greta Heidi Jenny Kira Lena Maria Nadia
    Paula Rachel Tina Uma Vera Yara Zara Aisha Bianca Elena Flora Gloria Helena Ines Marta Naomi Rita Stella Yoko
he-animals: Rusty Buster Pip Hopper Fuzzy Bruno Whiskers Spike Bandit Chester Digger Rocky Barnaby Copper Dash Flicker
    Jumper Kipper Lucky Nibbles Ollie Patch Ranger Scamper Tumble Waddles Zigzag Bumble Dusty Fidget Grizzle Honker
    Paddle Rumble Snuffles Twig Wiggles Shadow Boomer Comet
she-animals: Daisy Poppy Fluffy Honey Luna Ginger Willow Pepper Mitzi Coco Bluebell Clover Feather Goldie Hoppy Jingle
    Kiki Lulu Mimi Nutmeg Pearl Queenie Rosebud Snowy Velvet Bella Cinnamon Dottie Fern Heather Juniper Maple Nettie
    Sparkle Sunny Tilly Trixie Winnie Berry Misty
surnames: Brown Green Hill Potter Bell Woods Rivers Stone Baker Finch Cooper Field Gray Hart King North Page Rose
    Short Winter Frost Plum Miller Little
"""

ANIMALS = """
furry: fox rabbit bear squirrel hedgehog mouse kitten puppy lamb pony otter beaver badger mole raccoon koala panda lion
    tiger wolf deer goat piglet hamster donkey monkey cat dog bunny sheep elephant hippo kangaroo cow llama chipmunk
    giraffe zebra camel skunk moose gorilla
bird: owl duck robin sparrow penguin swan parrot crow goose chick hen rooster eagle pigeon duckling seagull peacock
    flamingo ostrich stork woodpecker
scaly: frog turtle lizard crocodile snake dragon dinosaur crab octopus dolphin whale seal toad walrus
"""

TRAITS = """
child: little clever kind brave curious shy cheerful quiet friendly happy young careful lively polite playful stubborn
    funny gentle smart lonely busy proud honest silly bright thoughtful impatient dreamy helpful messy hungry lazy
    small tall adventurous
animal: little clever kind brave curious shy cheerful quiet friendly happy young careful lively playful stubborn funny
    gentle smart lonely proud silly hungry lazy tiny small big fluffy gray brown spotted wise sleepy grumpy noisy clumsy
    fast slow chubby graceful nervous
worker: old kind wise friendly tall jolly busy quiet gentle cheerful clever patient tired round bearded elderly
"""

# noun, name, gender
RELATIONS = """
mom Mom she; dad Dad he; grandma Grandma she; grandpa Grandpa he; mother Mother she; father Father he;
granny Granny she; aunt Auntie she; uncle Uncle he
"""

TRADES = """
worker: baker farmer teacher doctor gardener fisherman carpenter librarian postman shopkeeper painter sailor miller
    tailor cook nurse policeman firefighter shepherd beekeeper zookeeper magician neighbor toymaker captain king queen
    wizard pilot
"""

ONLY_SHE = frozenset({"girl", "hen", "cow", "queen"})
ONLY_HE = frozenset({"boy", "rooster", "peacock", "king", "fisherman", "postman", "policeman", "wizard"})
