"""Compile a function to machine code, kept between runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile with numba and keep the result on disk; the types stay those of the plain function."""
    return cast("Callable[P, R]", numba.njit(cache=True)(function))


def compiled_parallel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as `compiled`; a loop over ``numba.prange`` is shared among the cores."""
    return cast("Callable[P, R]", numba.njit(cache=True, parallel=True)(function))


def compiled_fast(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as `compiled`, free of the interpreter's lock; sums may be reordered, nothing is infinite."""
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True, fastmath=True)(function))


def compiled_unlocked(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as `compiled`, free of the interpreter's lock; sums keep their order."""
    return cast("Callable[P, R]", numba.njit(cache=True, nogil=True)(function))
