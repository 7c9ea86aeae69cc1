"""更多 of 案件: what concerns many cases at once and has no button of its own."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu

from app.domain import roles
from ui.pages.working import WorkingPage
from ui.widgets.base import identify
from ui.widgets.buttons import Button


class MenuPage(WorkingPage):
    """A page with 更多 beside its buttons; in a narrow window the foot's 更多 holds all of it."""

    def make_menu(self) -> None:
        """Build the button. Called once by the subclass."""
        self.menu_button = Button(self.look, "更多", name=f"{self.key}.menu.open", icon="ellipsis")
        self.set_header_aside(self.menu_button)
        self.menu_button.clicked.connect(self.open_menu)

    def offers(self) -> tuple[str, ...]:
        """What the person may do."""
        opened = self.context.opened
        role = opened.desk.person.role if opened is not None else ""
        return ("交接…",) if role and roles.may(role, "case.hand_over") else ()

    def _fill(self, menu: QMenu) -> QMenu:
        for text in self.offers():
            menu.addAction(self.look.icon("users"), text).triggered.connect(
                lambda: self.navigate.emit("handover", {})
            )
        return menu

    def open_menu(self) -> None:
        """Drop the menu down."""
        menu = QMenu(self)
        identify(menu, f"{self.key}.menu.list", "更多")
        self._fill(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def more_menu(self) -> QMenu:
        """The header's buttons, then the menu's own."""
        return self._fill(super().more_menu())

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window the foot's 更多 is the only one."""
        super().set_narrow(narrow)
        self._place_menu()

    def showEvent(self, event: QShowEvent) -> None:
        """Who sits here may have changed."""
        super().showEvent(event)
        self._place_menu()

    def _place_menu(self) -> None:
        self.menu_button.setVisible(not self.narrow and bool(self.offers()))
