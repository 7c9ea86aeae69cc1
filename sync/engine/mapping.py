"""Exceptions of the HTTP library -> faults of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import requests
import urllib3.exceptions as u3

from sync.engine import faults

NO_NAME = "找不到平台的地址。内容都在本机，稍后自动再试。请看网线或无线网络是否连上。"
NO_ANSWER = "没有连上平台。内容都在本机，稍后自动再试。"
CUT = "和平台的连接断了。内容都在本机，稍后自动核对再发。"


@contextlib.contextmanager
def mapped() -> Iterator[None]:
    """Turn what goes wrong inside into a :class:`SyncFault`, telling whether the request may have arrived."""
    try:
        yield
    except requests.exceptions.ProxyError as error:
        raise _proxy(error) from error
    except requests.exceptions.SSLError as error:
        raise faults.LineNotTrustedFault(detail=_name(error)) from error
    except requests.exceptions.ConnectTimeout as error:
        raise faults.UnreachableFault(NO_ANSWER, maybe_done=False, detail="connect timeout") from error
    except requests.exceptions.ConnectionError as error:
        raise _connection(error) from error
    except (requests.exceptions.Timeout, u3.TimeoutError) as error:
        raise faults.UnreachableFault(CUT, maybe_done=True, detail="timeout") from error
    except (requests.exceptions.RequestException, u3.HTTPError, OSError, ValueError, AttributeError) as error:
        # ValueError, AttributeError: a socket shut down under a waiting read (stop, lock, exit).
        raise faults.UnreachableFault(CUT, maybe_done=True, detail=_name(error)) from error


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
