"""Ecosystems as assets: tables of condition variables, of quality, of land that changed and of yearly values come in;
condition accounts, indices, matrices and worth go out.

    tables    the tables that they are made of
    variables condition variables between reference levels (T12)
    quality   quality classes and the index of assets by quality
    pattern   land that changed its class: extent, shares, dynamic degree
    monetary  the worth of assets and what changed it (T14)
    account   all of it as an account
    sample    synthetic tables
"""
