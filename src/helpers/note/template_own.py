"""What a person's own template may use, and what it must keep, of the package's sentence that it replaces."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from helpers.note import words

#: parts of a finding that may be printed, and those that may only be asked for
PRINTED = ("subject", "n")
ASKED = ("value", "low", "high", "unit", "is_known")
#: the slot that holds the facts of a section by name
FACTS = "f"
#: forms that print a list
_LISTED = ("join", "map", "listed")


def faults(own: Any, packaged: Any) -> Iterator[str]:
    """Slots, lists and parts that the sentence is not given, by the syntax of both templates."""
    given, lists = slots(packaged), set(_lists(packaged))
    for name in sorted(slots(own) - given):
        if name in words.guards() and not any(name in _targets(tree) for tree in (own, packaged)):
            yield (
                f"`{name}` is a guarded word; write it with the findings that bear it out in brackets, "
                f"as in {{{{ {name}(finding) }}}} (docs/words.md)"
            )
        else:
            has = ", ".join(sorted(given)) or "nothing"
            yield f"`{name}` is not given to this sentence; it has {has}"
    for name in sorted(_targets(own) & given):
        yield f"`{name}` is given to this sentence; name the items of a list otherwise"
    for name in sorted(set(_lists(own)) - lists - {"loop"}):
        yield f"`{name}` is no list; the lists of this sentence are {', '.join(sorted(lists)) or 'none'}"
    said = {node.args[0].name for node in _says(packaged)}
    for name in sorted({node.args[0].name for node in _says(own)} - said):
        yield f"`say` cannot take its word from `{name}` in this sentence"
    paths = {_dotted(node) for node, use in _reached(packaged) if use != "asked"}
    for node, use in _reached(own):
        yield from _part(node, use, lists, paths)


def slots(tree: Any) -> set[str]:
    """Names that a template is given, as far as it uses them; a guarded word that is called is none."""
    from jinja2 import nodes

    called = {id(node.node) for node in tree.find_all(nodes.Call)}
    used = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load" and id(node) not in called}
    return used - _targets(tree) - {"loop"}


def _targets(tree: Any) -> set[str]:
    from jinja2 import nodes

    return {loop.target.name for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name)}


def _lists(tree: Any) -> Iterator[str]:
    """Names that are gone through, joined, or given to a word that takes a list."""
    from jinja2 import nodes

    for node in tree.find_all((nodes.For, nodes.Filter, nodes.Call)):
        if isinstance(node, nodes.Call):
            name = getattr(node.node, "name", "")
            held = [
                item for place, item in enumerate(node.args) if name in words.guards() and words.takes_list(name, place)
            ]
        else:
            held = [node.iter] if isinstance(node, nodes.For) else [node.node] if node.name in _LISTED else []
        yield from (item.name for item in held if isinstance(item, nodes.Name))


def _says(tree: Any) -> list[Any]:
    from jinja2 import nodes

    return [
        node
        for node in tree.find_all(nodes.Call)
        if getattr(node.node, "name", "") == "say" and node.args and isinstance(node.args[0], nodes.Name)
    ]


def _reached(node: Any, use: str = "printed") -> Iterator[tuple[Any, str]]:
    """Names and parts at their longest, with their use: printed, asked for, or given to a word."""
    from jinja2 import nodes

    if isinstance(node, (nodes.Name, nodes.Getattr)):
        if getattr(node, "ctx", "load") == "load":
            yield node, use
        return
    if isinstance(node, nodes.Call):
        if isinstance(node.node, nodes.Getattr):
            yield from _reached(node.node.node, "called")
        for item in node.args:
            yield from _reached(item, "given")
        return
    for name, child in _children(node):
        asks = isinstance(node, (nodes.Compare, nodes.Not, nodes.Test)) or name == "test"
        through = name == "iter" or (isinstance(node, nodes.Filter) and node.name in _LISTED and name == "node")
        yield from _reached(child, "asked" if asks else "listed" if through else use)


def _children(node: Any) -> Iterator[tuple[str, Any]]:
    from jinja2 import nodes

    for name, held in node.iter_fields():
        for child in held if isinstance(held, list) else [held]:
            if isinstance(child, nodes.Node):
                yield name, child


def _part(node: Any, use: str, lists: Collection[str], paths: Collection[str]) -> Iterator[str]:
    shown = _dotted(node)
    root, *parts = shown.split(".")
    if not parts and root in lists and use == "printed":
        yield f"`{root}` is a list; write {{% for item in {root} %}}{{{{ item }}}}{{% endfor %}}"
    if shown in paths or root == "loop":
        return
    if root == FACTS:
        root, *parts = f"{root}.{parts[0]}" if parts else root, *parts[1:]
    held = f"`{shown}`"
    if not parts or (parts[0] == "key" and len(parts) == 2) or (parts[0] in PRINTED and len(parts) == 1):
        return
    if len(parts) == 1 and parts[0] in ASKED:
        if use == "printed":
            yield f"{held} can be asked for in {{% if %}}, not printed; write {{{{ {root} }}}}, with its unit"
        elif use != "asked":
            yield f"{held} is a bare figure; write the finding itself, `{root}`"
    elif parts[0] in ("text", "interval_text"):
        yield f"{held} lacks its brackets; write {{{{ {root} }}}} or {{{{ {root}.{parts[0]}() }}}}"
    else:
        printed = ", ".join(f"{root}.{name}" for name in PRINTED)
        yield (
            f"{held} is no part of `{root}` that a sentence may use; print {root}, {printed} or {root}.key.<setting>, "
            f"or ask in {{% if %}} for {', '.join(ASKED)}"
        )


def _dotted(node: Any) -> str:
    from jinja2 import nodes

    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "this"
