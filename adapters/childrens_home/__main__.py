"""`python -m adapters.childrens_home`"""

import sys

from adapters.childrens_home.verbs import VERBS
from adapters.reference import main

if __name__ == "__main__":
    sys.exit(main("childrens_home", VERBS))
