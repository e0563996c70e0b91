"""What a command does first: of several that torchrun or srun has started, all but one help it, and end here."""

import sys

from refnets.processes.workers import place


def join() -> None:
    """Returns at once in a process that is alone, and in the first of several when it has met the others."""
    if (here := place()).size == 1:
        return
    from refnets.data_parallel.followers import serve  # these import torch
    from refnets.data_parallel.process_group import meet
    from refnets.data_parallel.ranks import meet_others

    if here.rank:
        serve(meet(here), here)
        sys.exit(0)
    meet_others(here.size)
