"""The check that stands at every text that a caller words and the service keeps."""

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.domain.pseudonym import identity_fault


def no_identity(text: str) -> str:
    """The text, if nothing in it looks like what identifies a person.

    Refused are e-mail addresses, NHS numbers, National Insurance numbers and postcodes, with the
    codes of `identity_fault`; names are not looked for. "The letter is signed." passes, "Ask
    jo@example.org" does not. Source: UK GDPR Article 25; the service holds pseudonyms only.
    """
    if fault := identity_fault(text, ""):
        kind = fault.code.replace("-", "_")
        raise PydanticCustomError(kind, "{said}", {"said": fault.message})
    return text


IdentityChecked = AfterValidator(no_identity)
"""`no_identity` as a part of a type: Annotated[str, IdentityChecked]."""
