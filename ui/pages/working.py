"""What pages that work on cases share: reads, writes with undo, errors under fields, drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from shiboken6 import isValid

from app.domain.errors import FieldError, FieldErrors, UserError
from app.services.changes import Written
from ui.background.lanes import Job
from ui.context import Context
from ui.pages.base import Page
from ui.pages.drafting import DraftKeeper, SecondBar
from ui.widgets.base import announce, bring_into_view
from ui.widgets.fields import FormField
from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    from app.services.drafts import Draft
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
SLOW_MS = 700
"""After so long a person is told that what they pressed was taken and waits."""
BEHIND = "正在存，前面还有别的在写，不用再按。"
UNCHANGED = "没有改动，原来的照旧。"
"""Instead of 已存好 where a person saved what stood there anyway: nothing is sent."""
TAKEN = "刚才按的还在办，没有再做一次。"


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
        self._unkept_bar: InfoBar | None = None
        self._second_bar: SecondBar | None = None

    @property
    def office(self) -> Office:
        """The services as they are now; never kept."""
        return self.context.office

    def say_unkept(self, title: str, text: str) -> None:
        """Under the header, until :meth:`unsay_unkept`: words typed here are not kept, and what to do."""
        if self._unkept_bar is None:
            self._unkept_bar = InfoBar(
                self.look, "overdue", title, text, name=f"{self.key}.unkept", icon="hard-drive"
            )
            self.set_below_header(self._unkept_bar)
        self._unkept_bar.set_texts(title, text)
        self._unkept_bar.show()
        if (typing := self.focusWidget()) is not None:
            bring_into_view(typing)
        announce(self._unkept_bar, f"{title}。{text}")

    def unsay_unkept(self) -> None:
        """A draft was kept: nothing is said any more once all are."""
        if self._unkept_bar is not None and not self.context.unkept.count:
            self._unkept_bar.hide()

    def say_second(self, keeper: DraftKeeper, draft: Draft) -> None:
        """Under the header: what an undo gave back lies beside what was written since."""
        if self._second_bar is None:
            self._second_bar = SecondBar(self.look, self.key)
            self.set_below_header(self._second_bar)
        self._second_bar.say(keeper, draft)

    def unsay_second(self, keeper: DraftKeeper) -> None:
        """Nothing lies beside this form any more."""
        if self._second_bar is not None:
            self._second_bar.unsay(keeper)

    def fetch(
        self,
        name: str,
        work: Callable[[Office], Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], bool] | None = None,
    ) -> None:
        """Read on the read lane; an earlier read of the same name is given up.

        The page may be gone when the answer comes, its profile closed: nobody waits for it then.
        """

        def came(value: Any) -> None:
            if isValid(self):
                done(value)

        def not_read(error: BaseException) -> bool:
            return failed is not None and isValid(self) and failed(error)

        self.drop(name)
        if self.context.opened is None:
            self.context.when_open(f"{self.key}:{name}", lambda: self.fetch(name, work, done, failed))
            return
        office = self.office
        self._reads[name] = self.context.operations.read(name, lambda _job: work(office), came, not_read)

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
        undone: Callable[[], None] | None = None,
    ) -> None:
        """Write on the write lane. ``said`` is the toast; with an undo window it carries 撤销, and ``undone``
        runs once that took it back.

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
        if not again and self.on_its_way(name, of):
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
            if isinstance(value, Written) and not value.changes:
                words = said and UNCHANGED
            if said and offered and office.desk.undo_window:
                self.offered.emit(words, self.undoing(value, undone))
            elif said:
                self.said.emit(words)

        def failed(error: BaseException) -> bool:
            over()
            if show_under_fields(error, fields or {}):
                return True
            return refused is not None and isinstance(error, UserError) and refused(error)

        self.context.operations.write(name, lambda _job: work(office), finished, failed)

    def on_its_way(self, name: str, of: str = "") -> bool:
        """Whether this act of :meth:`save` has not ended yet; the person is told that it was taken."""
        if (name, of) not in self._acting:
            return False
        self.said.emit(TAKEN)
        return True

    def begun(self, name: str) -> Callable[[], None] | None:
        """Mark an act that :meth:`save` does not carry as on its way; what ends it, or nothing if it is."""
        if self.on_its_way(name):
            return None
        self._acting.add((name, ""))
        return lambda: self._acting.discard((name, ""))

    def confirmed(self, name: str, asked: Confirmation, then: Callable[[], None], *, dialog: str) -> None:
        """Ask before the act ``name`` of :meth:`save`, which ``then`` begins; not while it is on its way."""
        from ui.dialogs.confirm import confirm

        if not self.on_its_way(name):
            confirm(self.look, self, asked, then, name=dialog)

    def with_outlook(self, asked: Confirmation) -> Confirmation:
        """``asked``, which also says that it waits where nothing goes out now."""
        waits = WAITS.get(self.context.outlook)
        return replace(asked, effects=(*asked.effects, waits)) if waits is not None else asked

    def undoing(self, written: Written[Any], then: Callable[[], None] | None = None) -> Callable[[], None]:
        """What takes ``written`` back; ``then`` runs once that is done.

        What was typed comes back with it. The forms on the screen, of whatever page, keep nothing meanwhile
        and then show what came back, so that none writes over it.
        """
        office, undo_id = self.office, written.undo_id or ""

        def work(_job: Job) -> Any:
            from app.services import casework

            return casework.undo(office.desk, undo_id)

        def undo() -> None:
            held = tuple(self.context.keepers)
            for keeper in held:
                keeper.hold()

            def undone(_value: Any) -> None:
                self.said.emit("已撤销，没有发送。")
                for keeper in held:
                    keeper.look_again()
                    keeper.release()
                if then is not None:
                    then()

            def failed(_error: BaseException) -> bool:
                for keeper in held:
                    keeper.release()
                return False

            self.context.operations.write("撤销", work, undone, failed)

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
    """Show errors of fields under them; true when all were shown.

    The first in the order of ``fields``, which is that of the page, takes the focus.
    """
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
    wrong = {one.field for one in errors}
    next(field for name, field in fields.items() if name in wrong).take_focus()
    return True
