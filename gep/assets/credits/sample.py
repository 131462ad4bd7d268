"""Synthetic credits of the sample city: no project, no register, no market. Numbers are round, chosen so that one sink
is claimed whole and no tonne twice.
"""

from __future__ import annotations

from pathlib import Path

from gep.assets.credits.ledger import Ledger
from gep.inputs.assets import CreditsSection

_NOTE = "synthetic"

_TABLES = {
    "credit_projects": f"""project,title,standard,ecosystem,zone,crediting_begins,crediting_ends
S1,Forest of county A ({_NOTE}),vcs,forest,A,2015-01-01,2054-12-31
S2,Trees of county B ({_NOTE}),ccer,forest,B,2016-01-01,2035-12-31
""",
    "credit_lots": """lot,project,product,vintage_begins,vintage_ends,date,credits [t*CO2],\
series,first_serial,last_serial
S1-2018,S1,VCS,2018-01-01,2018-12-31,2019-06-30,4000,S1,1,4000
S1-2019,S1,VCS,2019-01-01,2019-12-31,2020-06-30,5000,S1,4001,9000
S2-2019,S2,CCER,2019-01-01,2019-12-31,2020-09-30,3000,,,
""",
    "credit_entries": f"""date,kind,lot,holder,new_holder,credits [t*CO2],value [CNY],party,purpose,corrects,note
2019-06-30,issue,S1-2018,Forest company,,4000,20000,,,,{_NOTE}
2019-08-01,to_buffer,S1-2018,Forest company,,600,,,,,{_NOTE}
2020-02-01,sell,S1-2018,Forest company,,2000,90000,buyer,,,{_NOTE}
2020-06-30,issue,S1-2019,Forest company,,5000,35000,,,,{_NOTE}
2020-07-15,transfer,S1-2019,Forest company,City,1000,50000,,,,{_NOTE}
2020-08-01,sell,S1-2019,Forest company,,500,25000,buyer,,,{_NOTE}
2020-08-03,correct,,,,,,,,6,"{_NOTE}: sold twice by mistake"
2020-09-30,issue,S2-2019,Village,,3000,18000,,,,{_NOTE}
2020-10-01,pledge,S2-2019,Village,,1000,,bank,,,{_NOTE}
2020-11-20,cancel,S1-2019,City,,300,0,marathon,offset of an event,,{_NOTE}
""",
    "credit_prices": f"""product,date,year,price_kind,credit_price [CNY/(t*CO2)],credits [t*CO2],\
value [CNY],bound,source
VCS,,2019,listed,,20000,800000,,{_NOTE}
VCS,,2020,listed,,25000,1200000,,{_NOTE}
VCS,2020-12-31,,floor,30,,,,{_NOTE}
CCER,2020-12-30,,listed,55,,,,{_NOTE}
""",
    "credit_contracts": f"""contract,product,seller,buyer,value [CNY],credits [t*CO2],price_low [CNY/(t*CO2)],\
price_high [CNY/(t*CO2)],bound,source
C1,VCS,Forest company,buyer,90000,2000,,,,{_NOTE}
C2,CCER,Village,buyer,300000,,50,60,,{_NOTE}
""",
    "credit_monitoring": f"""project,credit_standard,period_begins,period_ends,project_removal [t*CO2],\
project_half_width [t*CO2],project_emission [t*CO2],baseline_removal [t*CO2],leakage [t*CO2],buffer_share,note
S1,vcs,2015-01-01,2019-12-31,40000,5000,200,8000,1000,0.15,{_NOTE}
S2,ccer,2016-01-01,2020-12-31,15000,1200,0,0,0,,{_NOTE}
""",
    "credit_claims": """parcel,year,product,credits [t*CO2]
A-1,2019,VCS,5000
B-1,2019,CCER,3000
B-1,2019,carbon ticket,200
""",
    "credit_sinks": f"""parcel,year,removal [t*CO2],source
A-1,2019,6200,{_NOTE}
B-1,2019,3200,{_NOTE}
""",
    "credit_pipeline": f"""project,stage,potential [t*CO2],probability,source
S3,validation,50000,0.6,{_NOTE}
""",
    "credit_notices": f"""holder,product,credits [t*CO2],source
Forest company,VCS,5400,{_NOTE}
""",
}


def sample(folder: Path) -> CreditsSection:
    """Write the tables and their ledger into a folder; the section that names them."""
    for name, text in _TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    with Ledger(folder / "credits.ledger", may_write=True) as ledger:
        ledger.post(
            projects=folder / "credit_projects.csv",
            lots=folder / "credit_lots.csv",
            entries=folder / "credit_entries.csv",
        )
    return CreditsSection(
        ledger="credits.ledger",
        prices="credit_prices.csv",
        contracts="credit_contracts.csv",
        monitoring="credit_monitoring.csv",
        claims="credit_claims.csv",
        sinks="credit_sinks.csv",
        pipeline="credit_pipeline.csv",
        notices="credit_notices.csv",
    )
