"""A police force: assesses risk, searches, hands over, and closes."""
