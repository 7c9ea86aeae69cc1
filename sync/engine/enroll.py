"""Registering this computer (登记): the person signs in once with the platform's password.

The platform learns the public halves of the person's keys, and answers with the institution, the
roster, its own keys and the epoch. Catalogues and the first case numbers come with the first run.
"""

from __future__ import annotations

import base64

from pydantic import ValidationError

from app.clock import Clock, to_text
from app.domain.errors import FieldError, UserError
from app.services.desk import Institution, Person
from app.services.enrolment import EnrolmentFacts, check_target
from sync.contract.wire import Enrolment
from sync.engine import faults
from sync.engine.client import Client, MakeSession
from sync.engine.reading import base64_bytes


class MemoryTokens:
    """Tokens of a person whose profile is not complete yet; handed over once it is."""

    def __init__(self) -> None:
        self.token = ""

    def load(self) -> str:
        """The refresh token; empty when there is none."""
        return self.token

    def save(self, token: str) -> None:
        """Keep ``token``."""
        self.token = token


def register(
    url: str,
    clock: Clock,
    *,
    device_id: str,
    device_name: str,
    user: str,
    password: str,
    sign_public: bytes,
    seal_public: bytes,
    practice: bool = False,
    scope: str = "",
    ca_file: str = "",
    make_session: MakeSession | None = None,
) -> tuple[EnrolmentFacts, str]:
    """Register the device with its first person and sign that person in.

    ``scope``: what the device asks to be sent, see ``Enrol.scope``; the platform decides. Returns the
    platform's answer and the refresh token to keep. Repeating it with the same device id
    changes nothing. Raises :class:`FieldError` for a wrong name or password, :class:`UserError` when the
    platform refuses the device, and the faults of :mod:`sync.engine.faults`.
    """
    check_target(url, practice=practice)
    tokens = MemoryTokens()
    client = Client(url, tokens, clock, device_id=device_id, ca_file=ca_file, make_session=make_session)
    person = {"login": user, "sign_public": _text(sign_public), "seal_public": _text(seal_public)}
    body = {
        "device_id": device_id,
        "device_name": device_name,
        "user": user,
        "password": password,
        "people": [person],
        **({"scope": scope} if scope else {}),
    }
    try:
        facts = _facts(url, client.post("/devices", body, signed_in=False))
        client.sign_in(user, password)
    except faults.RefusedFault as refusal:
        raise _refused(refusal) from refusal
    finally:
        client.close()
    return facts, tokens.token


def _refused(refusal: faults.RefusedFault) -> UserError:
    if refusal.wire_code == "bad_credentials":
        return FieldError("password", refusal.message, code="E-CREDENTIALS")
    if refusal.field:
        return FieldError(refusal.field, refusal.message, code=refusal.code, detail=refusal.wire_code)
    return UserError(refusal.message, code=refusal.code, detail=refusal.wire_code)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _facts(url: str, raw: object) -> EnrolmentFacts:
    try:
        reply = Enrolment.model_validate(raw)
    except ValidationError as error:
        raise faults.NotOurPlatformFault(detail="enrolment") from error
    told = reply.institution
    pattern = {"number_pattern": told.number_rule} if told.number_rule else {}
    institution = Institution(
        institution_id=told.institution_id,
        name=told.name,
        kind=told.kind,
        district=told.district,
        township=told.township,
        uscc=told.code,
        address=told.address,
        phone=told.phone,
        status=reply.standing.status,
        status_reason=reply.standing.reason,
        status_since=to_text(reply.standing.since) if reply.standing.since else "",
        short_name=told.short_name,
        **pattern,
    )
    people = tuple(Person(p.person_id, p.name, p.role, p.login, p.active) for p in reply.people)
    return EnrolmentFacts(
        url=url,
        person_id=reply.person_id,
        institution=institution,
        people=people,
        epoch=reply.epoch,
        scope=reply.scope,
        platform_sign_public=base64_bytes(reply.platform_sign_public),
        platform_seal_public=base64_bytes(reply.platform_seal_public),
        device_tag=reply.device_tag,
    )
