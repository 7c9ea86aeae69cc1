"""The generated style sheet. Every value comes from the tokens."""

from __future__ import annotations

from ui.theme import tokens
from ui.theme.metrics import Metrics
from ui.theme.tokens import Colors


def build(colors: Colors, metrics: Metrics) -> str:
    """The application's style sheet for one scheme and scale."""
    line = 2 if colors.high_contrast else 1
    parts = (
        _labels(colors, metrics),
        _buttons(colors, metrics, line),
        _fields(colors, metrics, line),
        _surfaces(colors, line),
        _views(colors, metrics, line),
        _bars(colors),
    )
    return "\n".join(parts)


def _labels(c: Colors, m: Metrics) -> str:
    roles = "\n".join(
        f'QLabel[role="{name}"] {{ font-size: {m.type_px(name)}px; font-weight: {style.weight}; }}'
        for name, style in tokens.type_scale().items()
    )
    tones = "\n".join(
        f'QLabel[tone="{tone}"] {{ color: {c[tone]}; }}'
        for tone in ("text", "textSecondary", "textTertiary", "link", "seal", "primary")
    )
    statuses = "\n".join(
        f'QLabel[tone="{name}"] {{ color: {value.fg}; }}' for name, value in c.status.items()
    )
    return f"QLabel {{ background: transparent; }}\n{roles}\n{tones}\n{statuses}"


def _buttons(c: Colors, m: Metrics, line: int) -> str:
    corner = tokens.radius("control")
    underline = "text-decoration: underline;" if c.high_contrast else ""
    pale = "textDisabled" if c.high_contrast else "textTertiary"
    lower = c["border"] if c.high_contrast else c["borderControl"]
    return f"""
QPushButton, QToolButton, QCheckBox, QRadioButton, QComboBox, QTabBar, QSlider {{ outline: none; }}
QPushButton, QToolButton[kind="button"] {{
  background: {c["surface"]}; color: {c["text"]}; border: {line}px solid {c["border"]};
  border-bottom-color: {lower}; border-radius: {corner}px; padding: 0 14px;
  min-height: {m.control - 2 * line}px; font-size: {m.type_px("body")}px;
}}
QPushButton:hover, QToolButton[kind="button"]:hover {{ background: {c["rowHover"]}; }}
QPushButton:pressed, QToolButton[kind="button"]:pressed {{ background: {c["surfaceSunken"]}; }}
QPushButton[unavailable="true"] {{ color: {c[pale]}; background: {c["surfaceSunken"]};
  border-bottom-color: {c["border"]}; }}
QPushButton:disabled {{ color: {c["textDisabled"]}; background: {c["surfaceSunken"]}; }}
QPushButton[compact="true"] {{ min-height: {m.control_compact - 2 * line}px; padding: 0 12px;
  font-size: {m.type_px("label")}px; }}
QPushButton[kind="primary"] {{ background: {c["primary"]}; color: {c["onPrimary"]}; 
  border-color: {c["primary"]}; border-bottom-color: {c["primary"]}; font-weight: 700; padding: 0 18px; }}
QPushButton[kind="primary"]:hover {{ background: {c["primaryHover"]}; }}
QPushButton[kind="primary"]:pressed {{ background: {c["primaryPressed"]}; }}
QPushButton[kind="primary"][unavailable="true"] {{ background: {c["track"]}; color: {c["textTertiary"]};
  border-color: {c["border"]}; }}
QPushButton[large="true"] {{ min-height: {m.control_large - 2 * line}px; }}
QPushButton[kind="link"] {{ background: transparent; border: 0; padding: 0; color: {c["link"]};
  min-height: {m.hit}px; text-align: left; {underline} }}
QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
QPushButton[kind="link"]:disabled {{ color: {c["textDisabled"]}; }}
QPushButton[kind="painted"] {{ background: transparent; border: 0; padding: 0; min-height: 0; }}
QPushButton[kind="flat"] {{ background: transparent; border: 0; padding: 0 8px;
  min-height: {m.hit}px; }}
QPushButton[kind="flat"]:hover {{ background: {c["rowHover"]}; }}
QPushButton[kind="flat"]:checked {{ background: {c["primarySubtle"]}; color: {c["primary"]};
  font-weight: 700; }}
QToolButton[kind="icon"] {{ background: transparent; border: 0; border-radius: {corner}px;
  min-width: {m.hit}px; min-height: {m.hit}px; padding: 0; }}
QToolButton[kind="icon"]:hover {{ background: {c["navHover"]}; }}
QToolButton[kind="icon"][boxed="true"] {{ background: {c["surface"]}; border: {line}px solid {c["border"]};
  border-bottom-color: {lower}; min-width: {m.control}px; min-height: {m.control - 2 * line}px; }}
QToolButton[kind="icon"][boxed="true"]:hover {{ background: {c["rowHover"]}; }}
QToolButton[kind="chip"], QPushButton[kind="chip"] {{ background: {c["surface"]}; color: {c["text"]};
  border: {line}px solid {c["border"]}; border-radius: {corner}px; padding: 0 10px;
  min-height: {m.hit - 2 * line}px; font-size: {m.type_px("label")}px; }}
QToolButton[kind="chip"]:checked, QPushButton[kind="chip"]:checked {{ background: {c["primarySubtle"]};
  border-color: {c["primaryBorder"]}; color: {c["link"]}; }}
QFrame[kind="segmented"] {{ background: {c["track"]}; border: {line}px solid {c["border"]};
  border-radius: {corner}px; }}
QPushButton[kind="segment"] {{ background: transparent; border: 0; border-radius: {corner - 1}px;
  padding: 0 12px; min-height: {m.hit - 2}px; color: {c["textSecondary"]};
  font-size: {m.type_px("label")}px; }}
QPushButton[kind="segment"]:checked {{ background: {c["surface"]}; color: {c["text"]}; font-weight: 700;
  border: {line}px solid {c["border"]}; }}
QFrame[kind="segmented"][solid="true"] {{ background: {c["surface"]}; }}
QPushButton[kind="segment"][solid="true"] {{ min-height: {m.control_compact - 2}px; color: {c["text"]}; }}
QPushButton[kind="segment"][solid="true"]:checked {{ background: {c["primary"]}; color: {c["onPrimary"]};
  border-color: {c["primary"]}; }}
QRadioButton[kind="card"] {{ background: {c["surface"]}; border: {line}px solid {c["border"]};
  border-radius: {corner}px; }}
"""


def _fields(c: Colors, m: Metrics, line: int) -> str:
    corner = tokens.radius("control")
    lower = c["border"] if c.high_contrast else c["borderControl"]
    error = c.status["overdue"].solid
    return f"""
QLineEdit, QTextEdit, QPlainTextEdit, QComboBox, QSpinBox, QDateEdit {{
  background: {c["surface"]}; color: {c["text"]}; border: {line}px solid {c["border"]};
  border-bottom-color: {lower}; border-radius: {corner}px; padding: 0 10px;
  selection-background-color: {c["selectionText"]}; selection-color: {c["text"]};
  font-size: {m.type_px("body")}px;
}}
QLineEdit, QComboBox, QSpinBox, QDateEdit {{ min-height: {m.control - 2 * line}px; }}
QLineEdit[leading="true"] {{ padding-left: {m.icon + 16}px; }}
QLineEdit[large="true"] {{ min-height: {m.control_large - 2 * line}px; }}
QTextEdit, QPlainTextEdit {{ padding: 6px 6px; }}
QLineEdit:focus, QTextEdit:focus, QPlainTextEdit:focus, QComboBox:focus {{
  border-color: {c["borderFocus"]}; }}
QLineEdit:read-only {{ background: {c["surfaceSunken"]}; }}
QLineEdit:disabled, QTextEdit:disabled, QComboBox:disabled {{ color: {c["textDisabled"]};
  background: {c["surfaceSunken"]}; }}
QLineEdit[invalid="true"], QTextEdit[invalid="true"], QComboBox[invalid="true"] {{ border-color: {error}; }}
QLineEdit[attention="true"] {{ background: {c.status["dueSoon"].bg}; }}
QTextEdit[role="editor"] {{ font-size: {m.type_px("editor")}px; }}
QComboBox {{ padding-right: {m.icon + 12}px; }}
QComboBox::drop-down {{ border: 0; width: 0; }}
QComboBox QAbstractItemView {{ background: {c["surfaceRaised"]}; border: {line}px solid {c["border"]};
  selection-background-color: {c["rowSelected"]}; selection-color: {c["text"]}; outline: 0; padding: 4px; }}
QCheckBox, QRadioButton {{ background: transparent; color: {c["text"]}; spacing: 8px; min-height: {m.hit}px;
  font-size: {m.type_px("body")}px; }}
"""


def _surfaces(c: Colors, line: int) -> str:
    card = tokens.radius("card")
    bars = "\n".join(
        f'QFrame[kind="infobar"][status="{name}"] {{ background: {value.bg}; '
        f"border: {line}px solid {value.border}; border-radius: {tokens.radius('control')}px; }}"
        for name, value in c.status.items()
    )
    bars += "\n".join(
        f'QFrame[kind="ground"][status="{name}"] {{ background: {value.bg}; border: 0; }}'
        for name, value in c.status.items()
    )
    return f"""
QMainWindow, QDialog {{ background: {c["canvas"]}; }}
QFrame[kind="card"] {{ background: {c["surface"]}; border: {line}px solid {c["border"]};
  border-radius: {card}px; }}
QFrame[kind="card"][alarm="true"] {{ border-color: {c.status["overdue"].border}; }}
QFrame[kind="card"][now="true"] {{ border-color: {c["primaryBorder"]}; }}
QFrame[kind="sunken"] {{ background: {c["surfaceSunken"]}; border: {line}px solid {c["border"]};
  border-radius: {card}px; }}
QFrame[kind="desk"] {{ background: {c["nav"]}; border: {line}px solid {c["border"]};
  border-radius: {card}px; }}
QFrame[kind="papers"] {{ background: {c["nav"]}; border: 0; border-bottom-left-radius: {card}px;
  border-bottom-right-radius: {card}px; }}
QFrame[kind="heads"] {{ background: {c["surfaceSunken"]}; border: 0; }}
QFrame[kind="strip"] {{ background: {c["surfaceSunken"]}; border: 0;
  border-bottom-left-radius: {card}px; border-bottom-right-radius: {card}px; }}
QFrame[kind="divider"] {{ background: {c["divider"]}; border: 0; }}
QFrame[kind="divider"][way="across"] {{ min-height: {line}px; max-height: {line}px; }}
QFrame[kind="divider"][way="upright"] {{ min-width: {line}px; max-width: {line}px; }}
QFrame[kind="nav"] {{ background: {c["nav"]}; border: 0; border-right: {line}px solid {c["border"]}; }}
QFrame[kind="topbar"] {{ background: {c["canvas"]}; border: 0;
  border-bottom: {line}px solid {c["divider"]}; }}
QFrame[kind="bottombar"] {{ background: {c["surface"]}; border: 0;
  border-top: {line}px solid {c["border"]}; }}
QFrame[kind="drawer"] {{ background: {c["surfaceRaised"]}; border: 0;
  border-left: {line}px solid {c["border"]}; }}
QFrame[kind="floating"] {{ background: {c["surfaceRaised"]}; border: {line}px solid {c["border"]};
  border-radius: {tokens.radius("dialog")}px; }}
QFrame[kind="lock"] {{ background: {c["canvas"]}; border: 0; }}
{bars}
"""


def _views(c: Colors, m: Metrics, line: int) -> str:
    return f"""
QAbstractItemView {{ background: {c["surface"]}; border: 0; outline: 0; color: {c["text"]};
  selection-background-color: {c["rowSelected"]}; selection-color: {c["text"]}; }}
QListView[kind="sections"] {{ background: transparent; border: 0; outline: 0;
  font-size: {m.type_px("body")}px; }}
QListView[kind="sections"]::item {{ color: {c["textSecondary"]}; border: {line}px solid transparent;
  border-radius: {tokens.radius("control")}px; padding-left: 8px; }}
QListView[kind="sections"]::item:hover {{ background: {c["navHover"]}; }}
QListView[kind="sections"]::item:selected {{ background: {c["surface"]}; color: {c["text"]};
  border: {line}px solid {c["border"]}; }}
QListView[kind="plain"], QScrollArea, QScrollArea > QWidget > QWidget[kind="scrolled"] {{
  background: transparent; border: 0; }}
QHeaderView {{ background: {c["surfaceSunken"]}; border: 0; }}
QHeaderView::section {{ background: {c["surfaceSunken"]}; color: {c["textSecondary"]}; border: 0;
  border-bottom: {line}px solid {c["border"]}; padding: 0 12px; min-height: {m.px(36)}px;
  font-size: {m.type_px("label")}px; }}
QHeaderView::section:hover {{ background: {c["rowHover"]}; color: {c["text"]}; }}
QTableView {{ gridline-color: {c["divider"]}; }}
QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: transparent; color: {c["textSecondary"]}; padding: 0 14px; border: 0;
  min-height: {m.px(38)}px; border-bottom: 3px solid transparent; font-size: {m.type_px("body")}px; }}
QTabBar::tab:selected {{ color: {c["text"]}; border-bottom: 3px solid {c["primary"]}; font-weight: 700; }}
QTabBar::tab:hover {{ color: {c["text"]}; }}
QMenu {{ background: {c["surfaceRaised"]}; border: {line}px solid {c["border"]}; padding: 4px;
  font-size: {m.type_px("body")}px; }}
QMenu::item {{ padding: {m.px(7)}px {m.px(18)}px; border-radius: 4px; color: {c["text"]}; }}
QMenu::item:selected {{ background: {c["rowSelected"]}; }}
QMenu::item:disabled {{ color: {c["textDisabled"]}; }}
QMenu::separator {{ height: {line}px; background: {c["divider"]}; margin: 4px 8px; }}
QToolTip {{ background: {c["surfaceRaised"]}; color: {c["text"]}; border: {line}px solid {c["border"]};
  padding: 6px; font-size: {m.type_px("label")}px; }}
QCalendarWidget QWidget {{ alternate-background-color: {c["surfaceSunken"]}; }}
QCalendarWidget QToolButton {{ color: {c["text"]}; background: transparent; border: 0; padding: 4px 8px;
  min-height: {m.hit}px; }}
QCalendarWidget QAbstractItemView {{ selection-background-color: {c["primary"]};
  selection-color: {c["onPrimary"]}; }}
"""


def _bars(c: Colors) -> str:
    return f"""
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {c["borderControl"]}; border-radius: 3px; }}
QScrollBar::handle:vertical {{ margin: 2px 3px; }}
QScrollBar::handle:horizontal {{ margin: 3px 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
  background: transparent; border: 0; width: 0; height: 0; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
QSplitter::handle {{ background: transparent; width: 16px; }}
QProgressBar {{ background: {c["track"]}; border: 0; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {c["primary"]}; border-radius: 3px; }}
"""
