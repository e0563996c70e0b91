"""Whether several processes can train one run: each needs a share of every batch."""

from torch import nn

from refnets.data.data import Data


def refuse_unshareable(data: Data, loss: nn.Module, processes: int) -> None:
    """Raises ValueError when there is not a share of every batch and of every split for each of the processes."""
    if processes == 1:
        return
    said = f"trainer.devices={processes}"
    if getattr(loss, "compares_examples", False):
        raise ValueError(f"{said}: the loss compares the examples of a batch, which cannot be shared out; type 1")
    examples = len(data.examples.x)
    size = min(data.batch_size or examples, examples)
    if (smallest := examples % size or size) < processes:
        raise ValueError(
            f"{said}: with data.batch_size={size} the last batch of {examples} examples has {smallest}, fewer than"
            " processes: type a larger data.batch_size or trainer.devices=1"
        )
    for name, split in data.splits.items():
        if len(split.x) < processes:
            raise ValueError(f"{said}: the {name} split has only {len(split.x)} examples")
