"""Build the project's environment when it is missing or out of date, then run a command in it.

Standard library only: this file must run before anything is installed.
"""

import ctypes
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
STAMP = VENV / "requirements.sha256"  # written last, so an interrupted build is made again
LOCKED = ROOT / ".venv.lock"  # held by the one that builds
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
    "template": "write an empty workbook for own figures to data/local",
    "paper": "take in a printed table of a new paper or year",
    "lint": "check the code and its format",
}


def stop(message, code=2):
    """Leave with one line on standard error."""
    print(f"run.py: {message}", file=sys.stderr)
    sys.exit(code)


def die_with_parent():
    """Ask Linux to end this child with run.py, also when that is killed outright."""
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))


def step(what, *command):
    """Run one step of the build, print what it was and its seconds; return what it said if it failed, else None."""
    start, posix = time.perf_counter(), os.name != "nt"
    own = {"process_group": 0} if posix else {}  # so that what it starts in turn can be ended with it
    if sys.platform == "linux":
        own["preexec_fn"] = die_with_parent
    said, child = "", None
    try:
        child = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **own
        )
        said, _ = child.communicate()
    except OSError as error:
        said = str(error)
    except BaseException:
        if child:
            os.killpg(child.pid, signal.SIGKILL) if posix else child.kill()
            child.wait()
            child.stdout.close()
        raise
    done = child is not None and child.returncode == 0
    print(f"  {what}: {time.perf_counter() - start:.1f} s{'' if done else ', FAILED'}", flush=True)
    return None if done else said.strip() or "it ended without a word"


def advise(said):
    """Return the last line of what a failed step said, and what to do about it where that is known."""
    if "No space left on device" in said:
        return f"the disk is full; free about 2 GB where {VENV.name} stands and run this again"
    if "ensurepip is not available" in said or "No module named ensurepip" in said:
        return "Python comes without ensurepip; on Debian and Ubuntu: apt-get install python3-venv"
    return said.splitlines()[-1].strip()


@contextmanager
def only_one():
    """Hold the lock of the build; whoever comes second waits. The system lets go of it when its holder dies."""
    with open(LOCKED, "a+b") as file:
        if os.name == "nt":
            import msvcrt

            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    time.sleep(0.5)
        else:
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(f"Waiting for the {VENV.name} that another run is building", flush=True)
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def up_to_date(digest):
    """Tell whether .venv is whole and made from this requirements.lock, in this folder."""
    return STAMP.is_file() and STAMP.read_bytes() == digest.encode() and os.access(BIN / "python", os.X_OK)


def build(digest):
    """Make .venv again from requirements.lock."""
    if VENV.is_symlink():  # to be emptied: what it leads to may be anything
        stop(f"{VENV} is a link to {os.readlink(VENV)}; remove the link, and the environment is made here", 1)
    print(f"Building {VENV.name} (once for each requirements.lock)", flush=True)
    if said := step("venv", sys.executable, "-m", "venv", "--clear", str(VENV)):
        stop(f"cannot make a virtual environment: {advise(said)}")

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
    said = step("uv", *PIP, *hashed, str(uv_lock)) or step("packages by uv", *uv, *hashed, str(rest_lock))
    if said:
        print(f"  {advise(said)}", file=sys.stderr, flush=True)
        said = step("packages by pip", *PIP, *hashed, str(rest_lock))
    if said:
        stop(f"the packages of requirements.lock could not be installed: {advise(said)}", 1)
    if said := step("this project", *PIP, "--no-index", "--no-build-isolation", "--editable", str(ROOT)):
        stop(f"the project itself could not be installed: {advise(said)}", 1)
    point_here()
    STAMP.write_text(digest)


def point_here():
    """Tell the environment where the project is in plain ASCII: pip's bare path is read by the locale, and by lines."""
    for path in VENV.glob("**/site-packages/ballerup_analysis.pth"):
        path.write_text(f"import sys; sys.path.append({str(ROOT)!a})\n", encoding="ascii")


def main(args):
    """Run `args` with the `ballerup` command of an up-to-date environment."""
    if not args or args[0] in ("-h", "--help"):
        print("usage: python3 run.py COMMAND [args]\n")
        print("\n".join(f"  {name:<10} {text}" for name, text in COMMANDS.items()))
        return
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"):  # a module there would stand before those of the lock
        os.environ.pop(name, None)
    if args[0] not in COMMANDS:
        stop(f"unknown command {args[0]!r}, choose from {', '.join(COMMANDS)}")
    if sys.version_info < (3, 11):
        stop("Python 3.11 or newer is needed, this is " + sys.version.split()[0])

    # The folder is part of the digest: the scripts of a venv hold its path, a moved one must be made again.
    digest = hashlib.sha256(LOCK.read_bytes() + os.fsencode(ROOT)).hexdigest()
    if not up_to_date(digest):
        with only_one():
            if not up_to_date(digest):  # by now another run may have built it
                build(digest)

    # More threads than this make the many small fits slower, not faster.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # By the module, not by the script that pip writes: that cannot hold a folder of any name.
    ballerup = [str(BIN / "python"), "-P", "-m", "ballerup_analysis", *args]
    if os.name == "nt":
        sys.exit(subprocess.call(ballerup))
    # Ctrl-C waits until it can be answered: while its packages load it would be a traceback.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.execv(ballerup[0], ballerup)


def terminate(*_):
    """Leave as a shell says SIGTERM does, after what was started has been ended."""
    sys.exit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, terminate)
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        stop(f"{error.filename or ROOT}: {advise(error.strerror or str(error))}", 1)
