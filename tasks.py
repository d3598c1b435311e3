"""What `invoke` offers: exactly the commands of `rockpool`."""

import sys

from rockpool.cli.main import program
from rockpool.cli.tasks import collection

namespace = collection(program, sys.argv[1:])
