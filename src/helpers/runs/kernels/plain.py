"""A plain kernel of this very interpreter, whatever kernelspecs are registered.

Run as a module it is the kernel itself: ``python -m helpers.runs.kernels.plain -f <connection file>``.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import os
import queue
import sys
import time
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


def manager(sockets: Path, name: str, *, is_forked: bool = False) -> Any:
    """A kernel manager for one notebook, its sockets in the folder `sockets`."""
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    spec = KernelSpec(
        # -P keeps a stray module in the working folder from shadowing the standard library
        argv=[sys.executable, "-P", "-m", "helpers.runs.kernels.plain", "-f", "{connection_file}"],
        display_name="Python 3",
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": _provisioner(is_forked)}},
    )

    class ThisInterpreter(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return spec

    class Prompt(AsyncKernelClient):
        async def wait_for_ready(self, timeout: float | None = None) -> None:
            """As the parent does, but for its last 0.2 s: those wait for messages that answer nobody."""
            until = time.monotonic() + (math.inf if timeout is None else timeout)
            while time.monotonic() < until:
                self.kernel_info()
                with contextlib.suppress(queue.Empty):
                    reply = await self.get_shell_msg(timeout=1)
                    if reply["msg_type"] == "kernel_info_reply":
                        # outputs come through the other channel, which has to be connected as well
                        await self.get_iopub_msg(timeout=0.2)
                        return
                if not await self.is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info")
            raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    made = ThisInterpreter(kernel_name="python3", client_factory=Prompt)
    short = hashlib.sha256(name.encode()).hexdigest()[:8]
    made.connection_file = str(sockets / f"{short}.json")
    if os.name == "posix" and len(str(sockets)) <= SOCKET_FOLDER_LENGTH:
        # sockets in a private folder: no port that another program could hold, and nothing on the network
        made.transport = "ipc"
        made.ip = str(sockets / short)
    return made


def _provisioner(is_forked: bool) -> str:
    if not is_forked:
        return "local-provisioner"
    from helpers.runs.kernels import provisioner

    provisioner.register()
    return provisioner.NAME


def environment(sockets: Path | None = None) -> dict[str, str]:
    """The kernel's environment: this package first, and none of the person's IPython start-up files."""
    package = str(Path(helpers.__file__).parents[1])
    held = os.environ.get("PYTHONPATH", "")
    path = package + (os.pathsep + held if held else "")
    apart = {} if sockets is None else {"IPYTHONDIR": str(sockets / "ipython")}
    return {**os.environ, "PYTHONPATH": path, **apart}


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
