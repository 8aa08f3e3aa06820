"""A plain kernel of this very interpreter, whatever kernelspecs are registered.

Run as a module it is the kernel itself: ``python -m helpers.runs.plain -f <connection file>``.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import helpers

#: longest folder name in which the sockets of a kernel still fit the system's limit of about 100 characters
SOCKET_FOLDER_LENGTH = 60


def skip_slow_grammar() -> None:
    """Keep jsonschema from compiling a grammar for web addresses that no notebook uses (1.1 s a process).

    Its own import of `rfc3987_syntax` is optional; papermill and altair both import jsonschema.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def manager(sockets: Path, name: str) -> Any:
    """A kernel manager for one notebook, its sockets in the folder `sockets`."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    spec = KernelSpec(
        # -P keeps a stray module in the working folder from shadowing the standard library
        argv=[sys.executable, "-P", "-m", "helpers.runs.plain", "-f", "{connection_file}"],
        display_name="Python 3",
        language="python",
    )

    class ThisInterpreter(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return spec

    made = ThisInterpreter(kernel_name="python3")
    short = hashlib.sha256(name.encode()).hexdigest()[:8]
    made.connection_file = str(sockets / f"{short}.json")
    if os.name == "posix" and len(str(sockets)) <= SOCKET_FOLDER_LENGTH:
        # sockets in a private folder: no port that another program could hold, and nothing on the network
        made.transport = "ipc"
        made.ip = str(sockets / short)
    return made


def environment(sockets: Path) -> dict[str, str]:
    """The kernel's environment: this package first, and none of the person's IPython start-up files."""
    package = str(Path(helpers.__file__).parents[1])
    held = os.environ.get("PYTHONPATH", "")
    path = package + (os.pathsep + held if held else "")
    return {**os.environ, "PYTHONPATH": path, "IPYTHONDIR": str(sockets / "ipython")}


def close_loop() -> None:
    """Close the event loop that jupyter_client opened for this thread and would leave open, sockets and all."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    waiting = asyncio.all_tasks(loop)
    for task in waiting:
        task.cancel()
    if waiting:
        loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
    loop.close()
    asyncio.set_event_loop(None)


if __name__ == "__main__":
    skip_slow_grammar()
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
