"""Means and variances: what is exact, and whether what was measured agrees with it."""
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np


@dataclass
class Moments:
    """Central moments with divisor `replicas`, by component. `fourth` may be None where the law is exact."""
    replicas: float
    mean: np.ndarray
    variance: np.ndarray
    fourth: np.ndarray | None

    @staticmethod
    def of(line):
        return Moments(line["replicas"], *(np.atleast_1d(np.asarray(line[key], dtype=float)) for key in ("mean", "variance", "fourth")))


def pooled(many):
    """The moments of all replicas together; the fourth without what third moments add where means differ, as they hardly do."""
    n = sum(m.replicas for m in many)

    def average(values):
        return sum(m.replicas * value for m, value in zip(many, values)) / n
    mean = average([m.mean for m in many])
    off = [(m.mean - mean) ** 2 for m in many]
    variance = average([m.variance + d for m, d in zip(many, off)])
    return Moments(n, mean, variance, average([m.fourth + 6 * d * m.variance + d * d for m, d in zip(many, off)]))


def deviations(measured, right):
    """Standard scores of the means and of the logarithms of the variances, one after the other. A law that is known exactly has
    infinitely many replicas; its own moments give the standard errors where it has a fourth one."""
    known = right if right.fourth is not None else measured
    share = 1 / measured.replicas + 1 / right.replicas
    with np.errstate(divide="ignore", invalid="ignore"):
        of_mean = (measured.mean - right.mean) / np.sqrt(known.variance * share)
        of_variance = np.log(measured.variance / right.variance) / np.sqrt((known.fourth / known.variance ** 2 - 1) * share)
    return np.concatenate([of_mean, of_variance])


def threshold(tests, alpha):
    """The standard score that the largest of so many normal ones passes with probability alpha at most."""
    return NormalDist().inv_cdf(1 - alpha / (2 * tests))


def disagreements(measured, right=None, alpha=1e-6):
    """One line for every contender whose mean or variance is wrong; empty if all agree. `measured`: name -> Moments. Where the
    law is not known exactly (right is None), each is compared with all others together. alpha is for all tests at once."""
    lines = []
    for name, moments in measured.items():
        reference = right or pooled([other for key, other in measured.items() if key != name])
        if moments.mean.shape != reference.mean.shape:
            lines.append(f"{name}: {moments.mean.size} components instead of {reference.mean.size}")
            continue
        z = deviations(moments, reference)
        limit = threshold(z.size * len(measured), alpha)
        wrong = ~(np.abs(z) <= limit)  # NaN is wrong, too
        if wrong.any():
            worst = int(np.argmax(np.where(np.isnan(z), np.inf, np.abs(z))))
            what, i = ("mean", worst) if worst < moments.mean.size else ("variance", worst - moments.mean.size)
            lines.append(f"{name}: {int(wrong.sum())} of {z.size} numbers are wrong; {what} of component {i} is "
                         f"{getattr(moments, what)[i]:.6g} instead of {getattr(reference, what)[i]:.6g}, {z[worst]:.1f} standard errors away "
                         f"(allowed: {limit:.1f})")
    return lines


def affine_law(a, shift_variance, steps):
    """x -> a x + b, b of mean 0 and this variance, from 0."""
    return Moments(np.inf, np.zeros(1), np.array([shift_variance * (1 - a ** (2 * steps)) / (1 - a * a)]), None)


def least_squares_law(features, targets, h, steps):
    """theta -> theta - h (x . theta - y) x from 0, (x, y) a row at random: mean and variances after so many steps."""
    rows, d = features.shape
    maps = np.eye(d) - h * features[:, :, None] * features[:, None, :]
    shifts = h * targets[:, None] * features
    mean_map, mean_shift = maps.mean(axis=0), shifts.mean(axis=0)
    square = np.einsum("rij,rkl->ikjl", maps, maps).reshape(d * d, d * d) / rows
    cross = np.einsum("rij,rk->ikj", maps, shifts) / rows
    constant = np.einsum("ri,rk->ik", shifts, shifts) / rows
    mean, second = np.zeros(d), np.zeros((d, d))
    for _ in range(steps):
        mixed = cross @ mean
        second = (square @ second.reshape(-1)).reshape(d, d) + mixed + mixed.T + constant
        mean = mean_map @ mean + mean_shift
    return Moments(np.inf, mean, np.diag(second) - mean ** 2, None)


def sine_law(a, s, at):
    """x -> a sin x + s N from 0: the law after each of the ascending numbers of steps `at`, by the trapezoidal rule."""
    x = np.linspace(-6, 6, 481)
    spacing = x[1] - x[0]

    def normal(y):
        return np.exp(-y * y / (2 * s * s)) / (s * np.sqrt(2 * np.pi))
    kernel = normal(x[:, None] - a * np.sin(x)[None, :]) * spacing
    density, n, seen = normal(x), 1, []
    for wanted in at:
        while n < wanted:
            density, n = kernel @ density, n + 1
        mean = spacing * (x @ density)
        seen.append((mean, *(spacing * ((x - mean) ** k @ density) for k in (2, 4))))
    return Moments(np.inf, *np.array(seen).T)
