"""The one list of parcel statuses into which every carrier's words are translated.

`status` says where a parcel is, `sub_status` why. Flags: E exception, A somebody must act, T terminal, P told by a
physical scan (somebody had the parcel in his hands) unless the source says otherwise.
"""

from dataclasses import dataclass
from typing import NamedTuple, Self


@dataclass(frozen=True, slots=True)
class Status:
    """A status with its place among statuses of the same instant: the higher rank is the later one."""

    code: str
    rank: int
    default: str
    """The sub-status meant when a source names only the status."""
    label: str
    label_zh: str


@dataclass(frozen=True, slots=True)
class SubStatus:
    """A sub-status with its labels and flags (see the module)."""

    status: str
    code: str
    label: str
    label_zh: str
    flags: str

    @property
    def is_exception(self) -> bool:
        """Something went wrong."""
        return "E" in self.flags

    @property
    def needs_action(self) -> bool:
        """The parcel does not move on until somebody acts."""
        return "A" in self.flags

    @property
    def is_terminal(self) -> bool:
        """No further scan is expected."""
        return "T" in self.flags

    @property
    def is_physical(self) -> bool:
        """A scan of the parcel itself, not a message about it."""
        return "P" in self.flags


def gettext_noop(label: str) -> str:
    """Mark a label for `makemessages`, which looks for this very name or `_`, and return it unchanged."""
    return label


_ = gettext_noop

# Ranks decide between scans that carry the same time. Expiry and unknown codes never win against a carrier's scan.
_STATUSES = (
    ("unknown", 0, "unmapped_code", _("Unknown"), "未识别"),
    ("expired", 1, "no_result", _("Expired"), "超期无结果"),
    ("not_found", 2, "no_info", _("Not found"), "查无轨迹"),
    ("info_received", 3, "label_created", _("Label created"), "已出单待揽收"),
    ("picked_up", 4, "accepted", _("Picked up"), "已揽收"),
    ("in_transit", 5, "moving", _("In transit"), "运输中"),
    ("customs", 6, "processing", _("Customs"), "清关"),
    ("out_for_delivery", 7, "out", _("Out for delivery"), "派送中"),
    ("attempt_failed", 8, "other", _("Delivery failed"), "派送失败"),
    ("available_for_pickup", 9, "ready", _("Ready for pickup"), "待自提"),
    ("exception", 10, "other", _("Exception"), "异常件"),
    ("delivered", 11, "delivered", _("Delivered"), "已签收"),
    ("returning", 12, "in_transit", _("Returning"), "退回中"),
    ("returned", 13, "received", _("Returned"), "已退回"),
    ("cancelled", 14, "voided", _("Cancelled"), "已销单"),
)

_SUB_STATUSES = (
    ("unknown", "unmapped_code", _("Code not known yet"), "未映射代码", ""),
    ("unknown", "source_error", _("Source failed"), "数据源错误", ""),
    ("expired", "no_result", _("Source stopped looking"), "查询机构停止跟踪", "E"),
    ("not_found", "no_info", _("No information"), "承运商无信息", ""),
    ("not_found", "invalid_number", _("Wrong number or carrier"), "单号无效/承运商错误", "EA"),
    ("info_received", "label_created", _("Label created"), "已出单", ""),
    ("info_received", "awaiting_pickup", _("Waiting for collection"), "待揽收", ""),
    ("info_received", "pickup_failed", _("Collection failed"), "揽收失败", "EA"),
    ("picked_up", "accepted", _("Accepted by carrier"), "已揽收", "P"),
    ("in_transit", "moving", _("On the way"), "运输中", "P"),
    ("in_transit", "arrived_facility", _("Arrived at facility"), "到达网点/分拨", "P"),
    ("in_transit", "departed_facility", _("Left facility"), "离开网点", "P"),
    ("in_transit", "departed_country", _("Left country of origin"), "离境/离港", "P"),
    ("in_transit", "arrived_country", _("Arrived in destination country"), "到达目的国", "P"),
    ("in_transit", "arrived_city", _("Arrived in destination city"), "到达派件城市", "P"),
    ("in_transit", "handed_over", _("Handed to another carrier"), "转交其他承运商/转投", "P"),
    ("in_transit", "rerouted", _("Rerouted"), "改址转递", "P"),
    ("in_transit", "resumed", _("Problem solved, moving again"), "异常已解除", "P"),
    ("customs", "presented", _("Presented to customs"), "待清关", "P"),
    ("customs", "processing", _("In customs clearance"), "清关中", "P"),
    ("customs", "released", _("Released by customs"), "已清关", "P"),
    ("customs", "held", _("Held by customs"), "海关查扣/清关异常", "EP"),
    ("customs", "info_required", _("Customs needs documents"), "需补资料", "EA"),
    ("customs", "duty_unpaid", _("Duty or tax unpaid"), "税费待缴", "EA"),
    ("customs", "prohibited", _("Prohibited goods"), "禁限品", "EA"),
    ("out_for_delivery", "out", _("Out for delivery"), "派送中", "P"),
    ("out_for_delivery", "scheduled", _("Delivery scheduled"), "已预约派送", ""),
    ("out_for_delivery", "contacted", _("Recipient contacted"), "已联系收件人", ""),
    ("available_for_pickup", "ready", _("At pickup point"), "到达自提点", "P"),
    ("available_for_pickup", "locker", _("In locker or station"), "已投柜/驿站", "P"),
    ("attempt_failed", "other", _("Other reason"), "其他", "EP"),
    ("attempt_failed", "no_one", _("Nobody at home"), "无人在家", "EP"),
    ("attempt_failed", "unreachable", _("Recipient not reached"), "联系不上", "EP"),
    ("attempt_failed", "closed", _("Business closed"), "单位关门", "EP"),
    ("attempt_failed", "address", _("Address problem"), "地址问题", "EAP"),
    ("attempt_failed", "refused", _("Refused"), "拒收", "EAP"),
    ("attempt_failed", "access", _("No access"), "无法进入", "EP"),
    ("attempt_failed", "hold", _("Security or charges"), "安全/费用原因", "EP"),
    ("delivered", "delivered", _("Delivered"), "已签收", "TP"),
    ("delivered", "signed", _("Signed by recipient"), "本人签收", "TP"),
    ("delivered", "proxy", _("Signed by somebody else"), "代签", "TP"),
    ("delivered", "locker", _("Collected from locker"), "柜/站签收", "TP"),
    ("delivered", "self_pickup", _("Collected by recipient"), "自提", "TP"),
    ("delivered", "cod", _("Cash collected"), "已收代收款", "TP"),
    ("delivered", "after_exception", _("Delivered after a problem"), "异常后签收", "TP"),
    ("delivered", "partial", _("Partly delivered"), "部分签收", "EP"),
    ("exception", "other", _("Other problem"), "其他疑难", "E"),
    ("exception", "delayed", _("Delayed"), "延误", "E"),
    ("exception", "delayed_weather", _("Delayed by weather"), "天气", "E"),
    ("exception", "delayed_processing", _("Delayed or missorted in transit"), "中转/错分", "E"),
    ("exception", "held", _("Held"), "滞留/扣件", "EP"),
    ("exception", "damaged", _("Damaged"), "破损", "EAP"),
    ("exception", "lost", _("Lost"), "丢失", "EA"),
    ("exception", "address", _("Wrong address"), "地址错误", "EA"),
    ("exception", "out_of_area", _("Outside delivery area"), "超区", "EA"),
    ("exception", "refused", _("Refused"), "拒收", "EAP"),
    ("exception", "unreachable", _("Recipient not reached"), "联系不上", "EA"),
    ("exception", "payment_held", _("Waiting for payment"), "待付款", "E"),
    ("exception", "security", _("Security"), "安全", "E"),
    ("exception", "unclaimed", _("Not collected in time"), "超时未取", "EA"),
    ("exception", "rejected_by_carrier", _("Rejected by carrier"), "承运商拒收", "EA"),
    ("exception", "disposed", _("Destroyed"), "销毁", "EAT"),
    ("exception", "undeliverable", _("Undeliverable"), "无法派送", "EA"),
    ("exception", "info_required", _("Information needed"), "需补信息", "EA"),
    ("exception", "stale", _("Carrier reports no update"), "承运商报超时未更新", "E"),
    ("exception", "unsigned_overdue", _("Not signed for in time"), "超时未签收", "E"),
    ("exception", "no_first_scan", _("Announced but never scanned"), "发货无轨迹", "E"),
    ("exception", "researching", _("Under investigation"), "查件中", "E"),
    ("returning", "requested", _("Return requested"), "已拦截/申请退回", "E"),
    ("returning", "in_transit", _("On the way back"), "退回途中", "EP"),
    ("returned", "received", _("Return received by sender"), "寄件人已签收退件", "TP"),
    ("cancelled", "voided", _("Cancelled"), "已取消/销单", "T"),
)

STATUSES: dict[str, Status] = {row[0]: Status(*row) for row in _STATUSES}
TAXONOMY: dict[tuple[str, str], SubStatus] = {(row[0], row[1]): SubStatus(*row) for row in _SUB_STATUSES}
TERMINAL: frozenset[tuple[str, str]] = frozenset(key for key, sub in TAXONOMY.items() if sub.is_terminal)

WATCHERS_WORDS: frozenset[tuple[str, str]] = frozenset(
    {
        ("expired", "no_result"),
        ("not_found", "no_info"),
        ("not_found", "invalid_number"),
        ("exception", "stale"),
        ("exception", "unsigned_overdue"),
        ("exception", "no_first_scan"),
        ("unknown", "unmapped_code"),
        ("unknown", "source_error"),
    }
)
"""What somebody who looks at the feed says about silence; nothing happened to the parcel."""


class Canonical(NamedTuple):
    """A status and a sub-status of the list."""

    status: str
    sub_status: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "in_transit.moving", or "in_transit" for its default sub-status.

        Raises ValueError, naming what is allowed, for anything that is not in the list.
        """
        status, _, sub_status = text.strip().lower().partition(".")
        if status not in STATUSES:
            raise ValueError(f"unknown status {status!r}; use one of: {', '.join(STATUSES)}")
        sub_status = sub_status or STATUSES[status].default
        if (status, sub_status) not in TAXONOMY:
            allowed = ", ".join(f"{status}.{sub}" for home, sub in TAXONOMY if home == status)
            raise ValueError(f"unknown sub-status {text.strip()!r}; use one of: {allowed}")
        return cls(status, sub_status)

    def __str__(self) -> str:
        return f"{self.status}.{self.sub_status}"

    @property
    def about(self) -> SubStatus:
        """Labels and flags."""
        return TAXONOMY[self]

    @property
    def flags(self) -> str:
        """The flags that are kept with a parcel: E, A and T, in this order."""
        return "".join(flag for flag in "EAT" if flag in self.about.flags)

    @property
    def rank(self) -> int:
        """Which of two scans of the same instant is the later one."""
        return STATUSES[self.status].rank

    def label(self, language: str = "en") -> str:
        """The label in Chinese for any "zh…" language, otherwise in English."""
        return self.about.label_zh if language.lower().startswith("zh") else self.about.label
