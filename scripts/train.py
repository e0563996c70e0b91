"""Trains one network (or with -m a sweep of them): scripts/train.py --help."""

import sys

import hydra
import hydra._internal.utils
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from refnets.cli import plain_errors, print_run
from refnets.config.foreign import refuse_foreign_programs
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
    hydra._internal.utils.run_and_report = lambda run: run()  # its report is a page: plain_errors says it in a line
    with plain_errors(sys.argv[1:]):
        refuse_foreign_programs(sys.argv[1:])
        main()
