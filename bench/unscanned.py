"""No scanner stands in the way of a measurement."""

from app.service.upload_rules import UploadRules
from app.storage.malware import MalwareGate, Unscanned

UNSCANNED = UploadRules(gate=MalwareGate(unscanned=Unscanned.ACCEPT))
