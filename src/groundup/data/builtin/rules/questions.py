"""Passages made of facts, and the questions that they answer.

The roles: H hero, F friend, V somebody who does not come into it; X the object, Y another; P the place, Z another;
K what the hero feels, J what the hero does not; M food; C when; N how many; E a verb that takes the object.
Questions and answers say of a place what it is (`goal`, `spot`) and not how: the passage need not say that.
"""

RULES = """
fact tell-opening:
    {once}, there was {a H.kind} named {H.name}.
    {once}, {a H.kind} named {H.name} lived {home-place}.
    there was once {a H.kind} named {H.name}.
    {H.name} was {a H.kind}.
    {H.name} was {a H.kind} who lived {home-place}.
    {a H.kind} named {H.name} lived {home-place}.

fact tell-going:
    {C.one}, {H} went {P.to}.
    {H} went {P.to} {C.one}.
    {C.one}, {H} walked {P.to}.
    {C.one}, {H} ran {P.to}.
    {C.one}, {H} decided to go {P.to}.

fact tell-event E:
    there, {H} {E} {a X.full}.
    {H} {E} {a X.full} there.
    after a while, {H} {E} {a X.full}.
    {H} {E} {a X.full}.
    {P.at}, {H} {E} {a X.full}.

fact tell-meeting:
    {soon-met} {F.name}, {a F.kind}.
    {soon-met} {a F.kind} named {F.name}.
    {a F.kind} named {F.name} (was there too|came along|came by|wanted to play).

phrase soon-met:
    (then|soon|there|on the way|after that), {H} met
    {H} met

fact tell-giving:
    {H} gave the {X.one} to {F.name}.
    {H} gave {F.name} the {X.one}.
    in the end, {H} gave the {X.one} to {F.name}.

fact tell-eating:
    then {H} ate {N.one} {M.many}.
    {H} had {N.one} {M.many} for lunch.
    after that, {H} ate {N.one} {M.many}.
    {H} was hungry and ate {N.one} {M.many}.

fact tell-feeling E:
    {H} was {K.one} because {H.he} had {E.done} {a X}.
    {H} felt {K.one} because {H.he} had {E.done} {a X}.
    because {H.he} had {E.done} {a X}, {H} was {K.one}.
    {H} had {E.done} {a X}, and so {H.he} felt {K.one}.

question ask-opening-who:
    who is the story about?
    who is this story about?
    what is the name of the {H.noun}?
    what was the {H.noun} called?
    what was the {H.noun} named?
    who was the {H.noun}?
    which name did the {H.noun} have?

answer answer-opening-who:
    the {H.noun} was named {H.name}.
    it was {H.name}.
    the {H.noun} was called {H.name}.

question ask-opening-kind:
    what was {H.name}?
    {H.if:animal} what kind of animal was {H.name}?
    {H.if:animal} which animal was {H.name}?
    {H.if:child} was {H.name} a boy or a girl?
    what do we know about {H.name}?
    who was {H.name}?

answer answer-opening-kind:
    {H.name} was {a H.noun}.
    {H.name} was {a H.kind}.

question ask-opening-trait:
    what was {H.name} like?
    what was the {H.noun} like?
    how would you describe {H.name}?
    what kind of {H.noun} was {H.name}?

answer answer-opening-trait:
    {H.name} was {H.trait}.
    {H.name} was {a H.kind}.

question ask-going-where:
    where did {H.name} go?
    where did the {H.noun} go?
    which place did {H.name} go to?
    where did {H.name} go {C.one}?
    can you tell me where {H.name} went?
    do you know where {H.name} went?
    where was {H.name} in the story?
    what place did the {H.noun} visit?

answer answer-going-where:
    {H.name} went {P.goal}.
    {H.he} went {P.goal}.
    the {H.noun} went {P.goal}.

question ask-going-who:
    who went {P.goal}?
    who was {P.spot}?
    which {H.noun} went {P.goal}?
    can you tell me who went {P.goal}?

answer answer-going-who:
    it was {H.name} who went {P.goal}.
    it was {H.name}.
    that was {H.name}.

question ask-going-when:
    when did {H.name} go {P.goal}?
    when did this happen?
    when was {H.name} {P.spot}?
    {C.if:day} on which day did {H.name} go {P.goal}?
    {C.if:day} what day was it when {H.name} went {P.goal}?

answer answer-going-when:
    {H.name} went {P.goal} {C.one}.
    it was {C.one}.
    {H.he} went there {C.one}.

question ask-going-yes:
    did {H.name} go {P.goal}?
    did the {H.noun} go {P.goal}?
    is it true that {H.name} went {P.goal}?
    was {H.name} {P.spot}?

answer answer-going-yes:
    yes, {H.name} went {P.goal}.
    yes, {H.he} went {P.goal}.

question ask-going-no:
    did {H.name} go {Z.goal}?
    did the {H.noun} go {Z.goal}?
    is it true that {H.name} went {Z.goal}?
    was {H.name} {Z.spot}?

answer answer-going-no:
    no, {H.name} went {P.goal}.
    no, {H.he} went {P.goal}.

question ask-event-what E:
    what did {H.name} {E.base}?
    what did the {H.noun} {E.base}?
    can you tell me what {H.name} {E}?
    what was it that {H.name} {E}?
    do you remember what {H.name} {E}?
    which thing did {H.name} {E.base}?

answer answer-event-what E:
    {H.name} {E} {a X}.
    {H.he} {E} {a X}.
    it was {a X}.

question ask-event-who E:
    who {E} the {X.one}?
    who {E} {a X}?
    can you tell me who {E} the {X.one}?
    which {H.noun} {E} the {X.one}?

answer answer-event-who E:
    it was {H.name} who {E} the {X.one}.
    it was {H.name}.
    that was {H.name}.

question ask-event-where E:
    where did {H.name} {E.base} the {X.one}?
    in which place did {H.name} {E.base} the {X.one}?
    where was {H.name} when {H.he} {E} the {X.one}?

answer answer-event-where E:
    {H.name} {E} it {P.spot}.
    {H.he} {E} the {X.one} {P.spot}.
    it was {P.spot}.

question ask-event-yes E:
    did {H.name} {E.base} {a X}?
    is it true that {H.name} {E} {a X}?
    did the {H.noun} {E.base} {a X}?

answer answer-event-yes E:
    yes, {H.name} {E} {a X}.
    yes, {H.he} {E} {a X}.

question ask-event-no E:
    did {H.name} {E.base} {a Y}?
    is it true that {H.name} {E} {a Y}?
    did the {H.noun} {E.base} {a Y}?

answer answer-event-no E:
    no, {H.name} {E} {a X}.
    no, {H.he} {E} {a X}.
    no, it was {a X}.

question ask-event-look E:
    what was the {X.one} like?
    how did the {X.one} look?
    what kind of {X.one} was it?
    what did the {X.one} look like?
    which word tells us about the {X.one}?

answer answer-event-look E:
    the {X.one} was {X.adjective}.
    it was {X.adjective}.
    it was {a X.full}.

question ask-meeting-who:
    who did {H.name} meet?
    who else was there?
    who came along?
    what was the name of the {F.noun}?
    who was with {H.name}?
    who was the {F.noun}?
    can you tell me who {H.name} met?

answer answer-meeting-who:
    {H.name} met {F.name}.
    it was {F.name}.
    {H.he} met {F.name}.

question ask-meeting-kind:
    what was {F.name}?
    who was {F.name}?
    what do we know about {F.name}?
    {F.if:animal} what kind of animal was {F.name}?

answer answer-meeting-kind:
    {F.name} was {a F.noun}.
    {F.name} was {a F.kind}.

question ask-meeting-no:
    did {H.name} meet {V.name}?
    was {V.name} there?
    is it true that {H.name} met {V.name}?

answer answer-meeting-no:
    no, {H.name} met {F.name}.
    no, it was {F.name}.

question ask-giving-who:
    who did {H.name} give the {X.one} to?
    who got the {X.one}?
    who has the {X.one} now?
    who did {H.he} give the {X.one} to?

answer answer-giving-who:
    {H.he} gave it to {F.name}.
    it was {F.name}.
    {H.name} gave it to {F.name}.

question ask-eating-how-many:
    how many {M.many} did {H.name} eat?
    how many {M.many} were eaten?
    how many {M.many} did {H.he} have?
    how many {M.many} were there?

answer answer-eating-how-many:
    {H.name} ate {N.one} {M.many}.
    there were {N.one} {M.many}.
    {H.he} ate {N.one} {M.many}.

question ask-eating-what:
    what did {H.name} eat?
    what did {H.he} have for lunch?
    what was there to eat?
    can you tell me what {H.name} ate?

answer answer-eating-what:
    {H.name} ate {N.one} {M.many}.
    {H.he} ate {M.many}.
    there were {M.many} to eat.

question ask-feeling-how E:
    how did {H.name} feel?
    how did the {H.noun} feel?
    how was {H.name} in the end?
    what did {H.name} feel?
    how did {H.name} feel about the {X.one}?
    can you tell me how {H.name} felt?
    was {H.name} {K.one} or {J.one}?

answer answer-feeling-how E:
    {H.name} was {K.one}.
    {H.name} felt {K.one}.
    {H.he} felt {K.one}.

question ask-feeling-why E:
    why was {H.name} {K.one}?
    why did {H.name} feel {K.one}?
    why was the {H.noun} {K.one}?
    what made {H.name} {K.one}?
    what was the reason that {H.name} felt {K.one}?

answer answer-feeling-why E:
    {H.name} was {K.one} because {H.he} had {E.done} {a X}.
    because {H.he} had {E.done} {a X}.
    {H.he} felt {K.one} because {H.he} had {E.done} {a X}.

question ask-feeling-yes E:
    was {H.name} {K.one}?
    did {H.name} feel {K.one}?
    is it true that {H.name} was {K.one}?

answer answer-feeling-yes E:
    yes, {H.name} was {K.one}.
    yes, {H.he} was {K.one}.
    yes, {H.he} was.

question ask-feeling-no E:
    was {H.name} {J.one}?
    did {H.name} feel {J.one}?
    is it true that {H.name} was {J.one}?

answer answer-feeling-no E:
    no, {H.name} was {K.one}.
    no, {H.he} felt {K.one}.

verb to-find:
    *find

verb to-lose:
    *lose

verb to-buy:
    *buy

verb to-win:
    *win

verb to-make:
    *make

verb to-break:
    *break

verb to-drop:
    *drop

verb to-see:
    *see

verb to-bake:
    *bake

verb to-pick:
    *pick

verb to-draw:
    *draw

verb to-borrow:
    *borrow

verb to-hide:
    *hide

verb to-paint:
    *paint

verb to-catch:
    *catch

verb to-receive:
    *receive

verb to-carry:
    *carry

verb to-choose:
    *choose

verb to-discover:
    *discover

verb to-repair:
    *repair
"""
