"""Rules of a demo, for tests of anything but the malware gate."""

from app.service.upload_rules import UploadRules
from app.storage.malware import MalwareGate, Unscanned

UNSCANNED = UploadRules(gate=MalwareGate(unscanned=Unscanned.ACCEPT))
"""A file is kept although no scanner looked at it."""
