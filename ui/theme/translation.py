"""Chinese texts of Qt's own dialogs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator


def load_chinese(app: QCoreApplication) -> bool:
    """Install ``qtbase_zh_CN`` and the Chinese locale; false when the translation file is missing."""
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    translator = QTranslator(app)
    found = translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    return found and QCoreApplication.installTranslator(translator)
