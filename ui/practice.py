"""练习: the practice platform as a child process, the switches of the practice panel, and its profile.

The platform's data lies beside the profile, not in it: the profile stays encrypted through and through.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import app
from app.domain.errors import EnvironmentFault, InternalError, UserError
from app.paths import ProfilePaths
from app.services import lockscreen

if TYPE_CHECKING:
    import requests

    from app.services.desk import Desk

PASSPHRASE = "lianxi lianxi 2026"  # noqa: S105 - shown on the practice lock screen
"""Plain keys: it is typed into a covered field, where no input method is at hand."""
READY_SECONDS = 60.0
STOP_SECONDS = 8.0
CALL_SECONDS = 20.0
_TOKEN = "X-Sandbox-Token"  # noqa: S105 - the header's name


@dataclass(frozen=True)
class PlatformUser:
    """Somebody who can sign in at the practice platform."""

    login: str
    password: str
    role: str
    name: str


@dataclass(frozen=True)
class Ready:
    """What the practice platform says when it is ready."""

    url: str
    control_token: str
    users: tuple[PlatformUser, ...]


class SandboxProcess:
    """The practice platform in a process of its own. It ends with this one, however this one ends."""

    def __init__(self, data: Path, seed: str = "demo", port: int = 0) -> None:
        self.data = data
        self._seed = seed
        self._port = port
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Ready:
        """Start it and wait until it is ready. Raises ``EnvironmentFault`` when it does not come up."""
        self.launch()
        return self.ready()

    def launch(self) -> None:
        """Start it without waiting."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.data / "sandbox.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [*_program(), "--port", str(self._port), "--data", str(self.data), "--seed", self._seed,
                 "--exit-with-stdin"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                env=_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip

    def ready(self) -> Ready:
        """Wait until it is ready. Raises ``EnvironmentFault`` when it does not come up."""
        line = _first_line(self._process) if self._process is not None else ""
        if not line:
            self.stop()
            raise EnvironmentFault(
                "练习平台没有启动起来。练习档案没有改动。请关掉窗口再打开一次；还不行，请查看练习平台的日志。",
                code="E-PRACTICE-START",
            )
        return _ready(line)

    def stop(self) -> None:
        """End it and wait for its end."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        self._process = None


def _program() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, "sandbox"]
    return [sys.executable, "-m", "sync.sandbox"]


def _environment() -> dict[str, str]:
    """The child finds the packages wherever this process found them."""
    root = str(Path(app.__file__).resolve().parent.parent)
    known = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in (root, known) if p), "PYTHONUTF8": "1"}


def _first_line(process: subprocess.Popen[str]) -> str:
    """The first line of the child's output, empty when it ends or takes too long; the rest is drained."""
    lines: queue.Queue[str] = queue.Queue()

    def pump(stream: IO[str]) -> None:
        with contextlib.suppress(ValueError, OSError):
            for line in stream:
                lines.put(line)
        lines.put("")

    if process.stdout is None:
        return ""
    threading.Thread(target=pump, args=(process.stdout,), name="practice-output", daemon=True).start()
    try:
        return lines.get(timeout=READY_SECONDS)
    except queue.Empty:
        return ""


def _ready(line: str) -> Ready:
    try:
        data = json.loads(line)
        users = tuple(
            PlatformUser(u["name"], u["password"], u["role"], u.get("display", u["name"]))
            for u in data["users"]
        )
        return Ready(url=data["url"], control_token=data["control_token"], users=users)
    except (ValueError, KeyError, TypeError) as error:
        raise InternalError("练习平台说的话没有看懂。", code="E-PRACTICE-LINE", detail=line[:200]) from error


class PracticeControl:
    """The switches of the practice panel. Calls wait for the answer: use them off the GUI thread."""

    def __init__(self, ready: Ready) -> None:
        self.ready = ready
        self._session: requests.Session | None = None

    def state(self) -> Mapping[str, Any]:
        """Network mode, practice date, standing of the institution, epoch."""
        return self._call("GET", "state")

    def log(self) -> list[Mapping[str, str]]:
        """发生了什么, the latest first: ``at``, ``kind``, ``text``, ``detail``."""
        return list(self._call("GET", "log")["happenings"])

    def overview(self) -> list[Mapping[str, Any]]:
        """Cases with their filings and the moves a court could make."""
        return list(self._call("GET", "overview")["cases"])

    def kinds(self) -> list[Mapping[str, str]]:
        """Kinds of 办件 that can be dispatched: ``code``, ``name``, ``hint``."""
        return list(self._call("GET", "kinds")["kinds"])

    def dispatch(self, kind: str = "") -> Mapping[str, str]:
        """派一件新办件; gives ``case_id``, ``intake_no``, ``title``."""
        return self._call("POST", "dispatch", {"kind": kind})

    def ask_material(self, case_id: str = "", material: str = "") -> Mapping[str, str]:
        """要求补材料."""
        return self._call("POST", "ask-material", _given(case_id=case_id, material=material))

    def edit_same_field(
        self, case_id: str = "", field: str = "", value: Any = None, party_id: str = ""
    ) -> Mapping[str, Any]:
        """改同一处: a colleague changes a field at another computer, of a case or of one of its parties."""
        given = _given(case_id=case_id, field=field, value=value, party_id=party_id)
        return self._call("POST", "edit-same-field", given)

    def suspend(self, reason: str = "") -> Mapping[str, str]:
        """暂停接收."""
        return self._call("POST", "suspend", _given(reason=reason))

    def resume(self) -> Mapping[str, str]:
        """恢复接收."""
        return self._call("POST", "resume")

    def court(
        self, submission_id: str, move: str, asked: tuple[str, ...] = (), *, seen: str = ""
    ) -> Mapping[str, Any]:
        """The court's next move, such as ``accept``, ``ask_supplement``, ``confirm``.

        ``seen``: the state in which the filing was shown; refused when it is in another one by now.
        """
        return self._call("POST", f"court/{submission_id}/{move}", _given(asked=list(asked) or "", seen=seen))

    def network(self, mode: str, *, count: int = 0, delay: float = 2.0, only: str = "") -> Mapping[str, Any]:
        """What the network does from now on: ``normal``, ``offline``, ``flaky``, ``drop_reply`` and more."""
        return self._call("POST", f"network/{mode}", {"count": count, "delay": delay, "only": only})

    def move_clock(
        self, *, days: int = 0, workdays: int = 0, date: dt.date | None = None
    ) -> Mapping[str, Any]:
        """Move the practice date; move the desk's clock too (:func:`follow_clock`)."""
        body: dict[str, Any] = {"days": days, "workdays": workdays}
        if date is not None:
            body["date"] = date.isoformat()
        return self._call("POST", "clock", body)

    def backup(self) -> Mapping[str, Any]:
        """Have the platform keep a backup of itself."""
        return self._call("POST", "backup")

    def restore(self) -> Mapping[str, Any]:
        """Put the platform back to its backup: it forgets what came later, under a new epoch."""
        return self._call("POST", "restore")

    def close(self) -> None:
        """Let go of the connection."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        import requests

        if self._session is None:
            self._session = requests.Session()
            self._session.trust_env = False
        try:
            reply = self._session.request(
                method,
                f"{self.ready.url}/sandbox/{path}",
                json=dict(body or {}) if method == "POST" else None,
                headers={_TOKEN: self.ready.control_token},
                timeout=CALL_SECONDS,
            )
            data = reply.json()
        except (requests.RequestException, ValueError) as error:
            raise EnvironmentFault(
                "练习平台没有应答，刚才按的没有生效。练习档案没有改动。请关掉窗口再打开一次。",
                code="E-PRACTICE-SILENT",
                detail=type(error).__name__,
            ) from error
        if reply.status_code >= 400:
            message = str(data.get("message") or "练习平台没有照办。")
            raise UserError(message, code="E-PRACTICE", detail=str(data.get("code", "")))
        return dict(data)


def _given(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in ("", None)}


@dataclass
class Practice:
    """A running practice: the platform, its switches, and the profile's place."""

    process: SandboxProcess
    control: PracticeControl
    paths: ProfilePaths

    def colleagues_hint(self) -> str:
        """Who else could be added, as the practice platform knows them; nobody's secret."""
        users = [one for one in self.control.ready.users if one.role != "statistician"]
        names = "、".join(f"{one.name} {one.login}" for one in users)
        return f"练习平台上的人：{names}，平台口令都是 {users[0].password}。"

    def user(self, role: str) -> PlatformUser:
        """The first of the institution's people in a role."""
        return next(user for user in self.control.ready.users if user.role == role)

    def close(self) -> None:
        """End the practice platform; its data stays for the next time."""
        self.control.close()
        self.process.stop()


def platform_folder(paths: ProfilePaths) -> Path:
    """Where the practice platform keeps its data: beside the profile."""
    return paths.root.with_name(f"{paths.root.name}-platform")


def clear(paths: ProfilePaths) -> None:
    """从头来: forget the practice profile and its platform. The profile's lock is held and stays.

    Raises ``UserError`` when the folder holds a profile that is not for practice.
    """
    if paths.exists and not lockscreen.card_of(paths).practice:
        raise UserError("这个文件夹里是正式档案，没有动它。练习请用另一个文件夹。", code="E-PRACTICE")
    shutil.rmtree(platform_folder(paths), ignore_errors=True)
    if not paths.root.exists():
        return
    # The key file goes first: without it nothing that is left can be taken for a profile.
    paths.keys.unlink(missing_ok=True)
    for entry in paths.root.iterdir():
        if entry.name.startswith(paths.lock.name):
            continue
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def start(paths: ProfilePaths, *, fresh: bool = False, seed: str = "demo") -> Practice:
    """Start the practice platform that belongs to a profile. The caller holds the profile's lock."""
    if fresh:
        clear(paths)
    return ready(launch(paths, seed), paths)


def launch(paths: ProfilePaths, seed: str = "demo") -> SandboxProcess:
    """Start the practice platform without waiting for it; :func:`ready` does."""
    process = SandboxProcess(platform_folder(paths), seed)
    process.launch()
    return process


def ready(process: SandboxProcess, paths: ProfilePaths) -> Practice:
    """The practice once its platform answers. Raises ``EnvironmentFault`` when it does not come up."""
    return Practice(process, PracticeControl(process.ready()), paths)


def follow_clock(practice: Practice, desk: Desk) -> None:
    """Set the desk's clock to the practice platform's."""
    from app.services import profile

    seconds = int(practice.control.state()["offset_seconds"])
    profile.set_practice_offset(desk, dt.timedelta(seconds=seconds))


def attach(practice: Practice, desk: Desk) -> None:
    """Point an open practice desk at the platform as it runs now: its port and its date.

    For a desk opened by the lock screen too. Raises ``UserError`` for a profile that is not for practice.
    """
    from app.services import enrolment

    follow_clock(practice, desk)
    enrolment.practice_moved(desk, practice.control.ready.url)


def open_apart() -> None:
    """Start practice mode as a program of its own, which goes on when this one ends."""
    frozen = bool(getattr(sys, "frozen", False))
    command = [sys.executable, "demo"] if frozen else [sys.executable, "-m", "ui", "demo"]
    subprocess.Popen(command, env=_environment(), start_new_session=True)  # noqa: S603 - our own program
