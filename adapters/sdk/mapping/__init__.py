"""From an agency's own words and columns to the contracts', by a document and without code.

    mapping = Mapping.load(Path("form.json"))
    applied = mapping.apply({"Child": "HH-07", "Worry": "very worried", "Last seen": "22/11/2026 19:30"})
    for made in applied.events:
        outbox.put(compose(agency, made.type, made.data, time=now, subject=subject))

`python -m adapters.sdk.mapping` tries a mapping on a CSV export.
"""

from adapters.sdk.mapping.checks import MappingFault
from adapters.sdk.mapping.document import MappingDocument
from adapters.sdk.mapping.gap import Gap, GapKind
from adapters.sdk.mapping.mapping import Applied, InvalidMapping, Made, Mapping
from adapters.sdk.mapping.report import Report
from adapters.sdk.mapping.table import Table, UnusableTable

__all__ = [
    "Applied",
    "Gap",
    "GapKind",
    "InvalidMapping",
    "Made",
    "Mapping",
    "MappingDocument",
    "MappingFault",
    "Report",
    "Table",
    "UnusableTable",
]
