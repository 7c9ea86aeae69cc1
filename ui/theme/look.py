"""The look in force: scheme, scale, fonts and icons; one object, given to every widget by constructor."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from ui.theme import fonts, icons, qss, tokens
from ui.theme.icons import qcolor
from ui.theme.metrics import Metrics

MODES = ("system", *tokens.SCHEMES)


class Look(QObject):
    """Colours, sizes, fonts and icons as they are now.

    ``changed`` is sent once after a change of scheme or scale, when palette and style sheet already hold.
    """

    changed = Signal()
    applying = Signal(bool)
    """Frames the moment in which every widget is polished: tens of thousands of events that mean nothing."""

    def __init__(self, app: QApplication, mode: str = "system", scale: float = 1.0) -> None:
        super().__init__(app)
        self._app = app
        self._mode = mode
        self._font_cache: dict[tuple[str, str, bool], QFont] = {}
        self.metrics = Metrics(self)
        self.metrics.set_scale(scale)
        self.colors = tokens.colors(self._scheme())
        app.setStyle("Fusion")
        self._apply()
        self.metrics.scaleChanged.connect(self._apply)
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def mode(self) -> str:
        """What the person chose: ``system``, ``light``, ``dark`` or ``highContrast``."""
        return self._mode

    @property
    def animations(self) -> bool:
        """Whether short movements are shown; none in high contrast."""
        return not self.colors.high_contrast

    def set_mode(self, mode: str) -> None:
        """Take a mode at once. Raises ``ValueError`` for an unknown one."""
        if mode not in MODES:
            raise ValueError(f"no such mode: {mode}")
        if mode == self._mode:
            return
        self._mode = mode
        self._apply()

    def duration(self, name: str) -> int:
        """Milliseconds of a movement (``fast``, ``normal``); 0 where movement is off."""
        return tokens.motion(name) if self.animations else 0

    def color(self, name: str) -> QColor:
        """A colour by token: ``text``, ``overdue.fg``."""
        return qcolor(self.colors.resolve(name))

    def font(self, role: str = "body", *, kind: str = "ui", bold: bool | None = None) -> QFont:
        """The font of a step of the type scale, digits of one width."""
        style = tokens.type_scale()[role]
        weight = style.weight if bold is None else (700 if bold else 400)
        key = (role, kind, weight == 700)
        if key not in self._font_cache:
            self._font_cache[key] = fonts.font(kind, self.metrics.type_px(role), weight, tabular=True)
        return self._font_cache[key]

    def icon(self, name: str, color: str = "text", edge: int | None = None) -> QIcon:
        """A Lucide icon in a token colour at the present size."""
        size = edge or self.metrics.icon
        return icons.icon(name, self.colors.resolve(color), self.colors["textDisabled"], size)

    def pixmap(self, name: str, color: str = "text", edge: int | None = None, ratio: float = 1.0) -> QPixmap:
        """As :meth:`icon`, for labels."""
        return icons.pixmap(name, self.colors.resolve(color), edge or self.metrics.icon, ratio)

    def follow(self, widget: QWidget, restyle: Callable[[], None]) -> None:
        """Call ``restyle`` (a bound method of ``widget``) now and after each change."""
        restyle()
        self.changed.connect(restyle)

    def _scheme(self) -> str:
        if self._mode != "system":
            return self._mode
        dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return "dark" if dark else "light"

    def _system_changed(self) -> None:
        if self._mode == "system":
            self._apply()

    def _apply(self) -> None:
        self.colors = tokens.colors(self._scheme())
        self._font_cache.clear()
        self._app.setFont(fonts.font("ui", self.metrics.type_px("body"), tabular=True))
        self._app.setPalette(self._palette())
        self.applying.emit(True)
        # Another sheet in place of one that holds makes Qt polish each widget once for every widget around
        # it; from none to one it polishes each once.
        self._app.setStyleSheet("")
        self._app.setStyleSheet(qss.build(self.colors, self.metrics))
        self.applying.emit(False)
        self.changed.emit()

    def _palette(self) -> QPalette:
        roles = QPalette.ColorRole
        made = QPalette()
        for role, name in {
            roles.Window: "canvas",
            roles.WindowText: "text",
            roles.Base: "surface",
            roles.AlternateBase: "surfaceSunken",
            roles.Text: "text",
            roles.Button: "surface",
            roles.ButtonText: "text",
            roles.BrightText: "seal",
            roles.Highlight: "selectionText",
            roles.HighlightedText: "text",
            roles.ToolTipBase: "surfaceRaised",
            roles.ToolTipText: "text",
            roles.PlaceholderText: "textTertiary",
            roles.Link: "link",
            roles.LinkVisited: "link",
            roles.Mid: "border",
            roles.Accent: "primary",
        }.items():
            made.setColor(role, self.color(name))
        for role in (roles.Text, roles.WindowText, roles.ButtonText):
            made.setColor(QPalette.ColorGroup.Disabled, role, self.color("textDisabled"))
        return made
