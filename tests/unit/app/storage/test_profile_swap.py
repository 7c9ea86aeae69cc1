"""A restore that was cut between the two names is finished by whoever begins next."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.paths import ProfilePaths
from app.storage import profile_swap
from app.storage.lock import ProfileLock

OLD, NEW = "2026-11-23T010000.000Z-aaaa", "2026-11-23T024200.000Z-bbbb"


def laid_out(folder: Path, word: str) -> None:
    """A profile's files."""
    (folder / "vault" / "ab").mkdir(parents=True)
    (folder / "logs").mkdir()
    (folder / "vault" / "ab" / "abcd").write_text(word, "utf-8")
    (folder / "logs" / "then.log").write_text(word, "utf-8")
    for name in ("keys.json", "store.db", "lock", "lock.holder"):
        (folder / name).write_text(word, "utf-8")


@pytest.fixture
def paths(tmp_path: Path) -> ProfilePaths:
    """A profile that was moved aside, and the restored one that did not come to its place."""
    paths = ProfilePaths(tmp_path / "a [profile]")
    laid_out(tmp_path / f"{paths.root.name}.before-{NEW}", "old")
    laid_out(profile_swap.beside(paths, NEW), "restored")
    return paths


def begun(paths: ProfilePaths) -> None:
    """A program begins: it holds the lock and has its folders."""
    paths.prepare()
    (paths.logs / "now.log").write_text("begun", "utf-8")
    with ProfileLock(paths.lock) as lock:
        lock.acquire()
        assert profile_swap.finish(paths)


def test_the_restored_profile_comes_to_its_place(paths: ProfilePaths) -> None:
    assert profile_swap.unfinished(paths) == profile_swap.beside(paths, NEW)
    begun(paths)
    for name in ("keys.json", "store.db", "vault/ab/abcd", "logs/then.log"):
        assert (paths.root / name).read_text("utf-8") == "restored"
    assert (paths.logs / "now.log").exists()
    assert not profile_swap.beside(paths, NEW).exists()
    assert profile_swap.unfinished(paths) is None


def test_cut_again_it_goes_on(paths: ProfilePaths) -> None:
    paths.prepare()
    (profile_swap.beside(paths, NEW) / "store.db").replace(paths.database)
    begun(paths)
    assert paths.database.read_text("utf-8") == "restored"
    assert paths.exists


def test_nothing_is_touched_where_a_profile_stands(paths: ProfilePaths) -> None:
    laid_out(paths.root, "present")
    assert profile_swap.unfinished(paths) is None
    assert not profile_swap.finish(paths)
    assert paths.keys.read_text("utf-8") == "present"


def test_one_that_was_never_to_take_the_place_does_not(paths: ProfilePaths) -> None:
    shutil.rmtree(profile_swap.beside(paths, NEW))
    laid_out(profile_swap.beside(paths, OLD), "half")
    assert profile_swap.unfinished(paths) is None
    profile_swap.clear(paths)
    assert not profile_swap.beside(paths, OLD).exists()
    assert (paths.root.with_name(f"{paths.root.name}.before-{NEW}") / "keys.json").exists()
