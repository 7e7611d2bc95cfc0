"""Every list of the service as a file: which page function gives its items, which columns it has.

`registry` names them all; a list route of the interface without a listing fails a test.
"""
