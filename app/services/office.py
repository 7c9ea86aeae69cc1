"""The office: every service of one desk, made when first asked for.

Services are imported late on purpose: the window shows its first page before the rarer ones are loaded.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from app.services.desk import Desk

if TYPE_CHECKING:
    from app.services.agenda import Agenda
    from app.services.agreeing import Agreeing
    from app.services.attachments import Attachments
    from app.services.backups import Backups
    from app.services.cases import Cases
    from app.services.caucus import Caucus
    from app.services.closing import Closing
    from app.services.day_sheet import DaySheet
    from app.services.daybreak import Daybreak
    from app.services.deciding import Deciding
    from app.services.drafts import Drafts
    from app.services.exchange_package import ExchangePackages
    from app.services.fetching import Fetching
    from app.services.filing import Filing
    from app.services.followups import FollowUps
    from app.services.handling import Handling
    from app.services.handover import Handover
    from app.services.intake import Intake
    from app.services.oral import OralAgreements
    from app.services.palette import Palette
    from app.services.papers import Papers
    from app.services.parties import Parties
    from app.services.past_parties import PastParties
    from app.services.resolving import Resolving
    from app.services.reveal import Reveal
    from app.services.settings import Settings
    from app.services.sync_centre import SyncCentre
    from app.services.sync_port import SyncPort
    from app.services.today import Today


class Office:
    """All services of a desk. Holds no state of its own; make a new one when the desk changes.

    One property a service, hence more of them than a class should otherwise have.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def refreshed(self) -> Office:
        """The office on the desk as the store holds it now: institution, people, rules, holidays."""
        from app.services import profile

        return Office(profile.refresh(self.desk))

    @cached_property
    def packages(self) -> ExchangePackages:
        """离线交换包."""
        from app.services.exchange_package import ExchangePackages

        return ExchangePackages(self.desk)

    @cached_property
    def today(self) -> Today:
        """今日."""
        from app.services.today import Today

        return Today(self.desk)

    @cached_property
    def cases(self) -> Cases:
        """Lists of cases, and one case."""
        from app.services.cases import Cases

        return Cases(self.desk)

    @cached_property
    def deciding(self) -> Deciding:
        """Contact, accept, refuse, hand back."""
        from app.services.deciding import Deciding

        return Deciding(self.desk)

    @cached_property
    def handling(self) -> Handling:
        """Sessions, notes, suspensions, performance, follow-up."""
        from app.services.handling import Handling

        return Handling(self.desk)

    @cached_property
    def follow_ups(self) -> FollowUps:
        """回访."""
        from app.services.followups import FollowUps

        return FollowUps(self.desk)

    @cached_property
    def handover(self) -> Handover:
        """交接."""
        from app.services.handover import Handover

        return Handover(self.desk)

    @cached_property
    def parties(self) -> Parties:
        """当事人 and their agents."""
        from app.services.parties import Parties

        return Parties(self.desk)

    @cached_property
    def past_parties(self) -> PastParties:
        """找过我们的人."""
        from app.services.past_parties import PastParties

        return PastParties(self.desk)

    @cached_property
    def intake(self) -> Intake:
        """来访登记."""
        from app.services.intake import Intake

        return Intake(self.desk)

    @cached_property
    def oral(self) -> OralAgreements:
        """口头协议登记."""
        from app.services.oral import OralAgreements

        return OralAgreements(self.desk)

    @cached_property
    def agreeing(self) -> Agreeing:
        """The agreement from draft to effect."""
        from app.services.agreeing import Agreeing

        return Agreeing(self.desk)

    @cached_property
    def closing(self) -> Closing:
        """The end of mediation, and closing."""
        from app.services.closing import Closing

        return Closing(self.desk)

    @cached_property
    def caucus(self) -> Caucus:
        """单独谈."""
        from app.services.caucus import Caucus

        return Caucus(self.desk)

    @cached_property
    def filing(self) -> Filing:
        """司法确认."""
        from app.services.filing import Filing

        return Filing(self.desk)

    @cached_property
    def attachments(self) -> Attachments:
        """Files of cases."""
        from app.services.attachments import Attachments

        return Attachments(self.desk)

    @cached_property
    def fetching(self) -> Fetching:
        """Files that are to come from the platform."""
        from app.services.fetching import Fetching

        return Fetching(self.desk)

    @cached_property
    def papers(self) -> Papers:
        """文书."""
        from app.services.papers import Papers

        return Papers(self.desk)

    @cached_property
    def reveal(self) -> Reveal:
        """Showing what is masked."""
        from app.services.reveal import Reveal

        return Reveal(self.desk)

    @cached_property
    def drafts(self) -> Drafts:
        """What is being typed."""
        from app.services.drafts import Drafts

        return Drafts(self.desk)

    @cached_property
    def palette(self) -> Palette:
        """Search of the command box."""
        from app.services.palette import Palette

        return Palette(self.desk)

    @cached_property
    def settings(self) -> Settings:
        """设置."""
        from app.services.settings import Settings

        return Settings(self.desk)

    @cached_property
    def backups(self) -> Backups:
        """备份."""
        from app.services.backups import Backups

        return Backups(self.desk)

    @cached_property
    def sync_port(self) -> SyncPort:
        """The engine's door into the store."""
        from app.services.sync_port import SyncPort

        return SyncPort(self.desk)

    @cached_property
    def sync_centre(self) -> SyncCentre:
        """同步中心."""
        from app.services.sync_centre import SyncCentre

        return SyncCentre(self.desk)

    @cached_property
    def resolving(self) -> Resolving:
        """两处写法不同."""
        from app.services.resolving import Resolving

        return Resolving(self.desk)

    @cached_property
    def agenda(self) -> Agenda:
        """The days ahead and the person's own appointments."""
        from app.services.agenda import Agenda

        return Agenda(self.desk)

    @cached_property
    def day_sheet(self) -> DaySheet:
        """今日单."""
        from app.services.day_sheet import DaySheet

        return DaySheet(self.desk)

    @cached_property
    def daybreak(self) -> Daybreak:
        """The plans of open cases made anew on a new day."""
        from app.services.daybreak import Daybreak

        return Daybreak(self.desk)
