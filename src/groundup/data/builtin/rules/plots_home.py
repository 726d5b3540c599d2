"""Plots at home: the noise at night, the forbidden treat."""

RULES = """
"""
