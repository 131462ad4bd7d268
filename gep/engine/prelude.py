"""What the lines of a compiled loop call: the first part of its source."""

PRELUDE = """\
import math
from decimal import Decimal

import numba
import numpy as np

MOST = np.finfo(np.float64).max
LN2_HIGH = round(math.log(2) * 2**32) / 2**32
LN2_LOW = float(Decimal(2).ln() - Decimal(LN2_HIGH))
LOG2E = 1 / math.log(2)
SHIFT = 1.5 * 2**52
SHIFT_BITS = int(np.float64(SHIFT).view(np.int64))
ROOT_BITS = int(np.float64(math.sqrt(0.5)).view(np.int64))
E2, E3, E4, E5, E6, E7, E8, E9, E10, E11, E12, E13 = (1 / math.factorial(n) for n in range(2, 14))
L1, L2, L3, L4, L5, L6, L7, L8, L9, L10 = (2 / (2 * n + 1) for n in range(1, 11))


@numba.njit(forceinline=True)
def maximum(one, other):
    return one if one >= other or one != one else other


@numba.njit(forceinline=True)
def minimum(one, other):
    return one if one <= other or one != one else other


@numba.njit(forceinline=True, error_model='numpy')
def exp(x):
    x = 800.0 if x > 800.0 else x
    x = -800.0 if x < -800.0 else x
    shifted = np.float64(x * LOG2E + SHIFT)
    k = shifted - SHIFT
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    z = r * r
    even = 1.0 + z * (E2 + z * (E4 + z * (E6 + z * (E8 + z * (E10 + z * E12)))))
    odd = 1.0 + z * (E3 + z * (E5 + z * (E7 + z * (E9 + z * (E11 + z * E13)))))
    n = shifted.view(np.int64) - SHIFT_BITS
    half = n >> 1
    first = np.int64((half + 1023) << 52).view(np.float64)
    second = np.int64((n - half + 1023) << 52).view(np.float64)
    return (even + r * odd) * first * second


@numba.njit(forceinline=True, error_model='numpy')
def log(x):
    is_small = x < 2.0**-1022
    bits = np.float64(x * 2.0**54 if is_small else x).view(np.int64)
    k = (bits - ROOT_BITS) >> 52
    f = np.int64(bits - (k << 52)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = L1 + w * (L3 + w * (L5 + w * (L7 + w * L9)))
    even = L2 + w * (L4 + w * (L6 + w * (L8 + w * L10)))
    e = np.float64(k) - (54.0 if is_small else 0.0)
    found = e * LN2_HIGH + (e * LN2_LOW + (2.0 * s + s * (z * odd + w * even)))
    found = found if x > 0.0 else (-math.inf if x == 0.0 else math.nan)
    return found if x < math.inf else x


@numba.njit(forceinline=True)
def total(values):
    a, b, c = 0.0, 0.0, 0.0
    for m in range(0, len(values), 3):
        a += values[m]
        b += values[m + 1]
        c += values[m + 2]
    return a + b + c


@numba.njit(forceinline=True, error_model='numpy')
def between(values, at, own, down, right, wide, m):
    upper = values[at, m]
    upper += right * (values[at + 1, m] - upper)
    lower = values[at + wide, m]
    lower += right * (values[at + wide + 1, m] - lower)
    return upper + down * (lower - upper)


@numba.njit(error_model='numpy')
def mended_month(values, at, own, down, right, wide, m):
    found = between(values, at, own, down, right, wide, m)
    if not math.isnan(found) or math.isnan(values[own, m]):
        return found
    total, weights = 0.0, 0.0
    for below in range(2):
        for beside in range(2):
            value = values[at + below * wide + beside, m]
            if not math.isnan(value):
                weight = (down if below else 1 - down) * (right if beside else 1 - right)
                total += weight * min(max(value, -MOST), MOST)
                weights += weight
    return total / weights


@numba.njit(error_model='numpy')
def mended(values, at, own, down, right, wide, first, months):
    total = 0.0
    for m in range(first, first + 12):
        months[m] = mended_month(values, at, own, down, right, wide, m)
        total += months[m]
    return math.isfinite(total)


@numba.njit(error_model='numpy')
def interpolate(values, at, own, down, right, wide, months):
    for m in range(months.size):
        months[m] = between(values, at, own, down, right, wide, m)


@numba.njit(forceinline=True, error_model='numpy')
def on_mesh(node, i, t, j, u):
    upper = node[i, j]
    upper += u * (node[i, j + 1] - upper)
    lower = node[i + 1, j]
    lower += u * (node[i + 1, j + 1] - lower)
    return upper + t * (lower - upper)


@numba.njit(error_model='numpy')
def placed(row, col, node_row, node_col, mesh_row, part_row, mesh_col, part_col, known, origin, wide):
    i, t, j, u = mesh_row[row], part_row[row], mesh_col[col], part_col[col]
    y, x = on_mesh(node_row, i, t, j, u), on_mesh(node_col, i, t, j, u)
    if not (y >= known[0] and y <= known[1] and x >= known[2] and x <= known[3]):
        if math.isnan(x) or math.isnan(y):
            y, x = known[0], known[2]
        y, x = min(max(y, known[0]), known[1]), min(max(x, known[2]), known[3])
    above, left = math.floor(y - 0.5), math.floor(x - 0.5)
    at = (np.intp(above) - origin[0]) * wide + np.intp(left) - origin[1]
    own = (np.intp(math.floor(y)) - origin[0]) * wide + np.intp(math.floor(x)) - origin[1]
    return at, own, y - 0.5 - above, x - 0.5 - left
"""
"""`exp` and `log` are written so that several months are computed at once: to x = k ln 2 + r belongs 2^k times the
series of exp r, |r| <= ln 2 / 2; to x = 2^k m, with m between the roots of 1/2 and of 2, k ln 2 + 2 artanh s, where
s = (m - 1) / (m + 1) is at most 0.172. What the series leave out is below 1e-17; both are within some 5e-16 of what
they stand for. Their coefficients are 1/n! and 2/(2n+1).

`maximum` and `minimum` give what is not a number where either is, as those of numpy do. `between` and the functions
after it do for one cell what `gep.inputs.grids.bilinear` does for arrays, in the same order of operations.
"""
