"""What a sentence template may be made of, read off its syntax: slots, choices, lists, and the text between them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from helpers.note import words

#: kinds of code in a sentence; no arithmetic, no assignment, no macro, no test by name
ALLOWED = (
    "Template",
    "Output",
    "TemplateData",
    "Name",
    "Getattr",
    "Getitem",
    "Call",
    "Keyword",
    "Filter",
    "Const",
    "CondExpr",
    "If",
    "For",
    "Compare",
    "Operand",
    "And",
    "Or",
    "Not",
    "Test",
)
#: what may be called on a finding, or on the name of a ratio
METHODS = ("text", "interval_text", "split")
#: settings of ``text``, and the most decimals it may print
SETTINGS, DECIMALS = ("signed", "absolute", "decimals"), 4
TESTS = ("none", "defined")
#: of the loop that prints a list
LOOP = ("first", "last")


def faults(tree: Any, filters: Collection[str]) -> Iterator[str]:
    """Code that a sentence may not hold, in words."""
    from jinja2 import nodes

    for node in tree.find_all(nodes.Node):
        kind = type(node).__name__
        if kind not in ALLOWED and not isinstance(node, nodes.Helper):
            yield f"{kind} is not allowed in a sentence; slots, choices and lists are"
        elif isinstance(node, nodes.Filter):
            yield from _filter(node, filters)
        elif isinstance(node, nodes.Test) and node.name not in TESTS:
            yield f"`is {node.name}` is no test; known: {', '.join(TESTS)}"
        elif isinstance(node, nodes.For) and not isinstance(node.iter, nodes.Name):
            yield "`for` goes through a list that is given, as in {% for item in items %}"
        elif isinstance(node, nodes.Call):
            yield from _call(node)
        elif isinstance(node, nodes.Output) and any(map(_is_answer, node.nodes)):
            yield "a comparison says yes or no and prints nothing; ask it in {% if %}"
        elif isinstance(node, (nodes.Getattr, nodes.Getitem)):
            yield from _reach(node)


def _is_answer(node: Any) -> bool:
    from jinja2 import nodes

    if isinstance(node, nodes.CondExpr):
        return _is_answer(node.expr1) or (node.expr2 is not None and _is_answer(node.expr2))
    if isinstance(node, (nodes.And, nodes.Or)):
        return _is_answer(node.left) or _is_answer(node.right)
    return isinstance(node, (nodes.Compare, nodes.Not, nodes.Test))


def _filter(node: Any, filters: Collection[str]) -> Iterator[str]:
    if node.name not in filters:
        yield f"`{node.name}` is no filter; known: {', '.join(filters)}"
    elif node.name == "map" and [(item.key, getattr(item.value, "value", "")) for item in node.kwargs] != [
        ("attribute", "subject")
    ]:
        yield "`map` is not known but as map(attribute='subject')"


def _call(node: Any) -> Iterator[str]:
    from jinja2 import nodes

    called = node.node
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        yield "stars are not allowed in brackets; write each finding out"
    if isinstance(called, nodes.Getattr):
        yield from _method(node)
        return
    name = getattr(called, "name", "this")
    if not isinstance(called, nodes.Name) or name not in words.calls():
        yield f"`{name}` is no guarded word; docs/words.md lists them"
        return
    given = node.args
    if name == "say":
        first, *given = node.args or [None]
        name = first.value.replace(" ", "_") if _is_text(first) else None
        if not _is_text(first) and not isinstance(first, nodes.Name):
            yield "`say` needs the name of a guarded word first"
        if name is not None and name not in words.guards():
            yield f"`{first.value}` is no guarded word; docs/words.md lists them"
            return
    shown = name or "a guarded word"
    if any(isinstance(item, nodes.Const) for item in given):
        yield f"`{shown}` rests on findings; a figure or text is typed into its brackets"
    elif node.kwargs or not all(isinstance(item, (nodes.Name, nodes.Getattr)) for item in given):
        yield f"`{shown}` rests on findings as they are given; write their names into its brackets, parted by commas"
    elif name is not None and (lacking := words.lacking(name, len(given))):
        yield lacking


def _method(node: Any) -> Iterator[str]:
    from jinja2 import nodes

    name, settings = node.node.attr, {item.key: getattr(item.value, "value", None) for item in node.kwargs}
    if name not in METHODS:
        yield f"`{name}` may not be called; {', '.join(METHODS)} may"
    elif name == "split":
        ratio = isinstance(node.node.node, nodes.Getattr) and node.node.node.attr == "ratio"
        if not ratio or settings or [getattr(item, "value", None) for item in node.args] != ["/"]:
            yield "`split` parts the name of a ratio: key.ratio.split('/')"
    elif name == "interval_text" and (node.args or settings):
        yield "`interval_text` needs nothing in its brackets: interval_text()"
    elif node.args:
        yield f"`text` needs names in its brackets, as in text(decimals=0); known: {', '.join(SETTINGS)}"
    for key, value in settings.items() if name == "text" else ():
        if key not in SETTINGS:
            yield f"`{key}` is no setting of `text`; known: {', '.join(SETTINGS)}"
        elif key == "decimals" and (isinstance(value, bool) or value not in range(DECIMALS + 1)):
            yield f"`decimals` needs a number from 0 to {DECIMALS}, as in text(decimals=0)"
        elif key != "decimals" and not isinstance(value, bool):
            yield f"`{key}` needs true or false, as in text({key}=true)"


def _reach(node: Any) -> Iterator[str]:
    from jinja2 import nodes

    holder = node.node
    if isinstance(holder, nodes.Const):
        yield "text in quotes is printed as it is; nothing can be asked of it"
    name = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", "")
    if str(name).startswith("_"):
        yield f"`{name}` is not a part of a finding"
    if isinstance(node, nodes.Getitem) and not (isinstance(holder, nodes.Call) and isinstance(name, int)):
        yield f"`[{name}]` is not allowed; a part of a finding is named after a dot"
    if isinstance(holder, nodes.Name) and holder.name == "loop" and name not in LOOP:
        yield f"`loop.{name}` is not allowed; {' and '.join(LOOP)} are"


def typed(tree: Any) -> Iterator[str]:
    """Text that a template prints as it stands: what stands between slots, put together, and what is quoted in them."""
    from jinja2 import nodes

    for output in tree.find_all(nodes.Output):
        # a word must not be broken in two by a slot that prints nothing, or by a remark
        yield "".join(
            item.data if isinstance(item, nodes.TemplateData) else str(item.value) if _is_text(item) else "\0"
            for item in output.nodes
        )
    unprinted = {id(node) for node in _unprinted(tree)}
    for node in tree.find_all(nodes.Const):
        if id(node) not in unprinted and node.value is not None and not isinstance(node.value, bool):
            yield str(node.value)


def _is_text(node: Any) -> bool:
    from jinja2 import nodes

    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def _unprinted(tree: Any) -> Iterator[Any]:
    """Constants that name a part, a setting or a word, or that something is compared with."""
    from jinja2 import nodes

    for node in tree.find_all((nodes.Getitem, nodes.Compare, nodes.Keyword, nodes.Call)):
        if isinstance(node, nodes.Getitem):
            yield node.arg
        elif isinstance(node, nodes.Compare):
            yield from (node.expr, *(operand.expr for operand in node.ops))
        elif isinstance(node, nodes.Keyword):
            yield node.value
        elif isinstance(node.node, nodes.Getattr) and node.node.attr == "split":
            yield from node.args
        elif isinstance(node.node, nodes.Name) and node.node.name == "say":
            yield from node.args[:1]
