"""Calls of Parley's own operations."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

# How long nothing may come, in seconds: an advance of the clock answers in 25 seconds, or as much later as what it has
# begun takes.
PATIENCE = 120


class ParleyError(Exception):
    """An answer of Parley that is not a success: why, in its own words.

    ``status`` is that of the answer, ``code`` and ``request_id`` are the answer's, ``call`` is the method and the path.
    """

    def __init__(self, status: int, body: Any, call: str) -> None:
        errors = body.get("errors") if isinstance(body, dict) else None
        first = errors[0] if errors else {}
        super().__init__(first.get("message") or f"{call}: the answer is {status}")
        self.status = status
        self.code: str | None = first.get("code")
        self.request_id: str | None = body.get("request_id") if isinstance(body, dict) else None
        self.call = call


def call(url: str, token: str, method: str, path: str, body: Any = None) -> Any:
    """Makes a call with the token that opens it, and returns the answer's JSON.

    It goes by a connection of its own, past proxies, and past what tests put in the place of libraries.
    """
    name = f"{method} {path}"
    headers = {"Authorization": f"Bearer {token}"}
    text = None
    if body is not None:
        text = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    base = urlsplit(url)
    kind = http.client.HTTPSConnection if base.scheme == "https" else http.client.HTTPConnection
    connection = kind(base.hostname or "", base.port, timeout=PATIENCE)
    try:
        connection.request(method, base.path + path, text, headers)
        answer = connection.getresponse()
        status, said = answer.status, answer.read()
    except (OSError, http.client.HTTPException) as err:
        raise ConnectionError(f"{name} of Parley at {url}: {err}") from err
    finally:
        connection.close()
    try:
        value = json.loads(said)
    except ValueError:
        raise ConnectionError(f"{name} of Parley at {url}: the answer, {status}, is not JSON: is that a Parley?") from None
    if status != 200:
        raise ParleyError(status, value, name)
    return value


def query(members: dict[str, Any]) -> str:
    """Writes the members that are set as a query; one that is a list is there several times."""
    pairs = []
    for name, value in members.items():
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is not None:
                pairs.append((name, str(one).lower() if isinstance(one, bool) else one))
    return "?" + urlencode(pairs) if pairs else ""
