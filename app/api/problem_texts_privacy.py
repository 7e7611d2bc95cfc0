"""Codes about evidence files at rest, links to them, and people's data."""

from app.api.problem_texts import Texts

FILES_FORBIDDEN: Texts = {
    "download-link-expired": ("The link has ended", "Ask for a new one."),
    "download-link-invalid": (
        "Not a link for you",
        "Ask for a link as the party and person that will open it.",
    ),
}

FILES_NOT_FOUND: Texts = {
    "evidence-file-erased": (
        "The file was erased",
        "It is gone for good; the list of erasures says when and why.",
    ),
}

FILES_RULES: Texts = {
    "erased-before": (
        "Erased because of a person's rights",
        "Do not send it again; a redacted copy is another file.",
    ),
    "evidence-file-quarantined": (
        "The file is in quarantine",
        "The operator scans it with `outcomes evidence rescan`.",
    ),
    "evidence-limit-reached": (
        "The party's limit of files is reached",
        "Keep the file and record only its SHA-256, or ask the operator.",
    ),
    "retention-not-over": (
        "Evidence is still kept",
        "Read the retention for the last day on which it is.",
    ),
}

FILES_UNSUPPORTED: Texts = {
    "malware-found": (
        "The malware scanner refuses the file",
        "Check the device that it came from; send a clean copy.",
    ),
}

FILES_BROKEN: Texts = {
    "evidence-file-damaged": (
        "The stored file has changed",
        "The operator restores it, or the provider sends it again.",
    ),
    "note-damaged": ("A stored note has changed", "The operator runs `outcomes verify`."),
}

FILES_UNAVAILABLE: Texts = {
    "evidence-key-unavailable": (
        "The key to evidence and notes is missing",
        "The operator restores the master key (OUTCOMES_MASTER_KEY_FILE) or the directory `.keys`.",
    ),
    "malware-scan-unavailable": (
        "The file could not be scanned",
        "Send it again later; the operator sets OUTCOMES_MALWARE_SCANNER.",
    ),
}
