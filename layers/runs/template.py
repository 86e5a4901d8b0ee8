"""The process that computations are forked from: ``python -m layers.runs.template DESCRIPTOR``.

It has loaded what a run needs and then waits, so that a computation begins at once. It has one thread, no
connection and no file of its own, which makes forking it safe whatever the libraries do with theirs.

The descriptor is a socket to the worker. A message with three descriptors (input, output, complaints) starts
a computation on them; the answers are its process id and, when it has ended, its exit code. The process id
stays taken until the worker has said that it has done with it. The template ends with the worker, or when
nothing was asked for a while: it holds as much memory as a small service.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
import traceback

from layers.runs import child

#: Seconds without a computation after which it ends.
IDLE = 600.0

#: With these, none of the libraries starts a thread when it is imported.
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}

#: Messages of the worker.
START, DONE = b"start", b"done"


def main() -> None:
    """Fork a computation for each order, one after the other."""
    control = socket.socket(fileno=int(sys.argv[1]))
    child.prepare()
    # What is here stays: the collector of a computation need not touch, and so copy, its pages.
    gc.collect()
    gc.freeze()
    while order := _next_order(control):
        try:
            _carry_out(control, order)
        except BrokenPipeError:
            return  # the worker is gone; so is the computation


def _next_order(control: socket.socket) -> list[int]:
    """Return the descriptors of the next order; none where there will be no more."""
    control.settimeout(IDLE)
    try:
        message, descriptors, _, _ = socket.recv_fds(control, len(START), 3)
    except TimeoutError:
        # Nobody can send any more after this; what was sent in this moment still counts.
        control.shutdown(socket.SHUT_RD)
        message, descriptors, _, _ = socket.recv_fds(control, len(START), 3)
    return descriptors if message == START else []


def _carry_out(control: socket.socket, descriptors: list[int]) -> None:
    process = os.fork()
    if process == 0:
        control.close()
        _compute(descriptors)
    # Done on both sides, so that the group is there for whoever comes first.
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(process, process)
    for descriptor in descriptors:
        os.close(descriptor)
    control.settimeout(None)
    control.send(str(process).encode())
    ended = os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
    if ended is not None:  # never without WNOHANG
        code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        control.send(str(code).encode())
    control.recv(len(DONE))
    os.waitpid(process, 0)


def _compute(descriptors: list[int]) -> None:
    """Be the computation; never returns."""
    code = 1
    try:
        os.setpgid(0, 0)
        for wanted, descriptor in enumerate(descriptors):
            os.dup2(descriptor, wanted)
            os.close(descriptor)
        child.main()
        code = 0
    except BaseException:  # it ends here, and the worker tells why
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
