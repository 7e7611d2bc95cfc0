"""The stand-alone verifier, loaded from its file as a party would have it."""

import importlib.util
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "verify" / "outcomes_verify.py"


def _loaded():
    spec = importlib.util.spec_from_file_location("outcomes_verify", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


verifier = _loaded()
