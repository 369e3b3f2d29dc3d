"""dockpass treated roughly: killed, refused by the disk, given odd files, run a hundred times at once.

What is run is the real program, as a process of its own, in a home of its own (`box.py`). `strace.py` finds every call
to the system with which it changes a file, and does something at one of them: kills the process, or lets the call fail.
`short.py` lets a write take only a part of what it is given. `mounts.py` gives it file systems that are full, small or
elsewhere. `scenes.py` says what is done, what was there before, and what may be there after; `judge.py` looks whether
it is so. `kept.py` has the stores, config.json and the vault; `odd.py` and `odd_vault.py` make odd things in their places.

Nothing here asserts a time, and nothing reaches outside the folders it makes.
"""
