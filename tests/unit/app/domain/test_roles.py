"""Who may do what."""

from __future__ import annotations

import pytest

from app.domain import roles
from app.domain.commands import AnyPayload
from app.domain.errors import InternalError, NotPermittedError

COMMANDS = sorted(payload.__struct_config__.tag for payload in AnyPayload.__args__)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_roles(command: str) -> None:
    assert roles.may("head", command)
    assert not roles.may("statistician", command)


def test_refusals_in_words() -> None:
    with pytest.raises(NotPermittedError, match="“归档”由负责人来做"):
        roles.require("mediator", "case.archive")
    roles.require("mediator", "case.accept")
    with pytest.raises(NotPermittedError):
        roles.require("clerk", "case.accept")
    with pytest.raises(NotPermittedError):
        roles.require("stranger", "case.view")


def test_an_operation_nobody_defined_is_a_bug() -> None:
    with pytest.raises(InternalError):
        roles.require("head", "case.explode")


def test_the_statistician_sees_no_personal_data() -> None:
    assert roles.permitted("statistician") == {
        "statistics.view",
        "statistics.export",
        "institution.view",
        "settings.own",
    }
