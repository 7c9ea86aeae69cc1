"""Where ``meta`` says how the line to the platform stood last. Light: the first paint reads it."""

from __future__ import annotations

LAST_ERROR_CODE = "sync.last_error_code"
"""Code of what the last attempt did not get past; empty when it came to its end."""
