"""The worker process: takes runs from the queue, one at a time, and picks up what dead workers left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import structlog

from layers.database import Addresses, admin_connection
from layers.indicators.keeping import kept_days
from layers.runs.children import Children
from layers.runs.live import kept_live
from layers.runs.queue import DEAD_AFTER, HEARTBEAT, QUEUE, make_queue, recover
from layers.runs.retention import drop_old_results
from layers.runs.supervising import work_on

log = structlog.get_logger(__name__)

#: Seconds between two looks for runs of dead workers.
RECOVERY = 3.0
#: The queue is told of new jobs at once; this is for the case that the message is lost.
POLLING = 2.0
#: Seconds without a run after which the first one is prepared.
READY_AFTER = 5.0


def worker_name() -> str:
    """Return the name under which this process works."""
    return f"{socket.gethostname()}:{os.getpid()}"


async def work(
    addresses: Addresses,
    *,
    until_empty: bool = False,
    dead_after: float = DEAD_AFTER,
    children: Children | None = None,
) -> None:
    """Work on queued runs until a signal (SIGINT, SIGTERM) comes.

    Parameters
    ----------
    addresses : Addresses
        Of a migrated database.
    until_empty : bool
        End when the queue is empty.
    dead_after : float
        Seconds without a sign of life after which another worker is given up.
    children : Children, optional
        Starts the processes that compute, also after this; one for this time only where left out.
    """
    with contextlib.nullcontext(children) if children is not None else Children() as starter:
        await _work(addresses, starter, until_empty=until_empty, dead_after=dead_after)


async def _work(addresses: Addresses, children: Children, *, until_empty: bool, dead_after: float) -> None:
    name = worker_name()

    def one(run: int, job: int, should_stop: Callable[[], bool]) -> None:
        work_on(addresses, run, job, name, children=children, should_stop=should_stop)

    queue = make_queue(addresses, one)
    async with queue.open_async():
        await asyncio.to_thread(_recover, addresses, dead_after)
        watching = asyncio.create_task(_keep_recovering(addresses, dead_after))
        preparing = asyncio.create_task(_get_ready(children))
        try:
            with contextlib.ExitStack() as keeping:
                if not until_empty:
                    keeping.enter_context(kept_live(addresses))
                    keeping.enter_context(kept_days(addresses))
                await queue.run_worker_async(
                    queues=[QUEUE],
                    name=name,
                    concurrency=1,
                    wait=not until_empty,
                    fetch_job_polling_interval=POLLING,
                    abort_job_polling_interval=POLLING,
                    # A run that is stopped goes back into the queue: there is nothing to wait for.
                    shutdown_graceful_timeout=0.1,
                    update_heartbeat_interval=min(HEARTBEAT, dead_after / 4),
                    stalled_worker_timeout=dead_after,
                    install_signal_handlers=threading.current_thread() is threading.main_thread(),
                )
        finally:
            for task in (watching, preparing):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


@contextlib.contextmanager
def worker_thread(
    addresses: Addresses,
    *,
    until_empty: bool = False,
    dead_after: float = DEAD_AFTER,
    children: Children | None = None,
) -> Iterator[Future[None]]:
    """Work in a thread of this process as long as the context; give what holds its end.

    The arguments are those of `work`. Computations have processes of their own here too.
    """
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[None] | None]] = Future()

    async def until_cancelled() -> None:
        begun.set_result((asyncio.get_running_loop(), asyncio.current_task()))
        with contextlib.suppress(asyncio.CancelledError):
            await work(addresses, until_empty=until_empty, dead_after=dead_after, children=children)

    with ThreadPoolExecutor(1) as thread:
        ended = thread.submit(asyncio.run, until_cancelled())
        loop, task = begun.result()
        try:
            yield ended
        finally:
            if task is not None and not ended.done():
                # It may end of itself in this very moment.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(task.cancel)


async def _get_ready(children: Children) -> None:
    """Prepare for a first run, once whatever is starting beside this worker has started."""
    await asyncio.sleep(READY_AFTER)
    await asyncio.to_thread(children.get_ready)


async def _keep_recovering(addresses: Addresses, dead_after: float) -> None:
    while True:
        await asyncio.sleep(min(RECOVERY, dead_after / 2))
        await asyncio.to_thread(_recover, addresses, dead_after)


def _recover(addresses: Addresses, dead_after: float) -> None:
    try:
        with admin_connection(addresses) as connection:
            for run, state in recover(connection, dead_after=dead_after).items():
                log.warning("a worker went away in the middle of a run", run=run, state=str(state))
            drop_old_results(connection)
    except psycopg.OperationalError as error:
        # The queue notices too, and ends the worker if it stays like this.
        log.warning("the database is out of reach", reason=type(error).__name__)
