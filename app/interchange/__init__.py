"""Readers and writers of files: bank and accounts-payable files in, CSV and XLSX out."""
