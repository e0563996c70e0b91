"""Trains one network (or with -m a sweep of them): scripts/train.py --help."""

import sys

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from refnets.cli import plain_errors, print_run
from refnets.config.foreign import refuse_foreign_programs
from refnets.config.hints import hints
from refnets.config.jobs import settle
from refnets.data_parallel.join import join
from refnets.runs import Run
from refnets.train import train


@hydra.main(version_base="1.3", config_path="../configs", config_name="train")
def main(composed: DictConfig) -> None:
    """Hydra calls this for one training; for several see hydra_plugins/refnets_sweeper.py."""
    job = HydraConfig.get()
    with plain_errors(job.overrides.task):
        cfg, directory = settle(composed, job.runtime.choices, job.overrides.task)
        already = Run(directory).finished
        print_run(train(cfg, directory), already)


if __name__ == "__main__":
    join()
    try:
        with plain_errors(sys.argv[1:]):
            refuse_foreign_programs(sys.argv[1:])
            main()
    except SystemExit as stopped:
        if stopped.code == 1:  # Hydra refused the command line and has said so
            print(*hints(sys.argv[1:]), sep="\n", file=sys.stderr)
        raise
