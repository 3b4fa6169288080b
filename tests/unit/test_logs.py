"""What an error leaves in the log: enough to mend it, nothing that a citizen wrote."""

from __future__ import annotations

import json
import logging
import re
from datetime import date

from bot.directory import hours
from bot.platform.logs import JsonFormatter

SECRET = "林阿妹 13800138000"


def line(error: BaseException) -> str:
    """Return the log's line of an error."""
    info = (type(error), error, error.__traceback__)
    return JsonFormatter().format(logging.LogRecord("actions", logging.ERROR, "", 0, "action failed", None, info))


def caught() -> BaseException:
    """Return an error out of a module of ours that quotes what it was given."""
    try:
        hours._moment(date(2026, 11, 25), SECRET)
    except ValueError as error:
        return error
    raise AssertionError("that is no time")


def test_line_of_an_error_says_where_it_came_up_and_quotes_nothing() -> None:
    error = caught()
    assert SECRET in str(error)
    told = json.loads(line(error))
    assert told["error"] == "ValueError"
    assert re.fullmatch(r"bot/directory/hours\.py:\d+", told["place"])
    assert SECRET not in line(error)


def test_error_that_none_of_our_lines_saw_has_no_place() -> None:
    assert json.loads(line(TimeoutError("x")))["place"] == ""
