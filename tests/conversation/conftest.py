"""The whole program, started once, and somebody who talks to it."""

import pytest

from tests.conversation.person import Person
from tests.live import live, live_var, wechat

__all__ = ["live", "live_var", "wechat"]


@pytest.fixture
def person(live: str) -> Person:
    return Person(live)


@pytest.fixture
def other(live: str) -> Person:
    return Person(live)
