"""Stored extractions: read again, verified, and brought to the version that is wanted.

What is read is the JSON that every face emits (`Extraction.to_json`).
"""

from extractor.extractions.archive import ArticleIndex, Verified, verify_files
from extractor.extractions.reading import read_extraction
from extractor.extractions.stored import Stored, parse_extraction
from extractor.extractions.verification import Verifier, verify

__all__ = [
    "ArticleIndex",
    "Stored",
    "Verified",
    "Verifier",
    "parse_extraction",
    "read_extraction",
    "verify",
    "verify_files",
]
