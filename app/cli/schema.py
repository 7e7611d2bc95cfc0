"""`python -m app.cli.schema > schemas/terms-1.json`: writes the published schema anew."""

import sys

from app.domain.terms.schema import terms_schema_text

if __name__ == "__main__":
    sys.stdout.write(terms_schema_text())
