"""What pages that work on cases share: reads, writes with undo, errors under fields, drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

from app.domain.errors import FieldError, FieldErrors, UserError
from app.services.changes import Written
from ui.background.lanes import Job
from ui.context import Context
from ui.pages.base import Page
from ui.widgets.fields import FormField

if TYPE_CHECKING:
    from app.services.office import Office
    from ui.dialogs.confirm import Confirmation

ACT = "act"
"""Name under which the one thing a person asked for waits until the profile is open."""
OPENING = "正在打开档案，开好就接着办。"
SOON, AT_ONCE = "10 秒后发送", "接着发给平台"
LATER = {"online": "联网后自动发送", "sign_in": "重新登录平台后自动发送", "mended": "收发恢复后自动发送"}
"""When what was written goes out (界面设计 6): the undo window's end, the next connection, now.

Of the last the program knows only that it was queued: the network may have gone a moment ago.
"""
WAITS = {
    "online": "现在没有网络，先存在本机，联网后自动发送。",
    "sign_in": "平台登录已过期，先存在本机，重新登录后自动发送。",
    "mended": "收发停着，先存在本机，恢复后自动发送。",
}
"""What a confirmation adds where nothing goes out now, by the outlook of the context."""
PLATFORM_KINDS = frozenset({"cases", "tasks", "outbox", "conflicts", "attachments"})
SAVE_PAUSE_MS, SAVE_LONGEST_MS = 800, 5_000
SLOW_MS = 700
"""After so long a person is told that what they pressed was taken and waits."""
BEHIND = "正在存，前面还有别的在写，不用再按。"
TAKEN = "刚才按的还在存，没有再做一次。"


class WorkingPage(Page):
    """A page on the context. Subclasses read with :meth:`fetch`, write with :meth:`save`."""

    def __init__(self, context: Context, key: str, *, nav: str = "", title: str = "") -> None:
        super().__init__(context.look, key, nav=nav, title=title)
        self.context = context
        self.keepers: set[DraftKeeper] = set()
        """Those that keep something now."""
        self._reads: dict[str, Job] = {}
        self._acting: set[tuple[str, str]] = set()
        """The acts on their way: name, and of what."""

    @property
    def office(self) -> Office:
        """The services as they are now; never kept."""
        return self.context.office

    def fetch(
        self,
        name: str,
        work: Callable[[Office], Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], bool] | None = None,
    ) -> None:
        """Read on the read lane; an earlier read of the same name is given up."""
        self.drop(name)
        if self.context.opened is None:
            self.context.when_open(f"{self.key}:{name}", lambda: self.fetch(name, work, done, failed))
            return
        office = self.office
        self._reads[name] = self.context.operations.read(name, lambda _job: work(office), done, failed)

    def later(self, act: Callable[[], None]) -> bool:
        """Whether the profile is not open yet; the last ``act`` asked for is then done when it is."""
        if self.context.opened is not None:
            return False
        self.context.when_open(ACT, act)
        self.said.emit(OPENING)
        return True

    def drop(self, name: str) -> None:
        """Give up a read whose answer is no longer wanted."""
        if (job := self._reads.pop(name, None)) is not None:
            job.cancel()

    def drop_all(self) -> None:
        """Give up all reads, on leaving."""
        for name in tuple(self._reads):
            self.drop(name)

    def save(
        self,
        name: str,
        work: Callable[[Office], Any],
        done: Callable[[Any], None] | None = None,
        *,
        said: str = "",
        undo: bool = True,
        fields: Mapping[str, FormField] | None = None,
        refused: Callable[[UserError], bool] | None = None,
        of: str = "",
        again: bool = False,
    ) -> None:
        """Write on the write lane. ``said`` is the toast; with an undo window it carries 撤销.

        While an act is on its way the same one is not begun a second time: a write may wait behind others,
        and a person who sees nothing happen presses once more. ``of`` tells acts of one name apart, such as
        by their row; ``again`` is for what does no harm twice (a setting, a look, a file known by its hash).
        The page's drafts are kept before it, and not again until it has ended: behind it, they would come
        back although it carried them out.

        Where it says when things go out (:data:`SOON` or 联网就发), it says what is true as the write ends.

        ``undo=False`` for what was confirmed in words and goes out at once.

        Errors of fields go under their ``fields``; other things the person can put right go to ``refused``.
        """
        office, act = self.office, (name, of)
        if act in self._acting and not again:
            self.said.emit(TAKEN)
            return
        self._acting.add(act)
        slow = QTimer(self)
        slow.setSingleShot(True)
        slow.timeout.connect(lambda: self.said.emit(BEHIND))
        slow.start(SLOW_MS)
        held = tuple(self.keepers)
        for keeper in held:
            keeper.hold()

        def over() -> None:
            slow.stop()
            slow.deleteLater()
            self._acting.discard(act)
            for keeper in held:
                keeper.release()

        def finished(value: Any) -> None:
            over()
            if done is not None:
                done(value)
            offered = undo and isinstance(value, Written) and value.undo_id
            words = when_sent(said, self.context.outlook)
            if said and offered and office.desk.undo_window:
                self.offered.emit(words, self.undoing(value))
            elif said:
                self.said.emit(words)

        def failed(error: BaseException) -> bool:
            over()
            if show_under_fields(error, fields or {}):
                return True
            return refused is not None and isinstance(error, UserError) and refused(error)

        self.context.operations.write(name, lambda _job: work(office), finished, failed)

    def with_outlook(self, asked: Confirmation) -> Confirmation:
        """``asked``, which also says that it waits where nothing goes out now."""
        waits = WAITS.get(self.context.outlook)
        return replace(asked, effects=(*asked.effects, waits)) if waits is not None else asked

    def undoing(self, written: Written[Any], then: Callable[[], None] | None = None) -> Callable[[], None]:
        """What takes ``written`` back; ``then`` runs once that is done."""
        office, undo_id = self.office, written.undo_id or ""

        def work(_job: Job) -> Any:
            from app.services import casework

            return casework.undo(office.desk, undo_id)

        def undone(_value: Any) -> None:
            self.said.emit("已撤销，没有发送。")
            if then is not None:
                then()

        def undo() -> None:
            self.context.operations.write("撤销", work, undone)

        return undo


def when_sent(said: str, outlook: str) -> str:
    """``said`` with the true time of sending: nothing goes out after 10 seconds without a network.

    ``outlook`` is that of the :class:`~ui.context.Context`.
    """
    if outlook == "now":
        return said.replace("联网就发", AT_ONCE)
    later = LATER[outlook]
    for words in (SOON, "联网就发", AT_ONCE):
        said = said.replace(words, later)
    return said


def show_under_fields(error: BaseException, fields: Mapping[str, FormField]) -> bool:
    """Show errors of fields under them and bring the first into focus; true when all were shown."""
    if isinstance(error, FieldErrors):
        errors: tuple[FieldError, ...] = error.errors
    elif isinstance(error, FieldError):
        errors = (error,)
    else:
        return False
    if not all(one.field in fields for one in errors):
        return False
    for one in errors:
        fields[one.field].show_problem(one.message)
    fields[errors[0].field].take_focus()
    return True


class DraftKeeper(QObject):
    """Keeps the draft of a form: 800 ms after the last touch and at least every 5 s, at once on leaving.

    ``collect`` gives what stands in the form, or nothing while there is nothing worth keeping.
    """

    def __init__(
        self,
        page: WorkingPage,
        kind: str,
        collect: Callable[[], dict[str, Any] | None],
        kept: Callable[[str], None],
    ) -> None:
        super().__init__(page)
        self._page, self._kind, self._collect, self._kept = page, kind, collect, kept
        self._subject = self._told = ""
        """Whose draft is kept, and whose was last said to be kept."""
        self._last: dict[str, Any] | None = None
        self._failing = False
        """Whether the last attempt failed: the person was told then, and is not asked every five seconds."""
        self._held = 0
        """How many of the page's acts are on their way."""
        page.context.unkept.kept.connect(self._took_after_all)
        self._pause = QTimer(page)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._due)
        self._longest = QTimer(page)
        self._longest.setSingleShot(True)
        self._longest.timeout.connect(self._due)

    def follow(self, subject: str, known: dict[str, Any] | None) -> None:
        """From now on keep the draft of ``subject``, whose stored draft is ``known``."""
        self.stop()
        if self._told not in ("", subject):
            self._page.set_saved("")
            self._told = ""
        self._subject, self._last = subject, known
        self._page.keepers.add(self)

    def touch(self) -> None:
        """The person changed something."""
        if self._subject:
            self._pause.start(SAVE_PAUSE_MS)
            if not self._longest.isActive():
                self._longest.start(SAVE_LONGEST_MS)

    @property
    def due(self) -> bool:
        """Whether something was touched that is to be kept soon."""
        return self._pause.isActive() or self._longest.isActive()

    def hold(self) -> None:
        """Keep what stands in the form now, and nothing more until :meth:`release`."""
        self.flush()
        self._held += 1

    def release(self) -> None:
        """An act of the page has ended: what was touched meanwhile is kept, unless it was carried out."""
        self._held -= 1
        if not self._held:
            self.touch()

    def stop(self) -> None:
        """Save what is unsaved, then keep nothing any more."""
        self.flush()
        self._end()

    def forget(self) -> None:
        """The form was carried out; its draft is gone with the same transaction."""
        self._pause.stop()
        self._longest.stop()
        if self._subject:
            self._page.office.drafts.let_go(self._kind, self._subject)
        self._last = None
        self._end()

    def _end(self) -> None:
        self._subject = ""
        self._page.keepers.discard(self)

    def _due(self) -> None:
        if not self._held:
            self.flush()

    def flush(self) -> None:
        """Keep what stands in the form now, if it differs from what was kept."""
        self._pause.stop()
        self._longest.stop()
        subject = self._subject
        body = self._collect() if subject else None
        if not subject or body is None or body == self._last:
            return
        before, self._last = self._last, body
        drafts, kind, unkept = self._page.office.drafts, self._kind, self._page.context.unkept

        def kept(saved_at: str) -> None:
            # Closing the window saves last; by the time the answer comes, the page may be gone.
            self._mended()
            if isValid(self._page) and self._subject in ("", subject):
                # What was kept of the case before is no news of the one that is being written now.
                self._told = subject
                self._kept(saved_at)

        def failed(_error: BaseException) -> bool:
            # Held by the services, and tried again until the disk takes it.
            told, self._failing = self._failing, True
            if self._last is body:
                self._last = before
            if isValid(self._page):
                self._page.set_saved("还没有存住，每 5 秒再试一次")
            unkept.wait()
            return told

        def work(_job: Job) -> str:
            return drafts.save(kind, subject, body)

        self._page.context.operations.write("存草稿", work, kept, failed)

    def _took_after_all(self, saved_at: str) -> None:
        if self._failing and isValid(self._page):
            self._mended()
            self._kept(saved_at)

    def _mended(self) -> None:
        """What the header said of a failure is not true any more."""
        was, self._failing = self._failing, False
        if was and isValid(self._page):
            self._page.set_saved("")
