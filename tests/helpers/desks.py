"""A real workplace in a temporary folder: encrypted store, vault, keys, one person, a clock that stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.clock import FixedClock
from app.domain import casefile as cf
from app.domain.rules import default_rules
from app.domain.workdays import default_calendar
from app.services.desk import Desk, Institution, Person
from app.storage.crypto import Cost
from app.storage.engine import Store
from app.storage.keyslots import create_profile_keys
from app.storage.vault import Vault
from tests.helpers.fresh import new_store

PASSPHRASE = "梧桐里的春天很长也很暖和"
QUICK = Cost(memory_kib=8, passes=1, lanes=1)
"""Argon2id as cheap as it goes; only for tests."""
MONDAY = dt.datetime(2026, 11, 23, 2, 42, tzinfo=dt.UTC)
"""Monday 23 November 2026, 10:42 in Shanghai."""

PEOPLE = (
    Person("p-zhou", "周敏芳", "mediator", "zhou"),
    Person("p-shen", "沈佳怡", "clerk", "shen"),
    Person("p-he", "何静", "head", "he"),
    Person("p-tong", "童立", "statistician", "tong"),
)
INSTITUTION = Institution(
    institution_id="i-wutong",
    name="云浦区梧桐里街道人民调解委员会",
    kind="township_committee",
    district="云浦区",
    township="梧桐里街道",
    short_name="云梧",
)


@dataclass
class Workplace:
    """A desk and the folder it lives in."""

    desk: Desk
    folder: Path
    clock: FixedClock
    stores: list[Store] = field(default_factory=list)

    def as_person(self, person_id: str) -> Desk:
        """The same desk with a colleague at it."""
        person = next(p for p in PEOPLE if p.person_id == person_id)
        return replace(self.desk, person=person)

    def close(self) -> None:
        self.desk.store.close()


def make_workplace(folder: Path, *, at: dt.datetime = MONDAY, undo_seconds: int = 10) -> Workplace:
    """Create a profile in ``folder`` and open it."""
    clock = FixedClock(at)
    folder.mkdir(parents=True, exist_ok=True)
    made = create_profile_keys(
        folder / "keys.json", clock, person_id="p-zhou", label="周敏芳", passphrase=PASSPHRASE, cost=QUICK
    )
    keys = made.keys
    store = new_store(folder / "store.db", keys.db_key, clock)
    desk = Desk(
        store=store,
        vault=Vault(folder / "vault", keys.vault_key, keys.name_key),
        keys=keys,
        clock=clock,
        calendar=default_calendar(),
        rules=default_rules(),
        institution=INSTITUTION,
        person=PEOPLE[0],
        people={p.person_id: p for p in PEOPLE},
        device_id="d1f0c0de-0000-7000-8000-000000000001",
        undo_window=dt.timedelta(seconds=undo_seconds),
    )
    return Workplace(desk, folder, clock)


def party(case_id: str, side: cf.Side, name: str, **more: object) -> cf.Party:
    """An invented party."""
    values: dict[str, object] = {
        "party_id": f"{case_id}-{side}",
        "case_id": case_id,
        "side": side,
        "ordinal": 1,
        "name": name,
        "phone": "13800006612" if side == "applicant" else "13900000275",
        "id_kind": "resident",
        "id_number": "11010519491231002X" if side == "applicant" else "440524188001010014",
        "address": "云浦区梧桐里街道棠溪路88弄6号302室",
        "township": "梧桐里街道",
        "district": "云浦区",
        "gender": "female" if side == "applicant" else "male",
        "ethnicity": "汉族",
    }
    return cf.Party(**{**values, **more})  # type: ignore[arg-type]


def incoming(workplace: Workplace, case_id: str = "case-1", **more: object) -> cf.Case:
    """Put an invented 办件 into the store the way the platform would bring it; returns its header.

    ``respondent`` changes the other party, all else the header.
    """
    from app.domain.reducer import CaseFile
    from app.services import casework

    respondent: dict[str, object] = {"name": "吴刚", **more.pop("respondent", {})}  # type: ignore[dict-item]
    head = cf.Case(
        **{
            "case_id": case_id,
            "source": "platform",
            "state": "received",
            "title": "三楼漏水赔墙面",
            "dispute_kind": "neighbour",
            "received_at": dt.datetime(2026, 11, 18, 1, 12, tzinfo=dt.UTC),
            "applied_at": dt.datetime(2026, 11, 18, 1, 0, tzinfo=dt.UTC),
            "intake_no": f"YJS20261118-{case_id}",
            "claims": "修好墙面，赔偿 5,800 元",
            "facts": "楼上卫生间漏水，楼下客厅、过道两面墙起皮。",
            "district": "云浦区",
            "township": "梧桐里街道",
            "amount_fen": 580000,
            "mediator_id": "p-zhou",
            **more,
        }  # type: ignore[arg-type]
    )
    file = CaseFile(
        case=head,
        parties={
            p.party_id: p
            for p in (party(case_id, "applicant", "陈秀英"), party(case_id, "respondent", **respondent))  # type: ignore[arg-type]
        },
    )

    def put(conn: object) -> None:
        casework.store_projection(conn, workplace.desk, CaseFile(), file)  # type: ignore[arg-type]
        _as_shadow(conn, case_id)

    workplace.desk.store.write(put)
    return head


def _as_shadow(conn: object, case_id: str) -> None:
    from sqlalchemy import update

    from app.storage.tables import case_docs, cases

    conn.execute(update(cases).where(cases.c.case_id == case_id).values(shadow=cases.c.body, version=1))  # type: ignore[attr-defined]
    conn.execute(  # type: ignore[attr-defined]
        update(case_docs).where(case_docs.c.case_id == case_id).values(shadow=case_docs.c.body, version=1)
    )
