"""At most one worker at a time, and a number by which the others are told apart."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import Settings

from config.core import leases, threads
from config.core.leases import Lease, LeaseLost
from deployments.models import Release
from tests.factories.deployments import ReleaseFactory

GONE = timedelta(seconds=-1)


def expire(row: Release) -> None:
    Release.objects.filter(pk=row.pk).update(lease_expires_at=timezone.now() + GONE)


def taken(row: Release) -> Lease:
    lease = leases.claim(Release, row.pk)
    assert lease is not None
    return lease


@pytest.mark.django_db
class TestOneWorkerAtATime:
    def test_a_lease_is_had_once(self) -> None:
        row = ReleaseFactory.make()
        lease = taken(row)
        assert leases.claim(Release, row.pk) is None
        row.refresh_from_db()
        assert (row.fence, lease.fence) == (1, 1)
        assert row.lease_holder
        assert row.lease_expires_at is not None
        assert (
            timedelta(seconds=25) < row.lease_expires_at - timezone.now() <= timedelta(seconds=30)
        )

    def test_a_row_that_is_gone(self) -> None:
        assert leases.claim(Release, 10**9) is None

    def test_given_back_it_is_had_again(self) -> None:
        row = ReleaseFactory.make()
        taken(row).give_back()
        assert taken(row).fence == 2

    def test_after_its_time_another_has_it(self) -> None:
        row = ReleaseFactory.make()
        dead = taken(row)
        expire(row)
        heir = taken(row)
        assert heir.fence == dead.fence + 1
        assert not dead.renew()
        dead.give_back()  # changes nothing any more
        assert leases.claim(Release, row.pk) is None
        assert heir.renew()

    def test_renewing_prolongs_it(self) -> None:
        row = ReleaseFactory.make()
        lease = taken(row)
        expire(row)
        assert lease.renew()
        assert leases.claim(Release, row.pk) is None

    def test_unheld_names_those_that_nobody_has(self) -> None:
        free, held, silent = (ReleaseFactory.make() for _ in range(3))
        taken(held)
        taken(silent)
        expire(silent)
        assert set(Release.objects.filter(leases.unheld())) == {free, silent}

    def test_check_raises_once_it_is_lost(self) -> None:
        lease = taken(ReleaseFactory.make())
        lease.check()
        lease.lost.set()
        with pytest.raises(LeaseLost):
            lease.check()

    def test_held_gives_it_back_whatever_happens(self) -> None:
        row = ReleaseFactory.make()

        def break_off() -> None:
            with leases.held(Release, row.pk) as lease, leases.held(Release, row.pk) as other:
                assert (lease is not None, other) == (True, None)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            break_off()
        row.refresh_from_db()
        assert (row.lease_expires_at, row.lease_holder) == (None, "")


@pytest.mark.django_db(transaction=True)
class TestTheHeartbeat:
    def test_it_keeps_the_lease(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.LEASE_TTL = timedelta(seconds=0.15)
        row, beaten = ReleaseFactory.make(), threading.Semaphore(0)
        renew = Lease.renew

        def counted(lease: Lease) -> bool:
            renewed = renew(lease)
            beaten.release()
            return renewed

        monkeypatch.setattr(Lease, "renew", counted)
        with leases.held(Release, row.pk) as lease:
            assert lease is not None
            for _ in range(5):
                assert beaten.acquire(timeout=10)
            assert not lease.lost.is_set()

    def test_it_notices_that_another_has_it(self, settings: Settings) -> None:
        settings.LEASE_TTL = timedelta(seconds=0.15)
        row = ReleaseFactory.make()
        with leases.held(Release, row.pk) as lease:
            assert lease is not None
            Release.objects.filter(pk=row.pk).update(fence=7, lease_holder="another")
            assert lease.lost.wait(10)
        row.refresh_from_db()
        assert (row.fence, row.lease_holder) == (7, "another")

    @pytest.mark.parametrize(("misses", "lost"), [(2, False), (3, True)])
    def test_the_database_away_is_a_loss_only_after_the_leases_length(
        self,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
        misses: int,
        lost: bool,  # noqa: FBT001 - a table
    ) -> None:
        settings.LEASE_TTL = timedelta(seconds=0.06)
        row, calls, beaten = ReleaseFactory.make(), iter(range(100)), threading.Event()
        renew = Lease.renew

        def flaky(lease: Lease) -> bool:
            call = next(calls)
            if call < misses:
                raise DatabaseError("away")
            if call > misses:
                beaten.set()
            return renew(lease)

        monkeypatch.setattr(Lease, "renew", flaky)
        with leases.held(Release, row.pk) as lease:
            assert lease is not None
            assert (lease.lost if lost else beaten).wait(10)
            assert lease.lost.is_set() is lost


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgresql")
def test_of_many_claimers_one_has_it() -> None:
    row, start = ReleaseFactory.make(), threading.Barrier(10)

    def claim(_: int) -> Lease | None:
        connection.ensure_connection()
        start.wait(10)
        return leases.claim(Release, row.pk)

    for turn in range(1, 4):
        got = [lease for lease in threads.each(claim, range(10)) if lease]
        assert [lease.fence for lease in got] == [turn]
        got[0].give_back()
