"""Sentence shapes: how one or two clauses, or something said, make sentences."""

RULES = """
shape just A:
    {A}.

shape one-day A:
    {a-fine-day}, {A}.
    {a-fine-day}, {A}.
    {A} {a-fine-day}.
    then, {a-fine-day}, {A}.
    {a-fine-day}, when {weather}, {A}.

shape while-weather A:
    {weather}, and {A}.
    {weather} when {A}.
    {weather}. {A}.

shape suddenly A:
    {all-at-once}, {A}!
    {all-at-once}, {A}.
    but {all-at-once} {A}.
    then {A}.
    and then it happened. {A}.

shape soon A:
    {in-time}, {A}.
    it was not long before {A}.
    {in-time} {A}.

shape at-last A:
    {finally}, {A}.
    {finally}, {A}!
    it took a long time, but {finally} {A}.

shape later A:
    {another-time}, {A}.

shape ever-after A:
    {since-then}, {A}.
    {A} {since-then}.

shape so A B:
    {A}, so {B}.
    {A}, so {B}.
    {A}. {B}.
    {A}, and {B}.
    because {A}, {B}.
    {B} because {A}.
    {A}. That was why {B}.
    since {A}, {B}.

shape then A B:
    {A}, and then {B}.
    {A}. Then {B}.
    {A}, and {B}.
    after {A}, {B}.
    as soon as {A}, {B}.
    first {A}, and then {B}.
    once {A}, {B}.
    {A}. After that, {B}.
    {A}. {in-time}, {B}.
    {A}. {B}.
    {A} before {B}.
    {A} until {B}.
    while {A}, {B}.

shape but A B:
    {A}, but {B}.
    {A}, but {B}.
    {A}. But {B}.
    although {A}, {B}.
    even though {A}, {B}.
    {A}. However, {B}.
    {A}, yet {B}.
    {A}. Still, {B}.

shape when A B:
    when {A}, {B}.
    as {A}, {B}.
    as soon as {A}, {B}.
    the moment {A}, {B}.
    {A}. {B}.
    {A}, and {B}.

shape while A B:
    while {A}, {B}.
    as {A}, {B}.
    {A} when suddenly {B}.
    {A}, and {all-at-once} {B}.
    {A}. Suddenly, {B}!

clause both S D E:
    {S: D} and {E@S}

saying ask-word:
    (asked|asked|asked|asked|whispered)

saying say-word:
    (said|said|said|said|replied|answered|whispered|called)

saying cry-word:
    (cried|shouted|called|said|laughed|yelled)

shape say S Q:
    "{Q.}," {say-word} {S.full} [{softly}].
    "{Q.}," {S} {say-word} [{softly}].
    {S} {say-word} [{softly}], "{Q.}."
    {S} {gesture} and {say-word}, "{Q.}."
    {S} {gesture}. "{Q.}."
    "{Q?}?" {ask-word} {S.full} [{softly}].
    {S} {ask-word} [{softly}], "{Q?}?"
    {S} {gesture} and {ask-word}, "{Q?}?"
    "{Q!}!" {cry-word} {S.full} [{softly}].
    {S} {cry-word} [{softly}], "{Q!}!"
    {S} {gesture} and {cry-word}, "{Q!}!"

phrase gesture:
    (nodded|smiled|looked up|took a deep breath|thought for a moment|sighed|laughed|jumped up|turned around)

shape tell S O Q:
    "{Q.}," {S} {say-word} to {O.him}.
    {S} {say-word} to {O.him}, "{Q.}."
    {S} {look-at O S} and {say-word}, "{Q.}."
    {S} {look-at O S}. "{Q.}," {say-word} {S.full} [{softly}].
    "{Q?}?" {ask-word} {S.full} [{softly}].
    {S} asked {O.him}, "{Q?}?"
    {S} {look-at O S} and {ask-word}, "{Q?}?"
    {S} {look-at O S} and {cry-word}, "{Q!}!"
    {S} {look-at O S}. "{Q!}!"
    {S} {look-at O S}. "{Q?}?"
    {S} {look-at O S}. "{Q!}!" {cry-word} {S.full}.

phrase look-at O S:
    (smiled at|looked at|turned to|ran up to|went to|walked up to|nodded at|waved to) {O.him}
    took {O's} hand
    sat down next to {O.him}

shape think S Q:
    "{Q.}," {S} thought.
    {S} thought, "{Q.}."
    {S} said to {S.himself}, "{Q.}."
    "{Q.}," {S} said to {S.himself}.
    "{Q!}!" thought {S.full}.
    {S} thought, "{Q!}!"
    "{Q?}?" wondered {S.full}.
    {S} wondered, "{Q?}?"
    {S} asked {S.himself}, "{Q?}?"
"""
