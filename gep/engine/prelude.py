"""What the lines of a compiled loop call: the first part of its source."""

PRELUDE = '''\
import math

import numba
import numpy as np

MOST = np.finfo(np.float64).max


@numba.njit(forceinline=True)
def maximum(one, other):
    return one if one >= other or one != one else other


@numba.njit(forceinline=True)
def minimum(one, other):
    return one if one <= other or one != one else other


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
def mended(values, at, own, down, right, wide, months):
    total = 0.0
    for m in range(values.shape[1]):
        months[m] = mended_month(values, at, own, down, right, wide, m)
        total += months[m]
    return math.isfinite(total)


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
'''
"""`maximum` and `minimum` give what is not a number where either is, as those of numpy do. `between` and the functions
after it do for one cell what `gep.inputs.grids.bilinear` does for arrays, in the same order of operations.
"""
