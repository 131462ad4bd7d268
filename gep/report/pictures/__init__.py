"""Charts and maps of a report, as PNG, SVG and PDF, each with its numbers as CSV.

An account comes in, with the maps that its run wrote; pictures go out, with a list of them and of what is left out and
why. Needs matplotlib (the extra `report`).

    canvas    a picture: its sizes, words and files
    numbers   what the charts show, as tables
    charts    C1 to C4, C7
    change    C5 and C8, of several years
    rasters   a map of the run: its classes and their limits
    frames    scale, north, legend, names of counties
    maps      M1 to M5
    beside    M7, of an account beside GEP
    change_maps  M6, of two years
    styles    the same classes as a style of QGIS
    write     all of them into a folder
    spreads   how sure the figures are: C6, and the draws of services
    scenario  land that becomes other land, on a map, and what changes with it
"""
