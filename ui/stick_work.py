"""What a file from a stick is for: a receipt is read, another computer's package is handed in. Qt-free."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from app.domain.errors import UserError
from app.services.changes import Written
from app.services.sync_port import SyncPort
from app.storage import package_file as pf
from app.storage.container import Progress
from sync.engine.exchange import OWN_ON_THE_WAY, HandedIn, hand_in, read_receipt
from sync.engine.faults import UnreachableFault
from ui import connection

NO_LINE = (
    "这是装好的包，不是回执。交包要连上平台，现在没有连上。包没有动，连上网再选一次，或者换一台能上网的电脑交；"
    "要读回执，选盘上名字以“回执”开头的文件。"
)

if TYPE_CHECKING:
    from app.services.desk import Desk
    from app.services.package_records import PackageRecord


def take(desk: Desk, path: Path, progress: Progress | None = None) -> Written[Any]:
    """Read a receipt (a ``PackageRecord``) or hand a package in (a ``HandedIn``), as the file says; of one
    that was packed here the receipt is read at once.

    Raises as :func:`~sync.engine.exchange.read_receipt` and :func:`~sync.engine.exchange.hand_in`; without a
    line to the platform ``UserError``, since a package does not go by itself as other work does.
    """
    port = SyncPort(desk)
    if pf.head_of(path).kind == "receipt":
        return read_receipt(port, desk.clock, path)
    if not port.url:
        raise UserError("这台电脑还没有登记到平台，不能替交。包没有动，换一台电脑交。", code="E-UNREGISTERED")
    client = connection.client_for(port)
    try:
        with connection.heeding(desk):
            written = hand_in(port, client, path, Event(), progress)
    except UnreachableFault as fault:
        raise UserError(NO_LINE, code="E-PACKAGE-OFFLINE", detail=fault.detail) from fault
    finally:
        client.close()
    if written.value.record.state in OWN_ON_THE_WAY:
        # Packed here, handed in here: its receipt need not be carried anywhere.
        return read_receipt(port, desk.clock, written.value.receipt)
    return written


def words(value: HandedIn | PackageRecord) -> str:
    """What was done, for the notice."""
    if isinstance(value, HandedIn):
        before = "这一包已经交过，没有重复提交" if value.again else "已交给平台"
        return f"{before}。回执在移动盘上：“{value.receipt.name}”，带回装包的电脑读。"
    kept = f"要您处理 {value.mend}，还等着 {value.waiting}"
    against = f"其中收回过的 {value.against} 项法院也收到了，请尽快和法院说清。" if value.against else ""
    return f"回执包 {value.label} 读好了：送达 {value.delivered}，{kept}。{against}"
