"""Error codes: stable names, HTTP status and the Chinese sentence for the person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """One kind of refusal. ``message`` may be replaced by a more exact sentence."""

    name: str
    http: int
    message: str


_ALL = (
    Code("bad_request", 400, "平台没有看懂这次请求，数据没有变动。请把详细信息交给技术人员。"),
    Code("field", 422, "有一项填写不符合要求，请改好再发。"),
    Code("unauthenticated", 401, "登录已过期，队列里的内容都还在。请重新登录后继续。"),
    Code("bad_credentials", 401, "用户名或密码不对，请核对后再试。"),
    Code("token_reused", 401, "这份登录凭据已经用过。为防冒用，请用密码重新登录。"),
    Code("device_unknown", 403, "这台电脑还没有在平台登记，请先登记设备。"),
    Code("device_revoked", 403, "这台电脑已被机构停用，不再收发。已记录的内容仍在本机，请联系机构负责人。"),
    Code("device_taken", 409, "这个设备编号已登记给另一家机构，请换一个编号再登记。"),
    Code("device_cloned", 403, "另有一台电脑在用同一个设备编号。请重新登记本机，未发出的内容会保留。"),
    Code("author_unknown", 403, "写这条内容的人没有在这台电脑登记签名钥匙，平台没有收下。"),
    Code("signature_invalid", 403, "签名核对不上，平台没有收下。原内容仍在本机，请联系技术人员。"),
    Code("forbidden_role", 403, "您的岗位不能做这一步，请交给有权限的同事。"),
    Code("id_reused", 422, "同一编号下出现两份不同内容，平台只认第一份。请在同步中心查看。"),
    Code("payload_hash", 422, "内容与校验值不一致，平台没有收下。请重新填写这一步。"),
    Code("lane_gap", 409, "这件案件前面还有内容没有送到，先等一等。"),
    Code("schema_newer", 426, "平台还不认识这个版本写的内容，已留在本机，等平台升级后再发。"),
    Code("upgrade_required", 426, "程序版本过旧，平台暂不接收。您可以继续记录，升级后会自动发送。"),
    Code("case_unknown", 422, "平台上找不到这件案件，可能已转给其他机构。"),
    Code(
        "case_pending",
        409,
        "平台恢复过数据，这件案件还没有补回。内容都在本机，补回后自动发；一直没有，请联系平台补回。",
    ),
    Code(
        "case_lost",
        409,
        "平台恢复过数据，这件案件一直没有补回，这一步还没有收下。写的都在本机，没有丢。请联系平台补回这件案件，"
        "补回后自动发，不用重写；现在不用管的，按“知道了，收起”，补回后照样发。",
    ),
    Code(
        "behind_lost",
        409,
        "平台恢复过数据，这一步接着的内容还没有补回。写的都在本机，补回后自动发；"
        "过些天还没有补回的，退回来请您处理。急的，请联系平台补回。",
    ),
    Code("case_exists", 409, "这件案件平台上已经有了，没有重复登记。"),
    Code("unknown_entity", 422, "要改的内容平台上没有，可能已被更正。"),
    Code("state", 422, "案件现在的状态不能做这一步。"),
    Code("signed_otherwise", 422, "这一处已登记了另一个签署日期或签署人，没有收下。请照纸面核对。"),
    Code(
        "filed_meanwhile",
        409,
        "法院正在办或者已经确认这份协议，这一步没有收下。写的都在本机。还在办的，要改先撤回申请，法院准许后再办。",
    ),
    Code("conflict", 409, "同一处有两种写法，两种都已保留，请您选一种。"),
    Code("command_unknown", 404, "平台没有收到过这一条，会重新发送。"),
    Code("not_found", 404, "平台上没有找到。"),
    Code("method_not_allowed", 405, "平台没有这样的办法，数据没有变动。请把详细信息交给技术人员。"),
    Code("epoch_changed", 410, "平台恢复过数据，本机会重新核对并补发。"),
    Code("too_large", 413, "一次发送的内容太多，会分批再发。"),
    Code("too_many", 429, "平台正忙，稍后自动再试。"),
    Code("maintenance", 503, "平台正在维护，内容都在本机，稍后自动再试。"),
    Code("internal", 500, "平台出了问题，内容都在本机，稍后自动再试。"),
    Code("upload_offset", 409, "续传位置不一致，会按平台记下的位置继续。"),
    Code("upload_checksum", 460, "这一段在传输中有损坏，会重传这一段。"),
    Code("upload_incomplete", 409, "文件还没有传完，会接着传。"),
    Code("upload_busy", 423, "同一文件正在传输，稍后再试。"),
    Code("hash_mismatch", 422, "平台收到的文件与登记的校验值不一致，会从头重传。"),
    Code("range", 416, "要取的范围超出文件大小。"),
    Code("manifest_immutable", 409, "这份材料清单已经交给法院，不能改动，请另交补充清单。"),
    Code("manifest_missing", 409, "还没有材料清单，请先备好材料。"),
    Code("files_missing", 409, "还有材料没有传完，传完后会自动提交。"),
    Code("already_lodged", 409, "这份协议已经提交过，没有重复提交。"),
    Code("already_confirmed", 409, "法院已经对这份协议作出裁定，不用再提交。"),
    Code("filing_moved", 409, "这份申请后来又有了变化，撤回没有交给法院。请看一看，再办这一步。"),
    Code("ground_moved", 409, "签名盖章的日子后来改过，申请没有交给法院。请看一看，再提交。"),
    Code("round", 422, "提交的轮次不对，请刷新后再试。"),
    Code(
        "open_conflict",
        409,
        "协议、结案、姓名或证件号有一处两边写法不同，还没有提交。材料都在；"
        "请写这一处的人在自己的电脑上选，选定后自动提交；那台电脑坏了、不用了的，请机构负责人停用它。",
    ),
    Code("agreement_unknown", 422, "平台上还没有这份协议，等协议送达后会自动提交。"),
    Code(
        "agreement_lost",
        422,
        "平台从备份恢复过，这份协议一直没有补回来，申请没有交给法院，材料都在本机。"
        "请在案件里把协议重新定稿、登记签署，再申请。",
    ),
    Code(
        "number_used",
        409,
        "这个编号平台上已给了另一件案件，这一步没有收下。请重新办理这一步，会换一个新编号。",
    ),
    Code(
        "package_broken",
        422,
        "这个包不完整，或被改动过，平台没有收下。里面的内容在原来的电脑上都还在，请回去重装一次。",
    ),
    Code("package_foreign", 422, "这个包不是本机构的电脑装的，平台没有收下。"),
    Code("number_block", 409, "这段编号已有变动，请刷新后再试。"),
)

CODES: dict[str, Code] = {code.name: code for code in _ALL}
"""All codes by name."""


class WireError(Exception):
    """A refusal on the wire: becomes an error body or one command's answer."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        field: str = "",
        retry_after: int = 0,
        details: dict[str, object] | None = None,
    ) -> None:
        known = CODES[code]
        super().__init__(message or known.message)
        self.code = code
        self.http = known.http
        self.message = message or known.message
        self.field = field
        self.retry_after = retry_after
        self.details = details or {}
