"""The home's own words, and the contract's codes that they stand for."""

WORRY = {"not worried": "very_low", "a little": "low", "worried": "medium", "very worried": "high"}

PARTS = {
    "placing council": "responsible_authority",
    "council here": "host_authority",
    "night duty team": "out_of_hours_team",
    "our police": "owning_force",
    "us": "care_provider",
    "doctor": "health",
    "school": "education",
    "helpline": "charity",
}

CAME_BACK_TO = {"here": "placement", "new home": "new_placement", "family": "family_home", "elsewhere": "other"}

CHILD_FILE = {
    "full_name": "name",
    "called": "known_as",
    "born": "birth_date",
    "nhs": "nhs_number",
    "looks": "description",
}
"""Members of a child file that go into a report as they are."""
