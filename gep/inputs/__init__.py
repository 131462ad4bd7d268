"""From files to opened inputs, with every problem of them.

A project file, rasters, zones and tables come in, or arrays and frames in their place; `Inputs` go out: layers on
their own grids, zones, rows of tables, the profile, and what is wrong with any of it. Nothing is computed.

    schema        what a section of `gep.toml` is
    assets        its sections on accounts beside GEP
    project       the schema of `gep.toml`
    scenarios     rules of scenarios in it
    spec          what a study is made of
    transitions   which changes of land are managed, as a project says
    items         the items that tables may report
    headings      what headings and names of rows say
    names         what tables call items, measures and zones
    cells         a table as cells, with merged blocks
    blocks        where a table is in a sheet
    layout        tables as offices have them: headings in rows, items or zones across
    parts         which items are parts of others
    totals        totals that tables print
    table_files   where a table comes from, and its rows
    tables        statistics, and what is wrong with them
    workbooks     reading workbooks: which sheet, which rows
    sureness      how sure layers, tables and numbers are
    confusion     what a land cover confuses
    correlated    numbers that are wrong together
    uncertain_names that these are uncertain ones
    product_shares how products are spread over ecosystems
    other_zones   statistics of counties beside a park or a basin
    office        what departments give, who has it and when
    published     the register of published figures
    forms         what the forms of departments are made of
    form_cells    numbers as people write them
    reply_sheets  one workbook that came back
    reply_forms   its forms: figures, units, what is wrong with them
    replies       what departments reply, and what is lacking
    price_groups  which prices follow an index of their own
    numbers       looking numbers up in them
    fingerprints  hashes and versions
    lock          the hashes that a project declares
    products      public data sets that are recognised
    product_layers layers that are said to be of one
    stac          rasters that a catalogue lists
    exchanged     layers that are given for one another
    survey_tiles  files of a folder that are one raster together
    survey        what the files of a folder probably are
    open          opening everything, collecting every problem
    grids         rasters and zones (a folder)
"""
