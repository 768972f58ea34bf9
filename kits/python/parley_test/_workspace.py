"""A workspace of a test's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import quote

from ._call import ParleyError, call, query

# The longest that Parley waits in one call, in seconds.
LONGEST_WAIT = 25

# What a page of the outbox has at most.
PAGE_SIZE = 150


class Workspace:
    """A workspace, which is deleted at the end of a ``with``.

    ``url`` and ``token`` are for the client under test, ``app_id`` is the API's app_id. Objects are those of the contract
    at ``/_parley/openapi.yaml``, as dictionaries. What is not right is refused with a ParleyError.
    """

    def __init__(self, url: str, dev_token: str, made: dict[str, Any]) -> None:
        self.url = url
        self.token: str = made["access_token"]
        self.app_id: str = made["id"]
        self._dev_token = dev_token
        self.clock = Clock(self)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None) -> None:
        self.delete()

    def _call(self, method: str, path: str = "", body: Any = None) -> Any:
        return call(self.url, self._dev_token, method, f"/_parley/workspaces/{self.app_id}{path}", body)

    def reset(self) -> None:
        """Brings it back to what it was made as."""
        self._call("POST", "/reset")

    def snapshot(self, name: str = "snapshot") -> str:
        """Keeps what is in it under a name, in the place of what had that name, and returns the name."""
        self._call("POST", "/snapshots", {"name": name, "replace": True})
        return name

    def restore(self, name: str = "snapshot") -> None:
        """Brings it back to a snapshot."""
        self._call("POST", f"/snapshots/{quote(name, safe='')}/restore")

    def diff(self, name: str = "snapshot", *, to: str | None = None) -> dict[str, Any]:
        """Tells what has changed since a snapshot, or up to another."""
        changes: dict[str, Any] = self._call("GET", f"/snapshots/{quote(name, safe='')}/diff{query({'to': to})}")
        return changes

    def fault(self, **members: Any) -> Fault:
        """Has something go wrong from the next call on, until the fault is ended, by ``end`` or the end of a ``with``.

        The members are those of fault_request in the contract. Python keeps ``from`` to itself: it is ``from_`` here.
        """
        return Fault(self, self._call("POST", "/faults", _spelled(members)))

    def faults(self) -> list[dict[str, Any]]:
        """Those there are, with how many calls each was for, and at how many it acted."""
        found: list[dict[str, Any]] = self._call("GET", "/faults")["data"]
        return found

    def clear_faults(self) -> None:
        """Ends all faults."""
        self._call("DELETE", "/faults")

    def search_lag(self, seconds: int) -> None:
        """Has searches not find what is younger than so many seconds; 0 ends it."""
        self._call("PUT", "", {"search_lag": seconds})

    def requests(self, **filter: Any) -> list[dict[str, Any]]:
        """The calls that were made of it, oldest first: the last 1,000.

        A filter has ``operation``, ``method``, ``path``, ``status``, ``body``, ``unmatched``, ``since`` and ``limit``.
        """
        found: list[dict[str, Any]] = self._call("GET", f"/requests{query({'limit': 1000, **filter})}")["data"]
        return found

    def wait_for_requests(self, count: int = 1, timeout: float = 10, **filter: Any) -> list[dict[str, Any]]:
        """Waits for so many seconds until there are so many calls, and fails with what there was if they do not come."""
        __tracebackhide__ = True
        for wait in _waits(timeout):
            found = self.requests(**filter, count=count, wait=wait)
            if len(found) >= count:
                return found
        # This says what there was.
        self.assert_requests(**{name: value for name, value in filter.items() if name != "limit"}, at_least=count)
        return self.requests(**filter)

    def assert_requests(self, **assertion: Any) -> int:
        """Fails unless as many calls were made as the assertion says, with what there was, and returns how many.

        It has what a filter has, and ``count``, ``at_least`` or ``at_most``, and for how many seconds to ``wait``.
        """
        __tracebackhide__ = True
        if isinstance(assertion.get("body"), str):
            assertion["body"] = [assertion["body"]]
        try:
            return int(self._call("POST", "/requests/assert", assertion)["count"])
        except ParleyError as err:
            if err.code != "assertion_failed":
                raise
            message = str(err)
        raise AssertionError(message)

    def forget_requests(self) -> None:
        """Forgets the calls that were made."""
        self._call("DELETE", "/requests")

    def outbox(self, *, kind: str | None = None, to: str | None = None) -> list[dict[str, Any]]:
        """All that has left it or would leave it, oldest first: of a kind, email, sms or webhook, and to an address."""
        found: list[dict[str, Any]] = []
        after = None
        while True:
            page = self._call("GET", f"/outbox{query({'kind': kind, 'to': to, 'per_page': PAGE_SIZE, 'after': after})}")
            found += page["data"]
            if len(page["data"]) < PAGE_SIZE:
                return found
            after = page["next"]

    def wait_for_outbox(
        self, count: int = 1, timeout: float = 10, *, kind: str | None = None, to: str | None = None
    ) -> list[dict[str, Any]]:
        """Waits for so many seconds until so much has left it, and fails with what there was if it does not."""
        __tracebackhide__ = True
        for wait in _waits(timeout):
            if len(self._call("GET", f"/outbox{query({'kind': kind, 'to': to, 'count': count, 'wait': wait})}")["data"]) >= count:
                break
        found = self.outbox(kind=kind, to=to)
        if len(found) < count:
            others = ", ".join(f"{o['kind']} to {o['to']}" for o in self.outbox()) or "nothing"
            raise AssertionError(f"Found {len(found)} in the outbox, and not {count}. In all there is: {others}")
        return found

    def webhook(self, url: str, topics: Sequence[str]) -> Webhook:
        """Has a URL told of topics, at http://localhost or http://127.0.0.1 too."""
        made = call(self.url, self.token, "POST", "/_parley/webhooks", {"url": url, "topics": list(topics)})
        app = call(self.url, self.token, "GET", f"/_parley/apps/{made['app_id']}")
        return Webhook(made["id"], app["client_secret"])

    def report(self) -> str:
        """Tells of the last calls, for a person who wants to know why a test failed."""
        lines = [f"The last calls of the workspace {self.app_id}:"]
        for one in self.requests(limit=20):
            lines += _lines(one)
        return "\n".join(lines)

    def delete(self) -> None:
        """Deletes it, with all that is in it."""
        try:
            self._call("DELETE")
        except ParleyError as err:
            if err.status != 404:  # which a test has deleted itself
                raise


class Fault:
    """Something that goes wrong until it is ended. ``id`` is what the log of calls names it by."""

    def __init__(self, workspace: Workspace, made: dict[str, Any]) -> None:
        self.id: str = made["id"]
        self._workspace = workspace

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """Ends it, at once."""
        try:
            self._workspace._call("DELETE", f"/faults/{self.id}")
        except ParleyError as err:
            if err.status != 404:  # which went with others
                raise


class Webhook(NamedTuple):
    """The id of a webhook, and the secret of the app that signs what is sent there."""

    id: str
    secret: str


class Advance(NamedTuple):
    """What the clock shows after an advance, and how many things were done on the way."""

    now: int
    jobs: int


class Clock:
    """The clock of a workspace, which goes forward only.

    Times are Unix seconds, or a datetime; one without a time zone is in that of this machine.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._call = workspace._call

    def now(self) -> int:
        """What it shows."""
        return int(self._call("GET", "/clock")["now"])

    def freeze(self, at: int | datetime | None = None) -> int:
        """Has it stand, at a time if there is one."""
        return int(self._call("PUT", "/clock", {"now": _seconds(at), "frozen": True})["now"])

    def set(self, now: int | datetime) -> int:
        """Has it show a later time, and stand or run on as before."""
        return int(self._call("PUT", "/clock", {"now": _seconds(now)})["now"])

    def advance(self, by: int | timedelta | datetime) -> Advance:
        """Has so many seconds pass, or the time until a datetime, doing all that falls due, each thing at its own time."""
        if isinstance(by, datetime):
            to = _seconds(by)
            body = {"to": to}
        else:
            seconds = int(by.total_seconds()) if isinstance(by, timedelta) else by
            to = self.now() + seconds
            body = {"seconds": seconds}
        jobs = 0
        while True:
            done = self._call("POST", "/clock/advance", body)
            jobs += done["jobs"]
            if done["finished"]:
                return Advance(done["now"], jobs)
            body = {"to": to}

    def release(self) -> int:
        """Has it run on from where it stands."""
        return int(self._call("PUT", "/clock", {"frozen": False})["now"])


def _spelled(members: dict[str, Any]) -> dict[str, Any]:
    return {name.removesuffix("_"): value for name, value in members.items()}


def _seconds(time: int | datetime | None) -> int | None:
    return int(time.timestamp()) if isinstance(time, datetime) else time


def _waits(timeout: float) -> Iterator[float]:
    """Cuts a time into pieces that Parley waits in one call. It needs no clock, which a test may have stopped."""
    while timeout > 0:
        yield min(timeout, LONGEST_WAIT)
        timeout -= LONGEST_WAIT


def _lines(one: dict[str, Any]) -> Iterator[str]:
    """Tells of a call: what was asked, what was answered, and what of it was not understood."""
    asked = one["path"] + ("?" + one["query"] if one["query"] else "")
    status = one["status"]
    yield f"  #{one['id']} {one['method']} {asked} {'no answer' if status is None else status}"
    if one["request_body"]:
        yield f"    sent:     {one['request_body'][:400]}"
    if status is None or status >= 400:
        yield f"    answered: {one['response_body'][:400]}"
    if one["unknown_members"]:
        yield f"    members that the operation does not read: {', '.join(one['unknown_members'])}"
    elif one["unmatched"]:
        yield "    the API has no such route"
    if one["fault_id"] is not None:
        yield f"    met the fault {one['fault_id']}"
