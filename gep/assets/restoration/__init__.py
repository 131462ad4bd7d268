"""Restoration: tables of treated land, of its state beside land left alone, of services and costs come in, and polygons
of projects; what was treated and lives, what it did, took up and cost go out.

    tables   the tables that it is made of
    land     treated land: what is claimed, what polygons cover, what lives
    effect   changes beside a control, changes without one, gaps of a year
    plots    means of sample plots and what is known of them
    cohorts  carbon by year of treatment
    worth    services at constant prices, and costs beside effects
    decline  degradation classes before and after
    shares   an effect on one parcel told of several projects
    account  all of it as an account
    sample   synthetic projects
"""
