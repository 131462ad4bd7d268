"""Every cell once, to exact sums.

A plan comes in; sums by zone and land class go out, the same to the last bit for every window, thread and worker;
maps on request.

    sample    some cells, for comparisons
    steps     the flows of a plan as steps: each value once, for the classes that need it
    readers   the open layers of one thread
    pieces    the pieces of a square by zone and class
    values    layers and steps at the pieces
    sums      sums of a square, and of all squares
    flows     the sums of flows in a square
    square    one square: its sums and the tests of its layers
    linear    what is a multiple of something else, proved by evaluation
    scalar    equations as lines of scalar code
    prelude   what these lines call
    source    the source of the compiled loop of a plan
    fused     squares by the compiled loop
    loop      which loop adds the cells up; compiled ones on disk
    exact     numbers added exactly, whatever their order
    gathered  sums of squares added exactly, as they come
    kept      what is finished, in a file to go on from
    windows   what is read at once
    memory    what is let go, kept for what comes next
    run       all squares, by threads or workers
    together  those of several plans at once
    checks    problems that the sums show
    drawn     which flows are drawn, and what they say of themselves
    maps      densities as GeoTIFF
    cog       the same, ordered for viewers
    densities densities as lazy arrays
"""
