"""The draft of a form in a dialog: kept while it is typed, offered when the same form is opened again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QLineEdit, QTextEdit, QWidget
from shiboken6 import isValid

from app.clock import from_text, shanghai
from ui.dialogs.base import Dialog
from ui.labels import month_day
from ui.pages.drafting import DraftKeeper, SecondBar
from ui.widgets.base import column
from ui.widgets.choices import ComboBox
from ui.widgets.covered import CoveredEdit
from ui.widgets.dates import DateField, DateTimeField
from ui.widgets.radio_cards import RadioCardGroup
from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    from app.services.drafts import Draft
    from app.services.office import Office
    from ui.pages.working import WorkingPage
    from ui.widgets.fields import FormField

T = TypeVar("T")

ANEW = "不要这些了"
ABOUT = "about"
"""In the draft, beside the fields: of what it is."""
SEEN = "seen"
"""In the draft, beside the fields: what they were written on (:meth:`KeptDialog.begun_on`)."""


def written(editor: QWidget) -> Any:
    """What stands in an editor as it was typed or chosen, understood or not."""
    if isinstance(editor, CoveredEdit):
        return editor.plain()
    if isinstance(editor, QLineEdit):
        return editor.text()
    if isinstance(editor, QTextEdit):
        return editor.toPlainText()
    if isinstance(editor, ComboBox | RadioCardGroup):
        return editor.value
    if isinstance(editor, DateField):
        return editor.edit.text()
    if isinstance(editor, DateTimeField):
        return [editor.date.edit.text(), editor.time.text()]
    raise TypeError(type(editor).__name__)


def write(editor: QWidget, value: Any) -> None:
    """Put into an editor what :func:`written` gave; a choice that is not offered any more is left out."""
    if isinstance(editor, CoveredEdit):
        editor.set_plain(str(value))
    elif isinstance(editor, QLineEdit):
        editor.setText(str(value))
    elif isinstance(editor, QTextEdit):
        editor.setPlainText(str(value))
        # One goes on where one stopped.
        editor.moveCursor(QTextCursor.MoveOperation.End)
    elif isinstance(editor, ComboBox):
        if editor.findData(value) >= 0:
            editor.choose(str(value))
    elif isinstance(editor, RadioCardGroup):
        if value in editor.cards:
            editor.choose(str(value))
        elif not value:
            editor.clear_choice()
    elif isinstance(editor, DateField):
        editor.edit.setText(str(value))
    elif isinstance(editor, DateTimeField):
        day, clock = value
        editor.date.edit.setText(str(day))
        editor.time.setText(str(clock))
    else:
        raise TypeError(type(editor).__name__)


def _signals(editor: QWidget) -> Iterator[SignalInstance]:
    """What tells that something in the editor changed."""
    if isinstance(editor, QLineEdit | QTextEdit):
        yield editor.textChanged
    elif isinstance(editor, ComboBox):
        yield editor.currentIndexChanged
    elif isinstance(editor, RadioCardGroup):
        yield editor.chosen
    elif isinstance(editor, DateField):
        yield editor.edit.textChanged
    elif isinstance(editor, DateTimeField):
        yield editor.date.edit.textChanged
        yield editor.time.textChanged


class FormDraft(QObject):
    """Keeps what differs in a form from how it was opened, under ``kind`` and ``subject``.

    What was not touched is not in it: a covered field that stands empty, or a value of the case that may be
    another by the time the form is opened again. A day that was only proposed (today) goes along with the
    rest: it is the day of which the words were written.
    """

    def __init__(self, form: KeptDialog, page: WorkingPage, kind: str, subject: str, about: str = "") -> None:
        super().__init__(form)
        self.kind, self.subject = kind, subject
        self._form, self._page, self._about = form, page, about
        self._editors = {key: field.editor for key, field in form.fields.items()}
        self._start = {key: written(editor) for key, editor in self._editors.items()}
        self._begun_on = form.begun_on()
        self._looked = False
        """Whether the stored draft is known, or not waited for any longer."""
        name = form.objectName().removesuffix(".dialog")
        self.bar = InfoBar(
            page.look, "info", "接着上次写的", " ", name=f"{name}.kept", icon="history", action=ANEW
        )
        self.bar.hide()
        self.bar.acted.connect(self.begin_anew)
        self.second = SecondBar(page.look, name)
        self.keeper = DraftKeeper(page, kind, self._collect, came_back=self._exchanged, beside=self)
        for editor in self._editors.values():
            for signal in _signals(editor):
                signal.connect(self._touched)
        form.finished.connect(self._finished)
        drafts = page.office.drafts
        page.context.operations.read("看草稿", lambda _job: drafts.get(kind, subject), self._found)

    def begin_anew(self) -> None:
        """不要这些了: the form as it was opened first."""
        self._form.go_on_from(self._begun_on)
        for key, editor in self._editors.items():
            write(editor, self._start[key])
            self._form.fields[key].show_problem("")
        self.bar.hide()
        self.keeper.flush()
        next(iter(self._form.fields.values())).take_focus()

    def say_second(self, keeper: DraftKeeper, draft: Draft) -> None:
        """An undo gave back what the same form was filled with before."""
        self.second.say(keeper, draft)

    def unsay_second(self, keeper: DraftKeeper) -> None:
        """There is no other one."""
        if isValid(self._form):
            self.second.unsay(keeper)

    def begin(self) -> None:
        """Keep what is typed from now on, also where the stored draft has not been read yet."""
        if not self._looked:
            self._looked = True
            self.keeper.follow(self.subject, None)

    def forget(self) -> None:
        """The form was carried out; its draft is gone with the same transaction."""
        self._looked = True
        self.keeper.forget()

    def drop(self, office: Office) -> None:
        """What the form was for is kept elsewhere by now."""
        office.drafts.discard(self.kind, self.subject)

    def _found(self, draft: Draft | None) -> None:
        if self._looked or not isValid(self._form):
            return
        self._looked = True
        body = self._body(draft)
        for key, editor in self._editors.items():
            # What was typed before this answer came stays.
            if key in body and written(editor) == self._start[key]:
                write(editor, body[key])
        self.keeper.follow(self.subject, draft.body if draft is not None else None)
        self._tell(draft)
        self._touched()

    def _exchanged(self, draft: Draft) -> None:
        """换成那一份: the form holds the other draft, and offers the one that was in it."""
        body = self._body(draft)
        for key, editor in self._editors.items():
            write(editor, body.get(key, self._start[key]))
            self._form.fields[key].show_problem("")
        self.keeper.follow(self.subject, draft.body)
        self._tell(draft)
        next(iter(self._form.fields.values())).take_focus()

    def _body(self, draft: Draft | None) -> Mapping[str, Any]:
        """What ``draft`` holds, and what stood in fields it did not touch: the form goes on from there."""
        body = draft.body if draft is not None else {}
        return {**self._form.go_on_from(body[SEEN]), **body} if SEEN in body else body

    def _tell(self, draft: Draft | None) -> None:
        body = draft.body if draft is not None else {}
        if draft is not None:
            when = shanghai(from_text(draft.saved_at)) if draft.saved_at else None
            words = f"{month_day(when.date())} {when:%H:%M} " if when is not None else ""
            about = f"给“{body[ABOUT]}”" if body.get(ABOUT) else ""
            self.bar.set_texts("接着上次写的", f"{words}{about}写的，还没有办完。")
            self.bar.show()

    def _collect(self) -> dict[str, Any]:
        now = {key: written(editor) for key, editor in self._editors.items()}
        body = {key: value for key, value in now.items() if value != self._start[key]}
        if not body:
            return {}
        days = {key: now[key] for key, editor in self._editors.items() if isinstance(editor, DateField)}
        beside = {ABOUT: self._about, SEEN: self._form.begun_on()}
        return {**days, **body, **{key: value for key, value in beside.items() if value}}

    def _touched(self, *_what: object) -> None:
        self.keeper.touch()

    def _finished(self, _result: int) -> None:
        self.begin()
        self.keeper.stop()


class KeptDialog(Dialog):
    """A dialog with :attr:`fields`, upright in :attr:`body`, that can keep what is typed into them."""

    fields: Mapping[str, FormField]

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 12) -> None:
        super().__init__(parent)
        self.draft: FormDraft | None = None
        self.body = column(spacing=spacing)

    def keep(self, page: WorkingPage, kind: str, subject: str, about: str = "") -> None:
        """Keep what is typed as a draft of ``kind`` for ``subject``, and take up what was typed before.

        ``about`` tells of what it is, where that can be another next time (the name of a file).
        """
        self.draft = FormDraft(self, page, kind, subject, about)
        self.body.insertWidget(0, self.draft.second)
        self.body.insertWidget(0, self.draft.bar)

    def begun_on(self) -> Mapping[str, Any]:
        """What the person saw when they began to write, as JSON, for the draft to hold; empty for nothing."""
        return {}

    def go_on_from(self, begun_on: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is written now rests on what a draft was begun on (:meth:`begun_on`).

        Returns what stood in the fields then, by field.
        """
        return {}

    def using(self, work: Callable[[Office], T]) -> Callable[[Office], T]:
        """``work``, which carries out the draft in its own transaction."""
        draft = self.draft
        if draft is not None:
            draft.begin()

        def carrying(office: Office) -> T:
            from app.services.casework import using_draft

            with nullcontext() if draft is None else using_draft(draft.kind, draft.subject):
                return work(office)

        return carrying

    def carried_out(self) -> None:
        """It is kept, and the draft with it: close."""
        if self.draft is not None:
            self.draft.forget()
        self.accept()

    def taken(self, page: WorkingPage) -> None:
        """The page took it up itself and keeps it with its own draft: close."""
        draft = self.draft
        self.carried_out()
        if draft is not None:
            page.save("存草稿", draft.drop, again=True)
