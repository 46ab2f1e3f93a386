"""`python -m adapters.health`"""

import sys

from adapters.reference import main

if __name__ == "__main__":
    sys.exit(main("health", {}))
