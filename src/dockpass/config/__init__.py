"""docker's config.json: found where docker finds it, read as docker reads it, and changed without losing anything.

The file is everybody's: docker, podman, editors and dotfiles tools write it, and it holds far more than logins. Docker
decodes it into the fields it knows and writes those back. So what it does not know is dropped, one broken entry takes
others with it, and a file with a typo is overwritten at the next login. Here the file is a text with values in known
places instead:

- :mod:`~dockpass.config.tree` holds the text as a tree in which every token that is not changed stays as it was
  written, byte for byte; only the white space between them is docker's.
- :mod:`~dockpass.config.document` knows which of the members mean something to docker, with the rules of Go's decoder
  (:mod:`~dockpass.config.matching`): letter case does not count, of repeated names the last one does.
- :mod:`~dockpass.config.auths` turns one entry of ``auths`` into a credential and back, and
  :mod:`~dockpass.config.entry` reads and replaces its fields in the tree; :mod:`~dockpass.config.proxies` reads
  ``proxies``.
- :mod:`~dockpass.config.location` says in which folder the file is, and :mod:`~dockpass.config.reading` makes a tree of
  its bytes, or an error that says where to look.

A file that is not JSON, or whose known parts have the wrong shape, is refused and never written. One broken entry is
not a broken file: it is named, kept as it is, and nothing else suffers.
"""
