"""What an answer that is no success means, how the registry's own words are made safe, and what to try next.

Loaded when something failed, or when a registry has something to say. A login that works needs nothing of it.
"""
