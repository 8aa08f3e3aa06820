"""The rooms of src/helpers: who imports whom, who touches disk or network, and that importing does nothing."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "helpers"
ROOMS = ("core", "data", "signals", "evidence", "sections", "note", "runs", "explore")
LONGEST = 260  # lines

NETWORK = {
    "aiohttp",
    "apprise",
    "curl_cffi",
    "ftplib",
    "http",
    "httpx",
    "requests",
    "smtplib",
    "socket",
    "socketserver",
}
NETWORK |= {"httpx2", "openai", "urllib3", "urllib.request", "websocket", "websockets", "yfinance"}
MAY_USE_NETWORK = ("helpers.data.sources", "helpers.runs.alerts", "helpers.runs.watch", "helpers.runs.rewrite")
# sockets between processes of one driver, never a port
MAY_USE_NETWORK += ("helpers.runs.kernels",)

# calls that read or write files; what has the same name on a str or a frame (replace, rename) is left out
DISK = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "mkdir", "rmdir", "rmtree", "touch", "unlink"}
DISK |= {"glob", "iterdir", "rglob", "scandir", "read_csv", "read_feather", "read_parquet", "read_pickle", "read_table"}
DISK |= {"to_parquet", "to_pickle", "to_feather", "savefig", "write_table"}
MAY_USE_DISK = ("helpers.data", "helpers.core.params", "helpers.core.yaml_text", "helpers.runs")


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {dotted(path): path for path in sorted(PACKAGE.rglob("*.py"))}
each_module = pytest.mark.parametrize("module", FILES)


def is_in(module: str, rooms: tuple[str, ...]) -> bool:
    return any(module == room or module.startswith(room + ".") for room in rooms)


def tree(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[str]:
    """Full dotted names of everything that a module imports anywhere, inside functions included."""
    package = module if FILES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield from (f"{base}.{name.name}" for name in node.names)


def is_packaged(call: ast.Call) -> bool:
    """Whether a method is called on `importlib.resources.files(...)`, however deep in the chain."""
    node: ast.AST = call.func
    while isinstance(node, ast.Attribute | ast.Call | ast.BinOp):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.BinOp):
            node = node.left
        else:
            if node.attr == "files":
                return True
            node = node.value
    return isinstance(node, ast.Name) and node.id == "files"


def disk_calls(module: str) -> Iterator[str]:
    for node in ast.walk(tree(module)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in DISK and not is_packaged(node):
            yield f"line {node.lineno}: {ast.unparse(node.func)}(...)"


@each_module
def test_a_room_imports_only_from_rooms_before_it(module: str) -> None:
    room = module.split(".")[1] if "." in module else ""
    later = ROOMS[ROOMS.index(room) + 1 :] if room else ROOMS
    wrong = [name for name in imports(module) if is_in(name, tuple(f"helpers.{item}" for item in later))]
    assert not wrong, f"{module} imports from a later room: {wrong}"


def test_every_room_is_a_known_one() -> None:
    assert {module.split(".")[1] for module in FILES if "." in module} <= set(ROOMS)


@each_module
def test_only_data_params_and_runs_touch_the_disk(module: str) -> None:
    if not is_in(module, MAY_USE_DISK):
        assert not list(disk_calls(module)), f"{module}: move the reading or writing to data or runs"


@each_module
def test_only_sources_and_messengers_touch_the_network(module: str) -> None:
    if not is_in(module, MAY_USE_NETWORK):
        wrong = [name for name in imports(module) if is_in(name, tuple(NETWORK))]
        assert not wrong, f"{module} imports {wrong}; the network belongs to data.sources"


@each_module
def test_a_long_module_wants_to_be_two(module: str) -> None:
    lines = len(FILES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, f"{module} has {lines} lines, {LONGEST} allowed; split it by topic"


def run_python(code: str, folder: Path) -> str:
    """What a fresh interpreter prints, started in an empty folder that is its home too."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "BREADTHBOOK_"))}
    environment |= {"HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=120
    ).stdout


def test_importing_helpers_loads_nothing_else(tmp_path: Path) -> None:
    code = "import sys; before = set(sys.modules); import helpers; print(*sorted(set(sys.modules) - before))"
    assert run_python(code, tmp_path).split() == ["helpers"]


IMPORT_EVERYTHING = """
import importlib, json, logging, os, sys, warnings

touched = []

def watch(event, args):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
        touched.append(event)

sys.addaudithook(watch)
import altair

def state():
    return [
        logging.getLogger().level, len(logging.getLogger().handlers), altair.theme.active, altair.renderers.active,
        altair.data_transformers.active, os.getcwd(), os.listdir(), sys.excepthook.__name__,
    ]

changed = {}
before = state()
environment = dict(os.environ)
for module in MODULES:
    importlib.import_module(module)
    after = state()
    if after != before or touched or dict(os.environ) != environment:
        changed[module] = [repr(before), repr(after), list(touched)]
        before, environment = after, dict(os.environ)
        touched.clear()
print(json.dumps(changed))
"""


def test_importing_a_module_does_nothing(tmp_path: Path) -> None:
    modules = [module for module in FILES if not module.endswith("__main__")]
    changed = json.loads(run_python(f"MODULES = {modules!r}\n{IMPORT_EVERYTHING}", tmp_path))
    assert not changed, f"importing these wrote a file, opened a socket or changed a setting: {changed}"
