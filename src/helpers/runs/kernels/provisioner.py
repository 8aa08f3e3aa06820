"""Forked kernels for anything that speaks to kernels through jupyter_client: papermill, nbclient, nbmake.

The entry point `NAME` makes them known; ``JUPYTER_DEFAULT_PROVISIONER_NAME`` chooses them for every kernelspec.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from helpers.runs.kernels import forks
from helpers.runs.kernels.forks import Forked

NAME = "breadthbook-forked"
#: seconds in which a killed kernel is gone
MOMENT = 0.1
#: modules that a kernel of Python is started with
_MODULES = ("ipykernel_launcher", "ipykernel", "helpers.runs.kernels.plain")
#: options of the interpreter that change nothing a forked kernel could not give
_OPTIONS = ("-P", "-Xfrozen_modules=off")
_OUTPUTS = (("stdout", 1), ("stderr", 2))


class ForkedProvisioner(LocalProvisioner):
    """Forks a kernel of this interpreter; any other kernel, and one that cannot be forked, is started plainly."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel with a command."""
        process = _forked(cmd, kwargs)
        if process is None:
            return await super().launch_kernel(cmd, **kwargs)
        # it leads a session of its own
        self.process, self.pid, self.pgid = process, process.pid, process.pid  # type: ignore[assignment]
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel, and wait the moment that takes: its manager would look again a tenth of a second later."""
        await super().kill(restart)
        until = time.monotonic() + MOMENT
        while time.monotonic() < until and await self.poll() is None:
            await asyncio.sleep(MOMENT / 50)


def _forked(cmd: Sequence[str], settings: Mapping[str, Any]) -> Forked | None:
    """The kernel that a command would start, forked; None where that is not possible."""
    told = arguments(cmd)
    if told is None or not forks.can_fork():
        return None
    env = settings.get("env")
    env = dict(os.environ if env is None else env)
    try:
        held = forks.server(env)
        if not held.suits(env):
            return None
        with contextlib.ExitStack() as opened:
            out, err = (_descriptor(settings.get(name), fallback, opened) for name, fallback in _OUTPUTS)
            cwd = os.fspath(settings.get("cwd") or Path.cwd())
            return held.fork(told, env=env, cwd=cwd, out=out, err=err)
    except (OSError, ValueError):
        return None


def _descriptor(stream: Any, fallback: int, opened: contextlib.ExitStack) -> int:
    """The descriptor behind what `subprocess.Popen` takes as an output; a pipe, which nobody would read, is none."""
    if stream is None:
        return fallback
    if stream in (subprocess.PIPE, subprocess.DEVNULL):
        return opened.enter_context(Path(os.devnull).open("wb")).fileno()
    return stream if isinstance(stream, int) else int(stream.fileno())


def arguments(cmd: Sequence[str]) -> list[str] | None:
    """What a kernel is told, where a command starts one of this very interpreter in a way that is known."""
    program, *rest = cmd
    if os.path.abspath(program) != os.path.abspath(sys.executable) or "-m" not in rest:
        return None
    place = rest.index("-m") + 1
    if any(option not in _OPTIONS for option in rest[: place - 1]) or rest[place] not in _MODULES:
        return None
    return rest[place + 1 :]


def register() -> None:
    """Make the provisioner known to this process, also where the package is on the path and not installed."""
    factory = KernelProvisionerFactory.instance()
    made = EntryPoint(NAME, f"{__name__}:{ForkedProvisioner.__name__}", factory.GROUP_NAME)
    factory.provisioners.setdefault(NAME, made)
