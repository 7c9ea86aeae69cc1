"""Words of 关于 and 备份 that are read, and the licences of what is bundled."""

from __future__ import annotations

import importlib.metadata

RESTORING = (
    ("先知道", "备份是加密的，要用备份那一天的口令或恢复码才能打开。原来的档案会整个留着，不会覆盖。"),
    ("第一步", "关上解纷工作台。"),
    (
        "第二步",
        "在命令行里运行 jiefen restore，写上档案、口令和备份文件；参数用 jiefen restore --help 看。",
    ),
    ("第三步", "再打开解纷工作台。没有发出去的内容会先和平台核对，不会重复提交。"),
    ("不熟悉命令行", "把备份文件交给本机构的技术人员，口令不要一起给。"),
)
TYPING = (
    ("Windows", "用系统自带的微软拼音，或您习惯的输入法，按平时的切换键。"),
    ("Linux（IBus）", "装好 ibus 和拼音后，如果打不出中文，在启动前设 QT_IM_MODULE=ibus。"),
    (
        "Linux（Fcitx）",
        "解纷工作台自带的界面库没有 Fcitx 插件；请在 Fcitx 5 里打开“IBus 前端”，再设 QT_IM_MODULE=ibus。",
    ),
    ("口令里的中文", "口令框盖着时打不了中文；点右边的眼睛，看得见时就能打。"),
)
PACKAGES = (
    "PySide6", "SQLAlchemy", "alembic", "sqlcipher3", "cryptography", "requests", "pydantic", "fastapi",
    "uvicorn", "typst", "docxtpl", "pikepdf", "pypdfium2", "msgspec", "keyring", "platformdirs", "pypinyin",
    "pylopdf-fonts-zh-cn",
)  # fmt: skip


def licences() -> list[tuple[str, str]]:
    """Each bundled library with its version and licence, as its package says."""
    found = []
    for name in PACKAGES:
        try:
            meta = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        known = next(iter(meta.get_all("License-Expression") or ()), "")
        if not known:
            told = [c.split(" :: ")[-1] for c in meta.get_all("Classifier") or () if c.startswith("License")]
            known = (
                "、".join(told)
                or next(iter(meta.get_all("License") or ()), "见随包的许可文件").split("\n")[0]
            )
        found.append((f"{name} {meta['Version']}", f"许可：{known}"))
    found.append(("Lucide 图标", "许可：ISC"))
    return found
