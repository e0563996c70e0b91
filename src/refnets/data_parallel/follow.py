"""A process that the first one has started: python -m refnets.data_parallel.follow PORT SIZE RANK. See followers.py."""

import os
import sys
import threading


def end_with_the_first() -> None:
    """From the first moment on, while torch is still being imported."""
    sys.stdin.read()  # which ends when the first process does, however it ends
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with_the_first, daemon=True).start()
    import torch.distributed as dist

    from refnets.data_parallel.followers import serve
    from refnets.processes.workers import Place

    port, size, rank = map(int, sys.argv[1:])
    serve(dist.TCPStore("127.0.0.1", port), Place(rank, size, rank))
