"""What `invoke` offers: exactly the commands of `rockpool`."""

from rockpool.cli.main import program
from rockpool.cli.tasks import collection

namespace = collection(program)
