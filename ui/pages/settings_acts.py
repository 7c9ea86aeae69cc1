"""What the settings page does beyond the person's own: rules, holidays, backups, the platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from app.clock import legal_day
from app.domain import roles
from ui.dialogs.colleague import ColleagueDialog
from ui.dialogs.confirm import Confirmation, confirm
from ui.dialogs.files import open_file, open_folder
from ui.dialogs.settings_dialogs import RuleDialog, TextDialog
from ui.pages import platform_acts
from ui.pages.settings_about import licences
from ui.pages.settings_words import rule_name
from ui.pages.working import WorkingPage

if TYPE_CHECKING:
    from app.services.backups import BackupInfo, BackupPolicy
    from app.services.desk import Desk
    from app.services.enrolment import Enrolment, Wish
    from app.services.holidays import HolidayYear
    from app.services.office import Office
    from app.services.rulebook import RuleBook
    from app.services.settings import Personal, Rule, RuleView, YearView
    from ui.background.lanes import Job
    from ui.pages.settings_cards import BackupCard, NumberCard

BACKING_UP, CHECKING = "备份", "核对备份"
"""Names of the long work on backups."""


@dataclass(frozen=True)
class Picture:
    """Everything the page shows, of one moment."""

    personal: Personal
    book: RuleBook
    rules: tuple[RuleView, ...]
    years: tuple[YearView, ...]
    pattern: str
    numbers_left: int
    policy: BackupPolicy
    last: BackupInfo | None
    enrolment: Enrolment
    wish: Wish
    people: tuple[tuple[str, str], ...]
    """Who can sign in on this computer: name and role."""


def read_picture(office: Office) -> Picture:
    """Read it all. Runs on the read lane."""
    from app.services import enrolment, numbering, profile

    settings, desk = office.settings, office.desk
    year = desk.today().year
    return Picture(
        personal=settings.personal(),
        book=settings.rules(),
        rules=settings.rule_list(),
        years=settings.holiday_years(),
        pattern=settings.number_pattern(),
        numbers_left=desk.store.read(lambda conn: numbering.left(conn, year)),
        policy=office.backups.policy(),
        last=office.backups.last(),
        enrolment=profile.enrolment_of(desk),
        wish=desk.store.read(enrolment.load_wish),
        people=_people(office),
    )


def _people(office: Office) -> tuple[tuple[str, str], ...]:
    from app.services import lockscreen

    desk = office.desk
    known = desk.people
    return tuple(
        (one.name, roles.LABELS.get(known[one.person_id].role, "") if one.person_id in known else "")
        for one in lockscreen.people_of(office.backups.paths, desk.clock)
    )


class SettingsActs(WorkingPage):
    """The acts; :class:`~ui.pages.settings.SettingsPage` has the cards."""

    picture: Picture | None = None
    _caring: Job | None = None
    number_card: NumberCard
    backup_card: BackupCard

    @property
    def may(self) -> bool:
        """Whether the person may change rules, numbers and holidays."""
        role = self.context.desk.person.role
        return bool(role) and roles.may(role, "rules.change")

    # -- the institution's ---------------------------------------------------------------------------

    def choose_holidays(self, year: int) -> None:
        """从文件载入: choose the file, see how many cases it concerns, then load."""
        self._choose_file(f"载入 {year} 年放假安排", "放假安排 (*.json)", partial(self._read_holidays, year))

    def _choose_file(self, title: str, kinds: str, then: Callable[[Path], None]) -> QFileDialog:
        dialog = open_file(self, title, kinds, name="settings.file.dialog")
        dialog.accepted.connect(lambda: then(Path(dialog.selectedFiles()[0])))
        dialog.open()
        return dialog

    def _read_holidays(self, year: int, path: Path) -> None:
        def work(office: Office) -> tuple[HolidayYear, int]:
            found = office.settings.read_holidays(path, year)
            return found, office.settings.affected_by_year(found)

        def ask(found: tuple[HolidayYear, int]) -> None:
            plan, number = found
            asked = Confirmation(
                title=f"载入 {year} 年放假安排",
                effects=(
                    f"休 {len(plan.off)} 天，调班 {len(plan.work)} 天。出处：{'；'.join(plan.notice)}",
                    f"有 {number} 件在办案件的日期会重新算。" if number else "在办案件的日期都不变。",
                ),
                action="载入",
                lasting="以后有更正的通知，可以再载入一次。",
                icon="calendar-days",
            )
            confirm(self.look, self, asked, lambda: self._load_holidays(plan), name="settings.holidays")

        self.fetch("读放假安排", work, ask)

    def _load_holidays(self, plan: HolidayYear) -> None:
        def done(written: Any) -> None:
            self.context.refresh_office()
            self.said.emit(f"已载入 {plan.year} 年放假安排，{written.value} 件案件的日期重新算过。")

        self.save("载入放假安排", lambda office: office.settings.load_holidays(plan), done)

    def edit_rule(self, name: str) -> None:
        """One rule; without the right it is shown with its source only."""
        picture = self.picture
        view = next((v for v in picture.rules if v.name == name), None) if picture is not None else None
        if view is None:
            return
        if not self.may:
            said = (("依据", view.rule.source), ("谁能改", "规则由负责人改。"))
            self._read_text(rule_name(name), said, "rule")
            return

        def count(rule: Rule, then: Callable[[int], None]) -> None:
            self.fetch("看影响几件", lambda office: office.settings.affected_by_rule(name, rule), then)

        dialog = RuleDialog(self.look, view, count, self.window())

        def keep(rule: Rule) -> None:
            def done(_written: object) -> None:
                dialog.accept()
                self.context.refresh_office()

            words = "规则已改，从现在收到的案件起按新的算。"
            self.save(
                "改规则", lambda office: office.settings.change_rule(name, rule), done, said=words,
                fields=dialog.fields, of=name,
            )  # fmt: skip

        dialog.given.connect(keep)
        dialog.open()

    def show_earlier(self) -> None:
        """Earlier versions, the latest first."""
        if self.picture is None:
            return
        desk = self.context.desk
        said = [
            (
                f"{version.rules.version}，{legal_day(version.since)} 起",
                f"{desk.name_of(version.by)}改了“{rule_name(version.changed)}”"
                if version.changed
                else "随软件带来的",
            )
            for version in reversed(self.picture.book.versions)
        ]
        self._read_text("规则的各版", said, "earlier")

    def _pattern(self, pattern: str) -> None:
        words = "编号样式已改，以前的编号不变。"
        self.save(
            "改编号样式", lambda office: office.settings.change_number_pattern(pattern),
            lambda _w: self.context.refresh_office(), said=words, fields={"pattern": self.number_card.field},
            again=True,
        )  # fmt: skip

    # -- backups -------------------------------------------------------------------------------------

    def _policy(self, name: str, value: object) -> None:
        words = "备份的安排已改好。"
        self.save(
            "改备份", lambda office: office.backups.change_policy(**{name: value}), said=words, again=True
        )

    def choose_folder(self) -> None:
        """Where backups go."""
        dialog = open_folder(self, "备份放在哪", name="settings.folder.dialog")
        dialog.accepted.connect(lambda: self._policy("folder", dialog.selectedFiles()[0]))
        dialog.open()

    def back_up(self) -> None:
        """现在备份, beside everything else: what is written and sent meanwhile does not wait for it."""

        def done(written: Any) -> None:
            if written.value.problems:
                self._read_text("备份做好了，有几处要看", _spoken(written.value), "verify")

        self._care(BACKING_UP, "正在备份", lambda office, job: office.backups.make(progress=job.passed), done)

    def verify_backup(self) -> None:
        """核对上一份: every entry and page."""

        def work(office: Office, job: Job) -> Any:
            last = office.backups.last()
            return office.backups.verify(last.path, job.passed) if last is not None else None

        def done(report: Any) -> None:
            if report is None:
                return
            if report.ok:
                self.said.emit(f"上一份备份核对过，{report.files} 个文件都好。")
            else:
                self._read_text("备份有问题，请看", _spoken(report), "verify")

        self._care(CHECKING, "正在核对上一份", work, done)

    def _care(
        self, name: str, words: str, work: Callable[[Office, Job], Any], done: Callable[[Any], None]
    ) -> None:
        office = self.office

        def finished(value: Any) -> None:
            self._care_over()
            done(value)

        def failed(_error: BaseException) -> bool:
            self._care_over()
            return False

        self.backup_card.begin(words)
        self._caring = self.context.operations.care(name, lambda job: work(office, job), finished, failed)

    def _care_over(self) -> None:
        self._caring = None
        self.backup_card.over()

    def care_moved(self, name: str, part: float, _text: str) -> None:
        """How far a backup or its checking is."""
        if self._caring is not None and name in (BACKING_UP, CHECKING):
            self.backup_card.progress.advance(part)

    def stop_care(self) -> None:
        """停下: what was there before stays."""
        if self._caring is not None:
            self._caring.cancel()
            self._care_over()
            self.said.emit("已停下。以前的备份都在。")

    # -- connection, about ---------------------------------------------------------------------------

    def sign_in(self) -> None:
        """The platform's password once more."""
        platform_acts.sign_in(self)

    def enrol(self) -> None:
        """登记本机."""
        if self.picture is not None:
            platform_acts.enrol(self, self.picture.wish)

    def why_nobody(self, picture: Picture) -> str:
        """Why this person cannot add a colleague here; empty when they can."""
        if not picture.enrolment.complete:
            return "先登记本机，再加同事"
        if not roles.may(self.context.desk.person.role, "people.manage"):
            return "这里由负责人加；同事也可以在锁屏的“换人登录”里自己加"
        return ""

    def add_colleague(self) -> None:
        """加一位同事: they sign in at the platform here, while the profile is open."""
        practice, desk = self.context.practice, self.context.desk
        dialog = ColleagueDialog(
            self.look,
            self.context.operations,
            self.office.backups.paths,
            desk.clock,
            self.window(),
            desk=desk,
            hint=practice.colleagues_hint() if practice is not None else "",
        )
        dialog.joined.connect(self._colleague_added)
        dialog.open()

    def _colleague_added(self, theirs: Desk) -> None:
        self.context.refresh_office()
        self.said.emit(f"{theirs.person.name}可以在本机登录了：锁屏，点“换人登录”。")

    def _licences(self) -> None:
        self.fetch(
            "看许可",
            lambda _office: licences(),
            lambda found: self._read_text("用到的软件", found, "licences"),
        )

    def _read_text(self, title: str, said: Sequence[tuple[str, str]], name: str, _on: bool = False) -> None:
        TextDialog(self.look, title, said, name=f"settings.{name}", parent=self.window()).open()


def _spoken(report: Any) -> list[tuple[str, str]]:
    return [("有问题的地方", problem) for problem in report.problems]
