"""The routes of contract v1: one table, from which the OpenAPI document and the platform's router come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sync.contract import commands as c
from sync.contract import handed_down as h
from sync.contract import package as p
from sync.contract import wire as w
from sync.contract.model import Model


@dataclass(frozen=True)
class Param:
    """A parameter in the query or a header, with its JSON schema."""

    name: str
    meaning: str
    schema: Mapping[str, Any]
    where: Literal["query", "header"] = "query"
    required: bool = False


def _whole(most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


TEXT = {"type": "string"}
SEQUENCE = _whole(10**15 - 1)
CURSOR = {"type": "string", "pattern": "^([0-9]{1,15}:[0-9]{1,15})?$"}
PATH: dict[str, Mapping[str, Any]] = {
    "manifest_no": _whole(1000, 1),
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}
"""Schemas of path parameters; the others are ids."""
UPLOAD_LENGTH = Param("Upload-Length", "Size in bytes.", SEQUENCE, "header", required=True)
UPLOAD_META = {"type": "string", "pattern": "^sha256 [A-Za-z0-9+/]{86}==$"}
UPLOAD_METADATA = Param(
    "Upload-Metadata", "sha256 and the base64 of its hex text.", UPLOAD_META, "header", required=True
)
UPLOAD_OFFSET = Param("Upload-Offset", "Where the bytes begin.", SEQUENCE, "header", required=True)
UPLOAD_CHECKSUM = Param("Upload-Checksum", "sha256 and the base64 of the part's hash.", TEXT, "header")
RANGE = Param("Range", "One span of bytes.", TEXT, "header")
IF_NONE_MATCH = Param("If-None-Match", "The tag known.", TEXT, "header")


@dataclass(frozen=True)
class Route:
    """One operation. ``params``: its parameters in the query and in headers.

    ``on_cases``: for those who handle cases; a statistician is refused (``forbidden_role``).
    """

    name: str
    method: str
    path: str
    summary: str
    reply: type[Model] | None = None
    body: type[Model] | None = None
    status: int = 200
    params: tuple[Param, ...] = ()
    codes: tuple[str, ...] = ()
    signed_in: bool = True
    bytes_in: bool = False
    bytes_out: bool = False
    on_cases: bool = False


ROUTES: tuple[Route, ...] = (
    Route("sign_in", "POST", "/session", "Sign a person in on a registered device.", w.SessionReply, w.SignIn,
          201, codes=("bad_credentials", "device_unknown", "device_revoked"), signed_in=False),
    Route("refresh", "POST", "/session/refresh", "New tokens for a refresh token, which is then used up.",
          w.SessionReply, w.Refresh, codes=("unauthenticated", "token_reused"), signed_in=False),
    Route("sign_out", "DELETE", "/session", "Forget the session's tokens.", w.Done),
    Route("enrol", "POST", "/devices", "Register a device, or add people to it.", w.Enrolment, w.Enrol, 201,
          codes=("bad_credentials", "device_revoked", "device_taken", "forbidden_role"), signed_in=False),
    Route("revoke", "DELETE", "/devices/{device_id}", "Revoke a device; it locks at next contact.", w.Done,
          codes=("forbidden_role", "not_found")),
    Route("hello", "GET", "/hello", "Epoch, versions, limits, and what the platform has of this device.",
          w.Hello, params=(Param("lanes", "none: leave the lanes out", TEXT),)),
    Route("snapshot", "GET", "/snapshot", "The documents as they stand, open cases first.", w.SnapshotPage,
          params=(
              Param("at", "feed sequence given by the first page", SEQUENCE),
              Param("after", "cursor of the page before", CURSOR),
              Param("limit", "documents in a page", SEQUENCE))),
    Route("changes", "GET", "/changes", "The feed after a sequence. 304 when there is nothing new.",
          w.ChangesPage,
          params=(Param("epoch", "the epoch the cursor belongs to", TEXT),
                  Param("after", "last sequence known", SEQUENCE),
                  Param("limit", "sequences in a page", SEQUENCE),
                  Param("wait", "seconds to hold the request open, up to 55", SEQUENCE)),
          codes=("epoch_changed",)),
    Route("commands", "POST", "/commands", "Deliver signed commands; each is answered on its own.",
          c.CommandAnswers, c.CommandsIn, codes=("too_large",)),
    Route("command", "GET", "/commands/{command_id}", "What became of a command.", c.CommandAnswer,
          codes=("command_unknown",), on_cases=True),
    Route("upload_options", "OPTIONS", "/uploads", "tus 1.0: what the server can do.", None, None, 204,
          signed_in=False),
    Route("upload_create", "POST", "/uploads", "tus 1.0 creation: Upload-Length, Upload-Metadata (sha256).",
          None, None, 201, codes=("too_large",), on_cases=True,
          params=(UPLOAD_LENGTH, UPLOAD_METADATA)),
    Route("upload_head", "HEAD", "/uploads/{upload_id}", "tus 1.0: the offset reached.",
          codes=("not_found",), on_cases=True),
    Route("upload_patch", "PATCH", "/uploads/{upload_id}", "tus 1.0: bytes from an offset, Upload-Checksum.",
          None, None, 204, codes=("upload_offset", "upload_checksum", "upload_busy", "not_found"),
          bytes_in=True, on_cases=True, params=(UPLOAD_OFFSET, UPLOAD_CHECKSUM)),
    Route("upload_complete", "POST", "/uploads/{upload_id}/complete",
          "All bytes are there: the server hashes the whole file and stores it.", w.UploadDone,
          w.UploadComplete, codes=("upload_incomplete", "hash_mismatch", "not_found"), on_cases=True),
    Route("file", "GET", "/files/{sha256}", "A stored file of the institution; honours Range.",
          codes=("not_found", "range"), bytes_out=True, on_cases=True, params=(RANGE,)),
    Route("manifest", "PUT", "/submissions/{submission_id}/manifests/{manifest_no}",
          "An immutable list of files; the first opens the submission.", w.ManifestReply, w.ManifestIn, 201,
          codes=("manifest_immutable", "manifest_missing", "case_unknown", "not_found"), on_cases=True),
    Route("lodge", "POST", "/submissions/{submission_id}/lodge",
          "Lodge once. Natural key: case, kind, subject, round.", w.SubmissionReply, w.LodgeIn,
          codes=("files_missing", "already_lodged", "already_confirmed", "round", "open_conflict",
                 "ground_moved", "agreement_unknown", "manifest_missing", "manifest_immutable", "state",
                 "not_found"),
          on_cases=True),
    Route("supplement", "POST", "/submissions/{submission_id}/supplement",
          "Answer the court's request with the next manifest.", w.SubmissionReply, w.LodgeIn,
          codes=("files_missing", "manifest_missing", "manifest_immutable", "state", "not_found"),
          on_cases=True),
    Route("withdraw", "POST", "/submissions/{submission_id}/withdraw",
          "Ask to withdraw; the court decides.", w.SubmissionReply, w.WithdrawIn,
          codes=("state", "filing_moved", "not_found"), on_cases=True),
    Route("submission", "GET", "/submissions/{submission_id}", "A submission as it stands.",
          w.SubmissionReply, codes=("not_found",), on_cases=True),
    Route("package", "PUT", "/packages/{package_id}",
          "Hand in an exchange package that was uploaded. Any registered computer may carry another's.",
          p.PackageReply, p.PackageIn,
          codes=("package_broken", "package_foreign", "id_reused", "upload_incomplete", "hash_mismatch",
                 "not_found"), on_cases=True),
    Route("package_receipt", "GET", "/packages/{package_id}/receipt",
          "The receipt of a package, for those who packed it.", codes=("not_found",), bytes_out=True,
          on_cases=True),
    Route("number_block", "POST", "/number-blocks", "Lease a run of case or notice numbers.", h.NumberBlock,
          h.NumberBlockIn, 201, codes=("number_block",), on_cases=True),
    Route("number_block_return", "POST", "/number-blocks/{block_id}/return",
          "Give back the numbers not used; they are void.", h.NumberBlock, h.NumberBlockReturn,
          codes=("not_found", "number_block"), on_cases=True),
    Route("catalogues", "GET", "/catalogues", "Names of the catalogues with their ETags.", h.CatalogueList),
    Route("catalogue", "GET", "/catalogues/{name}", "One catalogue; 304 for a matching If-None-Match.",
          h.Catalogue, codes=("not_found",), params=(IF_NONE_MATCH,)),
)  # fmt: skip
