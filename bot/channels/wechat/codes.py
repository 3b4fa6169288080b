"""What WeChat's error codes mean for us. Pure.

Source: developers.weixin.qq.com, the list of global return codes, and the pages of the calls themselves.
"""

from __future__ import annotations

from bot.errors import CitizenUnreachable, ContentRefused, NotPermitted, PlatformBusy, PlatformDown, WeChatError

# The access token was not accepted: a new one may be.
TOKEN_REFUSED = frozenset({40001, 40014, 42001})
NO_MENU = 46003
IP_REFUSED = 40164
# A code of a page's visitor that was made up, used, or is too old.
CODE_REFUSED = frozenset({40029, 40163, 42003, 41008})
# That somebody types is shown already, or not more than 30 s after the citizen's last act.
TYPING_NOT_SHOWN = frozenset({45080, 45081})
_UNREACHABLE = {
    40003,  # no such person, or of another account
    43004,  # does not follow
    43019,  # blocked by the account
    43101,  # has given no permission for this notice, or taken it back
    45015,  # not in the last 48 h, or unfollowed
    45047,  # too many messages without an answer
    48002,  # has switched our messages off
    50005,  # does not follow, as notices and pages say it
}
# The day's calls are used up: later it will work, and not sooner for being asked.
QUOTA_SPENT = 45009
_BUSY = {-1, QUOTA_SPENT, 45011}
_NOT_PERMITTED = {
    *TOKEN_REFUSED,
    40002,  # grant type
    40013,  # app id
    40125,  # secret
    40164,  # our address is not on the account's list
    40243,  # the secret is frozen
    41001,  # no token
    41002,
    41004,
    43104,  # subscription notices are not switched on
    48001,  # no right to this call
    48004,  # the account may not call any more
    48006,  # no right to reset quotas
    50001,
    50002,  # the account is under restrictions
    50004,
    61024,
}


def error_of(code: int, reason: str) -> WeChatError:
    """Return the error of a code that is not 0. One that nobody knows is a refusal of what was asked: nothing was done."""
    if code in _UNREACHABLE:
        return CitizenUnreachable(code, reason)
    if code in _BUSY:
        return PlatformBusy(code, reason)
    if code in _NOT_PERMITTED:
        return NotPermitted(code, reason)
    return ContentRefused(code, reason) if code else PlatformDown(0, reason)
