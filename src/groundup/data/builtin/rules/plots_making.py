"""Plots about making things that take time: building, planting."""

RULES = """
clause needed-help:
    {H} could not do it alone
    it was too much work for one

clause liked-it-idea:
    {F} *like the plan
    {F: be-glad}

"""
