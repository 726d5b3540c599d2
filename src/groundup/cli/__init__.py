"""The command line: train.py, chat.py, ... have the options of a verb; training/, inference/ ... do the work.

Where there is more to do with a terminal, a pipe or files than a function call, it stands beside them: conversing.py
(chat), writing.py (generate), evaluating.py (eval), comparing.py (compare), exporting.py (export), opening.py (which
model, on which device). Imported when a verb runs, so that --help is instant.
"""
