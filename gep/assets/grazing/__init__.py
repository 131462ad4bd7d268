"""Grass-livestock balance: tables of pastures, herds, feed and land under policies come in; what the grass can feed,
what grazes, and by how much these differ go out, by county and by herder.

    tables   the tables that it is made of
    pasture  forage and capacity of pastures, season by season
    maps     pastures from a map of yields or production on the land cover
    balance  herds, feed, rates and classes
    policy   rewards, approved capacities, fines
    account  all of it as an account
    sample   synthetic pastures and herds
"""
