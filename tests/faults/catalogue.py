"""The 78 faults to survive (``sync.md`` 5), by group."""

from __future__ import annotations

FAULTS: dict[str, tuple[str, ...]] = {
    "NET": (
        "dns_fail", "refuse", "connect_timeout", "tls_expired", "tls_wrong_host", "tls_mitm",
        "reset_pre_body", "cut_req_body", "drop_reply_after_commit", "cut_resp_body", "stall_after_headers",
        "slow_loris", "dup_delivery", "reorder", "late_replay", "captive_200_html", "captive_302",
        "proxy_407", "foreign_json_200", "stale_cache",
    ),
    "SRV": (
        "e500", "e502_504", "e503_seconds", "e503_date", "e429_bare", "e401_mid_batch", "e403_item", "e409",
        "e410", "e413", "e426", "partial_batch_reply", "commit_order_race", "restore_from_backup",
    ),
    "PROC": (
        "kill9_client", "kill9_server", "power_loss_torn_wal", "suspend_mid_upload", "two_instances",
        "user_switch", "upgrade_mid_queue", "downgrade",
    ),
    "DISK": (
        "enospc_each_write", "eio_read", "eio_fsync", "page_bitflip", "wal_truncated", "wal_deleted",
        "wrong_key", "av_lock", "blob_missing", "blob_bitflip",
    ),
    "TIME": ("plus_10y", "minus_10y", "back_1h_inflight", "tz_change", "epoch_1970", "drift_6min"),
    "ATT": (
        "grows_while_uploading", "same_sha_two_pcs", "chunk_dup", "chunk_reorder", "chunk_corrupt",
        "complete_reply_lost", "session_expired", "size_0_and_2GB",
    ),
    "HUMAN": (
        "same_field", "diff_field", "edit_vs_tombstone", "edit_vs_reassign", "both_lodge",
        "lodge_with_conflict", "withdrawn_with_queue", "double_click",
    ),
    "DEVICE": ("clone", "old_backup_restored", "outbox_lost", "revoked"),
}  # fmt: skip
NAMES = frozenset(f"{group}.{name}" for group, names in FAULTS.items() for name in names)
"""``NET.dns_fail`` and so on."""
