"""Kernels that are started ahead: over IPC, without secrets, and leaving nothing behind."""

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from crossover.runner.parameters import looks_secret
from crossover.runner.warm import FORKS

LEFT_OUT = frozenset(["PYTHONDONTWRITEBYTECODE"])  # kernels without compiled modules take twice as long
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


class NoKernelError(RuntimeError):
    """No kernel could be started."""


def kernel_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Choose what a kernel inherits: no secrets, and nothing that slows it down.

    Parameters
    ----------
    inherited : mapping of str to str
        The environment of this process.

    Examples
    --------
    >>> kernel_environment({"HOME": "/home/ada", "OPENROUTER_API_KEY": "sk-or-1"})
    {'HOME': '/home/ada'}
    """
    return {name: value for name, value in inherited.items() if name not in LEFT_OUT and not looks_secret(name)}


class Kernel:
    """One kernel that was started ahead; for jupyter_client it is the provisioner of a kernel manager.

    Attributes
    ----------
    connection : Path
        The file that says how to reach it.
    log : Path
        What it wrote outside of all cells.
    process : int or None
        Its number, once it is known.
    peak_memory : int or None
        Its largest memory (bytes) when `note_memory` was last called, if the system says.
    """

    def __init__(self, private: Path, find_process: Callable[[], int]) -> None:
        self.connection, self.log = private / "kernel.json", private / "log"
        self.process: int | None = None
        self.peak_memory: int | None = None
        self._find_process, self._handle = find_process, None
        # Sockets have names of about 100 characters at most: they cannot lie in the project.
        reached = {"transport": "ipc", "ip": str(private / "ipc"), "signature_scheme": "hmac-sha256"}
        reached |= {f"{channel}_port": number for number, channel in enumerate(CHANNELS, start=1)}
        self.connection.write_text(json.dumps(reached | {"key": secrets.token_hex(16)}))

    def wait_for_process(self) -> None:
        """Learn the number of the process: from then on it can be watched and ended.

        Raises
        ------
        NoKernelError
            If the process that makes kernels has ended.
        """
        self.process = self._find_process()
        # A number may be another process's by the time it is killed; a handle of it never is.
        self._handle = os.pidfd_open(self.process) if FORKS else None

    @property
    def has_process(self) -> bool:
        """Whether there is a process; jupyter_client asks."""
        return self.process is not None

    async def poll(self) -> int | None:
        """Return None while the process lives."""
        if self._handle is not None:  # readable means ended
            return 1 if select.select([self._handle], [], [], 0)[0] else None
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return 1
        return None

    async def cleanup(self, **_: object) -> None:
        """Leave the files to `Kernels.end`."""

    def note_memory(self) -> None:
        """Note the largest memory so far, where the system says (Linux)."""
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{self.process}/status").read_text(encoding="ascii").splitlines()
            peak = next((line.split()[1] for line in lines if line.startswith("VmHWM")), None)
            self.peak_memory = int(peak) * 1024 if peak else self.peak_memory

    def end(self) -> None:
        """End the process at once; from any thread, and more than once."""
        with contextlib.suppress(ProcessLookupError):
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            elif self.process is not None:
                os.kill(self.process, signal.SIGKILL)


class Kernels:
    """Kernels of one run: the next one starts, with everything imported, while notebooks run in the ones before it.

    Parameters
    ----------
    folder : Path
        Where the kernels run: the notebooks' own folder, as in JupyterLab.
    modules : iterable of str
        What is imported beforehand.
    count : int
        How many kernels may be asked for.
    ahead : int
        How many are kept started and unused.
    """

    def __init__(self, folder: Path, *, modules: Iterable[str], count: int, ahead: int) -> None:
        self._folder, self._modules, self._left, self._ahead = folder, list(modules), count, ahead
        self._private = Path(tempfile.mkdtemp(prefix="crossover-"))
        self._lock, self._ended, self._made = threading.Lock(), False, 0
        self._spare: list[Kernel] = []
        self._taken: list[Kernel] = []
        self._warm: list[subprocess.Popen] = []
        self._fill()

    def take(self) -> Kernel:
        """Hand over a kernel, and start another one if one more may be needed.

        Raises
        ------
        NoKernelError
            If none can be started, or the run was stopped.
        """
        with self._lock:
            if self._ended:
                raise NoKernelError("The run was stopped.")
            self._fill()
            kernel = self._spare.pop(0)
            kernel.wait_for_process()
            self._taken.append(kernel)
            self._fill()
            return kernel

    def end(self) -> None:
        """End all kernels at once, and with them whatever runs in them."""
        self._ended = True
        for warm in self._warm:
            with contextlib.suppress(OSError):
                warm.stdin.close()
            if not FORKS:
                warm.kill()
        for kernel in self._taken:
            kernel.end()
        for warm in self._warm:
            warm.wait()
            warm.stdout.close()
        shutil.rmtree(self._private, ignore_errors=True)

    def _fill(self) -> None:
        while self._left and len(self._spare) < self._ahead:
            self._spare.append(self._start())
            self._left -= 1

    def _start(self) -> Kernel:
        private = self._private / str(self._made)
        private.mkdir()
        self._made += 1
        if not self._warm or not FORKS:
            self._warm.append(self._warm_up())
        warm = self._warm[-1]
        kernel = Kernel(private, lambda: self._process_of(warm))
        paths = {"folder": self._folder, "private": private, "log": kernel.log, "connection": kernel.connection}
        _send(warm, {name: str(path) for name, path in paths.items()})
        return kernel

    def _warm_up(self) -> subprocess.Popen:
        with (self._private / "warm.log").open("ab") as log:
            warm = subprocess.Popen(
                [sys.executable, "-P", "-m", "crossover.runner.warm"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=kernel_environment(os.environ),
                start_new_session=True,  # Ctrl-C is the runner's business
            )
        _send(warm, {"modules": self._modules, "folder": str(self._private)})
        return warm

    def _process_of(self, warm: subprocess.Popen) -> int:
        if not FORKS:
            return warm.pid
        line = warm.stdout.readline()
        if not line:
            log = (self._private / "warm.log").read_text(encoding="utf-8", errors="replace") if not self._ended else ""
            raise NoKernelError(f"No kernel could be started. {log}".strip())
        return int(line)


def _send(warm: subprocess.Popen, message: Mapping[str, object]) -> None:
    with contextlib.suppress(BrokenPipeError):  # it has ended: whoever asks for the kernel's number is told
        warm.stdin.write(json.dumps(message).encode() + b"\n")
        warm.stdin.flush()
