import urllib.error
from datetime import timedelta

import pytest

from support import Support


@pytest.fixture
def support(parley):
    return Support(parley.token, parley.url, sleep=lambda seconds: None)


def test_a_sign_up_makes_a_contact(parley, support):
    support.signed_up("rosa@example.test", "Rosa")
    parley.assert_requests(operation="createContact", body="/email=rosa@example.test", count=1)


def test_a_sign_up_of_somebody_known_updates_the_contact(parley, support):
    first = support.signed_up("rosa@example.test", "Rosa")
    parley.snapshot()
    assert support.signed_up("rosa@example.test", "Rosa Alves") == first
    [change] = parley.diff()["data"]
    assert (change["change"], change["id"], change["fields"]["name"]["after"]) == ("updated", first, "Rosa Alves")


def test_a_rate_limit_is_waited_for(parley, support):
    with parley.fault(operation="createContact", rate_limit=True, times=2):
        support.signed_up("rosa@example.test", "Rosa")
    statuses = [call["status"] for call in parley.requests(operation="createContact")]
    assert statuses == [429, 429, 200]


def test_a_failure_of_the_service_is_one(parley, support):
    with parley.fault(status=503), pytest.raises(urllib.error.HTTPError, match="503"):
        support.signed_up("rosa@example.test", "Rosa")


@pytest.mark.parley(now=1_800_000_000, frozen=True)
def test_a_conversation_comes_back_after_three_days(parley, support):
    conversation = support.asked(support.signed_up("rosa@example.test", "Rosa"), "Where is my invoice?")
    support.wait(conversation, until=1_800_000_000 + 3 * 86_400)
    parley.clock.advance(timedelta(days=2, hours=23))
    assert support.state(conversation) == "snoozed"
    parley.clock.advance(timedelta(hours=1))
    assert support.state(conversation) == "open"
