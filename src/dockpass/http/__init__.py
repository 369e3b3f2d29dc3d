"""HTTP as a login needs it: one origin, one connection, one request at a time.

Why not one of the libraries? A login is a new process, and its start is most of what it costs: they bring 28 to 100 ms
of imports, this room brings ``socket``, and ``ssl`` only where TLS is really spoken. And a login sends a password, so
what a general client does to be helpful is wrong here: follow redirects, take a proxy from the environment for
loopback, decompress what nobody asked for, read an answer in which two parsers would see two different ones.

So there is one way to do each thing, and what does not follow it is refused:

- A request names an origin and a target, never a URL (``message``). Nobody parses a URL a second time and comes to
  another host.
- Answers are read strictly (``message``): HTTP/1.0 and 1.1, everything bounded, one possible meaning or an error. No
  part of an answer is quoted in an error, for a server could put a reflected password there.
- Nothing is followed, repeated or decompressed. The one exception: a GET on a kept-alive connection that turns out to
  be closed is sent again on a new one, as RFC 9112 9.3.1 has it (``connection``).
- One deadline spans everything (``deadline``), the resolution of names included. ``getaddrinfo`` knows neither limits
  nor Ctrl-C, so it runs on a thread (``address``).
- Of several addresses the first that agrees is taken; a dead one costs a quarter of a second (``race``).
- Which proxy is used is decided in one place, by Go's rules (``proxy``, ``no_proxy``), since docker's users know those;
  loopback never goes through one. A proxy is never shown a registry's credentials for a tunnel (``opener``).
- Trust (``trust``) is the system's, plus what the caller adds from files (``pem``), with verification that cannot be
  turned off. Its failures are told apart in words that say what would mend them (``tls_failure``, from what
  ``certificate`` and ``flight`` read); other failures have theirs in ``trouble``.

The floors inside: ``deadline``, ``address``; ``dial`` (a socket under a deadline) with ``race``; ``trust``, ``tls``,
``proxy``, ``probe``; ``opener``, and ``connection`` on top. All of it blocks, and can be interrupted at every moment.
Many at once means threads.
"""
