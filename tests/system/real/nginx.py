"""nginx, as it stands in front of a registry: it speaks TLS, and lets in who shows a certificate."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from real.need import need
from real.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from real.authority import Authority

_CONFIGURATION = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log stderr notice;
events {{}}
http {{
    log_format seen '$request_method $uri $status $ssl_client_verify "$http_user_agent"';
    access_log {folder}/access.log seen;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    server {{
        listen {at} ssl;
        ssl_certificate {authority.certificate};
        ssl_certificate_key {authority.key};
        ssl_client_certificate {authority.path};
        ssl_verify_client on;
        location /v2/ {{
            proxy_pass http://{behind};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(folder: Path, at: str, behind: str, authority: Authority, *, under: Sequence[str] = ()) -> Iterator[Path]:
    """In front of ``behind``, at ``HOST:PORT``. Wants a client certificate of ``authority``.

    Yields:
        The file in which each request gets a line: method, path, status, ``SUCCESS`` where the client's certificate is
        good, and the client's name.

    """
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(_CONFIGURATION.format(folder=folder, at=at, behind=behind, authority=authority, user=user), "utf-8")
    command = (*under, need("nginx"), "-p", str(folder), "-c", str(file))
    with running(command, ready="start worker process ", log=folder / "nginx.log"):
        yield folder / "access.log"
