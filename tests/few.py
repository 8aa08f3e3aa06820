"""Parameters of a note that reads few funds: every role is played by one of four."""

import json

FEW: dict[str, object] = {
    "winners": ["IJR"],
    "losers": ["OEF"],
    "quality": "SPY",
    "equal_weight": "SPY",
    "value": "SPY",
    "growth": "OEF",
    "long_history_mid": "",
    "rates": "SPY",
    "credit": "OEF",
    "duration": "SPY",
    "hedge_legs": ["SPY"],
}

#: the same as options of a command, for a note of four symbols
FOUR = {**FEW, "mega_checks": [], "sectors": [], "limits.data_seconds": 20}
FOUR_OPTIONS = tuple(part for name, value in FOUR.items() for part in ("-p", f"{name}={json.dumps(value)}"))
