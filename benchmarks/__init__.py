"""How fast the engine is, and how much memory it takes: `python -m benchmarks`.

Data are made by code, the same for the same seed; every figure is measured in a process of its own, and a ratio is of
measurements that alternate within one process. Processes are timed as POSIX counts them.

    levels   how large and how often: a small run, the usual one, the full one
    data     the projects that are measured
    floor    what decoding the layers costs, and nothing else
    peers    the same sums by xarray in memory and by dask
    work     what is done in a process, timed there
    measure  processes, alternating measurements, ratios
    cases    what is measured, and the targets
    profiles where the time goes, of a pass or of a whole command
    report   the table, the machine, JSON
"""
