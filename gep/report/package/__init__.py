"""The open-data package of an account: a Frictionless Data Package.

An account comes in, with the maps that its run wrote; a folder goes out that others can read without gep: tables as CSV
with their schemas, zones with results as GeoPackage, maps as Cloud Optimized GeoTIFF, the account as SDMX-CSV.

    tables    CSV with Table Schema
    sdmx      the account as SDMX-CSV 2.0, with its code lists
    spatial   zones and maps
    write     all of it, and datapackage.json
"""
