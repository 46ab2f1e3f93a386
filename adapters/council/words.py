"""The council's own words, and the contract's codes that they stand for."""

PARTS = {
    "us": "responsible_authority",
    "council of the area": "host_authority",
    "emergency duty team": "out_of_hours_team",
    "home": "care_provider",
    "foster carer": "foster_carer",
    "fostering agency": "fostering_agency",
    "supported accommodation": "supported_accommodation",
    "police": "owning_force",
    "police at home": "home_force",
    "police elsewhere": "receiving_force",
    "health": "health",
    "school": "education",
    "youth justice": "youth_justice",
    "interviewer": "interview_provider",
    "advocate": "advocate",
    "charity": "charity",
}

PLACEMENTS = {
    "secure": "K1",
    "residential": "K2",
    "supported": "K3",
    "kinship": "U1",
    "foster": "U6",
    "long-term foster": "U4",
}

INTERVIEW = {
    "late_because": "late_because",
    "got_away_from": "push_factors",
    "drawn_by": "pull_factors",
    "child_says": "childs_voice",
    "harm": "harm",
    "exploitation": "exploitation",
    "with": "associates",
    "places": "places",
}
"""Headings of the council's interview form, and the fields that they fill."""
