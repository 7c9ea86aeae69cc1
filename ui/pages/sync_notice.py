"""What the sync centre says above its numbers: registering, signing in again, why nothing goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.services.clock_words import clock_sentence
from app.services.lost_work import WHENCE
from app.services.sync_words import lost_tail
from ui.pages import platform_acts
from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    from ui.pages.sync import SyncPage
    from ui.pages.sync_data import Picture


class SyncNotice(InfoBar):
    """One thing at a time, with the button that puts it right."""

    def __init__(self, page: SyncPage) -> None:
        super().__init__(
            page.look, "dueToday", "要重新登录", "　", name="sync.notice", icon="log-out", action="重新登录"
        )
        self._page, self._kind = page, ""
        self.acted.connect(self._act)
        self.hide()

    def show_for(self, picture: Picture) -> None:
        """Registering later, signing in again, why nothing goes, a clock that is far off, a platform that was
        restored, and what waits for what it has not back, or for a colleague; else nothing."""
        standing = picture.standing
        if not picture.enrolment.complete:
            words = "登记以后才能收发。现在写的都存在本机。"
            self._say("enrol", "这台电脑还没有登记到平台", words, "登记本机")
        elif standing.lost_tail:
            self._say("lost_tail", "最后写的没有留住", lost_tail(standing.lost_tail), "知道了")
        elif standing.sign_in:
            self._say("sign_in", "登录已过期", "队列里的内容都还在，重新登录后接着发。", "重新登录")
        elif standing.register_again:
            self._say("again", "这台电脑要重新登记", standing.register_again, "重新登记本机")
        elif standing.error:
            self._say("", *standing.trouble, "")
        elif words := platform_acts.unwritten(self._page, standing.error):
            self._say("", "收发没有做成", words, "")
        elif standing.clock_skew_seconds:
            self._say("", "电脑的钟不准", clock_sentence(standing.clock_skew_seconds), "")
        elif standing.restored:
            more = f"有的还没有补回，{standing.awaited.words}" if standing.awaited is not None else ""
            self._say("restored", "平台从备份恢复过", f"{standing.restored}{more}", "知道了")
        elif standing.waits:
            lost = f"{WHENCE}{standing.awaited.words}" if standing.awaited is not None else ""
            held = standing.held.words if standing.held is not None else ""
            self._say("", "，".join(one.title for one in standing.waits), lost + held, "")
        else:
            self.hide()

    def _say(self, kind: str, title: str, words: str, action: str) -> None:
        self._kind = kind
        self.picture.set_icon({"sign_in": "key-round", "enrol": "log-out"}.get(kind, "cloud-alert"))
        self.set_texts(title, words)
        self.button.relabel(action or title)
        self.button.setVisible(bool(action))
        self.show()

    def _act(self) -> None:
        page = self._page
        if self._kind == "sign_in":
            page.sign_in()
        elif self._kind == "enrol":
            page.enrol()
        elif self._kind == "again":
            platform_acts.enrol_again(page)
        elif self._kind in ("lost_tail", "restored"):
            kind = self._kind
            page.save("收起提示", lambda office: office.sync_centre.notice_read(kind), lambda _done: None)
