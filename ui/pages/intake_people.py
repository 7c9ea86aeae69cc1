"""承办人 of a new registration: who may be given the case, by the roster as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ui.theme.look import Look
from ui.widgets.choices import ComboBox

if TYPE_CHECKING:
    from app.services.desk import Desk


class MediatorBox(ComboBox):
    """The people at work whose role handles cases."""

    def __init__(self, look: Look, desk: Desk) -> None:
        super().__init__(look, "承办人", _mediators(desk), name="intake.mediator")
        self._names = dict(_mediators(desk))

    def renew(self, desk: Desk) -> None:
        """The roster changed: a new colleague can be chosen; in the place of one who left stands oneself."""
        chosen, self._names = self.value, dict(_mediators(desk))
        self.clear()
        for key, name in self._names.items():
            self.addItem(name, key)
        self.choose(chosen if chosen in self._names else desk.person.person_id)

    def show_workload(self, open_cases: Mapping[str, int]) -> None:
        """周敏芳　在办 23 件: who has room for one more."""
        for number in range(self.count()):
            key = str(self.itemData(number))
            self.setItemText(number, f"{self._names[key]}　在办 {open_cases.get(key, 0)} 件")


def _mediators(desk: Desk) -> list[tuple[str, str]]:
    known = desk.people.values()
    return [(p.person_id, p.name) for p in known if p.active and p.role in ("mediator", "head")]
