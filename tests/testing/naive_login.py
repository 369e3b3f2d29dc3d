"""A program that logs in to registries and believes everything: what the hostile servers are there to find.

Usage: naive_login.py USER SERVER, with the password on standard input.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
import urllib.error
import urllib.request
from typing import Any


def ask(url: str, authorization: str) -> tuple[int, Any, bytes]:
    request = urllib.request.Request(url, headers={"Authorization": authorization} if authorization else {})
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers, answer.read()


def log_in(origin: str, basic: str) -> bytes | None:
    authorization, body = "", b""
    for _attempt in range(25):
        status, headers, body = ask(f"{origin}/v2/", authorization)
        if status == 200:
            return None
        challenge = headers.get("WWW-Authenticate", "")
        authorization = basic
        if challenge.startswith("Bearer"):
            status, _headers, body = ask(re.search('realm="([^"]*)"', challenge)[1], basic)  # type: ignore[index]
            if status != 200:
                return body
            authorization = "Bearer " + json.loads(body)["token"]
    return body


def said(body: bytes) -> str:
    try:
        return str(json.loads(body)["errors"][0]["message"])
    except (ValueError, LookupError):
        return body.decode("utf-8", "replace")


user, server = sys.argv[1:]
password = sys.stdin.readline().rstrip("\n")
basic = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
with open(f"{os.environ['DOCKER_CONFIG']}/config.json", "w", encoding="utf-8") as file:
    json.dump({"auths": {server: {"auth": basic[6:]}}}, file)
refusal = log_in(f"https://{server}", basic)
if refusal is not None:
    sys.stdout.write(f"refused: {said(refusal)}\n")
    refusal = log_in(f"http://{server}", basic)
if refusal is not None:
    raise SystemExit(1)
sys.stdout.write("Login Succeeded\n")
