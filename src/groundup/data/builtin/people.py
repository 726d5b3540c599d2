"""Who the stories are about: names, kinds, traits, relations and trades. A line is `class: words`."""

NAMES = """
boys: Tom Ben Max Sam Leo Jack Tim Finn Noah Liam Owen Luke Eli Adam Henry Oscar Hugo Felix Theo Jonas Peter Paul Simon
    Mark Daniel David Jacob Ethan Lucas Oliver Nathan Caleb Isaac Toby Charlie Freddy George Harry Jamie Kevin Marco
    Milo Nico Omar Pablo Rafael Ravi Samir Tariq Victor Walter Arthur Carlos Diego Emil Franz Gustav Hamid Ivan Jorge
    Kenji Lars Mateo Nils Otis Pedro Quentin Roman Stefan Timur Umar Vincent Wendell Xavier Yusuf Zack Albert Bobby
    Colin Dylan Edgar Frank Gavin Howard Ian Jerome Keith Logan Martin Neil Oleg Patrick Ralph Scott Travis Ulysses
    Warren Yoshi Aaron Boris Cedric Dennis Elliot Fabian Gilbert Hector Ismael Julian Kofi Lorenzo Manuel Norman Orson
    Philip Rory Sergio Tobias Viktor Wesley Zane
girls: Mia Lily Anna Sue Emma Zoe Ella Lucy Mary Sara Nora Ruby Ivy Clara Alice Sophie Chloe Grace Hannah Julia Molly
    Amy Katie Ellie Maya Nina Olivia Penny Rosie Tessa Violet Wendy Abby Carla Dora Eva Fiona Greta Heidi Irene Jenny
    Kira Lena Maria Nadia Opal Paula Rachel Selma Tina Uma Vera Willa Yara Zara Aisha Bianca Celia Daphne Elena Flora
    Gloria Helena Ines Joan Karin Lola Marta Naomi Odette Pia Rita Sonia Thea Ursula Vivian Wilma Yoko Agnes Beatrice
    Cora Diana Edith Frida Gemma Hilda Judith Kate Laura Megan Nell Olga Peggy Sylvia Trudy Zelda Amina Bridget Carmen
    Delia Esther Freya Georgia Hester Ingrid Jasmine Keiko Leila Miriam Noor Ophelia Priya Rosa Stella Tamara Valerie
    Wanda Yasmin
he-animals: Rusty Buster Pip Hopper Fuzzy Bruno Whiskers Spike Bandit Chester Digger Rocky Nutty Barnaby Copper Dash
    Ember Flicker Gizmo Inky Jumper Kipper Lucky Marble Nibbles Ollie Patch Quill Ranger Scamper Tumble Waddles Zigzag
    Bumble Dusty Fidget Grizzle Honker Mossy Paddle Rumble Snuffles Thistle Twig Wiggles Bramble Pudge Shadow Boomer
    Comet Domino Flash Growler Ziggy Pepe Smokey Turbo Wobble Yogi
she-animals: Daisy Poppy Fluffy Honey Luna Ginger Willow Pepper Mitzi Coco Bluebell Clover Dewdrop Feather Goldie Hoppy
    Jingle Kiki Lulu Mimi Nutmeg Olive Pearl Queenie Rosebud Snowy Tansy Velvet Wren Bella Cinnamon Dottie Fern Heather
    Juniper Lavender Maple Nettie Pansy Sparkle Star Sunny Tilly Trixie Twinkle Winnie Zuzu Berry Cherry Buttons Misty
    Skye Amber Biscuit Cocoa Dizzy Hazel Iris Peaches Ruffles Sugar
surnames: Brown Green Hill Potter Bell Woods Rivers Stone Reed Marsh Baker Finch Lamb Cooper Field Gray Hart King Lane
    Moss North Page Rose Short Tate Vale Webb York Archer Bloom Crane Drake Frost Glover Hood Jolly Kettle Little Miller
    Nash Oakley Pickle Plum Quick Rowe Swift Thorn Underwood Whistle Winter Bishop Carver Dale Fisher Gale Harper
"""

ANIMALS = """
furry: fox rabbit bear squirrel hedgehog mouse kitten puppy lamb pony otter beaver badger mole raccoon koala panda lion
    tiger wolf deer goat piglet hamster donkey monkey cat dog bunny sheep elephant hippo kangaroo cow llama chipmunk
    giraffe zebra camel skunk ferret moose gorilla sloth rhino leopard antelope
bird: owl duck robin sparrow penguin swan parrot crow goose chick hen rooster eagle pigeon duckling seagull peacock
    flamingo ostrich stork magpie woodpecker canary
scaly: frog turtle lizard crocodile snake dragon dinosaur crab octopus dolphin whale seal toad gecko walrus iguana
    tadpole lobster
"""

TRAITS = """
child: little clever kind brave curious shy cheerful quiet friendly happy young careful lively polite playful stubborn
    funny gentle smart lonely busy proud honest silly bright thoughtful impatient dreamy helpful messy hungry lazy
    small tall freckled red-haired adventurous talkative bookish
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
    tailor shoemaker cook nurse policeman firefighter blacksmith clockmaker musician shepherd beekeeper zookeeper
    juggler magician neighbor toymaker captain forester king queen wizard potter pilot dentist inventor basketmaker
    lighthouse_keeper ferryman astronaut
"""

ONLY_SHE = frozenset({"girl", "hen", "cow", "queen"})
ONLY_HE = frozenset({"boy", "rooster", "peacock", "king", "fisherman", "postman", "policeman", "wizard", "ferryman"})
