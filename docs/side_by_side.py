"""Writes docs/side_by_side.md: each clause of a published note of 17 April 2026 beside our verdict.

Run as ``python docs/side_by_side.py INTRADAY_RUN FINISHED_RUN`` on the folders of two runs of
``params/ijh_2026-04-17.yaml``, the second with ``--no-tape``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from helpers.note.claims import CLAUSES

HERE = Path(__file__).parent
HEAD = """# Side by side

On 17 April 2026 a research service published a note on IJH, while the day was still trading. It makes the claims in
the first column, in our words and in its order. Beside each stands what this kit says of it: written from the same
moment, with bars to the evening before, and again after the close. Nothing here is typed: `docs/side_by_side.py` reads
it from the two runs of [params/ijh_2026-04-17.yaml](../params/ijh_2026-04-17.yaml), and a test holds the page to them.

{summary}

| The note said | Our verdict that day | After the close | What the data say, that day | n | Interval |
| --- | --- | --- | --- | ---: | --- |
"""


def page(intraday: Path, finished: Path) -> str:
    """The page, from the claims of both runs."""
    then, after = (_claims(folder) for folder in (intraday, finished))
    count = Counter(claim["verdict"] for claim in then.values())
    summary = f"Of {len(then)} claims: " + ", ".join(f"{n} {verdict}" for verdict, n in count.most_common()) + "."
    rows = [
        f"| {clause} | **{then[name]['verdict']}** | {after[name]['verdict']} | {then[name]['text']} "
        f"| {'' if then[name]['n'] is None else then[name]['n']} | {then[name]['interval']} |"
        for name, clause in CLAUSES.items()
    ]
    return HEAD.format(summary=summary) + "\n".join(rows) + "\n"


def _claims(folder: Path) -> dict[str, Any]:
    stated = json.loads((folder / "claims.json").read_text(encoding="utf-8"))
    return {claim["id"]: claim for claim in stated["claims"]}


if __name__ == "__main__":
    (HERE / "side_by_side.md").write_text(page(Path(sys.argv[1]), Path(sys.argv[2])), encoding="utf-8")
