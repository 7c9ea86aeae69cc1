"""What commands rest on: which of them compare what their author saw, and with what (``base_values``)."""

from __future__ import annotations

COMPARE_AND_SET = frozenset(
    {
        "contact.waive", "case.accept", "case.refuse", "case.hand_back", "agreement.finalise",
        "case.conclude", "case.resume", "case.close",
    }
)  # fmt: skip
"""Conflict instead of merging when a value of ``base_values`` no longer holds. ``state`` and ``decided_by``,
the id of the last command of :data:`RESTED_ON` that took effect on the case, are in it."""
RESTED_ON = COMPARE_AND_SET | {"contact.record", "session.record"}
"""The commands whose id ``decided_by`` holds: what the next decision rests on is the one before it, or what
was said last, by a party or in a session."""

APPOINTMENT = frozenset({"next_session_at", "next_session_place"})
"""Fields of a case that are one thing, in ``case.edit`` and ``conflict.resolve``: both are written or none;
where one clashes, the other is left alone and told, too."""

SIGNED = "signed"
"""In ``base_values`` of ``agreement.finalise`` and ``case.resume``: the places of the standing agreement that
the author saw signed, each ``signer`` or ``signer:party_id``. No longer holds once another is signed."""
PERFORMED = "performed"
"""In ``base_values`` of :data:`ON_THE_AGREEMENT` where an agreement stands: the entries of what was performed
under it, or was not, that the author saw, by record, and the 回访 of the case that say more than that nothing
is due (``follow_up``; it names no agreement). No longer holds once there is another."""
APPOINTED = "appointment"
"""In ``base_values`` of :data:`ON_THE_APPOINTMENT`: hour and room of the next session (:data:`APPOINTMENT`)
as the author saw them, by field."""
PARTIES = "parties"
"""In ``base_values`` of :data:`ON_THE_PARTIES`: the parties of the case that the author saw, by id. No longer
holds once there is another whom the text does not name."""
FILINGS_OVER = "filings_over"
"""In ``base_values`` of what ``agreement.finalise`` tells: the applications seen ended, by submission."""
BESIDE = frozenset({SIGNED, PERFORMED, APPOINTED, PARTIES, FILINGS_OVER})
"""In ``base_values``: what was seen that is no field of the case."""
SIGNABLE = frozenset({"agreed", "closed", "archived"})
"""States in which the agreement that the case names stands. ``signature.register`` on another agreement, or
in another state, is rejected (``state``): the parties have replaced that text, or talk again."""

MEDIATION_OVER = frozenset(
    {"agreed", "failed", "withdrawn", "terminated", "refused", "handed_back", "closed", "archived"}
)
"""States in which the time for mediation does not run: ``suspension.mark`` begins no span in them."""

ON_THE_AGREEMENT = frozenset({"agreement.finalise", "case.resume", "case.close"})
"""Of the compared commands, those that rest on which agreement stands: ``agreement_id`` is in their
``base_values``, as ``state`` is in all of them."""
ON_THE_CONCLUSION = frozenset({"case.resume", "case.close"})
"""Of the compared commands, those that rest on how mediation ended (``conclusion``): the state may be the
same again by another ending."""
SUSPENSIONS = "suspensions"
"""In ``base_values``: the spans that do not count, as the author saw them."""
ON_THE_CLOCK = frozenset({"case.conclude", "agreement.finalise"})
"""Of the compared commands, those that end the time for mediation, which may have run out or stand still for
an appraisal: they rest on :data:`SUSPENSIONS`."""
ON_THE_APPOINTMENT = frozenset({"case.conclude", "case.refuse", "case.hand_back"})
"""Of the compared commands, those after which nobody meets the parties here any more: they rest on
:data:`APPOINTED`. To sign what was agreed the parties may well meet once more."""
ON_THE_PARTIES = frozenset({"agreement.finalise"})
"""Of the compared commands, the one that says between whom it is: it rests on :data:`PARTIES`."""
UNDOING_AGREEMENT = frozenset({"agreement.finalise", "case.resume"})
"""Of these, those that take an agreement out of force: what was seen signed of it is in them too."""
LEGAL_COMMANDS = frozenset({"agreement.finalise", "case.conclude", "case.close"})
LEGAL_FIELDS = frozenset(
    {"state", "decided_by", "agreement_id", SIGNED, PERFORMED, "conclusion", "name", "id_number"}
)
"""An open conflict of these commands, or of any command on these fields, blocks lodging, nothing else: on
every computer, also where the conflict is not known."""
