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
        elif isinstance(node, nodes.Filter) and node.name not in filters:
            yield f"`{node.name}` is no filter; known: {', '.join(filters)}"
        elif isinstance(node, nodes.Test) and node.name not in TESTS:
            yield f"`is {node.name}` is no test; known: {', '.join(TESTS)}"
        elif isinstance(node, nodes.Call):
            yield from _call(node)
        elif isinstance(node, (nodes.Getattr, nodes.Getitem)):
            yield from _reach(node)


def _call(node: Any) -> Iterator[str]:
    from jinja2 import nodes

    called = node.node
    if isinstance(called, nodes.Getattr):
        if called.attr not in METHODS:
            yield f"`{called.attr}` may not be called; {', '.join(METHODS)} may"
    elif not isinstance(called, nodes.Name) or called.name not in words.calls():
        yield f"`{getattr(called, 'name', 'this')}` is no guarded word; docs/words.md lists them"
    elif called.name == "say":
        first, *rest = node.args or [None]
        name = first.value if isinstance(first, nodes.Const) else None
        if isinstance(first, nodes.Const) and str(name).replace(" ", "_") not in words.calls():
            yield f"`{name}` is no guarded word; docs/words.md lists them"
        if any(isinstance(item, nodes.Const) for item in rest):
            yield "a guarded word rests on findings; a figure is typed into its brackets"
    elif any(isinstance(item, nodes.Const) for item in node.args):
        yield f"`{called.name}` rests on findings; a figure or text is typed into its brackets"


def _reach(node: Any) -> Iterator[str]:
    from jinja2 import nodes

    holder = node.node
    if isinstance(holder, nodes.Const):
        yield "text in quotes is printed as it is; nothing can be asked of it"
    name = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", "")
    if str(name).startswith("_"):
        yield f"`{name}` is not a part of a finding"
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
