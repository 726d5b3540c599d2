"""Plots about what must be done first: tidying, practicing."""

RULES = """
plot messy-room X=toy|book|clothing|instrument G=relation F=known:
    {open} {love-thing} ¶ {room-messy} {cannot-find} {told-tidy} ¶ {starts-tidy} {finds-others} {thing-there} ¶
        {proud-room} {last-line}
    {open} {love-thing} ¶ {room-messy} {cannot-find} {told-tidy} {grumbles} ¶ {starts-tidy} {finds-others}
        {thing-there} ¶ {proud-room}
        {moral (caring)}

scene room-messy:
    {but (loved-play) (hated-tidy)}
    {H.his} (room|bedroom|corner|nest) was always a mess. {just (things-about)}
    {so (hated-tidy) (things-about)}

clause loved-play:
    {H: like (fun)}
    {H} was {good}

clause hated-tidy:
    {H} did not like to tidy up
    {H} never put anything away

clause things-about:
    there were {toy.many} and {clothing.many} everywhere
    there was {a thing} {spot-inside}
    nobody could see the floor

scene cannot-find:
    {one-day (wants-thing)} {but (looks-inside-for) (gone)}
    {one-day (gone)} {say H (where-is)}
    {when (wants-thing) (gone)} {say H (where-is)}

clause looks-inside-for:
    {H} looked {spot-inside} and {spot-inside}
    {H} looked everywhere

scene told-tidy:
    {tell H G (help-find)} {say G (tidy-words)}
    {tell G H (tidy-words)}
    {when (came-in) (saw-mess)} {say G (tidy-words)}

clause came-in:
    {G} came in

clause saw-mess:
    {G} shook {G.his} head
    {G} could not find a place to stand

speech help-find:
    I cannot find my {X}!
    Have you seen my {X}?

speech tidy-words:
    No wonder! Look at this room.
    Tidy up first, and you will find it.
    Everything needs a place.
    Start with one thing.

scene grumbles:
    {H: be-cross}. {say H (grumble)}
    {but (grumbled) (began-tidy)}

clause grumbled:
    {H} grumbled
    {H} did not want to

speech grumble:
    That will take all day!
    I do not want to tidy up.
    It is boring!

scene starts-tidy:
    {then (began-tidy) (puts-away)} {then (puts-away) (puts-away)}
    {F} came to help. {then (puts-away) (puts-away)}
    {so (no-choice) (began-tidy)} {just (puts-away)}

clause no-choice:
    {H} wanted the {X} back
    there was no other way

clause began-tidy:
    {H} began to tidy up

clause puts-away:
    {H} put the {toy.many} into {a container}
    {H} put the {book.many} on the shelf
    {H} folded {H.his} {clothing.many}
    {H} hung {H.his} {clothing.one} up
    {F} swept the floor
    {H} looked under the {furniture.one}

scene finds-others:
    {soon (finds-other)} {say H (wow-lost)}
    {then (finds-other) (finds-other)}
    {suddenly (finds-other)} {H: be-surprised}.

clause finds-other:
    {H} found {a thing} {spot-inside}
    {H} found {a toy} that had been lost for a year
    there was {a treasure} under the {furniture.one}
    {F} found {number} {treasure.many} {spot-inside}

speech wow-lost:
    So that is where it was!
    I had forgotten all about this!
    This was lost for a year!

scene thing-there:
    {at-last (there-X)} {say H (found-mine)}
    {when (lifts) (there-X)} {H: be-glad}.
    {so (there-X) (is-glad H)} {say H (found-mine)}

clause lifts:
    {H} lifted the last {clothing.one}
    {H} moved the {furniture.one}

clause there-X:
    there was the {X}
    {H} saw {H.his} {X} {spot-inside}

speech found-mine:
    Here is my {X}!
    I found it!
    My {X} was here all the time!

scene proud-room:
    {when (came-in) (is-proud-of)} {say G (well-done H)}
    the room was as clean as a new pin. {tell G H (well-done H)} {H: be-proud}.
    {H: be-proud}. {ever-after (keeps-tidy)}

clause is-proud-of:
    {G} could not believe {G.his} eyes
    {G: be-proud}

clause keeps-tidy:
    {H} put everything in its place
    {H} tidied up every {weekday}

plot stage-fright X=instrument F=known G=relation|worker P=town:
    {open} {love-thing} ¶ {big-show} {practices-show} {nervous} ¶ {on-stage} {mistake} {friend-claps} ¶ {plays-well}
        {cheers-crowd} {ending}
    {open} {love-thing} ¶ {big-show} {nervous} {friend-tip} ¶ {on-stage} {plays-well} {cheers-crowd} ¶
        {moral (courage)}

scene big-show:
    {one-day (invited)} {say G (show-words)}
    {tell G H (show-words)} {so (invited) (is-glad H)}
    there was going to be a show {P.at}. {just (invited)}

clause invited:
    {G} asked {H.him} to play the {X} {P.at}
    {H} was asked to play in front of everyone

speech show-words:
    You play the {X} so well!
    Will you play for us on {weekday}?
    Everybody would love to hear your {X}.

scene practices-show:
    {every-day}, {practices-X}.
    {H} played {a song} again and again. {soon (sounds-better)}
    {so (wants-perfect) (practices-X)}

clause wants-perfect:
    {H} wanted to play well
    it was an important day

clause sounds-better:
    it sounded (better every day|sweet and clear|better and better)
    everyone stopped to listen

clause practices-X:
    {H} practiced the {X} {for-long}
    {H} practiced {a song} on the {X}

scene nervous:
    {when (show-day) (is-afraid H)} {think H (stage-thought)}
    {later (show-day)} {H: be-afraid}.
    {but (looked-forward) (is-afraid H)} {think H (stage-thought)}

clause show-day:
    the big day came
    {H} saw all the people

clause looked-forward:
    {H} had looked forward to it
    {H} knew every note

speech stage-thought:
    What if I make a mistake?
    So many people are here!
    My hands are shaking.
    I want to go home.

scene friend-tip:
    {tell F H (tip-words)} {H: be-calm}.
    {tell F H (cheer-on H)} {say F (tip-words)}

speech tip-words:
    Look only at me.
    Take a deep breath and smile.
    Think of something funny.
    I will sit in the first row.

scene on-stage:
    {then (steps-up) (begins-play)}
    {at-last (steps-up)} everybody was quiet.
    {just (steps-up)} {just (begins-play)}

clause steps-up:
    {H} stepped on the stage
    {H} took the {X} and bowed

clause begins-play:
    {H} began to play {a song}
    the first note was soft

scene mistake:
    {suddenly (wrong-note)} {so (wrong-note) (is-sad H)}
    {but (begins-play) (wrong-note)} {H: be-afraid}.

clause wrong-note:
    {H} played a wrong note
    {H} forgot the {song.one}
    {H.his} fingers stopped

scene friend-claps:
    {but (all-quiet) (claps F)}
    {suddenly (claps F)} {tell F H (cheer-on H)}
    {when (saw-F) (is-calm H)}

clause all-quiet:
    nobody said a word
    it was very quiet

clause claps S:
    {S} began to clap
    {S} smiled and waved

clause saw-F:
    {H} saw {F.him} in the first row
    {H} looked at {F.him}

scene plays-well:
    {so (is-calm H) (plays-on)}
    {then (breath) (plays-on)}
    {at-last (plays-on)} {just (music-filled)}

clause plays-on:
    {H} played {a song} from beginning to end
    {H} played better than ever

clause music-filled:
    the music filled the {town.one}
    even the {wild.many} listened

scene cheers-crowd:
    everyone clapped and cheered. {H: be-proud}. {tell G H (well-done H)}
    {so (everyone-claps) (is-proud H)} {tell F H (well-done H)}
    {when (song-over) (everyone-claps)} {H: be-proud}.

clause song-over:
    the {song.one} was over
    {H} bowed

clause everyone-claps:
    everybody clapped
    the people (cheered|threw flowers|stood up)
"""
