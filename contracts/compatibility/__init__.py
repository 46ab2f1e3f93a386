"""The gate between a contract as it was released and as it is about to be: what would break, for whom, and why.

Pure: descriptions in, findings out. `python -m contracts.release` reads and writes the files.
"""
