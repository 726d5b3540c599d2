"""Plots about making things that take time: building, planting."""

RULES = """
plot build-together F=known P=nature X=builder|digger:
    {open} ¶ {build-plan} {gather} {first-build} {collapses} ¶ {sad-builders} {stronger-idea} {second-build} ¶
        {proud-builders}
        {ending}
    {open} ¶ {build-plan} {first-build} {collapses} {sad-builders} ¶ {comes-new} {stronger-idea} {second-build}
        {celebrate} ¶
        {moral (patience)}

phrase project:
    a (treehouse|sandcastle|raft|tower|snowman|bridge|birdhouse|little house|kite|cart|boat|tent|dam|fort|swing|bench)

scene build-plan:
    {one-day (wants-build)} {tell H F (build-words)} {say F (yes)}
    {tell H F (build-words)} {so (liked-it-idea) (start-build)}
    {one-day (wants-build)} {so (needed-help) (asks-friend)}

clause wants-build:
    {H} wanted to build {project}
    {H} had a plan to build {project}
    {H} saw {project} in {a book} and wanted one too

clause needed-help:
    {H} could not do it alone
    it was too much work for one

clause asks-friend:
    {H} asked {F.him} to help
    {H} went to {F's} house

clause liked-it-idea:
    {F} liked the plan
    {F: be-glad}

clause start-build:
    they began at once
    {T} set to work

speech build-words:
    Let us build {project}!
    Will you help me build {project}?
    We need (wood|sticks|stones|rope|sand|blankets) and {a X}.

scene gather:
    {H} brought {a X}, and {F} brought {number} {container.many}.
    {then (gathers) (gathers)}
    {just (gathers)} {F} carried it all in {a container}.

clause gathers:
    they looked for (wood|sticks|stones|rope|leaves|boards) {P.at}
    {H} found some (wood|sticks|stones|rope|nails) {spot}
    {F} got {a tool}

scene first-build:
    {then (start-build) (works-long)}
    {T} worked {for-long}. {soon (looks-good)}
    {so (hurry-up) (quick-work)} {soon (looks-good)}

clause hurry-up:
    {H} was in a hurry
    {H} did not want to wait
    it was getting late

clause quick-work:
    they did not make it very strong
    {H} forgot to use the {X}

clause works-long:
    they worked {for-long}
    {H} held the (wood|sticks|rope) and {F} used the {X}
    they dug and pulled and pushed

clause looks-good:
    it looked {nice-look}
    it was almost done
    it was as tall as {H}

scene collapses:
    {suddenly (falls)}
    {but (looks-good) (falls)}
    {while (works-long) (falls)} {say H (oh-no)}
    {then (bad-weather) (falls)}

clause bad-weather:
    the wind began to blow
    a big wave came
    it started to rain
    {a wild} jumped on it

clause falls:
    it all fell down
    it broke into pieces
    there was a loud {sound.one}, and everything fell down
    the wind blew it over

scene sad-builders:
    {so (falls) (cries H)} {say H (no-more)}
    {T: be-sad}. {say H (no-more)}
    {but (is-sad H) (friend-calm)} {tell F H (cheer-on H)}

clause friend-calm:
    {F} did not give up
    {F} only smiled

scene comes-new:
    {soon (came-to-see)} {tell G H (what-is-wrong H)} {say G (offer-help)}
    {just (came-to-see)} {tell G H (cheer-on H)}

clause came-to-see:
    {G} came to (look|see them|see what was wrong)
    {G} came out of the {home}

scene stronger-idea:
    {say F (strong-words)}
    {say F (idea)} {say F (strong-words)}
    {suddenly (has-idea)} {say H (strong-words)}

speech strong-words:
    We must make it stronger.
    We need bigger (stones|sticks|boards).
    This time we will take our time.
    Let us tie it with a rope.
    We should use the {X}.

scene second-build:
    {so (learned-how) (works-long)} {at-last (done-build)}
    {then (start-build) (works-long)} {at-last (done-build)}
    they began again. {just (works-long)} {at-last (done-build)}

clause learned-how:
    now they knew how to do it
    they were not in a hurry this time

clause done-build:
    it was done
    it was finished, and it did not fall
    it stood strong in the wind

scene proud-builders:
    {so (done-build) (is-proud T)}
    {T: be-proud}. {say H (look-at-it)}
    {when (done-build) (is-glad T)} {say F (look-at-it)}

speech look-at-it:
    Look what we made!
    We did it together!
    It is the best one in the whole {landmark}.

plot garden X=vegetable|fruit|flower G=relation|worker F=known Y=digger:
    {open} ¶ {gets-seed} {plants-it} {waits} ¶ {impatient} {patience-advice} {cares-for} ¶ {grows} {harvest}
        {last-line}
    {open} ¶ {gets-seed} {plants-it} {waits} {impatient} ¶ {patience-advice} {cares-for} {grows} {harvest} ¶
        {moral (patience)}

scene gets-seed:
    {one-day (has-seed)} {say G (seed-words)}
    {tell G H (seed-words)} {so (has-seed) (is-glad H)}
    {one-day (finds-seed)} {tell H G (seed-question)} {say G (seed-words)}

clause has-seed:
    {G} gave {H.him} a (seed|tiny seed|little seed|brown seed)
    {H} got a (little|tiny|small) seed from {G.him}

clause finds-seed:
    {H} found a (little|tiny|strange) seed {spot-outside}

speech seed-question:
    What is this?
    What will grow from this seed?

speech seed-words:
    Plant it, and you will see.
    Give it water and sun.
    One day it will be {a X}.
    Small things can grow big.

scene plants-it:
    {then (digs) (plants)}
    {H} took {a Y}. {then (digs) (plants)}
    {just (plants)} {H} gave it some water.

clause digs:
    {H} dug a (small|little|deep) hole {spot-outside}
    {H} found a sunny place in the garden

clause plants:
    {H} put the seed into the (ground|earth|soil)
    {H} planted the seed

scene waits:
    {but (waits-day) (nothing-grows)}
    {every-day}, {H} looked at the ground. {but (waits-day) (nothing-grows)}
    {H} waited {for-long}. {just (nothing-grows)}

clause waits-day:
    {H} waited {for-long}
    {H} watered it every morning
    {number} days went by

clause nothing-grows:
    nothing happened
    nothing grew
    there was nothing to see

scene impatient:
    {so (nothing-grows) (is-cross H)} {say H (seed-complaint)}
    {think H (seed-complaint)} {H: be-sad}.
    {tell H G (seed-complaint)}

speech seed-complaint:
    Why does it not grow?
    I have waited so long!
    It will never grow.
    Maybe it is a bad seed.

scene patience-advice:
    {tell G H (patience)} {so (listens H) (cares)}
    {say G (patience-words)}
    {G} {look-at H G}. {say G (patience-words)}

clause listens S:
    {S} listened
    {S} nodded
    {S} *be ready to wait

speech patience-words:
    Be patient, {H.name}.
    Good things take time.
    A seed sleeps before it wakes up.
    You cannot hurry a seed.

scene cares-for:
    {every-day}, {cares}.
    {so (listens H) (cares)}
    {then (cares) (cares)} {F} came to help.

clause cares:
    {H} gave it water
    {H} pulled out the weeds
    {H} sang {a song} to it
    {H} chased away the {bug.many}
    {H} put a little fence around it

scene grows:
    {later (sprout)} {say H (sprout-words)}
    {suddenly (sprout)} {so (sprout) (is-glad H)}
    {one-day (sprout)} {at-last (ripe-now)}

clause sprout:
    {H} saw a (tiny|little|small) green leaf
    something green came out of the ground

clause ripe-now:
    there was {a X}
    the {X} was big and {nice-look}

speech sprout-words:
    Look! It is growing!
    Come and see!
    It was only sleeping!

scene harvest:
    {so (ripe-now) (is-proud H)} {say H (wow X)} {later (feast)}
    {at-last (ripe-now)} {H} gave it to {G.him}. {say G (well-done H)}
    {when (ripe-now) (is-proud H)} {tell G H (well-done H)} {just (cooks-it)}

clause cooks-it:
    they made {meal} with the {X:vegetable}
    they made {a treat} with the {X:fruit}
    they put the {X:flower} in a vase
    {H} shared it with {F.him}
"""
