"""Noise that is the same on every machine: integer hashes and gradient noise built on them.

Every hash mixes in the seed of the city, so another seed is another place. Gradients are taken from a table
that is rounded to six digits, because the last digits of sine and cosine differ between machines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_ANGLES = np.arange(256) * (2 * np.pi / 256)
_GRADIENT_X = np.round(np.cos(_ANGLES), 6)
_GRADIENT_Y = np.round(np.sin(_ANGLES), 6)


class Noise:
    """Hashes and gradient noise of one city.

    Parameters
    ----------
    seed : int
        Seed of the city.

    Examples
    --------
    >>> bool(Noise(1).uniform(3, 4, salt=5) == Noise(1).uniform(3, 4, salt=5))
    True
    >>> bool(Noise(1).uniform(3, 4, salt=5) == Noise(2).uniform(3, 4, salt=5))
    False
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def _hash(self, a: ArrayLike, b: ArrayLike, salt: int) -> NDArray[np.uint64]:
        mixed = (self._seed * 0x9E3779B97F4A7C15 + salt * 0x165667B19E3779F9) % (1 << 64)
        with np.errstate(over="ignore"):
            value = (
                (np.asarray(a).astype(np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
                ^ (np.asarray(b).astype(np.int64).astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F))
                ^ np.uint64(mixed)
            )
            value = value ^ (value >> np.uint64(31))
            value = value * np.uint64(0xBF58476D1CE4E5B9)
            value = value ^ (value >> np.uint64(29))
            value = value * np.uint64(0x94D049BB133111EB)
            value = value ^ (value >> np.uint64(32))
        return np.asarray(value, dtype=np.uint64)

    def uniform(self, a: ArrayLike, b: ArrayLike, *, salt: int) -> NDArray[np.float64]:
        """Return a number in [0, 1) for each pair of integers.

        Parameters
        ----------
        a, b : int or array of int
            Keys; they broadcast.
        salt : int
            Keeps one use apart from another.
        """
        return np.asarray((self._hash(a, b, salt) >> np.uint64(11)).astype(np.float64) / 2**53)

    def gradient(self, x: ArrayLike, y: ArrayLike, *, salt: int) -> NDArray[np.float64]:
        """Return smooth noise, about -1 to 1, with a wavelength of 1 (Perlin 2002, quintic fade)."""
        x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
        dx, dy = x - column, y - row
        u = dx * dx * dx * (dx * (6 * dx - 15) + 10)
        v = dy * dy * dy * (dy * (6 * dy - 15) + 10)

        def corner(right: int, up: int) -> NDArray[np.float64]:
            index = (self._hash(column + right, row + up, salt) >> np.uint64(56)).astype(np.int64)
            return np.asarray(_GRADIENT_X[index] * (dx - right) + _GRADIENT_Y[index] * (dy - up))

        bottom = corner(0, 0) * (1 - u) + corner(1, 0) * u
        top = corner(0, 1) * (1 - u) + corner(1, 1) * u
        return np.asarray((bottom * (1 - v) + top * v) * 1.6)

    def fractal(
        self, x: ArrayLike, y: ArrayLike, *, salt: int, octaves: int = 5, gain: float = 0.5
    ) -> NDArray[np.float64]:
        """Return a sum of octaves of gradient noise, each of half the wavelength and ``gain`` the height."""
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        total: Any = 0.0
        height, frequency = 1.0, 1.0
        for octave in range(octaves):
            shifted_x, shifted_y = x * frequency + 17.3 * octave, y * frequency - 9.1 * octave
            total = total + height * self.gradient(shifted_x, shifted_y, salt=salt + octave)
            height *= gain
            frequency *= 2.03
        return np.asarray(total)
