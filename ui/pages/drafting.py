"""Drafts of a page: what is being typed is kept by itself, and where that fails it is said in the page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from app.clock import from_text, shanghai
from app.domain.errors import DamagedFault, EnvironmentFault
from ui.failures.texts import explain
from ui.labels import month_day
from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    from app.services.drafts import Draft
    from ui.background.lanes import Job
    from ui.pages.working import WorkingPage
    from ui.theme.look import Look

SAVE_PAUSE_MS, SAVE_LONGEST_MS = 800, 5_000
SECOND = "还有另一份没有办完"
AGAIN = "写的字都还在这一页，每 5 秒再试一次，存住了这一条就收起。"

log = logging.getLogger(__name__)


def told_in_page(page: WorkingPage, error: BaseException) -> bool:
    """Say in the page that typed words were not kept; whether that is enough.

    A dialog would open in the middle of typing and take the keystrokes. What needs a person's decision, and
    what is a fault of the program, is told as every failure is.
    """
    if not isinstance(error, EnvironmentFault) or isinstance(error, DamagedFault):
        return False
    failure = explain(error)
    log.info("draft not kept: %s", failure.code)
    if isValid(page):
        page.say_unkept(f"{failure.title}，写的还没有存住", f"{_advice(failure.text)}{AGAIN}")
    return True


def _advice(text: str) -> str:
    """What a person can do, out of a failure's sentences; trying again is the program's part here."""
    asked = next((one for one in text.split("。") if one.startswith("请")), "")
    return f"{asked.removesuffix('，再试一次')}。" if asked else ""


def _same(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    """Whether both are the same when stored: a list comes back where a tuple was kept."""
    return msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")


class Beside(Protocol):
    """Where a second draft is offered: the page, or the dialog that holds the form."""

    def say_second(self, keeper: DraftKeeper, draft: Draft) -> None:
        """Offer ``draft``, which lies beside what ``keeper`` keeps."""

    def unsay_second(self, keeper: DraftKeeper) -> None:
        """Nothing lies beside it any more."""


class SecondBar(InfoBar):
    """What an undo gave back lies beside what was written since; 换成那一份 changes their places."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(
            look, "info", SECOND, " ", name=f"{name}.second", icon="history", action="换成那一份"
        )
        self._keeper: DraftKeeper | None = None
        """Whose second draft is offered."""
        self.acted.connect(self._take)
        self.hide()

    def say(self, keeper: DraftKeeper, draft: Draft) -> None:
        """Offer ``draft``."""
        when = shanghai(from_text(draft.saved_at))
        words = f"{month_day(when.date())} {when:%H:%M} 写的，和这里写的不一样。两份都存着，换了也不会丢。"
        self._keeper = keeper
        self.set_texts(SECOND, words)
        self.show()

    def unsay(self, keeper: DraftKeeper) -> None:
        """Nothing lies beside what ``keeper`` keeps any more."""
        if self._keeper is keeper:
            self._keeper = None
            self.hide()

    def _take(self) -> None:
        if self._keeper is not None:
            self._keeper.exchange()


class DraftKeeper(QObject):
    """Keeps the draft of a form: 800 ms after the last touch and at least every 5 s, at once on leaving.

    ``collect`` gives what stands in the form, ``None`` while there is nothing worth keeping, and an empty
    body when what was kept is not wanted any more. ``stuck`` when the disk does not take it, until ``kept``
    is called again. ``came_back`` shows a draft that something else than this form put into its place (an
    undo), where nothing newer stands in the form.
    """

    stuck = Signal()

    def __init__(
        self,
        page: WorkingPage,
        kind: str,
        collect: Callable[[], dict[str, Any] | None],
        kept: Callable[[str], None] = lambda _at: None,
        came_back: Callable[[Draft], None] | None = None,
        beside: Beside | None = None,
    ) -> None:
        super().__init__(page)
        self._came_back = came_back
        self._beside: Beside = beside or page
        self._page, self._kind, self._collect, self._kept = page, kind, collect, kept
        self._subject = self._told = ""
        """Whose draft is kept, and whose was last said to be kept."""
        self._last: dict[str, Any] | None = None
        self._second = False
        """Whether another draft lies beside this one, to be looked at once this one is carried out."""
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
        self._page.context.keepers.add(self)
        self._look_beside()

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
        self._page.context.keepers.discard(self)
        if isValid(self._page):
            self._beside.unsay_second(self)

    def look_again(self) -> None:
        """The stored draft may be another by now: show it, unless something newer stands in the form.

        Nothing is kept meanwhile, so that the form as it was does not write over what came back.
        """
        subject, kind, drafts = self._subject, self._kind, self._page.office.drafts
        if not subject or self._came_back is None:
            return
        self._held += 1
        operations = self._page.context.operations

        def over(_value: object = None) -> None:
            self._held -= 1
            if not self._held and isValid(self._page):
                self.touch()
            self._look_beside()

        def found(draft: Draft | None) -> None:
            other = draft is not None and not _same(draft.body, self._last)
            if not isValid(self._page) or self._subject != subject or self._came_back is None or not other:
                over()
            elif draft is not None and not self._newer():
                self._held -= 1
                self._came_back(draft)
            else:
                # Laid beside before what stands in the form is kept, which would go over it.
                operations.write("存草稿", lambda _job: drafts.exchange(kind, subject), over, unread)

        def unread(_error: BaseException) -> bool:
            self._held -= 1
            return False

        operations.read("看草稿", lambda _job: drafts.get(kind, subject), found, unread)

    def _look_beside(self) -> None:
        """Offer the draft that an undo laid beside this one, where there is one."""
        if self._came_back is None or not self._subject or not isValid(self._page):
            return
        subject, kind, drafts = self._subject, self._kind, self._page.office.drafts
        again, self._second = self._second, False

        def found(draft: Draft | None) -> None:
            if not isValid(self._page) or self._subject != subject:
                return
            self._second = draft is not None
            if draft is None:
                self._beside.unsay_second(self)
                if again:
                    self.look_again()
            else:
                self._beside.say_second(self, draft)

        self._page.context.operations.read("看草稿", lambda _job: drafts.second(kind, subject), found)

    def exchange(self) -> None:
        """Show the draft that lies beside this one, and lay this one there."""
        subject, kind, drafts = self._subject, self._kind, self._page.office.drafts
        self.hold()

        def done(draft: Draft | None) -> None:
            self._held -= 1
            shows = isValid(self._page) and self._subject == subject
            if shows and draft is not None and self._came_back is not None:
                self._last = draft.body
                self._came_back(draft)

        def failed(_error: BaseException) -> bool:
            self.release()
            return False

        self._page.context.operations.write(
            "换草稿", lambda _job: drafts.exchange(kind, subject), done, failed
        )

    def _newer(self) -> bool:
        """Whether something stands in the form that was not kept yet."""
        body = self._collect()
        return body is not None and bool(body or self._last) and not _same(body, self._last)

    def _due(self) -> None:
        if not self._held:
            self.flush()

    def flush(self) -> None:
        """Keep what stands in the form now, if it differs from what was kept."""
        self._pause.stop()
        self._longest.stop()
        subject = self._subject
        body = self._collect() if subject else None
        if not subject or body is None or body == self._last or not (body or self._last):
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

        def failed(error: BaseException) -> bool:
            # Held by the services, and tried again until the disk takes it.
            told, self._failing = self._failing, True
            if self._last is body:
                self._last = before
            if isValid(self._page):
                self._page.set_saved("还没有存住")
                self.stuck.emit()
            unkept.wait()
            return told or told_in_page(self._page, error)

        def work(_job: Job) -> str:
            if body:
                return drafts.save(kind, subject, body)
            drafts.discard(kind, subject)
            return ""

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
            self._page.unsay_unkept()
