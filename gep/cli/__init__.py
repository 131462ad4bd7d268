"""The commands.

Words of a shell come in; exit codes, tables and JSON go out. Each command opens what it needs when it is called, so
that help costs nothing.

    language    in which language the call is answered
    common      options that mean the same everywhere
    help        `--help`, and what is said of a wrong call
    init        `gep init`
    inputs      `gep inputs`
    forms       `gep forms`
    data        coefficients and profiles
    lock        `gep data lock`
    cluster     processes and clusters that compute windows
    accounts    `gep grazing`, `gep restoration`, `gep assets`: accounts beside GEP
    audit       `gep audit`
    carbon      `gep carbon`
    computing   one account, computed, written, shown
    demo        `gep demo`
    compare     finished runs of several years
    compensation `gep compensation`
    credits     `gep credits`
    revisions   `gep revisions`
    difference  `gep diff`
    scenario    `gep scenario`
    results     `gep explain`, `gep report`, `gep cite`
    uncertainty `gep uncertainty`
    verify      `gep verify`
    app         all commands together, and errors as exit codes
"""
