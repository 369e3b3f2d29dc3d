"""The Docker Engine, as a client sees it.

Docker's login goes through an engine; dockpass's does not need one. But an engine that somebody named, by an option, a
variable or a context, has a say in where a login goes, so that naming is read here, by docker's rules.
"""
