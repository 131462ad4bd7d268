"""Equations go to other processes by name, or by their text where no other process can import them."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from places import ROOT

from gep.core.equation import equation
from gep.core.errors import EquationError
from gep.services.water_retention import retained_water


def test_one_of_ours_goes_by_its_name():
    assert pickle.loads(pickle.dumps(retained_water)) is retained_water


CELL = '''
import pickle, sys
import numpy as np
from gep.core.equation import equation

@equation(rain="mm/year", share="1", returns="mm/year", source="made up")
def runoff(rain, share):
    """Runoff.

        R = s P
    """
    return rain * share

@equation(rain="mm/year", share="1", returns="mm/year", points={"share": [0, 1]})
def kept(rain, share):
    """Kept.

        K = P - R

    P rain, R runoff.
    """
    return np.maximum(rain - runoff(rain, share), 0)

sys.stdout.buffer.write(pickle.dumps(kept))
'''


def test_one_of_a_script_goes_by_its_text_with_what_it_calls(tmp_path):
    script = tmp_path / "cell.py"
    script.write_text(CELL, encoding="utf-8")
    sent = subprocess.run([sys.executable, str(script)], capture_output=True, check=True, cwd=ROOT).stdout
    kept = pickle.loads(sent)
    assert kept(800.0, 0.25) == 600.0  # 800 - 200
    assert (kept.returns, kept.formula, dict(kept.points)) == ("mm/year", "K = P - R", {"share": [0, 1]})
    assert kept.text.startswith("def kept(rain, share):")
    assert pickle.loads(pickle.dumps(kept))(800.0, 0.5) == 400.0


def test_what_nobody_can_read_is_refused():
    scope = {"equation": equation}
    text = "@equation(rain='mm/year', returns='mm/year')\ndef typed(rain):\n    '''Rain.'''\n    return rain\n"
    with pytest.raises(EquationError, match="in a file or in a cell of a notebook"):
        exec(text, scope)
