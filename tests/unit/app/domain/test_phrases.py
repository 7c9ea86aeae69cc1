"""Typed words inside a sentence of ours: one stop, never two."""

from __future__ import annotations

import pytest

from app.domain.phrases import listed, sentence, within


@pytest.mark.parametrize(
    ("typed", "part", "whole"),
    [
        ("送鉴定。", "送鉴定", "送鉴定。"),
        ("送鉴定", "送鉴定", "送鉴定。"),
        (" 送鉴定；\n", "送鉴定", "送鉴定。"),
        (
            "可以起诉。\n有仲裁协议的，\n申请仲裁",
            "可以起诉。有仲裁协议的，申请仲裁",
            "可以起诉。有仲裁协议的，申请仲裁。",
        ),
        ("先付一半\n\n月底付清", "先付一半，月底付清", "先付一半，月底付清。"),
        ("能不能少付？", "能不能少付？", "能不能少付？"),
        ("说“不谈了。”", "说“不谈了。”", "说“不谈了。”"),
        ("。", "", "。"),
        ("", "", ""),
    ],
)
def test_one_stop(typed: str, part: str, whole: str) -> None:
    assert (within(typed), sentence(typed)) == (part, whole)


def test_a_list_of_them() -> None:
    assert listed(("送达回证。", "照片 2 张；")) == "送达回证、照片 2 张"
