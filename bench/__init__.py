"""Side-by-side measurements of the service; `python -m bench`. Nothing here is ever a test."""
