"""The loopback as its own process: prints one line of JSON, and ends with its input or on SIGTERM."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from types import FrameType

from tests.loopback.replay import Replay
from tests.loopback.server import Loopback
from tests.loopback.world import World


def main() -> None:
    """Serve invented bars, recorded answers, or both, until the one who started it goes away."""
    options = argparse.ArgumentParser(prog="python -m tests.loopback", description=__doc__)
    options.add_argument("--symbols", default="10", help="how many invented symbols, or their names with commas")
    options.add_argument("--first", default="2021-11-01", help="ISO day of the first bar")
    options.add_argument("--last", default="2026-04-17", help="ISO day of the last bar")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--replay", type=Path, help="folder of recorded answers")
    options.add_argument("--warm", metavar="DAY", help="write the charts from this ISO day on before the first request")
    asked = options.parse_args()
    world = World.synthetic(_symbols(asked.symbols), asked.first, asked.last, asked.seed)
    signal.signal(signal.SIGTERM, _leave)
    with Loopback(world, replay=Replay(asked.replay) if asked.replay else None) as server:
        if asked.warm:
            server.warm(asked.warm)
        said = {"port": server.port, "ca": str(server.ca), "environment": server.environment, "symbols": world.symbols}
        print(json.dumps(said), flush=True)
        sys.stdin.read()


def _symbols(text: str) -> list[str]:
    return [f"S{place:04d}" for place in range(int(text))] if text.isdigit() else text.split(",")


def _leave(signal_number: int, frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
