"""The front door: a study from its inputs to its account; a run on disk; two runs.

A project file or arrays come in; an account goes out, and the folder of a run with its record, ledger and crate. The
other way, a folder comes in and the run goes out.

    study       opening, checking, running a study
    computed    how it is opened, passed over and valued
    arguments   arguments of another kind than a study takes
    densities   its densities as lazy arrays
    scenario    land cover that changes, and what moves with it
    conversion  parts of land that become other land: the sums afterwards
    whole_layers  layers in memory, for land cover that changes
    stack       studies that vary along years, draws and scenarios
    years       the years of one: opened, finished, passed over together
    given       arguments in terms of Python
    words       messages in terms of arguments
    page        a study as a notebook shows it
    checks      every check, in one list
    identity    what a run depends on, in parts
    register    parts from outside: proved, and put beside our own
    proved      what they must pass
    run_record  what run.json says
    ledger      what ledger.json says
    means       what equations give at the means of their inputs
    shapes      its zones as polygons to draw
    folder      writing a run, all or nothing
    labels      its account with names in place of ids
    crate       its RO-Crate
    documents   the files of a run, read within limits
    run         reading a run
    last_year   reading that of an earlier year
    again       its study, to be computed again
    redrawn     its cells computed again on draws of coefficients
    choices     what its total would be under other choices
    causes      what the change of a figure comes from
    change      two runs side by side
    extent      land that became other land between two runs
    needs       what a profile needs of a study
    forms       what each department is asked for
    draft       a first project file for a folder of data
    products    public data sets as layers: listed, sampled, opened
    sample      the synthetic sample city (a folder)
"""
