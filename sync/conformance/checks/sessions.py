"""Signing in, refreshing, signing out."""

from __future__ import annotations

import datetime as dt
import uuid

from sync.conformance.bench import Bench
from sync.conformance.registry import check
from sync.conformance.verdict import Failed, equal, must
from sync.contract.wire import SessionReply

SHORT = dt.timedelta(hours=24)
"""An access token that lives longer is not a short one."""


@check("session.sign_in", "§1 POST /session", "登录给出两枚凭据、有效期和本人",
       "Signing in gives both tokens, their ends and the person")  # fmt: skip
def sign_in(bench: Bench) -> None:
    seat = bench.bare()
    told = seat.enrol()
    try:
        reply = SessionReply.model_validate(seat.sign_in())
    except ValueError as error:
        raise Failed(f"登录的回复不合约定：{str(error)[:200]}") from error
    equal(reply.person.person_id, told.person_id, "登录的人")
    now = dt.datetime.fromisoformat(seat.hello()["server_time"])
    must(now < reply.expires_at <= now + SHORT, f"短凭据的有效期不短：{reply.expires_at}")
    must(reply.refresh_expires_at > reply.expires_at, "续期凭据比短凭据先到期")
    must(reply.access_token != reply.refresh_token, "两枚凭据相同")


@check("session.wrong_password", "§1 POST /session", "密码不对和查无此人，应答一模一样",
       "A wrong password and an unknown user are refused alike")  # fmt: skip
def wrong_password(bench: Bench) -> None:
    seat = bench.seat()
    wrong = {**seat.sign_in_body(), "password": "不是这个"}
    nobody = {**wrong, "user": f"nobody-{uuid.uuid4().hex[:8]}"}
    answers = [
        seat.wire.ask("POST", "/session", data=body, signed_in=False).refuses("bad_credentials", 401)
        for body in (wrong, nobody)
    ]
    equal(answers[0].message, answers[1].message, "两种情形的说明")


@check("session.unknown_device", "§1 POST /session", "没有登记的设备不能登录",
       "A device that was not enrolled cannot sign in")  # fmt: skip
def unknown_device(bench: Bench) -> None:
    seat = bench.bare()
    answer = seat.wire.ask("POST", "/session", data=seat.sign_in_body(), signed_in=False)
    answer.refuses("device_unknown", 403)


@check("session.no_token", "§1 登录", "没有凭据、凭据乱写，一律 401，什么也不做",
       "Without a token, or with a made-up one, everything is 401")  # fmt: skip
def no_token(bench: Bench) -> None:
    wire = bench.wire()
    routes = (("GET", "/hello"), ("GET", "/changes"), ("GET", "/snapshot"), ("POST", "/commands"),
              ("GET", "/catalogues"), ("POST", "/uploads"), ("DELETE", "/session"))  # fmt: skip
    for method, path in routes:
        for value in ("", "Bearer", "Bearer x", "Basic eDp4", f"Bearer {'f' * 48}", "Bearer  "):
            headers = {"Authorization": value} if value else {}
            wire.ask(method, path, headers=headers).refuses("unauthenticated", 401)
    wire.close()


@check("session.refresh", "§1 POST /session/refresh", "续期换来两枚新凭据，都能用",
       "Refreshing gives two new tokens that work")  # fmt: skip
def refresh(bench: Bench) -> None:
    seat = bench.seat()
    old_access, old_refresh = seat.wire.token, seat.refresh_token
    seat.take(seat.refresh().object(200))
    must(seat.wire.token != old_access and seat.refresh_token != old_refresh, "凭据没有换新")
    seat.hello()
    seat.take(seat.refresh().object(200))
    seat.hello()


@check("session.lost_reply", "§1 POST /session/refresh", "续期的回复丢了，旧的续期凭据可以再用一次",
       "When the reply of a refresh is lost, the token before the newest is good again")  # fmt: skip
def lost_reply(bench: Bench) -> None:
    seat = bench.seat()
    old = seat.refresh_token
    lost = seat.refresh(old).object(200)
    seat.take(seat.refresh(old).object(200))
    seat.hello()
    headers = {"Authorization": f"Bearer {lost['access_token']}"}
    seat.wire.ask("GET", "/hello", headers=headers).refuses("unauthenticated", 401)


@check("session.reuse", "§1 POST /session/refresh", "新凭据用过以后旧的又出现：整个登录作废",
       "A used refresh token met again ends the whole sign-in")  # fmt: skip
def reuse(bench: Bench) -> None:
    seat = bench.seat()
    old = seat.refresh_token
    seat.take(seat.refresh(old).object(200))
    seat.hello()
    seat.refresh(old).refuses("token_reused", 401)
    seat.wire.ask("GET", "/hello").refuses("unauthenticated", 401)
    seat.refresh().must_be(401)
    seat.sign_in()
    seat.hello()


@check("session.refresh_unknown", "§1 POST /session/refresh", "没有的续期凭据、拿短凭据续期，都是 401",
       "An unknown refresh token, or an access token in its place, is 401")  # fmt: skip
def refresh_unknown(bench: Bench) -> None:
    seat = bench.seat()
    for token in ("x", "0" * 48, seat.wire.token):
        seat.refresh(token).refuses("unauthenticated", 401)
    seat.hello()


@check("session.sign_out", "§1 DELETE /session", "退出后两枚凭据都不能再用",
       "After signing out neither token works")  # fmt: skip
def sign_out(bench: Bench) -> None:
    seat = bench.seat()
    seat.wire.ask("DELETE", "/session").must_be(200)
    seat.wire.ask("GET", "/hello").refuses("unauthenticated", 401)
    seat.refresh().must_be(401)
    seat.sign_in()


@check("session.apart", "§1 登录", "同一人在两台设备上的登录互不影响",
       "One person's sign-ins on two devices do not touch each other")  # fmt: skip
def apart(bench: Bench) -> None:
    one, two = bench.seat(), bench.seat()
    one.wire.ask("DELETE", "/session").must_be(200)
    equal(two.hello()["device"]["device_id"], two.device_id, "另一台设备")
    one.sign_in()


@check("session.expiry", "§1 登录", "短凭据到期后是 401，续期凭据还能用",
       "An access token ends; the refresh token then still works")  # fmt: skip
def expiry(bench: Bench) -> None:
    control, seat = bench.control, bench.seat()
    control.days(2)
    try:
        seat.wire.ask("GET", "/hello").refuses("unauthenticated", 401)
        seat.take(seat.refresh().object(200))
        seat.hello()
    finally:
        control.days(-2)
    seat.sign_in()
