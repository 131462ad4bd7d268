"""An account beside GEP of one row: an area that is known and one that is not."""

from gep.assets.account import AssetAccount, AssetTable, Line, Measure
from gep.assets.figures import given
from gep.core.messages import Text


def small_account():
    area = given(150000, "m^2", Text("here", "此处"))
    line = Line({"zone": Text("A", "甲")}, {"area": area, "lost": None}, {"lost": Text("not known", "不详")})
    measures = (Measure("area", Text("area", "面积"), "hm^2"), Measure("lost", Text("lost", "减少"), "hm^2"))
    table = AssetTable("extent", Text("Extent", "范围"), (("zone", Text("zone", "地区")),), measures, (line,))
    return AssetAccount("extent", Text("Extent", "范围"), Text("A city", "某市"), (table,), Text("never", "不得"))
