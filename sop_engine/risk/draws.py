"""Numbers drawn by chance: the same seed gives the same numbers, and one driver more moves no other.

Every driver has a generator of its own, made from the seed and its name. What is drawn once is stratified:
of n draws one falls into each n-th of the distribution. The two that matter most, the year's
demand and what prices and exchange rates together do to the year, are spread evenly in their plane (the R2
sequence, shifted by the seed), so that quantiles settle with few draws.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np
from scipy.special import ndtri

# 1 / g and 1 / g^2, of the g whose g^3 = g + 1
PLANE = {"demand": 0.7548776662466927, "money": 0.5698402909980532}


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """The generator of a driver."""
    words = [name if isinstance(name, int) else crc32(name.encode()) for name in names]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))


def uniforms(seed: int, draws: int, *names: str | int) -> np.ndarray:
    """(draws,) in 0..1, one in each of `draws` equal parts, in an order of its own (Latin hypercube)."""
    random = generator(seed, *names)
    return (random.permutation(draws) + random.random(draws)) / draws


def normals(seed: int, draws: int, *names: str | int) -> np.ndarray:
    """(draws,) standard normals, stratified as `uniforms`."""
    return ndtri(uniforms(seed, draws, *names))


def evenly(seed: int, draws: int, name: str) -> np.ndarray:
    """(draws,) standard normals of one of the two drivers in PLANE."""
    shift = generator(seed, name, "plane").random()
    return ndtri((shift + PLANE[name] * np.arange(1, draws + 1)) % 1.0)


def steered(noise: np.ndarray, direction: np.ndarray, main: np.ndarray) -> np.ndarray:
    """(..., periods) independent standard normals whose part along a unit vector is `main`, (...,)."""
    return noise + (main - noise @ direction)[..., None] * direction


def normals_by_label(seed: int, draws: int, name: str, labels: tuple[str, ...]) -> np.ndarray:
    """(draws, labels) standard normals; a label has the same ones whatever other labels there are."""
    return np.stack([normals(seed, draws, name, label) for label in labels], axis=1).reshape(draws, -1)
