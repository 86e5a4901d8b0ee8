"""Noise that is the same on every machine: integer hashes and gradient noise built on them.

Every hash mixes in the seed of the city, so another seed is another place. Gradients are taken from a table
that is rounded to six digits, because the last digits of sine and cosine differ between machines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.compiled import compiled

_ANGLES = np.arange(256) * (2 * np.pi / 256)
_GRADIENT_X = np.round(np.cos(_ANGLES), 6)
_GRADIENT_Y = np.round(np.sin(_ANGLES), 6)


def _hash(a: Any, b: Any, mixed: Any) -> Any:
    """Return a hash of 64 bits of two whole numbers, for arrays and inside compiled loops alike."""
    value = (a * np.uint64(0x9E3779B97F4A7C15)) ^ (b * np.uint64(0xC2B2AE3D27D4EB4F)) ^ mixed
    value = value ^ (value >> np.uint64(31))
    value = value * np.uint64(0xBF58476D1CE4E5B9)
    value = value ^ (value >> np.uint64(29))
    value = value * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(32))


_hash_of_one = compiled(_hash)


@compiled
def _gradient(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    mixed: np.uint64,
    gradient_x: NDArray[np.float64],
    gradient_y: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the noise at points, each operation in the order that makes the last bit the same everywhere."""
    result = np.empty(len(x))
    corner = np.empty(4)
    for k in range(len(x)):
        column, row = np.floor(x[k]), np.floor(y[k])
        dx, dy = x[k] - column, y[k] - row
        u = dx * dx * dx * (dx * (6 * dx - 15) + 10)
        v = dy * dy * dy * (dy * (6 * dy - 15) + 10)
        for c in range(4):
            right, up = c % 2, c // 2
            a, b = np.uint64(np.int64(column) + right), np.uint64(np.int64(row) + up)
            index = np.int64(_hash_of_one(a, b, mixed) >> np.uint64(56))
            corner[c] = gradient_x[index] * (dx - right) + gradient_y[index] * (dy - up)
        bottom = corner[0] * (1 - u) + corner[1] * u
        top = corner[2] * (1 - u) + corner[3] * u
        result[k] = (bottom * (1 - v) + top * v) * 1.6
    return result


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

    def _mixed(self, salt: int) -> np.uint64:
        return np.uint64((self._seed * 0x9E3779B97F4A7C15 + salt * 0x165667B19E3779F9) % (1 << 64))

    def uniform(self, a: ArrayLike, b: ArrayLike, *, salt: int) -> NDArray[np.float64]:
        """Return a number in [0, 1) for each pair of integers.

        Parameters
        ----------
        a, b : int or array of int
            Keys; they broadcast.
        salt : int
            Keeps one use apart from another.
        """
        one, two = (np.asarray(keys).astype(np.int64).astype(np.uint64) for keys in (a, b))
        with np.errstate(over="ignore"):
            found = _hash(one, two, self._mixed(salt))
        return np.asarray((found >> np.uint64(11)).astype(np.float64) / 2**53)

    def gradient(self, x: ArrayLike, y: ArrayLike, *, salt: int) -> NDArray[np.float64]:
        """Return smooth noise, about -1 to 1, with a wavelength of 1 (Perlin 2002, quintic fade)."""
        x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        found = _gradient(x.ravel(), y.ravel(), self._mixed(salt), _GRADIENT_X, _GRADIENT_Y)
        return np.asarray(found.reshape(x.shape))

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
