"""The table of write points, written by a run and held against the sources and against every run after it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.kill9.driver import Report
from tests.kill9.sites import sites

PLACE = Path(__file__).with_name("points.json")
WHEN = ("before", "after")
STATIC = ("commit", "flush", "name", "file")
"""Steps that are read from the sources; a deletion is known from runs alone."""
NOT_HERE = {
    "commit app/services/drafts.py:Drafts.exchange": (
        "a draft that an undo gave back beside a newer one; tests/unit/app/services/test_boundaries.py"
    ),
    "commit app/services/drafts.py:Drafts.put_back": (
        "a draft that was thrown away put back; tests/unit/app/services/test_boundaries.py"
    ),
    "commit app/services/exchange_package.py:ExchangePackages.give_up": (
        "a package that a person gives up; tests/integration/sync/own/test_filing_steps.py"
    ),
    "commit app/services/handling.py:Handling.missed_call": (
        "a record like a note; tests/unit/app/services/test_followups.py"
    ),
    "commit app/services/parties.py:Parties.set_agent": (
        "an edit of a party, as Parties.edit; tests/unit/app/services/test_seen.py"
    ),
    "commit app/services/oral.py:OralAgreements.begin_written": (
        "a case registered whole, as 来访登记 does; tests/e2e/pages/test_oral.py"
    ),
    "commit app/services/oral.py:OralAgreements.register": (
        "a case registered whole, as 来访登记 does; tests/unit/app/services/test_oral_registration.py"
    ),
    "commit app/services/past_parties.py:PastParties.take": (
        "one audit entry, as Reveal.case; tests/unit/app/services/test_past_parties.py"
    ),
    "commit app/services/port_filings.py:FilingJobs.came_all_the_same": (
        "a step by a package that was given up; tests/integration/sync/own/test_filing_steps.py"
    ),
    "commit app/services/port_filings.py:FilingJobs.wait": (
        "why an application waits, met only where nothing was killed; tests/faults/test_human.py"
    ),
    "commit app/services/port_filings.py:FilingJobs.wait_for_files": (
        "files that are here go out once more, done again by the next run; own/test_papers_elsewhere.py"
    ),
    "commit app/services/port_incoming.py:IncomingFeed.follow_disputes": (
        "a value that moved on while a choice was open; tests/faults, HUMAN.same_field"
    ),
    "commit app/services/port_outgoing.py:OutgoingCommands.compare": (
        "a platform that lost commands in the same epoch; tests/integration/sync"
    ),
    "commit app/services/port_outgoing.py:OutgoingCommands.lost": (
        "an outbox from which rows were taken; tests/faults, DEVICE.outbox_lost"
    ),
    "commit app/services/salvage.py:salvage": (
        "a damaged database whose very beginning is spoilt; tests/faults/test_salvage_of_filings.py"
    ),
    "commit app/services/sync_port.py:SyncPort.told_of_epoch": (
        "a restored platform heard of by a stick; tests/integration/sync/own/test_exchange_package.py"
    ),
    "commit app/services/port_state.py:SyncState.no_numbers": (
        "a copy of the profile took the run of numbers; tests/integration/sync"
    ),
    "commit app/services/resolving.py:Resolving.take_other": (
        "a settled choice put back, an edit like any other; tests/unit/app/services/test_third_values.py"
    ),
    "commit app/services/revoked.py:keep_learned": (
        "a revoked computer asked without an exchange; tests/integration/cli/test_revoked.py"
    ),
    "commit app/services/revoked.py:lift": (
        "a revoked computer taken into use again; tests/integration/cli/test_revoked.py"
    ),
    "commit app/storage/doctor.py:note_damage": (
        "an attachment that a backup found damaged; tests/unit/app/services/test_backups.py"
    ),
    "commit sync/sandbox/accounts.py:Accounts.reinstate": (
        "a revoked computer taken into use again; tests/faults/test_device.py"
    ),
    "commit sync/sandbox/actors.py:Actors.staff": (
        "somebody joins or leaves the institution; tests/integration/sync/own/test_roster.py"
    ),
    "commit sync/sandbox/seeding.py:_begin_on_a_workday": (
        "a practice filled on a day of rest; tests/unit/sync/sandbox/test_demo_day.py"
    ),
    "commit sync/sandbox/court.py:Court.ask_again": (
        "what the court answered before, told again; tests/integration/sync/own/test_restored_answers.py"
    ),
}
"""Places that no journey of one sound computer comes to, and who comes there. Each is a commit through the
same ``Store.write`` as the others."""


def points(side: str = "") -> list[str]:
    """The points of the table, of one side or of both: side, step and place."""
    found = json.loads(PLACE.read_text("utf-8"))
    return [one["point"] for one in found if one["point"].startswith(side)]


def often() -> Counter[str]:
    """How often a journey without kills comes to each."""
    return Counter({one["point"]: one["met"] for one in json.loads(PLACE.read_text("utf-8"))})


def write(killed: Report, calm: Report) -> None:
    """Write the table anew from what two journeys came to."""
    rows = []
    for point in sorted({key.rpartition(" ")[0] for key in killed.met | calm.met}):
        acts = killed.acts.get(f"{point} before", set()) | calm.acts.get(f"{point} before", set())
        row = {"point": point, "met": calm.met[f"{point} before"], "acts": sorted(acts - {""})}
        rows.append(json.dumps(row, ensure_ascii=False))
    PLACE.write_text("[\n" + ",\n".join(rows) + "\n]\n", "utf-8")


def unknown_to_table() -> tuple[list[str], list[str]]:
    """Places in the sources that the table lacks, and those of the table that the sources lack."""
    here = {point.partition(" ")[2] for point in points()}
    told = {place for place in here if place.partition(" ")[0] in STATIC} | NOT_HERE.keys()
    found = sites()
    return sorted(found - told), sorted((told - found) | (NOT_HERE.keys() & here))


def lines(report: Report) -> list[str]:
    """Each point with its kills, and the totals."""
    told = []
    for point in points():
        before, after = (report.kills[f"{point} {when}"] for when in WHEN)
        told.append(f"{before:6,} {after:6,}  {point}")
    least = min(sum(report.kills[f"{p} {when}"] for when in WHEN) for p in points())
    totals = (
        ("points", len(points())),
        ("kills", sum(report.kills.values())),
        ("fewest at one", least),
        ("processes", report.processes),
        ("seconds", round(report.seconds)),
    )
    return ["before  after  point", *told, "", *(f"{name:<16}{value:>10,}" for name, value in totals)]
