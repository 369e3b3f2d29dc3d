"""Requests to a registry after the login: what they need, the token for it, and how long that may be kept.

All of it is conversation without a connection: it yields requests, is sent responses, and any transport can carry it.
"""
