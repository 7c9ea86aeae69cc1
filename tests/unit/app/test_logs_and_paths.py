from __future__ import annotations

import logging
from pathlib import Path

import pytest

from app import logs
from app.domain.errors import StorageFault
from app.paths import ProfilePaths, default_profile, profile_at

PERSONAL = (
    "11010519491231002X",
    "110105194912310021",
    "91350100M000100Y43",
    "13812346612",
    "138 1234 6612",
    "+86-13812346612",
    "021-55551226",
    "a.b@example.org",
    "E12345678",
    "１３８１２３４６６１２",
    "110105 19491231 002X",
    "110105-1949-1231-0021",
    "１１０１０５１９４９１２３１００２Ｘ",
    "91350100 M000100Y43",
    "021 5555 1226",
    "(0531)88881234",
    "E 1234 5678",
    "棠溪路88弄6号302室",
)


@pytest.mark.parametrize("value", PERSONAL)
def test_numbers_are_struck_out_wherever_they_stand(value: str) -> None:
    redactor = logs.Redactor()
    for text in (f"电话{value}，", f"({value})", value):
        assert value not in redactor.redact(text)
        assert "[" in redactor.redact(text)


def test_what_is_not_personal_stays() -> None:
    text = (
        "2026-11-23 10:42 applied 318 of 12345 in 1699000000000 ms, case 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
    )
    assert logs.Redactor().redact(text) == text


def test_names_secrets_and_tracebacks(tmp_path: Path) -> None:
    redactor = logs.Redactor()
    redactor.add_names(["陈明华", "陈", "吴刚"])
    handler = logs.start(tmp_path / "logs", redactor)
    try:
        try:
            int("bad phone 13812346612 of 陈明华")
        except ValueError:
            logging.getLogger("test").warning("吴刚 with Bearer abc.def-1", exc_info=True)
    finally:
        logs.stop(handler)
    text = (tmp_path / "logs" / logs.FILE_NAME).read_text("utf-8")
    assert "Traceback" in text
    for word in ("13812346612", "陈明华", "吴刚", "abc.def"):
        assert word not in text
    redactor.forget_names()
    assert redactor.redact("吴刚") == "吴刚"


def test_only_the_latest_names_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_MOST_NAMES", 3)
    redactor = logs.Redactor()
    redactor.add_names(["甲一一", "乙二二", "丙三三"])
    redactor.add_names(["甲一一"])
    redactor.add_names(["丁四四"])
    assert redactor.redact("甲一一 乙二二 丙三三 丁四四") == "[姓名] 乙二二 [姓名] [姓名]"


def test_the_log_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_MAX_BYTES", 2000)
    handler = logs.start(tmp_path, logs.Redactor())
    try:
        for number in range(200):
            logging.getLogger("test").info("line %d of the log", number)
    finally:
        logs.stop(handler)
    assert len(list(tmp_path.glob("jiefen.log*"))) == 1 + logs._KEPT


def test_profile_layout(tmp_path: Path) -> None:
    paths = profile_at(tmp_path / "p")
    assert not paths.exists
    paths.prepare()
    assert {p.name for p in paths.root.iterdir()} == {"vault", "backups", "logs", "editing"}
    assert default_profile().root != default_profile(practice=True).root
    assert profile_at("").root == default_profile().root
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageFault):
        ProfilePaths(tmp_path / "file").prepare()
