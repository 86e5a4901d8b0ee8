"""One computation for many, in a process and among processes."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from tilecache.flight import Flights, Locks

HOLDER = """
import sys, time
from pathlib import Path
from tilecache.flight import Locks
print(Locks(Path(sys.argv[1])).try_lock("tile"), flush=True)
time.sleep(60)
"""


async def test_many_who_ask_at_once_get_one_computation():
    flights, begun, gate = Flights(), [], asyncio.Event()

    async def compute():
        begun.append(1)
        await gate.wait()
        return "tile"

    asked = [asyncio.create_task(flights.run("k", compute)) for _ in range(500)]
    await asyncio.sleep(0)
    gate.set()
    answers = await asyncio.gather(*asked)
    assert len(begun) == 1
    assert [joined for _, joined in answers] == [False] + [True] * 499
    assert {tile for tile, _ in answers} == {"tile"}
    assert len(flights) == 0


async def test_one_who_leaves_takes_nothing_from_the_others():
    flights, gate = Flights(), asyncio.Event()

    async def compute():
        await gate.wait()
        return 1

    first, second = (asyncio.create_task(flights.run("k", compute)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()
    assert await second == (1, True)


async def test_when_the_last_one_leaves_the_computation_is_cancelled_and_the_next_begins_anew():
    flights, cancelled = Flights(), asyncio.Event()

    async def compute():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def at_once():
        return 2

    asked = [asyncio.create_task(flights.run("k", compute)) for _ in range(3)]
    await asyncio.sleep(0)
    for one in asked:
        one.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    assert await flights.run("k", at_once) == (2, False)
    await asyncio.wait_for(cancelled.wait(), 5)


async def test_what_is_kept_goes_on_when_all_have_left():
    flights, gate = Flights(), asyncio.Event()

    async def compute():
        await gate.wait()
        return 3

    task = flights.keep("k", compute)
    asked = asyncio.create_task(flights.run("k", compute))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    gate.set()
    assert await task == 3


async def test_an_error_is_everybodys_and_is_not_kept():
    flights = Flights()

    async def fail():
        raise ValueError("no")

    answers = await asyncio.gather(*(flights.run("k", fail) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in answers] == [ValueError] * 3
    assert len(flights) == 0


async def test_a_lock_of_another_process_is_waited_for_and_freed_when_that_is_killed(tmp_path):
    path = tmp_path / "locks"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline().strip() == "True"
        locks = Locks(path)
        assert not locks.try_lock("tile")
        assert locks.try_lock("another tile")
        waiting = asyncio.create_task(locks.lock("tile"))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        os.kill(holder.pid, signal.SIGKILL)
        assert await asyncio.wait_for(waiting, 10) is True
        locks.unlock("tile")
        assert await locks.lock("tile") is False
        locks.close()
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
