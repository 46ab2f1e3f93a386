"""The force's own words, and the contract's codes that they stand for."""

GRADES = {"absent": "very_low", "very low": "very_low", "low": "low", "medium": "medium", "high": "high"}

RESULTS = {
    "found safe": "located_and_well",
    "found, concerns": "located_with_concerns",
    "reported in error": "reported_in_error",
    "deceased": "died",
}
