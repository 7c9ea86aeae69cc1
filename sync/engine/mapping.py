"""Exceptions of the HTTP library -> faults of ours."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions as u3

from sync.engine import faults

NO_NAME = "找不到平台的地址。内容都在本机，稍后自动再试。请看网线或无线网络是否连上。"
NO_ANSWER = "没有连上平台。内容都在本机，稍后自动再试。"
CUT = "和平台的连接断了。内容都在本机，稍后自动核对再发。"

NOT_SENT = "没有连接，也没有发出内容。内容都在本机"
EXPIRED = (
    f"平台的证书不在有效期内，{NOT_SENT}，稍后自动再试。先看电脑的日期对不对，日期对的话请告诉平台管理员。"
)
OTHER_NAME = f"应答的电脑拿的不是平台的证书，{NOT_SENT}，稍后自动再试。请找网络管理员核对平台地址和网络设置。"
NOT_VOUCHED = (
    f"平台的证书没有可信的机构担保，中间可能有别的设备在看，{NOT_SENT}，稍后自动再试。请找网络管理员。"
)
NO_TLS = f"没有能和平台加密连接，{NOT_SENT}，稍后自动再试。仍不行请找网络管理员。"
_EXPIRED_CODES = (9, 10)
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and _CERT_HAS_EXPIRED."""
_NAME_CODES = (62, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH."""
_NO_HANDSHAKE = frozenset(
    {
        "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE",
        "NO_SHARED_CIPHER", "SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION",
    }
)  # fmt: skip
"""OpenSSL's reasons that come up only before a line stands."""


@contextlib.contextmanager
def mapped() -> Iterator[None]:
    """Turn what goes wrong inside into a :class:`SyncFault`, telling whether the request may have arrived."""
    try:
        yield
    except requests.exceptions.ProxyError as error:
        raise _proxy(error) from error
    except requests.exceptions.SSLError as error:
        raise _tls(error) from error
    except requests.exceptions.ConnectTimeout as error:
        raise faults.UnreachableFault(NO_ANSWER, maybe_done=False, detail="connect timeout") from error
    except requests.exceptions.ConnectionError as error:
        raise _connection(error) from error
    except (requests.exceptions.Timeout, u3.TimeoutError) as error:
        raise faults.UnreachableFault(CUT, maybe_done=True, detail="timeout") from error
    except (requests.exceptions.RequestException, u3.HTTPError, OSError, ValueError, AttributeError) as error:
        # ValueError, AttributeError: a socket shut down under a waiting read (stop, lock, exit).
        raise faults.UnreachableFault(CUT, maybe_done=True, detail=_name(error)) from error


def _tls(error: BaseException) -> faults.SyncFault:
    """What is wrong with the encrypted line. One that was cut off is a cut, whatever the library says."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            code = cause.verify_code
            words = EXPIRED if code in _EXPIRED_CODES else OTHER_NAME if code in _NAME_CODES else NOT_VOUCHED
            return faults.LineNotTrustedFault(words, detail=f"{code} {cause.verify_message}"[:120])
        if isinstance(cause, ssl.SSLError) and cause.reason in _NO_HANDSHAKE:
            return faults.LineNotTrustedFault(NO_TLS, detail=cause.reason)
    return faults.UnreachableFault(CUT, maybe_done=True, detail=_name(error))


def _proxy(error: BaseException) -> faults.SyncFault:
    if "407" in str(error):
        return faults.ProxyLoginFault(detail="407")
    return faults.UnreachableFault(NO_ANSWER, maybe_done=False, detail=_name(error))


def _connection(error: requests.exceptions.ConnectionError) -> faults.SyncFault:
    """Before the connection stood nothing can have arrived; afterwards everything may have."""
    for cause in _causes(error):
        if isinstance(cause, u3.NameResolutionError):
            return faults.UnreachableFault(NO_NAME, maybe_done=False, detail="name")
        if isinstance(cause, (u3.NewConnectionError, ConnectionRefusedError)):
            return faults.UnreachableFault(NO_ANSWER, maybe_done=False, detail="refused")
    return faults.UnreachableFault(CUT, maybe_done=True, detail=_name(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = [error]
    while seen:
        one = seen.pop()
        yield one
        seen += [arg for arg in one.args if isinstance(arg, BaseException)]
        reason = getattr(one, "reason", None)
        if isinstance(reason, BaseException):
            seen.append(reason)


def _name(error: BaseException) -> str:
    return type(error).__name__
