"""Every cell once, to exact sums.

A plan comes in; sums by zone and land class go out, the same to the last bit for every window, thread and worker;
maps on request.

    sample  some cells, for comparisons
    sums    sums of a square, and of all squares
    square  one square: values, sums, tests
    run     all squares, by threads or workers
    checks  problems that the sums show
    maps    densities as GeoTIFF
"""
