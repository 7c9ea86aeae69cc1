"""The one exception tree of the product.

JiefenError
├── UserError                 what the person can put right: says what to do
│   ├── FieldError            one field of a form; ``field`` names it
│   ├── NotPermittedError     the role may not do this
│   ├── StateError            the case (or paper) is not in a state that allows this
│   └── WrongPassphraseError  the passphrase or recovery code does not open the profile
├── EnvironmentFault          disk, network, keyring, another program: what was kept, try again
│   ├── StorageFault          database or vault cannot be read or written
│   │   ├── DiskFullFault
│   │   ├── DamagedFault      integrity check failed; ``subject`` names the damaged thing
│   │   └── NewerFileFault    written by a newer version of the product
│   ├── ProfileInUseFault     another window or command holds the profile
│   └── PlatformFault         the platform did not do what was asked (network, TLS, refusal)
└── InternalError             a bug of ours: apologise, keep a redacted report

Cancelled is not an error: it derives from BaseException like KeyboardInterrupt does not; it is silent.

Messages are Chinese and follow the formula: what happened, what was kept, what to do next.
"""

from __future__ import annotations

REVOKED = "E-DEVICE-REVOKED"
"""Code of whatever is refused because the institution took this computer out of use (停用)."""
SIGN_IN = "E-SIGN-IN"
"""Code of whatever waits until the person gives the platform's password again."""


class JiefenError(Exception):
    """Root of everything the product raises on purpose. ``message`` is Chinese, for the person."""

    def __init__(self, message: str, *, code: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        """A short stable code for logs and the 详细 area, such as ``E-DISK-FULL``."""
        self.detail = detail
        """Technical detail without personal data; shown only under 详细."""


class UserError(JiefenError):
    """The person can put it right."""


class FieldError(UserError):
    """One field of a form is not right. Shown under that field; nothing typed is lost."""

    def __init__(self, field: str, message: str, *, code: str = "", detail: str = "") -> None:
        super().__init__(message, code=code, detail=detail)
        self.field = field


class FieldErrors(UserError):
    """Several fields of one form, so that all can be shown at once."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("；".join(e.message for e in errors), code="E-FIELDS")
        self.errors = errors


class NotPermittedError(UserError):
    """The person's role does not allow the operation."""


class StateError(UserError):
    """The case, agreement or filing is not in a state in which this may be done."""


class NotFoundError(UserError):
    """What was asked for does not exist in this profile."""


class WrongPassphraseError(UserError):
    """The passphrase or recovery code opens no key slot. ``retry_after`` is in seconds."""

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message, code="E-PASSPHRASE")
        self.retry_after = retry_after


class EnvironmentFault(JiefenError):
    """The surroundings failed. Nothing the person typed is lost."""


class StorageFault(EnvironmentFault):
    """The database or the file vault could not be read or written."""


class DiskFullFault(StorageFault):
    """No room left. The transaction was undone whole."""


class DamagedFault(StorageFault):
    """An integrity check failed. ``subject`` names the database or the attachment."""

    def __init__(self, message: str, *, subject: str, detail: str = "") -> None:
        super().__init__(message, code="E-DAMAGED", detail=detail)
        self.subject = subject


class NewerFileFault(StorageFault):
    """The profile was written by a newer version; it is refused, not touched."""


class ProfileInUseFault(EnvironmentFault):
    """Another window or command line holds the profile's lock."""


class PlatformFault(EnvironmentFault):
    """The platform could not be reached or did not do what was asked; the queue is intact."""


class InternalError(JiefenError):
    """A bug of ours: an invariant does not hold."""


class Cancelled(Exception):
    """The person cancelled long work. Silent everywhere."""
