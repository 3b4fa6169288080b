"""What the embedded store's log says about its files, in one line for the operator.

The server cuts off a command that it finds half written at the end of its append-only file, and says where, but not how much;
so the files' sizes are taken before it starts. Damage anywhere else stops it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

CUT = re.compile(r"Truncating the AOF (\S+) at offset (\d+)")
DAMAGED = re.compile(
    r"Bad file format reading the append only file|Short read or OOM loading DB|Internal error in RDB"
    r"|Guru Meditation|Unable to obtain the AOF file|terminated early|Unknown AOF file|error reading the append only file",
    re.I,
)
# A machine that stops leaves one command unfinished, and none of ours but a directory import is nearly as long as this.
ONE_COMMAND = 64 * 1024
UNFINISHED = "an unfinished command at the end, {cut} bytes of {name}, was cut off; all before it is there"
MORE = (
    "the last {cut} bytes of {name} could not be read and were cut off, more than one unfinished command: "
    "compare with the last backup (docs/operating.md)"
)
STOPPED = (
    "the files in {folder} are damaged, not only at their end; "
    "move that folder elsewhere and run `chengfatong restore FILE` with the last backup"
)


def watch_store(folder: Path) -> Callable[[str], str]:
    """Look at a store's files before its start; return what reads its log, line by line."""
    files = folder / "appendonlydir"
    sizes = {path.name: path.stat().st_size for path in files.glob("*.aof")}

    def heed(line: str) -> str:
        if found := CUT.search(line):
            cut = sizes.get(found[1], 0) - int(found[2])
            return (UNFINISHED if cut <= ONE_COMMAND else MORE).format(cut=cut, name=found[1])
        return STOPPED.format(folder=files) if DAMAGED.search(line) else ""

    return heed
