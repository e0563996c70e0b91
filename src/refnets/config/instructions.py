"""What Hydra is told: by the command line anything, by configuration files only what is combined or searched.

Hydra does what its own section of a configuration says before it calls the command: builds callbacks and launchers,
sets up logging and the environment, makes folders. A file of a stranger that says so would be a program.
"""

from omegaconf import DictConfig, OmegaConf

# What Hydra knows of the command and its job, and its help; of the sweeper see below.
HARMLESS = ("runtime", "overrides", "job", "mode", "help", "hydra_help", "sweeper")
SWEEPERS = tuple(f"hydra_plugins.refnets_sweeper.{name}" for name in ("GridSweeper", "OptunaSweeper"))


def refuse_instructions(composed: DictConfig, typed: DictConfig) -> None:
    """Raises ValueError when the section `composed` says more than that of the command line alone.

    But a file may choose a sweeper of this project, and say what it combines or searches: that is data.
    """
    allowed = _told(typed)
    for key, value in _told(composed).items():
        if value != allowed.get(key):
            raise ValueError(f"hydra.{key}={value}: only the command line says how Hydra runs; delete it from the file")
    sweeper = composed.sweeper
    if sweeper._target_ not in (*SWEEPERS, typed.sweeper._target_):
        raise ValueError(f"hydra.sweeper._target_={sweeper._target_}: only {' and '.join(SWEEPERS)} are allowed")
    for key in sweeper.params or {}:
        if is_of_hydra(key):
            raise ValueError(f"hydra.sweeper.params has {key}: only the command line says how Hydra runs")


def key_of(override: str) -> str:
    """model.width of model.width=7, +model.width=7 and ~model.width."""
    return override.lstrip("+~").partition("=")[0]


def is_of_hydra(override: str) -> bool:
    """Whether it says something to Hydra itself: how and where a run is computed."""
    return key_of(override).startswith("hydra")


def _told(section: DictConfig) -> dict[str, object]:
    told = OmegaConf.to_container(section, resolve=False)
    return {key: value for key, value in told.items() if key not in HARMLESS} | {"job.env_set": told["job"]["env_set"]}
