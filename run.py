"""Build the project's environment when it is missing or out of date, then run a command in it.

Standard library only: this file must run before anything is installed.
"""

import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
STAMP = VENV / "requirements.sha256"  # written last, so an interrupted build is made again
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PIP = [str(BIN / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]

COMMANDS = {
    "report": "write the committee paper from the data in this folder",
    "test": "run every test, the notebooks included",
    "lab": "open the notebooks in JupyterLab",
    "explore": "serve the scenario explorer to this machine's browser",
    "data": "make the processed tables again from the raw ones",
    "refresh": "fetch fresh figures from StatBank and jobindsats",
    "verify": "tell what no longer holds of the reports",
    "notebooks": "run the notebooks and save their output",
    "scenario": "read an edited workbook back as a scenario",
    "lint": "check the code and its format",
}


def stop(message, code=2):
    """Leave with one line on standard error."""
    print(f"run.py: {message}", file=sys.stderr)
    sys.exit(code)


def step(what, *command, quiet=False):
    """Run one step of the build, print what it was and its seconds, and tell whether it went well."""
    start = time.perf_counter()
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=quiet).returncode == 0
    except OSError:
        done = False
    print(f"  {what}: {time.perf_counter() - start:.1f} s{'' if done else ', FAILED'}", flush=True)
    return done


def build(digest):
    """Make .venv again from requirements.lock."""
    print(f"Building {VENV.name} (once for each requirements.lock)", flush=True)
    if not step("venv", sys.executable, "-m", "venv", "--clear", str(VENV), quiet=True):
        stop("cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv")

    # uv installs faster than pip. Its own lines leave the lock, so that pip can do without uv.
    lock = LOCK.read_text(encoding="utf-8")
    uv_lines = re.search(r"^uv==.*\n(?:[ \t].*\n)*", lock, re.MULTILINE).group()
    uv_lock, rest_lock = VENV / "uv.txt", VENV / "rest.txt"
    uv_lock.write_text(uv_lines, encoding="utf-8")
    rest_lock.write_text(lock.replace(uv_lines, ""), encoding="utf-8")

    # The system's certificates, because many office networks put their own between uv and the registry.
    uv = [str(BIN / "uv"), "pip", "install", "--system-certs", "--quiet", "--python", str(BIN / "python")]
    uv += ["--no-deps", "--compile-bytecode"]
    hashed = ["--require-hashes", "-r"]
    done = step("uv", *PIP, *hashed, str(uv_lock)) and step("packages by uv", *uv, *hashed, str(rest_lock))
    if not (done or step("packages by pip", *PIP, *hashed, str(rest_lock))):
        stop("the packages of requirements.lock could not be installed, see above", 1)
    if not step("this project", *PIP, "--no-index", "--no-build-isolation", "--editable", str(ROOT)):
        stop("the project itself could not be installed, see above", 1)
    STAMP.write_text(digest)


def main(args):
    """Run `args` with the `ballerup` command of an up-to-date environment."""
    if not args or args[0] in ("-h", "--help"):
        print("usage: python3 run.py COMMAND [args]\n")
        print("\n".join(f"  {name:<10} {text}" for name, text in COMMANDS.items()))
        return
    if args[0] not in COMMANDS:
        stop(f"unknown command {args[0]!r}, choose from {', '.join(COMMANDS)}")
    if sys.version_info < (3, 11):
        stop("Python 3.11 or newer is needed, this is " + sys.version.split()[0])

    # The folder is part of the digest: the scripts of a venv hold its path, a moved one must be made again.
    digest = hashlib.sha256(LOCK.read_bytes() + os.fsencode(ROOT)).hexdigest()
    if not (STAMP.exists() and STAMP.read_text() == digest and (BIN / "python").exists()):
        build(digest)

    # More threads than this make the many small fits slower, not faster.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    ballerup = [str(BIN / "ballerup"), *args]
    if os.name == "nt":
        sys.exit(subprocess.call(ballerup))
    os.execv(ballerup[0], ballerup)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        stop("interrupted", 130)
