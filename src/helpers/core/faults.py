"""What pydantic found wrong, said so that a person can mend it."""

from __future__ import annotations

import difflib

from pydantic import BaseModel, ValidationError

from helpers.core.blocks import TICKER_PATTERN, Limits, NarrativeModel, Note, ScoreWeights, Sources, Tape


def first_fault(error: ValidationError, model: type[BaseModel]) -> str:
    """Where the first fault lies, what was found, what was needed: one line."""
    faults = error.errors()
    # a union such as `window` reports one fault per member; the constraint on the right type says most
    fault = next((item for item in faults if not item["type"].endswith(("_type", "literal_error"))), faults[0])
    where = ".".join(str(part) for part in fault["loc"] if not str(part).startswith(("constrained", "literal", "int")))
    found = fault.get("input")
    name = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        block: type[BaseModel] = _BLOCKS[name]
        near = difflib.get_close_matches(str(fault["loc"][-1]), list(block.model_fields), n=1)
        hint = f"did you mean `{name}.{near[0]}`?" if near else f"`{name}` has {', '.join(block.model_fields)}"
        return f"`{where}` is not a parameter; {hint}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    message = message.replace(
        "String should match pattern '" + TICKER_PATTERN + "'", "a ticker such as IJH or ^TNX is needed"
    )
    remedy = model.model_fields[name].description if name in model.model_fields else ""
    if not where:
        return message
    # a key put in the wrong place must not be printed
    shown = "" if isinstance(found, dict) or name == "narrative_llm" else f" is {_short(found)}"
    return f"`{where}`{shown}: {message[0].lower() + message[1:]}" + (f" ({remedy})" if remedy else "")


_BLOCKS: dict[str, type[BaseModel]] = {
    "sources": Sources,
    "tape": Tape,
    "note": Note,
    "limits": Limits,
    "score_weights": ScoreWeights,
    "narrative_llm": NarrativeModel,
}


def _short(found: object) -> str:
    text = repr(found)
    return text if len(text) <= 80 else f"{text[:77]}..."
