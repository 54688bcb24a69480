"""A process that imports what the notebooks need once, and then becomes their kernels.

Started by `crossover.runner.kernels` as ``python -m crossover.runner.warm``. It reads lines of JSON: first the modules
to import and the folder to remove in the end, then one request per kernel. Where processes can be forked safely
(Linux), each request is answered with the number of a new process, which has everything imported; elsewhere the
process itself becomes the kernel of its first request. When the other end goes away, however it ended, so do the
kernels.
"""

import contextlib
import gc
import importlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path

FORKS = sys.platform == "linux"
# No log of commands: a kernel that is killed with its run must leave nothing half written.
ARGUMENTS = ("--HistoryManager.enabled=False",)


def main() -> None:
    """Import, then answer requests until the runner is gone."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as ipykernel does, but later
    asked = json.loads(sys.stdin.buffer.readline())
    for name in ["ipykernel.kernelapp", *asked["modules"]]:
        with contextlib.suppress(ImportError):  # the notebook that needs it will say so
            importlib.import_module(name)
    if not FORKS:
        become_kernel(json.loads(sys.stdin.buffer.readline()))
        return
    # Imports come before the fork, sockets and threads after it: a fork copies memory, so every kernel has pandas and
    # matplotlib at once instead of importing them for a second; it does not copy threads, and two processes on one
    # socket would answer for each other.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels are nobody's to wait for
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the runner's business
    gc.collect()
    gc.freeze()  # what all kernels share stays shared
    kernels = []
    while line := sys.stdin.buffer.readline():
        process = os.fork()
        if not process:
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            become_kernel(json.loads(line))
            return
        kernels.append(os.pidfd_open(process))
        os.write(sys.stdout.fileno(), f"{process}\n".encode())
    for kernel in kernels:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(kernel, signal.SIGKILL)
    shutil.rmtree(asked["folder"], ignore_errors=True)


def become_kernel(request: dict[str, str]) -> None:
    """Turn this process into the kernel of one request: its folder, its log, its connection."""
    with Path(os.devnull).open("rb") as nothing, Path(request["log"]).open("ab") as log:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.chdir(request["folder"])
    os.environ["IPYTHONDIR"] = request["private"]
    os.environ["CROSSOVER_RUN"] = "1"  # parameters are the runner's business: see helpers.notebook
    from ipykernel.kernelapp import IPKernelApp

    orphaned = f"--IPKernelApp.parent_handle={os.getppid()}"  # without this process, nobody would end the kernel
    IPKernelApp.launch_instance(["-f", request["connection"], orphaned, *ARGUMENTS])


if __name__ == "__main__":
    main()
