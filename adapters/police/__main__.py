"""`python -m adapters.police`"""

import sys

from adapters.police.verbs import VERBS
from adapters.reference import main

if __name__ == "__main__":
    sys.exit(main("police", VERBS))
