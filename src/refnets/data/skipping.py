"""What data sets of files have in common: what is left out of them is counted."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from refnets.data.data import Data
from refnets.data.files.named_files import Skipped


@dataclass(kw_only=True)
class Skipping(Data):
    """Counts what was left out of files, or changed as it was read."""

    # The reason -> a file name each time. Filled by reading `splits`.
    skipped_files: Skipped = field(init=False, repr=False, default_factory=lambda: defaultdict(list))

    @property
    def skipped(self) -> dict[str, int]:
        """How often something of the files was left out or changed, by reason."""
        return {reason: len(files) for reason, files in self.skipped_files.items() if files}

    def skip(self, reason: str, files: Sequence[Path]) -> None:
        """Notes why something was left out of these files or changed, once for each time."""
        self.skipped_files[reason] += map(str, files)
