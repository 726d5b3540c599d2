"""What people say: greetings, questions, comfort, thanks."""

RULES = """
speech my-name S:
    Hello, my name is {S.name}. What is your name?
    Hi! I am {S.name}!
    Hello, I am {S.name}. (Do you live here|Can I sit with you|Would you like to play)?
    I am {S.name}, and I love {fun.ing@I}.
    My name is {S.name}. {I: like (fun)}.

speech invite:
    Let us {fun.base@W} {together}!
    Would you like to {fun.base@U} with me?
    Do you want to {fun.base@U}?
    Come and {fun.base@U} with me!
    Let us go and {fun.base@W}.
    {I: want (fun)}. Will you come with me?
    We could {fun.base@W}. What do you think?

speech yes:
    Yes, please!
    Of course!
    Yes, let us do that!
    That sounds (fun|great|wonderful|like a good plan|perfect).
    Yes, I would love to!
    Oh yes, that is a (great|wonderful|good|clever|fine) idea!
    Sure, why not!
    I would be happy to.

speech what-is-wrong O:
    What is wrong, {O.name}?
    Why are you (so sad|crying|sitting here all alone|so quiet|looking so {sad}), {O.name}?
    What happened, {O.name}?
    Are you all right, {O.name}?
    You look {sad}. What is the matter?
    Oh dear, {O.name}! What happened?
    {O.name}, why are you crying?

speech offer-help:
    Do not worry. I will help you.
    I can help you.
    Let me help you!
    Do not cry. We will (find a way|do it|think of something) together.
    Do not be {sad}. I have an idea!
    We can do it together.
    May I help you?
    Dry your eyes. Two heads are better than one.
    I will help you. That is what friends are for.

speech ask-help O:
    Can you help me, {O.name}?
    Please help me!
    {O.name}, will you help me, please?
    I need your help, {O.name}.
    Could you help me, please?
    I do not know what to do. Can you help me?

speech thanks O:
    Thank you, {O.name}!
    Thank you so much, {O.name}. You are {a kindly} friend.
    Thank you for (helping me|your help|everything|being so kind), {O.name}!
    You are the best friend in the whole world!
    You are so {kindly}, {O.name}. Thank you!
    I will never forget this, {O.name}. Thank you.
    How {kindly} of you! Thank you.
    I could not have done it without you.

speech welcome:
    You are welcome.
    I am happy to help.
    That is what friends are for.
    It was nothing.
    Any time!
    I am glad you are {glad}.
    You would do the same for me.

speech apology O:
    I am [so|very] sorry, {O.name}.
    I am sorry. I did not mean to (hurt you|make you sad|do it).
    Please forgive me, {O.name}.
    I am sorry that I was {bad}. Can you forgive me?
    It was my fault. I am [so|very] sorry.
    I was wrong, {O.name}. I am sorry.
    I should not have done that. Please forgive me.

speech forgive O:
    It is all right, {O.name}. I forgive you.
    That is okay. (Everyone|Everybody) makes mistakes.
    I am not {cross} anymore.
    I forgive you. Thank you for telling the truth.
    Do not worry, {O.name}. We are still friends.
    You were {good} to tell me. I forgive you.
    It is all right. You said sorry, and that is what matters.

speech well-done O:
    Well done, {O.name}!
    I am [so|very] proud of you, {O.name}.
    You did it, {O.name}!
    Hooray for {O.name}!
    I knew you could do it.
    That was [so|very] {good} of you!
    You are [so|very] {good}, {O.name}!

speech cheer-on O:
    You can do it, {O.name}!
    Do not give up!
    Try again, {O.name}. I am right here.
    Take your time, {O.name}.
    Keep trying, and you will get better.
    Do not be {afraid}. I will stay with you.
    Be brave, {O.name}!
    (Everyone|Everybody) falls down sometimes.
    One more time, {O.name}!

speech comfort O:
    Do not be {sad}, {O.name}.
    Do not worry. Everything will be all right.
    There, there. I am here with you.
    It is okay to be {afraid}.
    You are not alone, {O.name}.
    Tomorrow will be a better day.
    It is all right to cry, {O.name}.

speech be-careful O:
    Be careful, {O.name}!
    Please be careful, {O.name}.
    Do not go too far, {O.name}.
    Come home before (dark|dinner|sunset|it rains), {O.name}.
    Have fun, and be {good}!
    Take good care of yourself, {O.name}.
    Look before you leap, {O.name}.

speech no-more:
    I cannot do it.
    This is too hard!
    It is no use.
    I will never be able to do it.
    Oh no, not again!
    What am I going to do now?
    I give up!

speech idea:
    I have an idea!
    I know what to do!
    I know! We need a (plan|good plan|clever plan).
    Maybe there is another way.
    Aha! Now I know how.
    What if we try something new?

speech oh-no:
    Oh no!
    Oh dear!
    Oh my!
    Help!
    Watch out!
    What now?
    What will we do now?

speech who-there:
    What is that?
    Who is there?
    What was that noise?
    Did I hear something?
    Is somebody there?
    Help!
    Oh dear!

speech wow N:
    What {a N}!
    Wow, look at this {N}!
    Look what I found!
    What {a nice-look} {N.one}!
    This is the most {nice-look} {N} in the whole world!
    I have never seen such {a nice-look} {N.one}.
    How {nice-look}!
"""
