"""The second factor of local accounts: one-time codes (TOTP, RFC 6238) and recovery codes."""

import base64
import hashlib
import secrets
from datetime import datetime

import pyotp

ISSUER_NAME = "Outcomes Ledger"
RECOVERY_CODES = 10

_STEP_SECONDS = 30
_DIGITS = 6
# The step before and after: phones' clocks differ, and typing takes time.
_STEPS_AROUND = (0, -1, 1)
# 120 bits are 24 letters in base 32. With 112 or more a plain hash cannot be searched (ASVS 6.5.2).
_RECOVERY_BYTES = 15
_GROUP = 4


def new_totp_secret() -> str:
    """A fresh secret for an authenticator app, in base 32."""
    return pyotp.random_base32()


def totp_address(secret: str, sign_in_name: str) -> str:
    """The otpauth:// address that an authenticator app reads, usually as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=sign_in_name, issuer_name=ISSUER_NAME)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step whose code this is, now or one step beside it; None for a wrong code.

    The caller uses each step up, so that a code counts once.
    """
    if len(code) != _DIGITS or not code.isascii() or not code.isdigit():
        return None
    present = int(now.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret)
    matches = [
        present + around
        for around in _STEPS_AROUND
        if secrets.compare_digest(totp.generate_otp(present + around), code)
    ]
    return matches[0] if matches else None


def new_recovery_codes() -> list[str]:
    """Ten fresh codes of 120 random bits, each of which replaces the app once.

    They read k5xw-7aqe-..., six groups of four of the letters a to z and the digits 2 to 7, so
    that 0 and o, 1 and l are not mixed up.
    """
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code, however its owner spaces it."""
    plain = "".join(letter for letter in code.lower() if letter not in " -")
    return hashlib.sha256(plain.encode()).hexdigest()


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
