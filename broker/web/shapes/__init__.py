"""What answers look like, for the API's description: answers are made elsewhere, and the tests hold them against this.

A shape is open: a later hub may add members. Times are RFC 3339 in UTC.
"""
