"""What to do next, said to somebody who calls the library.

A hint names the command line's options, for most people meet it there. A program that shows the hint, or its author,
has arguments instead: ``cacert=`` for ``--cacert``.
"""

from __future__ import annotations

_ARGUMENTS = {
    "-u": "username",
    "--password-stdin": "secret",
    "--cacert": "cacert",
    "--cert": "cert",
    "--config": "config",
    "--connect-timeout": "connect_timeout",
    "--key": "key",
    "--plain-http": "plain_http",
    "--store": "store",
    "--timeout": "timeout",
    "--token-host": "token_host",
}
_SWITCHES = ("--plain-http",)
_WITH_VALUE = ("--store", "--token-host")
_MARKS = ".,;:"


def in_python(hint: str | None) -> str | None:
    """``hint`` with arguments in the place of options. A command to be run, ``dockpass ...``, stays as it is."""
    if hint is None or "-" not in hint:
        return hint
    words = hint.split(" ")
    said = []
    in_command = False
    while words:
        word = words.pop(0)
        in_command = in_command or word == "dockpass"
        option = word.rstrip(_MARKS)
        marks = word[len(option) :]
        if option in _ARGUMENTS and not in_command:
            value = "True" if option in _SWITCHES else ""
            if not value and not marks and words and (option in _WITH_VALUE or words[0].rstrip(_MARKS).isupper()):
                value = words.pop(0)
                marks = value[len(value.rstrip(_MARKS)) :]
                value = value.rstrip(_MARKS)
                value = value if value.isupper() else f'"{value}"'
            word = f"{_ARGUMENTS[option]}={value}{marks}"
        said.append(word)
        if word.endswith((";", ".")):
            in_command = False
    return " ".join(said)
