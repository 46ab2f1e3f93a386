"""`python -m adapters.council`"""

import sys

from adapters.council.verbs import VERBS
from adapters.reference import main

if __name__ == "__main__":
    sys.exit(main("council", VERBS))
