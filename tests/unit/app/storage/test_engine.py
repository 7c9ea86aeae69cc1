from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from app.domain.errors import (
    Cancelled,
    DamagedFault,
    DiskFullFault,
    InternalError,
    NewerFileFault,
    StorageFault,
    UserError,
)
from app.storage.engine import PriorityLock, Store
from app.storage.raw import open_raw
from app.storage.tables import counters, meta
from tests.helpers.stores import Profile, add_case

LONG = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000000000) SELECT count(*) FROM n"
)

SHORT = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT count(*) FROM n"
)


def put(conn: Connection, key: str) -> None:
    conn.execute(meta.insert().values(key=key, value="v"))


def keys_of(store: Store) -> list[str]:
    return store.read(lambda conn: list(conn.execute(select(meta.c.key).order_by(meta.c.key)).scalars()))


def test_settings_of_both_connections(home: Profile) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2}
    for run in (home.store.read, home.store.write):
        found = run(lambda conn: {p: conn.exec_driver_sql(f"PRAGMA {p}").scalar() for p in wanted})
        assert found == wanted


def test_a_raised_error_undoes_everything(home: Profile) -> None:
    def work(conn: Connection) -> None:
        put(conn, "a")
        raise UserError("no")

    with pytest.raises(UserError):
        home.store.write(work)
    with pytest.raises(IntegrityError):
        home.store.write(lambda conn: (put(conn, "b"), put(conn, "b")))
    assert keys_of(home.store) == []


def test_nesting_is_a_bug(home: Profile) -> None:
    for inner in (lambda: home.store.write(lambda conn: None), lambda: home.store.read(lambda conn: None)):
        with pytest.raises(InternalError):
            home.store.write(lambda conn, inner=inner: inner())
    home.store.write(lambda conn: put(conn, "a"))
    assert home.store.read(lambda conn: keys_of(home.store)) == ["a"]


def test_the_read_connection_cannot_write(home: Profile) -> None:
    with pytest.raises(Exception, match="不能写入"):
        home.store.read(lambda conn: put(conn, "a"))
    assert keys_of(home.store) == []


def test_interrupted_read_is_cancelled_and_the_lane_goes_on(home: Profile) -> None:
    started = threading.Event()
    caught: list[BaseException] = []

    def read() -> None:
        def work(conn: Connection) -> None:
            started.set()
            conn.execute(LONG).scalar()

        try:
            home.store.read(work)
        except Cancelled as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    assert started.wait(10)
    while thread.is_alive():  # the statement may begin a moment after the event
        assert thread.ident is not None
        home.store.interrupt_read(thread.ident)
        thread.join(0.02)
    assert len(caught) == 1
    assert keys_of(home.store) == []


def test_a_read_is_not_broken_off_for_a_thread_that_is_not_reading(home: Profile) -> None:
    """Page and exchange share the read connection: a page given up must not end the exchange's read."""
    started, over = threading.Event(), threading.Event()
    counted: list[int] = []

    def read() -> None:
        def work(conn: Connection) -> None:
            started.set()
            counted.append(conn.execute(SHORT).scalar_one())

        home.store.read(work)

    thread = threading.Thread(target=read)
    other = threading.Thread(target=over.wait)
    other.start()
    thread.start()
    assert started.wait(10)
    assert other.ident is not None
    while thread.is_alive():
        home.store.interrupt_read(other.ident)
        thread.join(0.001)
    over.set()
    other.join()
    assert counted == [300_000]


def test_a_read_beside_a_write_sees_the_state_before_it(home: Profile) -> None:
    inside, read_done = threading.Event(), threading.Event()

    def work(conn: Connection) -> None:
        put(conn, "a")
        inside.set()
        assert read_done.wait(10)

    writer = threading.Thread(target=home.store.write, args=(work,))
    writer.start()
    assert inside.wait(10)
    assert keys_of(home.store) == []
    read_done.set()
    writer.join(10)
    assert keys_of(home.store) == ["a"]


def test_interactive_writes_go_before_background_ones() -> None:
    lock = PriorityLock()
    order: list[str] = []
    holding, release = threading.Event(), threading.Event()

    def hold() -> None:
        with lock.held(background=True):
            holding.set()
            assert release.wait(10)

    def take(name: str, background: bool) -> None:
        with lock.held(background=background):
            order.append(name)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holding.wait(10)
    waiting = [threading.Thread(target=take, args=(f"background {n}", True)) for n in range(3)]
    waiting.append(threading.Thread(target=take, args=("interactive", False)))
    for thread in waiting:
        thread.start()
    while not lock._interactive_waiting:
        waiting[-1].join(0.001)
    release.set()
    for thread in [holder, *waiting]:
        thread.join(10)
    assert order[0] == "interactive"
    assert len(order) == 4


def test_full_database_says_so_and_stays_usable(home: Profile) -> None:
    pages = home.store.write(lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar())
    home.store.write(lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}").scalar())
    home.store.write(lambda conn: put(conn, "kept"))
    with pytest.raises(DiskFullFault):
        home.store.write(lambda conn: conn.execute(meta.insert().values(key="big", value="x" * 200_000)))
    assert keys_of(home.store) == ["kept"]
    home.store.write(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count=100000").scalar())
    home.store.write(lambda conn: put(conn, "later"))
    assert keys_of(home.store) == ["kept", "later"]


def test_wrong_key_and_missing_file(home: Profile) -> None:
    home.store.close()
    with pytest.raises(DamagedFault) as caught:
        Store.open(home.paths.database, bytes(32), home.clock)
    assert caught.value.code == "E-KEY"
    assert Store.open(home.paths.database, home.keys.db_key, home.clock).close() is None
    with pytest.raises(UserError):
        Store.create(home.paths.database, home.keys.db_key, home.clock)
    with pytest.raises(StorageFault, match="案件库文件不在了"):
        Store.open(home.paths.root / "none.db", home.keys.db_key, home.clock)


def test_a_newer_schema_is_refused_untouched(home: Profile) -> None:
    home.store.write(lambda conn: conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    home.store.close()
    before = home.paths.database.read_bytes()
    with pytest.raises(NewerFileFault):
        Store.open(home.paths.database, home.keys.db_key, home.clock)
    assert home.paths.database.read_bytes() == before


def test_a_flipped_bit_is_found_and_named(home: Profile) -> None:
    home.store.write(lambda conn: conn.execute(meta.insert().values(key="a", value="x" * 300_000)))
    home.store.close()
    data = bytearray(home.paths.database.read_bytes())
    data[len(data) - 4096 * 3 + 100] ^= 1
    home.paths.database.write_bytes(data)
    store = Store.open(home.paths.database, home.keys.db_key, home.clock)
    with pytest.raises(DamagedFault):
        store.read(lambda conn: conn.execute(select(meta)).all())
    store.close()


def test_closing_empties_the_log_and_ends_use(home: Profile) -> None:
    home.store.write(lambda conn: put(conn, "a"))
    home.store.close()
    home.store.close()
    assert not list(home.paths.root.glob("store.db-*"))
    with pytest.raises(InternalError):
        home.store.read(lambda conn: None)


def test_counters_follow_the_cases(home: Profile) -> None:
    def work(conn: Connection) -> None:
        for number in range(4):
            add_case(conn, f"c{number}")
        conn.exec_driver_sql("UPDATE cases SET state = 'accepted', bucket = 'case' WHERE case_id = 'c1'")
        conn.exec_driver_sql("INSERT OR REPLACE INTO cases SELECT * FROM cases WHERE case_id = 'c2'")
        conn.exec_driver_sql("DELETE FROM cases WHERE case_id = 'c3'")

    home.store.write(work)
    found = dict(home.store.read(lambda conn: conn.execute(select(counters)).all()))
    assert found == {"state:received": 2, "state:accepted": 1, "bucket:todo": 2, "bucket:case": 1}


def test_errors_name_no_parameters(home: Profile) -> None:
    with pytest.raises(IntegrityError) as caught:
        home.store.write(
            lambda conn: [conn.execute(meta.insert().values(key="k", value="13812346027")) for _ in range(2)]
        )
    assert "13812346027" not in str(caught.value)


def test_raw_connection_refuses_a_short_key(home: Profile) -> None:
    with pytest.raises(ValueError, match="32"):
        open_raw(home.paths.database, b"short")


def test_a_statement_is_compiled_once_for_the_process(home: Profile) -> None:
    def how(conn: Connection) -> str:
        result = conn.execute(select(meta.c.key).where(meta.c.key == "once", meta.c.value == "compiled"))
        return result.context.cache_hit.name  # type: ignore[attr-defined,no-any-return]

    first = home.store.write(how)
    reopened = Store.open(home.paths.database, home.keys.db_key, home.clock)
    try:
        assert (first, home.store.read(how), reopened.read(how)) == ("CACHE_MISS", "CACHE_HIT", "CACHE_HIT")
    finally:
        reopened.close()
