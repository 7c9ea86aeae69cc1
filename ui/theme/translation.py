"""Chinese texts of Qt's own dialogs."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

MISSING = {
    "Folder": "文件夹",
    "File Folder": "文件夹",
    "File": "文件",
    "%1 File": "%1 文件",
    "Drive": "驱动器",
    "Shortcut": "快捷方式",
    "Alias": "快捷方式",
    "Unknown": "不知道的类型",
}
"""Words of the column 类型 in the file dialog that ``qtbase_zh_CN`` leaves in English."""


BETTER = {"Size": "大小"}
"""Words of the file dialog for which Qt's translation has an odd one (体积)."""


class BetterWords(QTranslator):
    """Asked before Qt's translation, for the few words that are better otherwise."""

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        """The word; ``None`` where Qt's stands."""
        return cast(str, BETTER.get(text) if context == "QFileSystemModel" else None)

    def isEmpty(self) -> bool:
        """As :meth:`FileKinds.isEmpty`."""
        return False


class FileKinds(QTranslator):
    """Adds what Qt's translation leaves out; asked only for what that does not know."""

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        """The Chinese word; ``None``, which is no text at all for Qt, where it is not ours to say."""
        found = MISSING.get(text) if context in ("QAbstractFileIconProvider", "QFileDialog") else None
        return cast(str, found)

    def isEmpty(self) -> bool:
        """Qt leaves out translators that say they are empty."""
        return False


def load_chinese(app: QCoreApplication) -> bool:
    """Install ``qtbase_zh_CN`` and the Chinese locale; false when the translation file is missing."""
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    QCoreApplication.installTranslator(FileKinds(app))
    translator = QTranslator(app)
    found = translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    found = found and QCoreApplication.installTranslator(translator)
    QCoreApplication.installTranslator(BetterWords(app))
    return found
