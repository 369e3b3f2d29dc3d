"""The version, on a floor of its own: what goes out over the network names it, and must not import what is above."""

__version__ = "0.1.0"
