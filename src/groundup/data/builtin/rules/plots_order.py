"""Plots about what must be done first: tidying, practicing."""

RULES = """
"""
