"""A council: records placements, confirms who is involved, and holds the return home interview."""
