"""Codes about imported files, their lines, and matches."""

from app.api.problem_texts import Texts

BANK_INPUT: Texts = {
    "ambiguous-word": ("One word for two directions", "List it among in_words or out_words."),
    "bad-account": ("The file's account cannot be read", "Ask the bank for the file again."),
    "bad-mapping": ("The mapping cannot be used", "Correct the field; see the message."),
    "column-missing": ("The file lacks a column", "Correct the mapping, or its skip_rows."),
    "column-twice": ("Two columns of one name", "Give the columns different names."),
    "empty-file": ("The file has no content", "Export it again."),
    "incomplete-column": ("A column without its words", "Give the column and its words."),
    "line-not-in-match": ("The line is not in the match", "Name it among the lines too."),
    "needless-mapping": ("This kind takes no mapping", "Leave the mapping out."),
    "no-amount-column": ("No amount column", "Name amount, or both of debit and credit."),
    "no-column": ("A column name is blank", "Name it or leave it out."),
    "no-mapping": ("A CSV file needs a mapping", "Save a column mapping and name it."),
    "several-accounts": ("Statements of several accounts", "Send one file for each account."),
}

BANK_NOT_FOUND: Texts = {
    "fault-unknown": ("Nothing unreadable there", "List the faults; `line` names each."),
    "import-file-missing": ("The imported file is gone", "The operator must restore it."),
    "import-unknown": ("No such import", "Check the number; list the imports."),
    "line-unknown": ("No such line", "Name it <import>/<position>, as `line` says."),
    "mapping-unknown": ("No such column mapping", "Save it first; names are each party's own."),
    "match-unknown": ("No such match", "Check the id; list the matches."),
    "source-unknown": ("No file of that source", "Import a file of it first, or check the name."),
}

BANK_FILES: Texts = {
    "document-type": ("XML with a document type", "camt.053 has none; get the file anew."),
    "not-camt-053": ("Not a camt.053 statement", "Ask the bank for camt.053.001.02 or later."),
    "not-well-formed": ("Broken XML", "Ask the bank for the file again."),
    "row-too-long": ("A row too long for MT940", "Check the kind of the file."),
    "wrong-encoding": ("Another encoding than said", "Correct the mapping, or export again."),
    "wrong-kind": ("Another kind of file than said", "Name the kind that it is."),
}

BANK_TOO_LARGE: Texts = {
    "cell-too-long": ("Too long for a workbook", "Export the list as CSV."),
    "part-too-large": ("A part of the file is too large", "Ask the bank for smaller batches."),
    "too-many-lines": ("Too many lines", "Split the file by period."),
}

BANK: Texts = {
    "account-differs": ("A file of another account", "Give each account a source of its own."),
    "line-currency": ("Another currency than the contract's", "Ignore the line with a reason."),
    "line-decided": ("The line is decided on", "Undo its match first, or take it back in."),
    "line-not-ignored": ("The line is not left out", "There is nothing to take back."),
    "line-not-used-up": ("More or less than the line", "Allocate above zero, at most its amount."),
    "lines-differ": ("Lines that do not go together", "Match lines of one account and direction."),
    "match-decided": ("Decided already", "Undo an accepted match; propose again otherwise."),
    "match-not-accepted": ("Not accepted", "Only an accepted match can be undone."),
    "match-of-payment-first": ("It returns a payment not accepted yet", "Accept that match first."),
    "too-many-matches": (
        "Too many matches at once",
        "Ask for those of a higher score first.",
    ),
    "match-outdated": ("Things have changed since", "Propose matches again."),
    "payment-confirmed": ("Another file confirms the payment", "Undo that match first."),
    "payment-of-others": ("Not a payment of this account", "Check the payment and the line."),
    "payment-returned": ("Money of the payment came back", "Undo the match of the return first."),
    "return-exceeds-payment": ("More than was paid", "Match the line by hand."),
    "several-counterparties": ("Several other parties", "Match the line to those of one party."),
}
