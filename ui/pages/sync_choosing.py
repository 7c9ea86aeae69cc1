"""The sync centre's drawer with two values: reading, showing, choosing, and keeping what is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from app.domain.errors import UserError
from app.services.resolving import DRAFT, TEXTS
from ui.background.lanes import Job
from ui.pages.drafting import DraftKeeper
from ui.pages.sync_conflict import ConflictPart
from ui.pages.sync_own import Held

if TYPE_CHECKING:
    from app.services.conflict_views import ConflictView
    from app.services.drafts import Draft
    from app.services.office import Office
    from ui.pages.sync import SyncPage

TITLE = "同一处有两个写法，请选一个"
ACT_TITLE = "两处办得不一样，请选一个"
CHOSEN, PUT_AWAY = "选好了，已存在本机，10 秒后发送。", "这一处收起了，没有再发给平台。"


@dataclass(frozen=True)
class Place:
    """Where a person was in the drawer when the screen was locked, and on what picture of the values."""

    person_id: str
    held: Held
    stamp: str
    onward: bool
    focus: QWidget | None


class Choosing:
    """Opens conflicts one after another in the page's drawer.

    A third value is kept as a draft of its case while it is typed, like every form: it outlasts putting off,
    closing the drawer, the lock and the program's end, until that conflict is settled.
    """

    def __init__(self, page: SyncPage, part: ConflictPart) -> None:
        self._page, self._part = page, part
        self._case_id = ""
        self._texts: dict[str, str] = {}
        self._saved: dict[str, str] = {}
        """What of it the store holds."""
        self._writing: dict[str, str] | None = None
        self.keeper = DraftKeeper(page, DRAFT, self._body, self._kept)
        part.revealed.connect(self._reveal)
        part.taken.connect(self._take)
        part.put_off.connect(page.drawer.close_drawer)
        part.covered.connect(self._mask_again)
        part.written.connect(self._typed)
        self.current, self._onward = "", False
        self._undone = ""
        """The conflict whose choice was undone a moment ago."""
        """The conflict in the drawer, and whether it came up after another."""
        self._back: Place | None = None
        """Where to go on in the drawer once it has been read anew."""

    def open(self, conflict_id: str, *, onward: bool = False) -> None:
        """The drawer with one conflict, masked where it is personal; ``onward`` after another was settled."""
        self.current, self._onward, self._back = conflict_id, onward, None
        self._part.cover()
        self._read(conflict_id)

    def close(self) -> None:
        """Forget what shows; what was typed is kept."""
        self.current = ""
        self._flush()
        self._part.cover()
        self._let_go()

    def place(self) -> Place | None:
        """Where the person is in the drawer; nothing while it shows no conflict."""
        view = self._part.view
        if not self.current or view is None or view.settled:
            return None
        focus = self._page.window().focusWidget()
        inside = focus is not None and any(x.isAncestorOf(focus) for x in (self._part, self._part.foot))
        person_id = self._page.office.desk.person.person_id
        return Place(person_id, self._part.held, view.stamp, self._onward, focus if inside else None)

    def come_back(self, place: Place | None) -> None:
        """The lock was taken away: the same conflict is in the drawer again, for whoever was in it."""
        if place is not None and place.person_id == self._page.office.desk.person.person_id:
            self._page.open_conflict(place.held.conflict_id, onward=place.onward)
            self._back = place

    def _take_up(self, view: ConflictView, place: Place) -> None:
        """Show it as it was left; of a value that moved on meanwhile nothing is chosen."""
        moved = view.stamp != place.stamp
        if not moved or place.held.choice == "edited":
            self._part.go_back_to(place.held)
        self._show(view)
        if moved:
            self._part.tell_moved_on(kept=self._part.keeps_writing(view))
        elif place.focus is not None and isValid(place.focus) and place.focus.isVisible():
            place.focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_on(self, case_id: str) -> None:
        """接着写: the conflict of the case for which something was typed last, where it is still open."""

        def work(office: Office) -> tuple[bool, str]:
            draft = office.drafts.get(DRAFT, case_id)
            texts = dict(draft.body[TEXTS]) if draft is not None else {}
            if self._case_id == case_id:
                texts.update(self._texts)
            still = set(office.resolving.open_ids())
            return bool(texts), next((one for one in reversed(texts) if one in still), "")

        def found(answer: tuple[bool, str]) -> None:
            typed, conflict_id = answer
            if conflict_id:
                self._page.open_conflict(conflict_id)
            elif typed:
                self._used_up(case_id)

        self._page.fetch("找写过一半的", work, found)

    def _used_up(self, case_id: str) -> None:
        """As with every choice, what was typed for it is done with: nothing is left to go on with."""
        drafts = self._page.office.drafts

        def work(_job: Job) -> None:
            drafts.discard(DRAFT, case_id)

        def done(_none: None) -> None:
            self._page.said.emit("您写过一半的那一处，已经选定了。选了哪个，在案件的“经过”里看。")

        self._page.context.operations.write("存草稿", work, done)

    def _let_go(self) -> None:
        """Once the drawer is closed and the store has it, the memory need not hold it any longer."""
        if not self.current and self._texts == self._saved:
            self.keeper.stop()
            self._case_id, self._texts, self._saved = "", {}, {}

    def _flush(self) -> None:
        """Keep what was typed; where all of it was taken out again, keep nothing."""
        self.keeper.flush()
        case_id = self._case_id
        if self._texts or not self._saved:
            return
        self._saved = {}
        drafts = self._page.office.drafts

        def work(_job: Job) -> None:
            drafts.discard(DRAFT, case_id)

        self._page.context.operations.write("存草稿", work, lambda _done: None)
        self.keeper.follow(case_id, None)

    def _body(self) -> dict[str, Any] | None:
        if not self._texts:
            return None
        self._writing = dict(self._texts)
        return {TEXTS: self._writing}

    def _kept(self, _at: str) -> None:
        if self._writing is not None:
            self._saved, self._writing = self._writing, None
        self._let_go()

    def _typed(self, text: str) -> None:
        view = self._part.view
        if view is None:
            return
        self._texts.pop(view.conflict_id, None)
        if text.strip():
            # The last one typed stands last: 接着写 begins there.
            self._texts[view.conflict_id] = text
        self.keeper.touch()

    def _read(self, conflict_id: str) -> None:
        def work(office: Office) -> tuple[ConflictView, Draft | None]:
            view = office.resolving.conflict(conflict_id)
            return view, office.drafts.get(DRAFT, view.case_id)

        self._page.fetch("看两处写法", work, self._shown)

    def _shown(self, found: tuple[ConflictView, Draft | None]) -> None:
        view, draft = found
        if view.conflict_id != self.current:
            return
        shown = self._part.view
        if view.settled and shown is not None and shown.settled:
            return  # What was written stands there to be copied.
        back, self._back = self._back, None
        if back is not None and view.settled:
            self.current = ""
            self._page.table.rows.look_at("")
            self._page.said.emit("这一处已经选定了。")
            return
        if view.case_id != self._case_id:
            # Of this case the memory is newer than the store: a write may still be on its way.
            self.keeper.stop()
            self._case_id = view.case_id
            self._saved = dict(draft.body[TEXTS]) if draft is not None else {}
            self._texts = dict(self._saved)
            self.keeper.follow(view.case_id, draft.body if draft is not None else None)
        drawer = self._page.drawer
        if back is not None:
            # Where the keyboard goes when the drawer closes.
            self._page.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if not drawer.is_open or not self._part.isVisible():
            drawer.open_with(ACT_TITLE if view.act else TITLE, self._part, self._part.foot)
        if back is not None:
            self._take_up(view, back)
        else:
            self._show(view)

    def renew(self) -> None:
        """Something came: what stands in the drawer is as it is by now, or says that it is settled."""
        conflict_id = self.current
        if conflict_id and self._page.drawer.is_open:
            self._page.fetch(
                "看两处写法有没有变", lambda office: office.resolving.conflict(conflict_id), self._renewed
            )

    def _renewed(self, view: ConflictView) -> None:
        shown = self._part.view
        if shown is None or view.conflict_id != self.current or shown.conflict_id != view.conflict_id:
            return
        if view.settled:
            self._settled_elsewhere(view)
        elif shown.stamp != view.stamp:
            self._flush()
            kept = self._part.keeps_writing(view)
            if not kept:
                self._part.cover()
            self._show(view)
            self._part.tell_moved_on(kept=kept)
        elif shown.position != view.position:
            self._part.say_about(view)

    def _settled_elsewhere(self, view: ConflictView) -> None:
        """Nothing is left to choose; what the person is just writing is not taken out of their hands."""
        shown = self._part.view
        if shown is not None and shown.settled:
            return
        if self._part.keeps_writing(view):
            self._part.tell_settled()
            # As with any choice, what was typed for it is used up; it stands there until the drawer closes.
            self._texts.pop(view.conflict_id, None)
            self._flush()
        else:
            self._page.drawer.close_drawer()
            self._page.said.emit("这一处已经选定了。")

    def _show(self, view: ConflictView) -> None:
        self._page.drawer.title.setText(ACT_TITLE if view.act else TITLE)
        if self._part.keeps_writing(view):
            self._part.renew_around(view)
        else:
            draft, undone = self._texts.get(view.conflict_id, ""), view.conflict_id == self._undone
            self._part.show_view(view, draft, onward=self._onward, undone=undone)
            self._undone = ""

    def _reveal(self, reason: str) -> None:
        view = self._part.view
        if view is None:
            return
        conflict_id = view.conflict_id

        def done(plain: ConflictView) -> None:
            shows = self._part.view
            if shows is not None and shows.conflict_id == conflict_id and self._page.drawer.is_open:
                self._part.bars.begin()
                self._show(plain)

        self._page.save(
            "显示两处原文",
            lambda office: office.resolving.conflict(conflict_id, reveal_reason=reason),
            done,
            again=True,
        )

    def _mask_again(self) -> None:
        self._flush()
        if self._page.drawer.is_open and self.current:
            self._read(self.current)

    def _take(self, choice: str, value: object) -> None:
        view = self._part.view
        if view is None:
            return
        conflict_id, stamp, typed = view.conflict_id, view.stamp, self._texts

        def undone() -> None:
            """It is asked about again, with what was typed for it: one chooses anew."""
            if self._case_id == view.case_id:
                self._texts = {**typed, **self._texts}
            if self._page.isVisible():
                self._undone = conflict_id
                self._page.open_conflict(conflict_id)

        def refused(error: UserError) -> bool:
            if error.code not in ("E-MOVED-ON", "E-SETTLED"):
                return False
            self._page.said.emit(error.message)
            self.renew()
            return True

        def done(written: Any) -> None:
            self.keeper.forget()
            self._case_id, self._texts, self._saved = "", {}, {}
            if written.value:
                self._page.open_conflict(written.value, onward=True)
            else:
                self._page.drawer.close_drawer()

        self.keeper.flush()
        self._page.save(
            "选用一处写法",
            lambda office: office.resolving.resolve(conflict_id, choice, value, seen=stamp),  # type: ignore[arg-type]
            done,
            fields={"value": self._part.writing.field},
            said=PUT_AWAY if view.taken_back else CHOSEN,
            of=conflict_id,
            refused=refused,
            undone=undone,
        )
