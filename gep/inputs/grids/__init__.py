"""Rasters and zones: read, understood, and brought to the grid of the study.

Files, arrays and frames come in; layers that can be read square by square, cell areas and zones with exact borders go
out.

    findings  problems of a layer or of zones, as they are found
    grid      the grid of a study and its squares
    bands     bands, months and days
    remote    rasters on servers: addresses, stamps, signatures
    places    where a raster lies: a file, a server, many files
    files     files on the disk: kinds, parts, hashes
    headers   what every raster says of itself
    arrays    NetCDF, Zarr and DataArrays
    mosaic    tiles that are one raster, months that are one year
    sources   what a file of any kind says of itself
    layers    what a layer is: raw blocks to canonical values
    open      opening a layer: unit, nodata, scale settled once
    derived   layers made from others on their own grid
    align     how a layer lies to the grid
    bilinear  between the four source cells around a centre
    reader    the values of a layer on any square of it
    together  one window of several layers at once
    transform from one coordinate system to another
    mapping   the coordinate system of an array
    area      cell areas and latitudes
    patches   connected patches of land classes
    zones     zones and their cells, borders exact
    map_shift whether polygons are displaced as map services do
    polygons  reading zones and their outline
    parcels   land whose cover changes, and what part of every cell lies in it
"""
