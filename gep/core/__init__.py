"""Words, units and proofs: what every other room speaks with.

Nothing comes in but the shipped data files; what goes out are names, units, equations that were proved, errors and
problems. It knows no grid, no study and no account.

    messages     every sentence for people, in both languages, from `texts/`
    errors       problems, and the kinds of errors that stop the work
    arguments    arguments of another kind than a function takes
    checks       what a check of the inputs or of the account is
    keys         ids that stand for no place and no ecosystem
    table_words  headings of tables, totals, signs for no figure
    units        the registry, conversions, unit texts in and out
    unit_names   what units are called in both languages, and the scale of a quantity
    data         where the shipped data are; reading TOML and CSV
    translation  the Chinese of texts that stand in data and declarations
    equation     an equation with the unit of every argument
    proof        the proof of its units and of its literals
    formula      its formula as text
    catalog      services, components, derivations, layers: what there is to compute
    parts        parts from outside: what is registered, what is installed
    letters      how wide texts are, and where their lines break
    each         sequences whose items are made when they are asked for
    json_text    JSON that is the same for the same content
    front_door   public names, for rooms that stand below what they ask for
    folders      files and folders that appear as a whole or not at all
"""
