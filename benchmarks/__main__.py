"""All benchmarks, or those that are named: `python -m benchmarks store data`. All write docs/performance.md too."""

from __future__ import annotations

import compileall
import sys
from importlib import import_module

from benchmarks import page
from benchmarks.figures import ROOT, Figure, WrongResultError, show

ALL = ("startup", "kernels", "workloads", "last_day", "memory", "store", "data")


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"{unknown[0]!r} is no benchmark; {', '.join(ALL)} are", file=sys.stderr)
        return 2
    for folder in ("src", "benchmarks", "tests/loopback"):
        compileall.compile_dir(ROOT / folder, quiet=1)
    figures: list[Figure] = []
    wrong = 0
    for name in names or ALL:
        print(f"measuring {name} ...", file=sys.stderr)
        try:
            figures += import_module(f"benchmarks.{name}").measured()
        except WrongResultError as error:
            print(f"{name}: {error}", file=sys.stderr)
            wrong = 1
    show(figures)
    if not names and not wrong:
        page.write(figures)
        print(f"wrote {page.PAGE.relative_to(ROOT)}", file=sys.stderr)
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
