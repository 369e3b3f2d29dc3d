"""The command line: the only room that prints, asks and exits.

One file a command, and one for each group of those below ``vault``. Each holds a table, from which its options are
parsed and its help is drawn (``help``), and a function that does the work by calling the library as any other program
could. ``main`` picks the command, ``options`` reads docker's option grammar, ``terminal`` prints and asks, ``question``
looks after a terminal while somebody types an answer, and ``console`` does so on Windows. What several commands have in
common is named for what it is: ``secret``, ``network``, ``approval``, ``engine``, ``as_json``, ``vault_parts``.

What docker's login prints on standard output, its exit codes and its flags are a contract: scripts rely on them. What
it prints on standard error is for people, and there dockpass says more: what failed, on which server, file or helper,
and what to do next.
"""
