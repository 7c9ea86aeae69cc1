from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QPalette

from ui.theme import tokens
from ui.theme.icons import pixmap, qcolor
from ui.theme.look import Look
from ui.theme.metrics import Metrics

ICONS = Path(__file__).resolve().parents[3] / "resources" / "icons"


def luminance(color: str) -> float:
    q = QColor(color[:7])
    parts = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (q.redF(), q.greenF(), q.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pairs(scheme: str) -> list[tuple[str, str, float]]:
    """Foreground, background and the least contrast they need (界面设计 8)."""
    found = []
    for ground in ("canvas", "surface", "surfaceSunken", "surfaceRaised", "nav", "rowSelected", "rowHover"):
        found += [(ink, ground, 4.5) for ink in ("text", "textSecondary")]
    for ground in ("surface", "canvas", "surfaceSunken"):
        found += [("textTertiary", ground, 4.5), ("link", ground, 4.5)]
        found += [("borderControl", ground, 3.0), ("borderFocus", ground, 3.0)]
    found += [("onPrimary", ground, 4.5) for ground in ("primary", "primaryHover", "primaryPressed")]
    found += [("maskText", "maskFill", 4.5), ("paperInk", "paper", 4.5), ("text", "selectionText", 4.5)]
    found += [("link", "primarySubtle", 4.5), ("text", "primarySubtle", 4.5)]
    for status in tokens.colors(scheme).status:
        found += [(f"{status}.fg", f"{status}.bg", 4.5), (f"{status}.fg", "surface", 4.5)]
        found += [(f"{status}.solid", "surface", 3.0)]
    return found


@pytest.mark.parametrize("scheme", tokens.SCHEMES)
def test_contrast_of_all_pairs_in_use(scheme: str) -> None:
    colors = tokens.colors(scheme)
    low = [
        f"{ink} on {ground}: {ratio:.2f} < {least}"
        for ink, ground, least in pairs(scheme)
        if (ratio := contrast(colors.resolve(ink), colors.resolve(ground))) < least
    ]
    assert not low, "\n".join(low)


def test_alpha_stands_last_in_tokens() -> None:
    assert qcolor("#1D222566").getRgb() == (0x1D, 0x22, 0x25, 0x66)


def test_every_icon_of_tokens_is_bundled_with_its_licence() -> None:
    table = tokens.raw()
    names = {spec["icon"] for group in ("status", "caseState", "syncState") for spec in table[group].values()}
    names |= {table["mask"]["icon"], table["mask"]["revealedIcon"]}
    assert not [name for name in names if not (ICONS / f"{name}.svg").exists()]
    assert (ICONS / "LICENSE").read_text("utf-8").startswith("ISC License")


def test_every_icon_draws_something(qapp: QCoreApplication) -> None:
    for path in ICONS.glob("*.svg"):
        image = pixmap(path.stem, "#FF0000", 20).toImage()
        drawn = [image.pixelColor(x, y).alpha() for x in range(20) for y in range(20)]
        assert max(drawn) > 150, path.stem


def test_icon_takes_its_colour(qapp: QCoreApplication) -> None:
    image = pixmap("square", "#00FF00", 40).toImage()
    color = max((image.pixelColor(x, 20) for x in range(40)), key=QColor.alpha)
    assert (color.red(), color.green(), color.blue()) == (0, 255, 0)


def test_scale_multiplies_type_and_rows_and_tells_once(qapp: QCoreApplication) -> None:
    metrics = Metrics()
    told: list[float] = []
    metrics.scaleChanged.connect(told.append)
    metrics.set_scale(1.5)
    metrics.set_scale(1.5)
    assert told == [1.5]
    assert (metrics.type_px("body"), metrics.row, metrics.control) == (22, 66, 54)
    metrics.step(1)
    assert metrics.scale == 1.5
    metrics.step(-1)
    assert metrics.scale == 1.25
    with pytest.raises(ValueError, match="no such scale"):
        metrics.set_scale(1.1)


def test_rail_by_logical_width(qapp: QCoreApplication) -> None:
    metrics = Metrics()
    assert not metrics.rail_at(1180)
    assert metrics.rail_at(1179)
    metrics.set_scale(1.25)
    assert metrics.rail_at(1366)


def test_switching_changes_palette_style_sheet_and_font(plain_look: Look, qapp) -> None:  # type: ignore[no-untyped-def]
    told: list[int] = []
    plain_look.changed.connect(lambda: told.append(1))
    plain_look.set_mode("dark")
    dark = tokens.colors("dark")
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == dark["canvas"]
    assert dark["primary"] in qapp.styleSheet()
    plain_look.metrics.set_scale(1.5)
    assert qapp.font().pixelSize() == 22
    assert len(told) == 2
    plain_look.set_mode("highContrast")
    assert plain_look.duration("normal") == 0
    with pytest.raises(ValueError, match="no such mode"):
        plain_look.set_mode("sepia")


def test_text_is_drawn_with_a_chinese_family(look: Look) -> None:
    family = look.font().family()
    assert "SC" in family or "YaHei" in family
    assert "Serif" in look.font(kind="document").family() or "Fang" in look.font(kind="document").family()


def test_standard_texts_are_chinese(qapp: QCoreApplication) -> None:
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "取消"
