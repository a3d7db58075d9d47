#!/usr/bin/python3
"""What the figures of analysis/plot.py compute, against values worked out by hand."""
import unittest

import numpy as np

import _plots  # noqa: F401  (finds analysis/plotting)
from plotting import claims, limit, style


class Numbers(unittest.TestCase):
    def test_norm_and_quantile(self):
        self.assertEqual(limit.norm(np.array([3.0, 4.0, 0.0, 0.0]), 2), 2.5)
        self.assertEqual(limit.norm(np.array([1e300, 1e300]), 2), 1e300)
        self.assertEqual(limit.norm(np.zeros(3), 2), 0.0)
        self.assertEqual(limit.quantile(np.arange(11.0)[::-1], 0.1), 1.0)

    def test_distance_in_the_metric(self):
        x, y = np.array([[3.0, 4.0]]), np.zeros((1, 2))
        self.assertEqual(limit.distances(x, y, "euclidean")[0], 5.0)
        self.assertAlmostEqual(limit.distances(np.array([[np.e]]), np.array([[1.0]]), "logarithmic")[0], 1.0)

    def test_cases_of_the_start(self):
        def of(labels, start, starts):
            claim = claims.Claim.__new__(claims.Claim)
            claim.cases, claim.measured = labels, np.zeros((len(labels), 1))
            return claim.norm_case(start, np.array(starts))
        labels = [f"{kind}, start {start}" for kind in ("path", "p = 1", "p = 2") for start in (-1, 1)]
        two = [[-1.0], [1.0]]
        self.assertEqual(of(labels, 1, two), (5, 2.0))
        self.assertEqual(of(labels[:4], 0, two), (2, 1.0))
        self.assertIsNone(of(labels[:2], 0, two))
        self.assertIsNone(of(["p = 2, start -1"], 1, two))
        plane = ["p = 0.5, start (0, 0)", "p = 0.5, start (1e-05, 0.3333)"]
        self.assertEqual(of(plane, 1, [[0, 0], [1e-5, 1 / 3]]), (1, 0.5))
        self.assertEqual(of(["p = 2, start number 0", "p = 2, start number 1"], 1, np.zeros((2, 9))), (1, 2.0))

    def test_overall(self):
        self.assertEqual(claims.overall_of([1, 3, 4, 2]), claims.INCONCLUSIVE)
        self.assertEqual(claims.overall_of([[3, 5], [2, 1]]), claims.VIOLATED)
        self.assertEqual(claims.overall_of([1, 4, 4]), claims.CONSISTENT)
        self.assertEqual(claims.overall_of([3, 4]), claims.HOLDS)
        self.assertEqual(claims.overall_of([0, 0]), claims.NOT_APPLICABLE)

    def test_zeros_stand_below_every_positive_value(self):
        axis = style.LogAxis([np.array([0.0, 1e-17, 1.0])])
        self.assertTrue(axis.has_zero)
        self.assertLess(axis.place(np.array([0.0]))[0], 1e-17)
        self.assertGreater(axis.place(np.array([0.0]))[0], 0.0)
        _, (ax,) = style.figure()
        axis.line(ax, [1, 2, 3], [1.0, 0.0, 1e-17], "distance", marker="o")
        self.assertEqual([tuple(line.get_ydata()) for line in ax.lines][1], (axis.zero,))
        self.assertEqual(axis.place(np.array([1e-17]))[0], 1e-17)
        self.assertFalse(style.LogAxis([np.array([0.5, 1.0])]).has_zero)


if __name__ == "__main__":
    unittest.main()
