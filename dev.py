#!/usr/bin/env python3
"""One command for everything around the code: demo, run, test, check, bench, faults, chaos, build.

Standard library only. Finds a Python from 3.11 to 3.13, makes ``.venv``, installs the locked and hashed
requirements, and on Debian-like systems installs (as root) or names the system packages Qt needs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "locked.sha256"
VERSIONS = ("3.12", "3.11", "3.13")

WINDOW_PACKAGES = (
    "libgl1", "libegl1", "libxkbcommon0", "libfontconfig1", "libdbus-1-3", "libglib2.0-0",
    "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0",
    "libxcb-image0", "libxcb-render-util0", "libxcb-randr0", "libxcb-xkb1", "libpulse0", "libnss3",
)  # fmt: skip
"""What Qt needs for a real window."""
TEST_PACKAGES = (
    "xvfb", "xauth", "openbox", "xdotool", "at-spi2-core", "python3-pyatspi", "dbus-x11", "sqlcipher",
    "poppler-utils",
)  # fmt: skip
"""What the tests use beyond that: a virtual screen, accessibility, independent readers."""


def say(text: str) -> None:
    print(text, flush=True)


def run(*command: object, env: dict[str, str] | None = None) -> int:
    """Run a command from the project's folder; its exit code."""
    return subprocess.call([str(part) for part in command], cwd=ROOT, env=env)


def become(*command: object, env: dict[str, str]) -> int:
    """Run a command in this process's place where the system can: whoever ends it ends the product itself."""
    if os.name == "posix":
        os.chdir(ROOT)
        words = [str(part) for part in command]
        sys.stdout.flush()
        os.execve(words[0], words, env)
    return run(*command, env=env)


def find_python() -> str:
    """An interpreter from 3.11 to 3.13, the one running this first if it fits."""
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return sys.executable
    for version in VERSIONS:
        found = shutil.which(f"python{version}")
        if found:
            return found
    sys.exit(
        "Python 3.11, 3.12 or 3.13 is needed. On Debian or Ubuntu: apt-get install python3.12 python3.12-venv"
    )


def system_packages(names: tuple[str, ...]) -> None:
    """Install what is missing on a Debian-like system, or name the exact command when not root."""
    if not shutil.which("dpkg-query"):
        return
    query = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    present = {line.split()[0] for line in query.stdout.splitlines() if line.endswith(" installed")}
    missing = [n for n in names if n not in present and not (n == "libglib2.0-0" and _has_t64(n))]
    if not missing:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0:
        say(f"System packages are missing. Please run once:\n  sudo apt-get update && sudo {command}")
        if shutil.which("sudo") is None or subprocess.call(["sudo", "-n", "true"], stderr=subprocess.DEVNULL):
            return
        command = f"sudo {command}"
    say(f"Installing system packages: {' '.join(missing)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = command.split()
    update = [*apt[: apt.index("apt-get") + 1], "update", "-q"]
    for step in (update, apt):
        if subprocess.call(step, env=env, stdout=subprocess.DEVNULL):
            say(f"That did not work; please run it by hand:\n  {command}")
            return


def _has_t64(name: str) -> bool:
    """Ubuntu 24.04 and Debian 13 renamed some libraries with a t64 tail."""
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", f"{name}t64"]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"


def setup() -> None:
    """Make the virtual environment match the lock file."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == digest:
        return
    interpreter = find_python()
    say(f"Setting up .venv with {interpreter} (once, a minute or two)")
    if not PYTHON.exists() and run(interpreter, "-m", "venv", VENV):
        shutil.rmtree(VENV, ignore_errors=True)
        system_packages((f"python{sys.version_info[0]}-venv",))
        if run(interpreter, "-m", "venv", VENV):
            sys.exit(
                "The virtual environment could not be made. On Debian or Ubuntu: apt-get install python3-venv"
            )
    if run(
        PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", LOCK
    ):
        sys.exit(
            "Installing the locked requirements did not work; nothing else was changed. Please try again."
        )
    STAMP.write_text(digest)


def environment(**extra: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **extra}


def demo(args: argparse.Namespace) -> int:
    system_packages(WINDOW_PACKAGES)
    if (
        not WINDOWS
        and sys.platform != "darwin"
        and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    ):
        say("No display found. Without a screen: apt-get install xvfb xauth; xvfb-run python3 dev.py demo")
        return 2
    return become(PYTHON, "-m", "ui", "demo", *args.rest, env=environment())


def run_product(args: argparse.Namespace) -> int:
    system_packages(WINDOW_PACKAGES)
    words = args.rest if args.rest and not args.rest[0].startswith("-") else ["run", *args.rest]
    return become(PYTHON, "-m", "ui", *words, env=environment())


def test(args: argparse.Namespace) -> int:
    """The whole suite, with the checks beside it: in random order, also what needs a display or a server."""
    system_packages(WINDOW_PACKAGES + TEST_PACKAGES)
    env = environment(
        QT_QPA_PLATFORM="offscreen", PYTHON_KEYRING_BACKEND="tests.helpers.keyring.MemoryKeyring"
    )
    # Whoever is done takes over from the others: the drawn sequences lie together and would keep one waiting.
    # One more than there are processors: a third of the window tests' time is waiting for real processes.
    chosen = args.rest or ["-n", str(min(4, (os.cpu_count() or 1) + 1)), "--dist", "worksteal"]
    begun = time.monotonic()
    with ThreadPoolExecutor() as beside:
        # Types take half a minute of one processor: beside the tests, which begin on the others.
        checked = None if args.rest else beside.submit(check, args)
        code = run(PYTHON, "-m", "pytest", *chosen, env=env)
        code = code or (checked.result() if checked is not None else 0)
    say(f"tests took {time.monotonic() - begun:.0f} s")
    return code


def check(_: argparse.Namespace) -> int:
    """Lint, format, types and import contracts."""
    steps = (
        ("lint", "ruff", "check", "."),
        ("format", "ruff", "format", "--check", "."),
        ("types", "mypy"),
        ("import contracts", "lint-imports"),
    )
    failed = [name for name, tool, *rest in steps if run(BIN / tool, *rest, env=environment())]
    if failed:
        say(f"check: not clean: {', '.join(failed)}")
    return 1 if failed else 0


def bench(args: argparse.Namespace) -> int:
    system_packages(WINDOW_PACKAGES)
    env = environment(QT_QPA_PLATFORM="offscreen")
    return run(PYTHON, "-m", "tests.benchmarks", *args.rest, env=env)


def faults(args: argparse.Namespace) -> int:
    """Every named fault of the wire, and a table of how it was met."""
    env = environment(
        QT_QPA_PLATFORM="offscreen", PYTHON_KEYRING_BACKEND="tests.helpers.keyring.MemoryKeyring"
    )
    words = ("tests/faults", "--fault-table", "-p", "no:randomly", *args.rest)
    return run(PYTHON, "-m", "pytest", *words, env=env)


def chaos(args: argparse.Namespace) -> int:
    """Seeded sequences of work and faults on real clients and platform, for as long as one likes."""
    return run(PYTHON, "-m", "tests.harness", *args.rest, env=environment())


def build(args: argparse.Namespace) -> int:
    system_packages(WINDOW_PACKAGES)
    spec = ROOT / "build.spec"
    return run(PYTHON, "-m", "PyInstaller", "--noconfirm", *args.rest, spec, env=environment())


COMMANDS = {
    "demo": (demo, "open the product with its practice platform and invented data"),
    "run": (run_product, "run the product (or any of its commands) from the sources"),
    "test": (test, "run the whole test suite; further words go to pytest"),
    "check": (check, "lint, types and import contracts"),
    "bench": (bench, "measure and print ratios"),
    "faults": (faults, "meet each of the 78 named faults of the wire and print the table"),
    "chaos": (chaos, "run seeded sequences of work and faults on the wire (--minutes N --seed S)"),
    "build": (build, "make the bundle with PyInstaller"),
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "command", choices=COMMANDS, help="; ".join(f"{n}: {h}" for n, (_, h) in COMMANDS.items())
    )
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on")
    args = parser.parse_args()
    setup()
    return COMMANDS[args.command][0](args)


if __name__ == "__main__":
    sys.exit(main())
