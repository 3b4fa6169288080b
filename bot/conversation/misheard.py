"""What dictation writes for a cry: words that sound alike and mean nothing else where they stand. Pure, both Pythons.

Only for the danger rules: a citizen's words go on as they came. Each pattern names the words around which it means what it
says: 就命 is a cry, 就命令 is none; 他要撒了我 is a threat, 他撒了我一身 is soup.
"""

from __future__ import annotations

import re

_HEARD = (
    (r"[就九旧](?:命|名)(?=啊|呀|[^令题中名运案字义一-龥]|$)", "救命"),
    (r"(?<![来各出])自沙(?![溪特发洲头河滩])", "自杀"),
    (r"跳[搂娄漏](?![洞水])", "跳楼"),
    (r"(?<=[吃喝服])(了?)农要", r"\1农药"),
    (r"(?<=煤气|农药|酒精|食物)中读", "中毒"),
    (r"打[使史](?=我|他|她|你|人)", "打死"),
    (r"撒(?=死我|人|掉我|了我(?!一|满|全))", "杀"),
    (r"不[响向像](?=活(?!人|的))", "不想"),
)
_COMPILED = tuple((re.compile(heard), meant) for heard, meant in _HEARD)


def as_meant(text: str) -> str:
    """Return a text with misheard cries as they were meant."""
    for heard, meant in _COMPILED:
        text = heard.sub(meant, text)
    return text
