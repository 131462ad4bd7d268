"""Rasters and zones: read, understood, and brought to the grid of the study.

Files, arrays and frames come in; layers that can be read square by square, cell areas and zones with exact borders go
out.

    grid     the grid of a study and its squares
    bands    bands, months and days
    sources  opening files of any kind
    layers   a layer: unit, nodata, period, values
    area     cell areas and latitudes
    align    bringing a layer to the grid
    derived  layers made from others on their own grid
    patches  connected patches of land classes
    zones    zones, their borders and their cells
"""
