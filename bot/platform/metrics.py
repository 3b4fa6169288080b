"""What is counted. Labels are names of ours, never a citizen's words or ids."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

TURNS = Counter("chengfatong_turns_total", "Turns by channel and outcome.", ["channel", "outcome"])
INTENTS = Counter("chengfatong_intents_total", "Messages by the intent they were taken for.", ["intent"])
DANGER = Counter("chengfatong_danger_total", "Messages that a danger rule caught.")
REFUSED = Counter("chengfatong_refused_total", "Requests refused, by reason.", ["reason"])
# The bound that citizens notice is 5 s (WeChat); the one we hold is 150 ms.
SECONDS = Histogram(
    "chengfatong_turn_seconds", "Time of a turn, gateway in to gateway out.", ["channel"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.3, 0.6, 1.2, 2.5, 5),
)  # fmt: skip
