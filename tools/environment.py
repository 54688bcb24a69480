"""Create or refresh the project's environment `.venv`, and the lock files it is made from.

    python3 tools/environment.py run     what the analysis needs (requirements.txt)
    python3 tools/environment.py dev     the same, and JupyterLab, tests and linter (requirements-dev.txt)
    python3 tools/environment.py lock    resolve pyproject.toml anew into the two requirements files (needs uv)

Standard library only, because it runs before anything is installed. uv is used when it is on the PATH, plain
venv and pip otherwise; both install the same hashed versions. An environment that matches the lock files is left alone.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "token-crossover.stamp"
OLDEST, NEWEST = (3, 11), (3, 13)
LOCKS = {"run": "requirements.txt", "dev": "requirements-dev.txt"}
# What git stores of a notebook: no outputs, and nothing that a run (papermill) or a save in JupyterLab (language_info,
# with the version of Python) leaves in it.
STRIP = "-m nbstripout --keep-id --extra-keys 'metadata.papermill metadata.language_info'"


def stop(message):
    """End with one readable paragraph instead of a traceback."""
    sys.stderr.write("environment: %s\n" % message)
    raise SystemExit(2)


def say(message):
    """Report progress on standard error."""
    sys.stderr.write("environment: %s\n" % message)


def fingerprint(level):
    """Hash everything that an environment of this level is made from."""
    digest = hashlib.sha256(repr((level, sys.version_info[:2], str(ROOT))).encode())
    for name in ["pyproject.toml", "requirements.txt", LOCKS[level]]:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def execute(*command):
    """Run one command; what it prints is shown only when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        stop(
            "this command failed (its output is above): %s\n"
            "Mend what it names, then type the make command again." % " ".join(map(str, command))
        )


def prepare(level):
    """Make `.venv` match the lock file of `level`; do nothing when it does already."""
    stamps = STAMP.read_text().split() if STAMP.exists() else []
    python = VENV / "bin" / "python"
    if level == "dev":
        filter_notebooks(python)
    if fingerprint(level) in stamps and python.exists():
        return
    # A complete `run` environment only needs the rest of the same locked versions on top.
    fresh = not (level == "dev" and stamps == [fingerprint("run")])
    uv = shutil.which("uv")
    if fresh:
        say("creating .venv with %s (about a minute)" % ("uv" if uv else "venv and pip"))
        shutil.rmtree(str(VENV), ignore_errors=True)
        if uv:
            execute(uv, "venv", "--quiet", "--no-project", "--python", sys.executable, VENV)
        else:
            execute(sys.executable, "-m", "venv", VENV)
    STAMP.unlink(missing_ok=True)  # until everything below has worked, the environment is not whole
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python]
    if not uv:
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    say("installing %s" % LOCKS[level])
    execute(*install, "--require-hashes", "-r", LOCKS[level])
    execute(*install, "--no-build-isolation", "--no-deps", "--editable", ".")
    execute(python, "-m", "compileall", "-q", "src")
    # A `dev` environment contains the whole `run` environment.
    STAMP.write_text("\n".join(dict.fromkeys([fingerprint("run"), fingerprint(level)])) + "\n")


def filter_notebooks(python):
    """Let git strip the outputs of notebooks (.gitattributes names the filter, git config defines it)."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return
    strip = "%s %s" % (os.path.relpath(str(python), str(ROOT)), STRIP)
    for key, value in [("clean", strip), ("smudge", "cat"), ("required", "false")]:
        execute("git", "config", "--local", "filter.nbstripout." + key, value)
    execute("git", "config", "--local", "diff.ipynb.textconv", strip + " -t")


def lock():
    """Write both requirements files; the development versions never differ from the others."""
    uv = shutil.which("uv")
    if not uv:
        stop("making the lock files needs uv on the PATH (installing from them does not)")
    compiled = [uv, "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11"]
    compiled += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    compiled += ["--custom-compile-command", "make lock"]
    execute(*compiled, "--group", "build", "-o", "requirements.txt")
    execute(*compiled, "--group", "dev", "-c", "requirements.txt", "-o", "requirements-dev.txt")


if __name__ == "__main__":
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        stop(
            "Python %d.%d is too old or too new: the project needs 3.11, 3.12 or 3.13. "
            "Name one with `make PYTHON=python3.12 ...`." % sys.version_info[:2]
        )
    if sys.argv[1:] == ["lock"]:
        lock()
    elif len(sys.argv) == 2 and sys.argv[1] in LOCKS:
        prepare(sys.argv[1])
    else:
        stop("usage: environment.py run|dev|lock")
